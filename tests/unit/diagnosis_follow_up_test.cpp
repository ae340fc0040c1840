// Causes that only a further probe shows, and which further probes are asked for.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> controls_of(const std::vector<FollowUp>& asked) {
  std::vector<std::string> controls;
  for (const auto& one : asked) controls.push_back(one.control);
  std::sort(controls.begin(), controls.end());
  controls.erase(std::unique(controls.begin(), controls.end()), controls.end());
  return controls;
}

const std::vector<std::string> kLink = {"stws1.privatelink.blob.core.windows.net"};

Host astray() {
  auto host = private_endpoint("stws1", "blob", "10.0.2.10");
  host.dns = {{"10.0.0.4", kLink, {"20.60.14.8"}}, {"168.63.129.16", kLink, {"10.0.2.10"}}};
  return host;
}

TEST(FollowUps, HealthAsksNothing) {
  World world;
  world.add(named("a.azure.com")).add(private_endpoint("stws1", "blob", "10.0.2.10"));
  EXPECT_THAT(follow_ups(world.facts()), IsEmpty());
}

TEST(FollowUps, NamesThatLeadAstrayAreAskedAgainOnce) {
  World world;
  world.add(astray());
  const auto asked = follow_ups(world.facts());
  ASSERT_EQ(asked.size(), 4U);
  for (const auto& one : asked) {
    EXPECT_EQ(one.control, "repeat");
    EXPECT_EQ(one.server, "10.0.0.4") << "never the control at 168.63.129.16";
    EXPECT_EQ(std::get<DnsSpec>(one.then).name, "stws1.blob.core.windows.net");
  }
  world.repeated("stws1.blob.core.windows.net", {"10.0.0.4", kLink, {"20.60.14.8"}});
  EXPECT_THAT(follow_ups(world.facts()), IsEmpty());
}

TEST(AnswersFlap, AnotherKindOfAnswerToTheSameQuestion) {
  World world;
  auto file = private_endpoint("stws1", "file", "10.0.2.11");
  file.dns = {{"10.0.0.4", {"stws1.privatelink.file.core.windows.net"}, {"20.60.14.9"}}};
  world.add(astray()).add(file);
  EXPECT_THAT(blamed(world.diagnosis()), testing::Not(testing::Contains(HasSubstr("flap"))));
  world.repeated("stws1.blob.core.windows.net", {"10.0.0.4", kLink, {"20.60.14.8"}});
  EXPECT_THAT(blamed(world.diagnosis()), testing::Not(testing::Contains(HasSubstr("flap"))))
      << "the same again";
  world.repeated("stws1.blob.core.windows.net", {"10.0.0.4", kLink, {"10.0.2.10"}});
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("dns.answers-flap[10.0.0.4]"))
      << "file was not asked again: the same fault";
  EXPECT_EQ(d.findings[0].endpoints.size(), 2U);
  EXPECT_THAT(d.findings[0].evidence[0].text,
              HasSubstr("1 time 10.0.2.10 (private), 2 times 20.60.14.8 (public)"));
}

TEST(EdnsBlocked, LostWithItAndAnsweredWithout) {
  World world;
  for (const auto* name : {"a.azure.com", "b.azure.com", "c.azure.com"}) world.add(named(name));
  EXPECT_THAT(world.diagnosis().findings, IsEmpty());
  world.lose_edns({"a.azure.com", "b.azure.com"});
  EXPECT_THAT(world.diagnosis().findings, IsEmpty()) << "c was answered with EDNS: packets get lost";
  world.lose_edns({"c.azure.com"});
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("dns.edns-blocked[10.0.0.4]"));
  EXPECT_EQ(d.findings[0].severity, Severity::warning);
  EXPECT_EQ(d.findings[0].endpoints.size(), 3U);
}

Host plain(const std::string& name, Failure failure) {
  auto host = named(name, 80);
  host.protocol = Protocol::http;
  host.http = failure;
  return host;
}

TEST(HostFiltered, AnotherHostHeaderAtTheSameAddressTells) {
  World world;
  world.add(plain("login.microsoftonline.com", Failure::closed)).add(named("pypi.org"));
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("http.unexpected[login.microsoftonline.com]"));
  const auto asked = follow_ups(world.facts());
  ASSERT_THAT(controls_of(asked), ElementsAre("host-again", "neutral-host"));
  EXPECT_EQ(std::get<HttpSpec>(asked[0].then).url, "http://pypi.org/");
  EXPECT_EQ(std::get<HttpSpec>(asked[0].then).address, "20.60.1.1");

  World silent = world;
  silent.asked_with_host("login.microsoftonline.com:80", "neutral-host", "pypi.org", 0);
  EXPECT_THAT(blamed(silent.diagnosis()), ElementsAre("http.unexpected[login.microsoftonline.com]"));
  EXPECT_THAT(follow_ups(silent.facts()), IsEmpty());
  world.asked_with_host("login.microsoftonline.com:80", "neutral-host", "pypi.org", 404);
  World unlucky = world;
  unlucky.asked_with_host("login.microsoftonline.com:80", "host-again", "login.microsoftonline.com", 200);
  EXPECT_THAT(blamed(unlucky.diagnosis()), ElementsAre("http.unexpected[login.microsoftonline.com]"));
  world.asked_with_host("login.microsoftonline.com:80", "host-again", "login.microsoftonline.com", 0);
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("http.host-filtered[microsoftonline.com]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::certain);
}

TEST(NoServerName, StandsInWhereNoNameThatPassedIsAtHand) {
  World world;
  auto cut = named("mcr.microsoft.com");
  cut.handshake = Failure::closed;
  world.add(cut);
  const auto asked = follow_ups(world.facts());
  ASSERT_THAT(controls_of(asked), ElementsAre("no-sni"));
  EXPECT_FALSE(std::get<TlsSpec>(asked[0].then).send_sni);
  world.follow_up("mcr.microsoft.com:443", "no-sni", "", true);
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("tls.sni-filtered[microsoft.com]"));
  EXPECT_THAT(world.diagnosis().findings[0].evidence[1].text, HasSubstr("for no server name"));
}

}  // namespace
}  // namespace amlnet::test
