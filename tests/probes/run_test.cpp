// The whole run against peers on loopback: whose DNS answer counts, what a deadline and a signal leave
// behind, that controls hold nothing up, and that every endpoint ends in records that say what happened.
#include "agent/run/run.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <set>
#include <thread>

#include "tests/probes/dns_peer.h"
#include "tests/probes/peers.h"

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

PeerReply answers_loopback(const DnsBytes& question) {
  return {{with_addresses(answer_to(question), 1)}};
}
PeerReply says_nothing(const DnsBytes&) {
  return {};
}
PeerReply says_nxdomain(const DnsBytes& question) {
  return {{answer_to(question, 0x81, 0x83)}};
}

PeerReply says_format_error(const DnsBytes& question) {
  return {{answer_to(question, 0x81, 0x81)}};
}

bool asks_for_ipv6(const DnsBytes& question) {
  std::size_t type = 12;
  while (question.at(type) != 0) type += question[type] + 1U;
  return question.at(type + 2) == 28;
}

PeerReply says_ipv6_loopback(const DnsBytes& question, std::chrono::milliseconds delay) {
  DnsBytes message = answer_to(question);
  message[7] = 1;  // one record: the question's name, AAAA, IN, 60 s, 16 bytes
  const DnsBytes record{0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 60, 0, 16, 0, 0,
                        0,    0,  0, 0,  0, 0, 0, 0, 0, 0,  0, 0,  0, 1};
  message.insert(message.end(), record.begin(), record.end());
  return {{message}, delay};
}

// An IPv4 address at once, ::1 after a while.
PeerReply answers_ipv6_late(const DnsBytes& question) {
  if (!asks_for_ipv6(question)) return answers_loopback(question);
  return says_ipv6_loopback(question, std::chrono::milliseconds(200));
}

// ::1 at once, an IPv4 address when nobody waits for it any more.
PeerReply answers_ipv4_late(const DnsBytes& question) {
  if (asks_for_ipv6(question)) return says_ipv6_loopback(question, std::chrono::milliseconds(0));
  PeerReply reply = answers_loopback(question);
  reply.delay = std::chrono::milliseconds(600);
  return reply;
}

// No IPv6 address at once, an IPv4 address as late.
PeerReply answers_only_ipv4_late(const DnsBytes& question) {
  return asks_for_ipv6(question) ? PeerReply{{answer_to(question)}} : answers_ipv4_late(question);
}

Endpoint endpoint(std::string host, std::uint16_t port, Protocol protocol) {
  Endpoint made;
  made.host = std::move(host);
  made.port = port;
  made.protocol = protocol;
  return made;
}

struct Bed {
  Plan plan;
  Workspace workspace;
  Node node;
  RunOptions options;
  RunHooks hooks;

  Bed() {
    options.retries = 0;
    options.follow_ups = false;
    options.timeout = Milliseconds(2000);
  }
  RunResult run() { return run_plan(plan, workspace, node, options, hooks); }
};

std::vector<const ProbeRecord*> of_kind(const RunResult& result, ProbeKind kind,
                                        Purpose purpose = Purpose::requirement) {
  std::vector<const ProbeRecord*> found;
  for (const ProbeRecord& probe : result.evidence.probes)
    if (probe.kind == kind && probe.purpose == purpose) found.push_back(&probe);
  return found;
}

const DnsDetail& dns_of(const RunResult& result) {
  return *detail_of<DnsDetail>(*of_kind(result, ProbeKind::dns).at(0));
}

TEST(Run, AnswerOfTheFirstServerCountsEvenWhereASecondIsQuicker) {
  DnsPeer slow([](const DnsBytes& question) {
    PeerReply reply = answers_loopback(question);
    reply.delay = std::chrono::milliseconds(80);
    return reply;
  });
  DnsPeer quick(says_nxdomain);
  Bed bed;
  bed.plan.endpoints = {endpoint("a.lab.test", closed_port(), Protocol::tcp)};
  bed.options.nameservers = {slow.address(), quick.address()};
  const RunResult result = bed.run();
  EXPECT_EQ(dns_of(result).answered_by, slow.address());
  EXPECT_FALSE(dns_of(result).addresses.empty());
  EXPECT_EQ(of_kind(result, ProbeKind::tcp).size(), dns_of(result).addresses.size());
}

TEST(Run, ADeadFirstServerIsPassedOverAndItsSilenceKept) {
  DnsPeer dead(says_nothing);
  DnsPeer good(answers_loopback);
  Bed bed;
  for (int i = 0; i < 20; ++i)
    bed.plan.endpoints.push_back(
        endpoint("h" + std::to_string(i) + ".lab.test", closed_port(), Protocol::tcp));
  bed.options.nameservers = {dead.address(), good.address()};
  bed.options.retries = 1;
  const RunResult result = bed.run();
  ASSERT_TRUE(result.complete);
  std::set<std::string> names;
  for (const ProbeRecord* probe : of_kind(result, ProbeKind::dns)) {
    EXPECT_EQ(probe->status, ProbeStatus::ok);
    EXPECT_EQ(detail_of<DnsDetail>(*probe)->answered_by, good.address());
    names.insert(probe->target);
  }
  EXPECT_EQ(names.size(), 20U);
  const auto silent = [&](const DnsAnswer& answer) {
    return answer.server == dead.address() && answer.error.failure == Failure::timeout;
  };
  EXPECT_TRUE(std::any_of(dns_of(result).answers.begin(), dns_of(result).answers.end(), silent));
}

// More names than are resolved at once: the later ones meet a server that is already known to be dead.
TEST(Run, NamesThatComeAfterAServerWasFoundDeadHaveTheirAddresses) {
  DnsPeer dead(says_nothing);
  DnsPeer good(answers_loopback);
  Bed bed;
  for (int i = 0; i < 1300; ++i)
    bed.plan.endpoints.push_back(
        endpoint("h" + std::to_string(i) + ".lab.test", closed_port(), Protocol::tcp));
  bed.options.nameservers = {dead.address(), good.address()};
  const RunResult result = bed.run();
  ASSERT_TRUE(result.complete);
  std::size_t resolved = 0;
  for (const ProbeRecord* probe : of_kind(result, ProbeKind::dns))
    resolved += probe->status == ProbeStatus::ok;
  EXPECT_EQ(resolved, 1300U);
}

TEST(Run, Ipv4IsProbedWhileIpv6IsStillBeingResolvedAndBothAreProbed) {
  DnsPeer server(answers_ipv6_late);
  Bed bed;
  const std::uint16_t port = closed_port();
  bed.plan.endpoints = {endpoint("a.lab.test", port, Protocol::tcp),
                        endpoint("a.lab.test", port, Protocol::tls)};
  bed.options.nameservers = {server.address()};
  const RunResult result = bed.run();
  EXPECT_THAT(dns_of(result).addresses, ElementsAre("10.0.0.0", "::1"));
  double late = 0;
  for (const DnsAnswer& answer : dns_of(result).answers)
    if (answer.type == "AAAA") late = answer.start_ms + answer.duration_ms;
  std::map<std::string, int> probed;
  for (const ProbeRecord* tcp : of_kind(result, ProbeKind::tcp)) {
    const auto& detail = *detail_of<TcpDetail>(*tcp);
    ++probed[detail.address];
    EXPECT_EQ(tcp->start_ms < late, detail.address == "10.0.0.0") << detail.address;
  }
  EXPECT_EQ(probed, (std::map<std::string, int>{{"10.0.0.0", 2}, {"::1", 2}}));
}

TEST(Run, AnIpv4AddressThatComesAfterTheIpv6OneIsProbedOnceAsWell) {
  DnsPeer server(answers_ipv4_late);
  Bed bed;
  bed.plan.endpoints = {endpoint("a.lab.test", closed_port(), Protocol::tcp)};
  bed.options.nameservers = {server.address()};
  const RunResult result = bed.run();
  std::map<std::string, int> probed;
  for (const ProbeRecord* tcp : of_kind(result, ProbeKind::tcp))
    ++probed[detail_of<TcpDetail>(*tcp)->address];
  EXPECT_EQ(probed, (std::map<std::string, int>{{"10.0.0.0", 1}, {"::1", 1}}));
}

TEST(Run, ThatThereIsNoIpv6AddressIsNoAnswerWhileTheIpv4QuestionIsOpen) {
  DnsPeer server(answers_only_ipv4_late);
  Bed bed;
  bed.plan.endpoints = {endpoint("a.lab.test", closed_port(), Protocol::tcp)};
  bed.options.nameservers = {server.address()};
  const RunResult result = bed.run();
  EXPECT_THAT(dns_of(result).addresses, ElementsAre("10.0.0.0"));
  EXPECT_EQ(of_kind(result, ProbeKind::tcp).size(), 1U);
}

TEST(Run, InACrowdIpv4IsAskedFirstAndIpv6IsAskedToo) {
  DnsPeer server(answers_loopback);
  Bed bed;
  for (int i = 0; i < 300; ++i)
    bed.plan.endpoints.push_back(
        endpoint("h" + std::to_string(i) + ".lab.test", closed_port(), Protocol::tcp));
  bed.options.nameservers = {server.address()};
  const RunResult result = bed.run();
  double last_ipv4 = 0, first_ipv6 = 1e9;
  std::size_t ipv6 = 0;
  for (const ProbeRecord* probe : of_kind(result, ProbeKind::dns)) {
    for (const DnsAnswer& answer : detail_of<DnsDetail>(*probe)->answers) {
      ipv6 += answer.type == "AAAA" && answer.rcode.has_value();
      if (answer.type == "AAAA") first_ipv6 = std::min(first_ipv6, answer.start_ms);
      if (answer.type == "A") last_ipv4 = std::max(last_ipv4, answer.start_ms);
    }
  }
  EXPECT_EQ(ipv6, 300U);
  EXPECT_TRUE(first_ipv6 > last_ipv4 || first_ipv6 >= 100) << first_ipv6 << " is before " << last_ipv4;
}

// Stopped while the questions for IPv6 are held back: a run that went on with them would never end.
TEST(Run, ACrowdEndsWhileItsIpv6QuestionsWait) {
  DnsPeer server(says_nothing);
  Bed bed;
  for (int i = 0; i < 300; ++i)
    bed.plan.endpoints.push_back(
        endpoint("h" + std::to_string(i) + ".lab.test", closed_port(), Protocol::tcp));
  bed.options.nameservers = {server.address()};
  bed.options.deadline = Milliseconds(60);
  const RunResult result = bed.run();
  EXPECT_FALSE(result.complete);
}

TEST(Run, NxdomainOfTheFirstServerIsAnAnswer) {
  DnsPeer first(says_nxdomain), second(answers_loopback);
  Bed bed;
  bed.plan.endpoints = {endpoint("a.lab.test", 443, Protocol::tls)};
  bed.options.nameservers = {first.address(), second.address()};
  const RunResult result = bed.run();
  EXPECT_THAT(dns_of(result).addresses, IsEmpty());
  EXPECT_EQ(of_kind(result, ProbeKind::dns).at(0)->status, ProbeStatus::failed);
  EXPECT_THAT(of_kind(result, ProbeKind::tcp), IsEmpty());
}

TEST(Run, TheSearchListIsTriedOnlyAfterTheNameItself) {
  DnsPeer server([](const DnsBytes& question) {
    const std::string text(question.begin(), question.end());
    return text.find("corp") != std::string::npos ? answers_loopback(question) : says_nxdomain(question);
  });
  Bed bed;
  bed.node.resolver.search = {"corp.example"};
  bed.plan.endpoints = {endpoint("a.lab.test", closed_port(), Protocol::tcp)};
  bed.options.nameservers = {server.address()};
  const RunResult result = bed.run();
  EXPECT_THAT(dns_of(result).searched, ElementsAre("a.lab.test.corp.example"));
  EXPECT_FALSE(dns_of(result).addresses.empty());
}

TEST(Run, TheSearchListIsNotTriedWhereNoServerSaysAnything) {
  DnsPeer dead(says_nothing);
  Bed bed;
  bed.node.resolver.search = {"corp.example"};
  bed.plan.endpoints = {endpoint("a.lab.test", closed_port(), Protocol::tcp)};
  bed.options.nameservers = {dead.address()};
  const RunResult result = bed.run();
  EXPECT_EQ(of_kind(result, ProbeKind::dns).at(0)->status, ProbeStatus::failed);
  ASSERT_FALSE(dns_of(result).answers.empty());
  for (const DnsAnswer& answer : dns_of(result).answers) EXPECT_EQ(answer.name, "a.lab.test");
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

TEST(Run, TheHostsFileWinsAndDnsIsStillAsked) {
  DnsPeer server(answers_loopback);
  Bed bed;
  bed.node.hosts["a.lab.test"] = {"127.0.0.9"};
  bed.plan.endpoints = {endpoint("a.lab.test", closed_port(), Protocol::tcp)};
  bed.options.nameservers = {server.address()};
  const RunResult result = bed.run();
  EXPECT_THAT(dns_of(result).addresses, ElementsAre("127.0.0.9"));
  EXPECT_EQ(dns_of(result).answered_by, "hosts");
  EXPECT_EQ(dns_of(result).answers.size(), 2U);
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

TEST(Run, StagesFollowEachOtherAndOneFailureEndsThem) {
  const FaultPeer reset(Fault{Fault::Kind::reset_after_hello});
  Bed bed;
  bed.plan.endpoints = {endpoint("127.0.0.1", reset.port(), Protocol::https)};
  const RunResult result = bed.run();
  ASSERT_EQ(of_kind(result, ProbeKind::tcp).size(), 1U);
  ASSERT_EQ(of_kind(result, ProbeKind::tls).size(), 1U);
  EXPECT_THAT(of_kind(result, ProbeKind::http), IsEmpty());
  const ProbeRecord& tls = *of_kind(result, ProbeKind::tls)[0];
  EXPECT_EQ(tls.status, ProbeStatus::failed);
  EXPECT_EQ(detail_of<TlsDetail>(tls)->error.failure, Failure::reset);
  EXPECT_THAT(tls.after, ElementsAre(of_kind(result, ProbeKind::tcp)[0]->id));
}

TEST(Run, ResetsAndTimeoutsAreTriedAgain) {
  const FaultPeer reset(Fault{Fault::Kind::reset_after_hello});
  Bed bed;
  bed.options.retries = 2;
  bed.plan.endpoints = {endpoint("127.0.0.1", reset.port(), Protocol::tls)};
  const RunResult result = bed.run();
  EXPECT_EQ(of_kind(result, ProbeKind::tls).at(0)->attempts, 3);
}

TEST(Run, TheDeadlineLeavesRecordsUnfinishedAndNeverFailed) {
  const BlackHole hole;
  Bed bed;
  bed.options.timeout = Milliseconds(60000);
  bed.options.deadline = Milliseconds(200);
  bed.plan.endpoints = {endpoint("127.0.0.1", hole.port(), Protocol::tls)};
  const RunResult result = bed.run();
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.incomplete_because, "the deadline of 200ms came first");
  EXPECT_EQ(of_kind(result, ProbeKind::tcp).at(0)->status, ProbeStatus::unfinished);
}

TEST(Run, WhatWaitedForASlotAtTheDeadlineIsThereToo) {
  const BlackHole hole;
  Bed bed;
  bed.options.concurrency = 1;
  bed.options.timeout = Milliseconds(60000);
  bed.options.deadline = Milliseconds(200);
  for (int i = 1; i < 30; ++i)
    bed.plan.endpoints.push_back(endpoint("127.0.0." + std::to_string(i), hole.port(), Protocol::tcp));
  const RunResult result = bed.run();
  std::size_t unfinished = 0;
  for (const ProbeRecord* probe : of_kind(result, ProbeKind::tcp))
    unfinished += probe->status == ProbeStatus::unfinished;
  EXPECT_EQ(of_kind(result, ProbeKind::tcp).size(), 29U);
  EXPECT_GE(unfinished, 1U);
}

TEST(Run, AConnectionInItsHandshakeLeavesItsSlotToTheNext) {
  const FaultPeer silent({Fault::Kind::silent});
  Bed bed;
  bed.plan.endpoints = {endpoint("127.0.0.1", silent.port(), Protocol::tls),
                        endpoint("127.0.0.1", closed_port(), Protocol::tcp)};
  bed.options.concurrency = 1;
  const RunResult result = bed.run();
  const auto connections = of_kind(result, ProbeKind::tcp);
  const auto handshakes = of_kind(result, ProbeKind::tls);
  ASSERT_EQ(connections.size(), 2U);
  ASSERT_EQ(handshakes.size(), 1U);
  EXPECT_LT(connections[1]->start_ms, handshakes[0]->start_ms + handshakes[0]->duration_ms / 2);
}

TEST(Run, ASignalEndsTheRunWithWhatIsKnown) {
  const BlackHole hole;
  for (const int signal : {SIGINT, SIGTERM}) {
    Bed bed;
    bed.options.timeout = Milliseconds(60000);
    bed.plan.endpoints = {endpoint("127.0.0.1", hole.port(), Protocol::tls)};
    // Raised from the loop's own thread once the probe is under way: the handler is in place by then.
    bed.hooks.on_progress = [&, told = false](std::size_t, std::size_t begun) mutable {
      if (begun > 0 && !std::exchange(told, true)) std::raise(signal);
    };
    const RunResult result = bed.run();
    EXPECT_EQ(result.incomplete_because, signal == SIGINT ? "SIGINT" : "SIGTERM");
    EXPECT_EQ(of_kind(result, ProbeKind::tcp).at(0)->status, ProbeStatus::unfinished);
  }
}

TEST(Run, EachTcpOnlyPortHasOneCanary) {
  Bed bed;
  bed.options.timeout = Milliseconds(300);
  const std::uint16_t port = closed_port();
  bed.plan.endpoints = {endpoint("127.0.0.1", port, Protocol::tcp),
                        endpoint("127.0.0.2", port, Protocol::tcp),
                        endpoint("127.0.0.1", closed_port(), Protocol::tls)};
  const RunResult result = bed.run();
  const auto canaries = of_kind(result, ProbeKind::tcp, Purpose::control);
  ASSERT_EQ(canaries.size(), 1U);
  EXPECT_EQ(canaries[0]->control, "canary");
  EXPECT_EQ(canaries[0]->target, "192.0.2.1:" + std::to_string(port));
}

TEST(Run, EveryFinishedProbeIsToldOnce) {
  DnsPeer server(answers_loopback);
  Bed bed;
  bed.plan.endpoints = {endpoint("a.lab.test", closed_port(), Protocol::tls),
                        endpoint("b.lab.test", closed_port(), Protocol::tcp)};
  bed.options.nameservers = {server.address()};
  std::map<std::string, int> told;
  bed.hooks.on_probe = [&](const ProbeRecord& probe) { ++told[probe.id]; };
  const RunResult result = bed.run();
  for (const ProbeRecord& probe : result.evidence.probes)
    EXPECT_EQ(told[probe.id], 1) << probe.id << " " << probe.target;
}

TEST(Run, AnIcmpErrorForADatagramIsKept) {
  Bed bed;
  bed.options.timeout = Milliseconds(200);
  bed.plan.endpoints = {endpoint("127.0.0.1", free_port(), Protocol::udp)};
  const RunResult result = bed.run();
  const auto& udp = *detail_of<UdpDetail>(*of_kind(result, ProbeKind::udp).at(0));
  EXPECT_EQ(udp.error.failure, Failure::refused);  // loopback answers a closed port by ICMP
}

}  // namespace
}  // namespace amlnet
