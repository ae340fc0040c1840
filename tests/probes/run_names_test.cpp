// How a run resolves names: whose answer counts, IPv4 beside IPv6, the search list, the hosts file.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/probes/peers.h"
#include "tests/probes/run_bed.h"

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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
  bed.add_names(20);
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
  bed.add_names(1300);
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
  EXPECT_THAT(dns_of(result).addresses, ElementsAre("127.0.0.1", "::1"));
  double late = 0;
  for (const DnsAnswer& answer : dns_of(result).answers)
    if (answer.type == "AAAA") late = answer.start_ms + answer.duration_ms;
  std::map<std::string, int> probed;
  for (const ProbeRecord* tcp : of_kind(result, ProbeKind::tcp)) {
    const auto& detail = *detail_of<TcpDetail>(*tcp);
    ++probed[detail.address];
    EXPECT_EQ(tcp->start_ms < late, detail.address == "127.0.0.1") << detail.address;
  }
  EXPECT_EQ(probed, (std::map<std::string, int>{{"127.0.0.1", 2}, {"::1", 2}}));
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
  EXPECT_EQ(probed, (std::map<std::string, int>{{"127.0.0.1", 1}, {"::1", 1}}));
}

TEST(Run, ThatThereIsNoIpv6AddressIsNoAnswerWhileTheIpv4QuestionIsOpen) {
  DnsPeer server(answers_only_ipv4_late);
  Bed bed;
  bed.plan.endpoints = {endpoint("a.lab.test", closed_port(), Protocol::tcp)};
  bed.options.nameservers = {server.address()};
  const RunResult result = bed.run();
  EXPECT_THAT(dns_of(result).addresses, ElementsAre("127.0.0.1"));
  EXPECT_EQ(of_kind(result, ProbeKind::tcp).size(), 1U);
}

TEST(Run, InACrowdIpv4IsAskedFirstAndIpv6IsAskedToo) {
  DnsPeer server(answers_loopback);
  Bed bed;
  bed.add_names(300);
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
  bed.add_names(300);
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

}  // namespace
}  // namespace amlnet
