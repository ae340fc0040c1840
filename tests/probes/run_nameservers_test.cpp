// How a run takes its nameservers: late answers, answers to a try that was given up, names that cannot exist.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "tests/probes/peers.h"
#include "tests/probes/run_bed.h"

namespace amlnet {
namespace {

PeerReply says_format_error(const DnsBytes& question) {
  return {{answer_to(question, 0x81, 0x81)}};
}

// Answers what nobody waits for while the other server is quick: the random label, after the others were
// given up.
PeerReply answers_labels_late(const DnsBytes& question) {
  if (first_label(question).find("amlnet-") == std::string::npos) return says_nothing(question);
  PeerReply reply = says_nxdomain(question);
  reply.delay = std::chrono::milliseconds(600);
  return reply;
}

TEST(Run, ALateAnswerOfAServerBesideAnotherIsHeard) {
  DnsPeer slow(answers_labels_late), quick(answers_loopback);
  Bed bed;
  bed.options.dns_timeout = Milliseconds(300);
  bed.options.retries = 1;
  const std::string port = quick.address().substr(quick.address().rfind(':') + 1);
  bed.plan.endpoints = {endpoint("127.0.0.1", static_cast<std::uint16_t>(std::stoi(port)), Protocol::tcp)};
  for (const char* name : {"a.lab.test", "b.lab.test", "c.lab.test"})
    bed.plan.endpoints.push_back(endpoint(name, closed_port(), Protocol::tcp));
  bed.options.nameservers = {slow.address(), quick.address()};
  const RunResult result = bed.run();
  bool heard = false, up = false;
  for (const ProbeRecord& record : result.evidence.probes) {
    if (record.control == "nameserver-port") up = record.status == ProbeStatus::ok;
    const auto* dns = record.control == "random-label" ? detail_of<DnsDetail>(record) : nullptr;
    if (dns && dns->answers.at(0).server == slow.address()) heard = dns->answers.at(0).rcode.has_value();
  }
  EXPECT_TRUE(up);
  EXPECT_TRUE(heard);
}

// One name, by two tries, of which the first is given up after 200 ms.
RunResult ask_twice(PeerReply (*answers)(const DnsBytes&)) {
  DnsPeer server(answers);
  Bed bed;
  bed.options.dns_timeout = Milliseconds(200);
  bed.options.retries = 1;
  bed.plan.endpoints = {endpoint("a.lab.test", closed_port(), Protocol::tcp)};
  bed.options.nameservers = {server.address()};
  return bed.run();
}

// Each question is answered once, after the first try was given up and before the second would be.
PeerReply answers_first_tries_late(const DnsBytes& question) {
  const bool with_edns = question.at(11) == 1;  // one additional record
  if (!with_edns) return says_nothing(question);
  PeerReply reply = answers_loopback(question);
  reply.delay = std::chrono::milliseconds(300);
  return reply;
}

TEST(Run, AnAnswerToAGivenUpTryIsTakenWhileTheNextOneWaits) {
  const RunResult result = ask_twice(answers_first_tries_late);
  const DnsDetail& names = dns_of(result);
  EXPECT_FALSE(names.addresses.empty());
  const auto a = std::find_if(names.answers.begin(), names.answers.end(),
                              [](const DnsAnswer& answer) { return answer.type == "A"; });
  ASSERT_NE(a, names.answers.end());
  EXPECT_TRUE(a->rcode && a->edns);
  EXPECT_EQ(a->attempts, 1);
  EXPECT_GE(a->duration_ms, 290);
}

// The first try is refused late: what the second hears counts.
PeerReply refuses_edns_late(const DnsBytes& question) {
  const bool with_edns = question.at(11) == 1;
  PeerReply reply = with_edns ? says_format_error(question) : answers_loopback(question);
  reply.delay = std::chrono::milliseconds(300);
  return reply;
}

TEST(Run, ALateRefusalOfEdnsIsNoAnswerToTheQuestionWithout) {
  const RunResult result = ask_twice(refuses_edns_late);
  EXPECT_FALSE(dns_of(result).addresses.empty());
}

TEST(Run, EachServerIsAskedForANameThatCannotExist) {
  DnsPeer honest(says_nxdomain), liar(answers_loopback);
  Bed bed;
  bed.plan.endpoints = {endpoint("a.lab.test", closed_port(), Protocol::tcp)};
  bed.options.nameservers = {honest.address(), liar.address()};
  const RunResult result = bed.run();
  const auto controls = of_kind(result, ProbeKind::dns, Purpose::control);
  ASSERT_EQ(controls.size(), 2U);
  std::map<std::string, bool> invents;
  for (const ProbeRecord* control : controls) {
    EXPECT_EQ(control->control, "random-label");
    const auto& detail = *detail_of<DnsDetail>(*control);
    invents[detail.answers.at(0).server] = !detail.addresses.empty();
  }
  EXPECT_FALSE(invents[honest.address()]);
  EXPECT_TRUE(invents[liar.address()]);
}

}  // namespace
}  // namespace amlnet
