// Silence that a further connection explains: how far it came, which port, how many at once; and what hides
// behind handshakes that pass.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Host at(const std::string& name, const std::string& address, Failure connect = Failure::none,
        std::uint16_t port = 443) {
  auto host = named(name, port);
  host.dns = {{"10.0.0.4", {}, {address}}};
  host.connect = connect;
  return host;
}

TcpDetail to(const std::string& address, std::uint16_t port, Failure failure) {
  TcpDetail tcp;
  tcp.address = address;
  tcp.port = port;
  tcp.error.failure = failure;
  return tcp;
}

TcpDetail syn(int ttl, const std::string& router) {
  auto tcp = to("20.60.9.9", 443, router.empty() ? Failure::timeout : Failure::host_unreachable);
  tcp.ttl = ttl;
  if (!router.empty()) tcp.icmp = IcmpError{4, 11, 0, router};
  return tcp;
}

std::vector<std::string> texts(const Finding& finding) {
  std::vector<std::string> result;
  for (const auto& line : finding.evidence) result.push_back(line.text);
  return result;
}

std::vector<FollowUp> of_control(const std::vector<FollowUp>& asked, const std::string& control) {
  std::vector<FollowUp> result;
  std::copy_if(asked.begin(), asked.end(), std::back_inserter(result),
               [&](const FollowUp& one) { return one.control == control; });
  return result;
}

World one_silent_host() {
  World world;
  world.add(at("silent.azure.com", "20.60.9.9", Failure::timeout)).add(at("ok.azure.net", "20.60.1.1"));
  return world;
}

TEST(Hops, SynsOfGrowingLifeAreSentOnce) {
  auto world = one_silent_host();
  EXPECT_THAT(of_control(follow_ups(world.facts()), "hop"), IsEmpty())
      << "the connection by itself comes first";
  world.connected_again("silent.azure.com:443", "one-by-one", to("20.60.9.9", 443, Failure::timeout));
  const auto asked = of_control(follow_ups(world.facts()), "hop");
  ASSERT_EQ(asked.size(), 8U);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    EXPECT_EQ(asked[i].tcp.ttl, static_cast<int>(i) + 1);
    EXPECT_EQ(asked[i].tcp.address, "20.60.9.9");
    EXPECT_TRUE(asked[i].brief);
  }
  world.connected_again("silent.azure.com:443", "hop", syn(1, "10.0.1.1"));
  EXPECT_THAT(of_control(follow_ups(world.facts()), "hop"), IsEmpty());
}

TEST(Hops, TheLastRouterThatAnswersIsNamed) {
  auto world = one_silent_host();
  world.connected_again("silent.azure.com:443", "hop", syn(3, ""));
  EXPECT_THAT(texts(world.diagnosis().findings.at(0)), Contains(HasSubstr("no router on the way answers")));
  world.connected_again("silent.azure.com:443", "hop", syn(2, "10.255.0.2"))
      .connected_again("silent.azure.com:443", "hop", syn(1, "10.0.1.1"));
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("tcp.filtered[silent.azure.com]"));
  EXPECT_THAT(texts(d.findings[0]),
              Contains(HasSubstr("the last router that answers is 10.255.0.2, 2 hops away")));
  EXPECT_NE(d.findings[0].confidence, Confidence::certain)
      << "the last that answers need not be the one that drops";
}

TEST(Hops, NothingIsSaidWhereTheAddressAnsweredAfterAll) {
  auto world = one_silent_host();
  world.connected_again("silent.azure.com:443", "hop", syn(1, "10.0.1.1"));
  auto arrived = syn(4, "");
  arrived.error = {};
  world.connected_again("silent.azure.com:443", "hop", arrived);
  EXPECT_THAT(texts(world.diagnosis().findings.at(0)), Not(Contains(HasSubstr("SYNs of limited life"))));
}

TEST(SiblingPort, TellsAClosedPortFromASilentHost) {
  auto world = one_silent_host();
  const auto asked = of_control(follow_ups(world.facts()), "sibling-port");
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].tcp.port, 80);
  World same = world;
  same.connected_again("silent.azure.com:80", "sibling-port", to("20.60.9.9", 80, Failure::timeout));
  EXPECT_THAT(blamed(same.diagnosis()), ElementsAre("tcp.filtered[silent.azure.com]"));
  EXPECT_THAT(of_control(follow_ups(same.facts()), "sibling-port"), IsEmpty());
  world.connected_again("silent.azure.com:80", "sibling-port", to("20.60.9.9", 80, Failure::refused));
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("tcp.port-filtered[443]"));
}

TEST(SiblingPort, APortThatNobodyAnswersIsOneFinding) {
  World world;
  for (const auto* last : {"1", "2", "3", "4"}) {
    world.add(at(std::string("h") + last + ".azure.com", std::string("20.60.9.") + last, Failure::timeout));
  }
  world.add(private_endpoint("stws1", "blob", "10.0.2.10"));
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("route.no-egress[node]"));
  world.connected_again("h1.azure.com:80", "sibling-port", to("20.60.9.1", 80, Failure::none));
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("tcp.port-filtered[443]"));
  EXPECT_EQ(d.findings[0].endpoints.size(), 4U);
}

TEST(OneByOne, PassesWhereTheCrowdDied) {
  World world;
  world.add(at("a.azure.com", "20.60.9.1", Failure::timeout))
      .add(at("b.azure.com", "20.60.9.2", Failure::timeout));
  world.add(at("ok.azure.net", "20.60.1.1")).add(private_endpoint("stws1", "blob", "10.0.2.10"));
  const auto asked = of_control(follow_ups(world.facts()), "one-by-one");
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].turn, 1);
  EXPECT_EQ(asked[1].turn, 2);
  World dead = world;
  for (const auto* host : {"a", "b"}) {
    const auto address = std::string("20.60.9.") + (*host == 'a' ? "1" : "2");
    world.connected_again(std::string(host) + ".azure.com:443", "one-by-one",
                          to(address, 443, Failure::none));
    dead.connected_again(std::string(host) + ".azure.com:443", "one-by-one",
                         to(address, 443, Failure::timeout));
  }
  EXPECT_THAT(blamed(dead.diagnosis()), Not(Contains(HasSubstr("snat"))));
  auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("tcp.snat-exhausted[node]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::likely);

  auto file = private_endpoint("stws1", "file", "10.0.2.11");  // needs no translated port, and is silent too
  file.connect = Failure::timeout;
  world.add(file);
  EXPECT_THAT(blamed(world.diagnosis()), Not(Contains(HasSubstr("snat"))));
}

TEST(OneByOne, TheRestOfTheCrowdDiedOfTheSame) {
  for (const bool one_is_dead : {false, true}) {
    World world;
    world.add(at("ok.azure.net", "20.60.1.1"));
    for (const auto* host : {"a", "b", "c", "d"}) {
      world.add(at(std::string(host) + ".azure.com", "20.60.9." + std::to_string(host[0] - 'a' + 1),
                   Failure::timeout));
    }
    world.connected_again("a.azure.com:443", "one-by-one", to("20.60.9.1", 443, Failure::none));
    world.connected_again("b.azure.com:443", "one-by-one", to("20.60.9.2", 443, Failure::none));
    if (one_is_dead)
      world.connected_again("c.azure.com:443", "one-by-one", to("20.60.9.3", 443, Failure::timeout));
    const auto d = world.diagnosis();
    ASSERT_EQ(blamed(d).front(), "tcp.snat-exhausted[node]");
    EXPECT_EQ(d.findings.front().endpoints.size(), one_is_dead ? 2U : 4U);
  }
}

TEST(OneByOne, IsNotAskedWithoutAnyWayOut) {
  World world;
  world.add(at("a.azure.com", "20.60.9.1", Failure::timeout))
      .add(private_endpoint("stws1", "blob", "10.0.2.10"));
  EXPECT_THAT(of_control(follow_ups(world.facts()), "one-by-one"), IsEmpty());
}

TEST(LargeHello, ItsSizeOrThatOfThePackets) {
  World world;
  world.add(at("ok.azure.net", "20.60.1.1")).large_hello("ok.azure.net:443", true);
  EXPECT_THAT(world.diagnosis().findings, IsEmpty());
  EXPECT_THAT(follow_ups(world.facts()), IsEmpty());

  World lost;
  lost.add(at("ok.azure.net", "20.60.1.1")).large_hello("ok.azure.net:443", false);
  const auto asked = follow_ups(lost.facts());
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_TRUE(std::get<TlsSpec>(asked[0].then).pad_hello && std::get<TlsSpec>(asked[1].then).pad_hello);
  EXPECT_FALSE(asked[0].tcp.segment_size);
  EXPECT_EQ(asked[1].tcp.segment_size, 536);
  const auto d = lost.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("path.large-hello-dropped[node]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::likely);
  EXPECT_EQ(d.findings[0].severity, Severity::warning);
  EXPECT_EQ(d.endpoints[0].status, Status::pass);

  lost.follow_up("ok.azure.net:443", "large-hello", "ok.azure.net", false);
  World in_pieces = lost;
  lost.follow_up("ok.azure.net:443", "large-hello-small-segments", "ok.azure.net", false);
  EXPECT_EQ(lost.diagnosis().findings.at(0).confidence, Confidence::certain);
  EXPECT_THAT(follow_ups(lost.facts()), IsEmpty());
  in_pieces.follow_up("ok.azure.net:443", "large-hello-small-segments", "ok.azure.net", true);
  EXPECT_THAT(blamed(in_pieces.diagnosis()), ElementsAre("path.mtu-blackhole[node]"));

  World unlucky;
  unlucky.add(at("ok.azure.net", "20.60.1.1")).large_hello("ok.azure.net:443", false);
  unlucky.follow_up("ok.azure.net:443", "large-hello", "ok.azure.net", true);
  EXPECT_THAT(unlucky.diagnosis().findings, IsEmpty());
}

World with_handshake_of(double handshake_ms, double connect_ms, double lag_ms) {
  World world;
  world.add(at("ok.azure.net", "20.60.1.1"));
  for (auto& probe : world.evidence.probes) {
    if (probe.kind == ProbeKind::tcp) probe.duration_ms = connect_ms;
    if (auto* tls = detail_of<TlsDetail>(probe)) {
      tls->handshake_ms = handshake_ms;
      probe.loop_lag_ms = lag_ms;
    }
  }
  return world;
}

TEST(PathSlow, AHandshakeThatTricklesAfterAQuickConnect) {
  const auto d = with_handshake_of(2600, 20, 3).diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("path.slow[ok.azure.net]"));
  EXPECT_EQ(d.findings[0].severity, Severity::warning);
  EXPECT_THAT(d.findings[0].evidence[0].text, HasSubstr("TLS handshake takes 2600 ms"));
  EXPECT_THAT(with_handshake_of(1900, 20, 3).diagnosis().findings, IsEmpty());
  EXPECT_THAT(with_handshake_of(2600, 400, 3).diagnosis().findings, IsEmpty()) << "a far host";
  EXPECT_THAT(with_handshake_of(2600, 20, 900).diagnosis().findings, IsEmpty()) << "this process was busy";
}

TEST(OldVersion, AHandshakeThatFinishesInOneIsRefused) {
  for (const auto* version : {"TLSv1", "TLSv1.1", "TLSv1.2"}) {
    World world;
    world.add(at("x.azure.com", "20.60.1.1"));
    for (auto& probe : world.evidence.probes) {
      if (auto* tls = detail_of<TlsDetail>(probe)) tls->version = version;
    }
    const bool old = std::string(version) != "TLSv1.2";
    EXPECT_THAT(blamed(world.diagnosis()), old ? testing::Matcher<const std::vector<std::string>&>(
                                                     ElementsAre("tls.version-refused[x.azure.com]"))
                                               : testing::Matcher<const std::vector<std::string>&>(IsEmpty()))
        << version;
  }
}

}  // namespace
}  // namespace amlnet::test
