// Hosts of OCSP and revocation lists that cannot be reached, and what another cause explains already; what
// the trust stores of other programs say.
#include <gmock/gmock.h>

#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kOcsp = "http://ocsp.a.test/";  // as libcurl writes "http://OCSP.a.test"
constexpr const char* kList = "http://crl.b.test/l.crl";

World two_responders() {
  World world;
  world.evidence.certificates["microsoft-leaf"].ocsp = {"http://OCSP.a.test"};
  world.evidence.certificates["other-leaf"].crl = {kList};
  auto other = named("pypi.org");
  other.chain = {"other-leaf", "other-ca"};
  return world.add(named("login.microsoftonline.com")).add(other);
}

ProbeRecord& asked(World& world, ProbeKind kind, const std::string& target, Purpose purpose) {
  ProbeRecord record;
  record.id = "r" + std::to_string(world.evidence.probes.size());
  record.kind = kind;
  record.target = target;
  record.purpose = purpose;
  record.control = "revocation";
  record.duration_ms = 40;
  return world.evidence.probes.emplace_back(std::move(record));
}

void responded(World& world, const std::string& url, Failure failure, long status = 200,
               const std::string& body = "", Purpose purpose = Purpose::control) {
  HttpDetail http;
  http.url = url;
  http.address = url == kOcsp ? "20.9.9.1" : "20.9.9.2";
  http.port = 80;
  http.error = error_of(failure);
  http.status = failure == Failure::none ? status : 0;
  http.body.data = body;
  const std::string host = url == kOcsp ? "ocsp.a.test:80" : "crl.b.test:80";
  auto& record = asked(world, ProbeKind::http, host, purpose);
  record.status = failure == Failure::none ? ProbeStatus::ok : ProbeStatus::failed;
  record.detail = http;
}

void named_by(World& world, const Says& says, Purpose purpose = Purpose::control) {
  DnsDetail dns;
  dns.name = "ocsp.a.test";
  dns.answers = {answer_of(says, dns.name, "A")};
  dns.addresses = says.addresses;
  auto& record = asked(world, ProbeKind::dns, dns.name, purpose);
  record.status = ProbeStatus::ok;
  record.detail = dns;
}

TEST(Revocation, SilenceThatThisProcessSleptThroughSaysNothing) {
  for (const double lag_ms : {0.0, 3000.0}) {
    auto by_request = two_responders();
    responded(by_request, kList, Failure::none);
    responded(by_request, kOcsp, Failure::timeout);
    auto by_name = two_responders();
    named_by(by_name, {"10.0.0.4", {}, {}, 0, Failure::timeout});
    for (auto* world : {&by_request, &by_name}) {
      auto& record = world->evidence.probes.back();
      record.duration_ms = 2000;
      record.loop_lag_ms = lag_ms;
      EXPECT_EQ(world->diagnosis().findings.size(), lag_ms == 0 ? 1U : 0U) << record.target << lag_ms;
    }
  }
}

TEST(Revocation, SilenceIsBlamedOnceItLasted) {
  auto world = two_responders();
  responded(world, kList, Failure::none);
  responded(world, kOcsp, Failure::timeout);
  const auto asks = follow_ups(world.facts());
  ASSERT_EQ(asks.size(), 2U) << "at once, so that no repeated SYN need be waited for";
  EXPECT_TRUE(asks[0].brief);
  EXPECT_EQ(std::get<HttpSpec>(asks[1].then).url, "http://OCSP.a.test");
  EXPECT_EQ(std::get<HttpSpec>(asks[0].then).url, "http://OCSP.a.test");
  EXPECT_EQ(world.diagnosis().findings.at(0).confidence, Confidence::candidate);

  auto late = world;
  responded(late, kOcsp, Failure::none, 200, "", Purpose::follow_up);
  EXPECT_THAT(blamed(late.diagnosis()), IsEmpty());

  responded(world, kOcsp, Failure::timeout, 0, "", Purpose::follow_up);
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("tls.revocation-blocked[ocsp.a.test]"));
  EXPECT_EQ(d.findings[0].severity, Severity::warning);
  EXPECT_EQ(d.findings[0].confidence, Confidence::certain) << "the other one answers on the same port";
  EXPECT_THAT(d.findings[0].endpoints, ElementsAre("login.microsoftonline.com:443"));
  EXPECT_THAT(follow_ups(world.facts()), IsEmpty());
}

TEST(Revocation, OneOfTwoAnswersIsEnough) {
  auto world = two_responders();
  responded(world, kList, Failure::none);
  responded(world, kOcsp, Failure::timeout);
  responded(world, kOcsp, Failure::none, 200, "", Purpose::follow_up);
  responded(world, kOcsp, Failure::timeout, 0, "", Purpose::follow_up);
  EXPECT_THAT(blamed(world.diagnosis()), IsEmpty());
}

TEST(Revocation, SilenceThatSeveralShareNeedsNoSecondQuestion) {
  auto world = two_responders();
  responded(world, kList, Failure::timeout);
  responded(world, kOcsp, Failure::timeout);
  EXPECT_EQ(follow_ups(world.facts()).size(), 4U)
      << "40 ms, where the slowest of the plan took 5: these may be on the far side of the world";
  for (auto& record : world.evidence.probes)
    if (record.control == "revocation") record.duration_ms = 450;
  EXPECT_THAT(follow_ups(world.facts()), IsEmpty());
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d),
              ElementsAre("tls.revocation-blocked[crl.b.test]", "tls.revocation-blocked[ocsp.a.test]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::likely) << "nothing has answered on port 80";

  for (auto& record : world.evidence.probes)
    if (record.kind == ProbeKind::tcp) record.duration_ms = 120;
  EXPECT_EQ(follow_ups(world.facts()).size(), 4U) << "too short for hosts so far away";
}

TEST(Revocation, ANameThatWasOnlySlowBlamesNobody) {
  auto world = two_responders();
  responded(world, kList, Failure::none);
  named_by(world, {"10.0.0.4", {}, {}, 0, Failure::timeout});
  EXPECT_FALSE(blamed(world.diagnosis()).empty()) << "not known before it is asked again";
  named_by(world, {"10.0.0.4", {}, {"20.9.9.1"}}, Purpose::follow_up);
  EXPECT_THAT(blamed(world.diagnosis()), IsEmpty());
}

TEST(Revocation, WhatSaysNoNeedsNoSecondQuestion) {
  struct Row {
    Failure failure;
    long status;
    const char* body;
    bool blocked;
  };
  for (const auto& row : {Row{Failure::none, 200, "", false}, Row{Failure::none, 404, "no such list", false},
                          Row{Failure::none, 405, "<html>", false},
                          Row{Failure::none, 470, "Action: Deny.", true}, Row{Failure::refused, 0, "", true},
                          Row{Failure::reset, 0, "", true}, Row{Failure::no_descriptors, 0, "", false}}) {
    auto world = two_responders();
    responded(world, kOcsp, row.failure, row.status, row.body);
    EXPECT_EQ(find(world.diagnosis(), "tls.revocation-blocked") != nullptr, row.blocked) << row.body;
    EXPECT_THAT(follow_ups(world.facts()), IsEmpty());
  }
}

TEST(Revocation, ANameThatIsNotKnown) {
  auto world = two_responders();
  named_by(world, {"10.0.0.4", {}, {}, 3});
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("tls.revocation-blocked[ocsp.a.test]"));
  EXPECT_THAT(d.findings[0].evidence[1].text, HasSubstr("NXDOMAIN"));

  auto resolved = two_responders();
  named_by(resolved, {"10.0.0.4", {}, {"20.9.9.1"}});
  EXPECT_THAT(blamed(resolved.diagnosis()), IsEmpty()) << "nothing was asked there";
}

TEST(Revocation, AWiderCauseIsBlamedOnce) {
  auto world = two_responders();
  auto plain = named("plain.azure.com", 80);
  plain.protocol = Protocol::http;
  plain.connect = Failure::timeout;
  world.add(plain);
  for (const auto* url : {kOcsp, kList}) {
    responded(world, url, Failure::timeout);
    responded(world, url, Failure::timeout, 0, "", Purpose::follow_up);
  }
  EXPECT_EQ(find(world.diagnosis(), "tls.revocation-blocked"), nullptr) << "port 80 is shut to all";

  auto full = two_responders();
  full.node.conntrack_count = full.node.conntrack_max = 100;
  responded(full, kOcsp, Failure::timeout);
  EXPECT_THAT(blamed(full.diagnosis()), ElementsAre("node.conntrack-full[node]"));
}

TEST(Revocation, OnlyLeavesOfWhatPassedCount) {
  World world;
  world.evidence.certificates["corp-leaf"].ocsp = {kOcsp};
  auto host = named("login.microsoftonline.com");
  host.chain = {"corp-leaf", "corp-ca"};
  host.verify = 19;
  world.add(host);
  responded(world, kOcsp, Failure::refused);
  EXPECT_EQ(find(world.diagnosis(), "tls.revocation-blocked"), nullptr);
}

World judged_by(std::vector<StoreVerdict> others, std::vector<std::string> chain) {
  World world;
  auto host = named("pypi.org");
  host.chain = std::move(chain);
  world.add(host);
  for (auto& record : world.evidence.probes) {
    if (auto* tls = detail_of<TlsDetail>(record))
      tls->verdicts.insert(tls->verdicts.end(), others.begin(), others.end());
  }
  return world;
}

TEST(ProgramStores, ADifferenceThatBitesIsAWarning) {
  const std::vector<std::string> open = {"other-leaf", "other-ca"}, own = {"corp-leaf", "corp-ca"};
  struct Row {
    std::vector<StoreVerdict> others;
    std::vector<std::string> chain;
    std::vector<std::string> expected;
  };
  const std::vector<Row> rows = {
      {{{"REQUESTS_CA_BUNDLE /c.pem", 20, "no issuer"}}, open, {"tls.ca-bundle[node]"}},
      {{{"REQUESTS_CA_BUNDLE /c.pem", -1, "No such file"}}, open, {"tls.ca-bundle[node]"}},
      {{{"REQUESTS_CA_BUNDLE /c.pem", 0, "ok"}, {"certifi /a", 20, "no issuer"}}, open, {}},
      {{{"certifi /a", 20, "no issuer"}}, open, {"tls.ca-bundle[node]"}},
      {{{"certifi /a", 10, "expired"}}, open, {}},
      {{{"Java /etc/cacerts", -1, "encrypted"}}, open, {}},
      {{{"Java /etc/cacerts", 20, "no issuer"}}, open, {"tls.ca-bundle[node]"}},
      {{{"NODE_EXTRA_CA_CERTS /n.pem", 20, "no issuer"}}, open, {}},
      {{{"system", 20, "not a program's"}}, open, {}},
  };
  for (const auto& row : rows) {
    const auto d = judged_by(row.others, row.chain).diagnosis();
    EXPECT_EQ(blamed(d), row.expected) << row.others[0].store;
    for (const auto& finding : d.findings) EXPECT_EQ(finding.severity, Severity::warning);
  }
  auto custom = judged_by({}, own);
  custom.plan.endpoints[0].origin = Origin::custom;
  for (auto& record : custom.evidence.probes)
    if (auto* tls = detail_of<TlsDetail>(record)) tls->verdicts.push_back({"certifi /a", 19, "self-signed"});
  const auto d = custom.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("tls.untrusted-issuer[Contoso Root]"));
  EXPECT_EQ(d.findings[0].severity, Severity::warning);
}

TEST(NodeLimits, AreNotTheNetworks) {
  World ports;
  auto tunnel = named("tundra.azureml.ms", 5831);
  tunnel.protocol = Protocol::udp;
  tunnel.connect = Failure::no_local_port;
  ports.add(tunnel);
  EXPECT_THAT(blamed(ports.diagnosis()), ElementsAre("node.resource-limit[node]"));

  World full;
  full.node.conntrack_count = full.node.conntrack_max = 65536;
  auto unasked = named("login.microsoftonline.com");
  unasked.dns = {{"10.0.0.4", {}, {}, 0, Failure::local_reject}};
  full.add(unasked);
  EXPECT_THAT(blamed(full.diagnosis()), ElementsAre("node.conntrack-full[node]"));
  full.node.conntrack_count = 10;
  EXPECT_THAT(blamed(full.diagnosis()), ElementsAre("dns.server-unreachable[10.0.0.4]"));
}

}  // namespace
}  // namespace amlnet::test
