// DNS causes, each beside the case that looks like it.
#include <gmock/gmock.h>

#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kAzure = "168.63.129.16";

Host storage(std::vector<Says> dns) {
  auto host = private_endpoint("stws1", "blob", "10.0.2.10");
  host.dns = std::move(dns);
  return host;
}

const std::vector<std::string> kLink = {"stws1.privatelink.blob.core.windows.net"};

TEST(DiagnosisDns, HealthyWorldHasNoFinding) {
  World world;
  world.add(named("login.microsoftonline.com")).add(storage({{"10.0.0.4", kLink, {"10.0.2.10"}}}));
  const auto d = world.diagnosis();
  EXPECT_THAT(d.findings, IsEmpty());
  for (const auto& endpoint : d.endpoints) EXPECT_EQ(endpoint.status, Status::pass);
}

TEST(DiagnosisDns, ManualPrivateRecordWithoutCnameIsRight) {
  World world;
  world.add(storage({{"10.0.0.4", {}, {"10.0.2.10"}}}));
  EXPECT_THAT(world.diagnosis().findings, IsEmpty());
}

TEST(DiagnosisDns, ZoneNotLinkedWhereAzureSaysTheSame) {
  World world;
  world.add(storage({{"10.0.0.4", kLink, {"20.60.14.8"}}, {kAzure, kLink, {"20.60.14.8"}}}));
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("dns.private-zone-not-linked[privatelink.blob.core.windows.net]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::certain);
  EXPECT_EQ(d.findings[0].severity, Severity::blocking);
  EXPECT_EQ(d.endpoints[0].status, Status::fail) << "a wrong scope fails though TLS passed";
  EXPECT_THAT(d.findings[0].evidence[0].text, HasSubstr("20.60.14.8 (public)"));
}

TEST(DiagnosisDns, ZoneNotLinkedIsOnlyLikelyWhereAzureIsSilent) {
  World world;
  world.add(storage({{"10.0.0.4", kLink, {"20.60.14.8"}}, {kAzure, {}, {}, 0, Failure::timeout}}));
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("dns.private-zone-not-linked[privatelink.blob.core.windows.net]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::likely);
  ASSERT_EQ(d.findings[0].alternatives.size(), 1U);
  EXPECT_EQ(d.findings[0].alternatives[0].cause, "dns.not-forwarded-to-azure");
}

TEST(DiagnosisDns, NotForwardedWhereAzureKnowsThePrivateAddress) {
  World world;
  world.add(storage({{"10.0.0.4", kLink, {"20.60.14.8"}}, {kAzure, kLink, {"10.0.2.10"}}}));
  world.add(private_endpoint("stws1", "file", "10.0.2.11"));
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("dns.not-forwarded-to-azure[10.0.0.4]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::certain);
}

TEST(DiagnosisDns, NotForwardedBeatsNameNotFound) {
  World world;
  world.add(storage({{"10.0.0.4", {}, {}, 3}, {kAzure, kLink, {"10.0.2.10"}}}));
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("dns.not-forwarded-to-azure[10.0.0.4]"));
}

TEST(DiagnosisDns, PublicAddressIsRightWhereAccessIsPublicOrUnknown) {
  for (const bool known : {true, false}) {
    World world;
    auto host = storage({{"10.0.0.4", {}, {"20.60.14.8"}}});
    host.scope = Scope::any;
    host.scope_known = known;
    world.add(host);
    EXPECT_THAT(world.diagnosis().findings, IsEmpty());
  }
}

TEST(DiagnosisDns, UnknownAccessWarnsAsCandidateAndFailsNothing) {
  World world;
  auto host = storage({{"10.0.0.4", kLink, {"20.60.14.8"}}, {kAzure, kLink, {"20.60.14.8"}}});
  host.scope = Scope::any;
  host.scope_known = false;
  world.add(host);
  const auto d = world.diagnosis();
  ASSERT_EQ(d.findings.size(), 1U);
  EXPECT_EQ(d.findings[0].severity, Severity::warning);
  EXPECT_EQ(d.findings[0].confidence, Confidence::candidate);
  EXPECT_EQ(d.endpoints[0].status, Status::pass);
}

TEST(DiagnosisDns, NoPrivateEndpointWithoutPrivatelink) {
  World world;
  auto dfs = private_endpoint("stws1", "dfs", "");
  dfs.dns = {{"10.0.0.4", {}, {"20.60.14.9"}}, {kAzure, {}, {"20.60.14.9"}}};
  world.add(dfs).add(private_endpoint("stws1", "blob", "10.0.2.10"));
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("dns.no-private-endpoint[stws1.dfs.core.windows.net]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::certain) << "a sibling of the account is private";
}

TEST(DiagnosisDns, PrivateRecordMissing) {
  World world;
  world.add(storage({{"10.0.0.4", kLink, {}, 3}, {kAzure, kLink, {}, 3}}));
  EXPECT_THAT(blamed(world.diagnosis()),
              ElementsAre("dns.private-record-missing[stws1.blob.core.windows.net]"));
}

struct Row {
  const char* what;
  std::vector<Says> dns;
  const char* expected;
};

TEST(DiagnosisDns, RepliesWithoutAddress) {
  const std::vector<Row> rows = {
      {"NXDOMAIN", {{"10.0.0.4", {}, {}, 3}}, "dns.name-not-found[x.azureml.ms]"},
      {"no record", {{"10.0.0.4", {}, {}, 0}}, "dns.no-address[x.azureml.ms]"},
      {"SERVFAIL", {{"10.0.0.4", {}, {}, 2}}, "dns.servfail[10.0.0.4]"},
      {"REFUSED", {{"10.0.0.4", {}, {}, 5}}, "dns.refused[10.0.0.4]"},
      {"FORMERR", {{"10.0.0.4", {}, {}, 1}}, "dns.malformed[10.0.0.4]"},
      {"NOTIMP", {{"10.0.0.4", {}, {}, 4}}, "dns.malformed[10.0.0.4]"},
      {"garbage", {{"10.0.0.4", {}, {}, 0, Failure::dns_malformed}}, "dns.malformed[10.0.0.4]"},
      {"truncated", {{"10.0.0.4", {}, {"20.1.1.1"}, 0, Failure::none, true}}, "dns.tcp-blocked[10.0.0.4]"},
      {"policy",
       {{"10.0.0.4", {"blockpolicy.azuredns.invalid"}, {}, 3}},
       "dns.blocked-by-policy[x.azureml.ms]"},
      {"silent, alone", {{"10.0.0.4", {}, {}, 0, Failure::timeout}}, "dns.server-unreachable[10.0.0.4]"},
      {"port refused", {{"10.0.0.4", {}, {}, 0, Failure::refused}}, "dns.server-unreachable[10.0.0.4]"},
      {"first silent, second NXDOMAIN",
       {{"10.0.0.5", {}, {}, 3}, {"10.0.0.4", {}, {}, 0, Failure::timeout}},
       "dns.name-not-found[x.azureml.ms]"},
  };
  for (const auto& row : rows) {
    World world;
    auto host = named("x.azureml.ms");
    host.dns = row.dns;
    world.add(host);
    const auto d = world.diagnosis();
    EXPECT_EQ(d.endpoints[0].status, Status::fail) << row.what;
    ASSERT_FALSE(d.findings.empty()) << row.what;
    EXPECT_EQ(blamed(d)[0], row.expected) << row.what;
    EXPECT_EQ(d.endpoints[0].finding, "F1") << row.what;
  }
}

TEST(DiagnosisDns, DeadServerIsOneFindingForManyNames) {
  World world;
  for (int i = 0; i < 40; ++i) {
    auto host = named("h" + std::to_string(i) + ".azureml.ms");
    host.dns = {{"10.0.0.4", {}, {}, 0, Failure::timeout}, {kAzure, {}, {"20.60.1.1"}}};
    world.add(host);
  }
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("dns.server-unreachable[10.0.0.4]"));
  EXPECT_EQ(d.findings[0].endpoints.size(), 40U);
  EXPECT_EQ(d.findings[0].confidence, Confidence::likely)
      << "168.63.129.16 answered, and this one may be late";
  EXPECT_EQ(d.findings[0].alternatives.at(0).cause, "dns.slow");
}

TEST(DiagnosisDns, FirstServerDeadSecondFineIsAWarning) {
  World world;
  for (int i = 0; i < 4; ++i) {
    auto host = named("h" + std::to_string(i) + ".azureml.ms");
    host.dns = {{"10.0.0.4", {}, {}, 0, Failure::timeout}, {"10.0.0.5", {}, {"20.60.1.1"}}};
    world.add(host);
  }
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("dns.server-unreachable[10.0.0.4]"));
  EXPECT_EQ(d.findings[0].severity, Severity::warning);
  EXPECT_EQ(d.endpoints[0].status, Status::pass);
}

TEST(DiagnosisDns, AzureDnsIsBlamedOnlyWhereItIsTheNodesOwn) {
  auto host = named("x.azureml.ms");
  host.dns = {{kAzure, {}, {}, 0, Failure::timeout}};
  World own;
  own.node.resolver.nameservers = {kAzure};
  own.add(host);
  EXPECT_THAT(blamed(own.diagnosis()), ElementsAre("dns.azure-dns-unreachable[168.63.129.16]"));

  World control;
  host.dns.insert(host.dns.begin(), Says{"10.0.0.4", {}, {"20.60.1.1"}});
  control.add(host);
  EXPECT_THAT(control.diagnosis().findings, IsEmpty());
}

TEST(DiagnosisDns, ServersDisagree) {
  World world;
  world.add(storage({{"10.0.0.4", kLink, {"10.0.2.10"}}, {"10.0.0.5", kLink, {"20.60.14.8"}}}));
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("dns.servers-disagree[10.0.0.5]"));
  EXPECT_EQ(d.findings[0].severity, Severity::warning)
      << "the first server is right, the endpoint passes now";
}

TEST(DiagnosisDns, SilentServerHasNoScopeToDisagreeWith) {
  World world;
  world.add(storage({{"10.0.0.4", kLink, {"10.0.2.10"}}, {"10.0.0.5", {}, {}, 0, Failure::timeout}}));
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("dns.server-unreachable[10.0.0.5]"));
}

TEST(DiagnosisDns, SlowServerIsAWarning) {
  World world;
  auto host = named("x.azureml.ms");
  host.dns = {{"10.0.0.4", {}, {"20.60.1.1"}, 0, Failure::none, false, 2500}};
  world.add(host);
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("dns.slow[10.0.0.4]"));
  EXPECT_EQ(d.findings[0].severity, Severity::warning);
}

TEST(DiagnosisDns, PrivatelinkNameAsHost) {
  World world;
  auto host = named("kvws1.privatelink.vaultcore.azure.net");
  host.origin = Origin::custom;
  host.name_matches = false;
  world.add(host);
  EXPECT_THAT(blamed(world.diagnosis()),
              ElementsAre("config.privatelink-name[kvws1.privatelink.vaultcore.azure.net]"));
}

TEST(DiagnosisDns, AliasOnSpark) {
  World world;
  world.workspace.compute.kind = ComputeKind::spark;
  auto host = named("a.corp.example");
  host.origin = Origin::gateway_alias;
  host.dns = {{"10.0.0.4", {}, {"10.80.0.9"}}};
  world.add(host);
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("config.alias-on-spark[node]"));
}

TEST(DiagnosisDns, SilenceAboutOneNameOfALivingServerIsACandidate) {
  World world;
  auto host = named("x.azureml.ms");
  host.dns = {{"10.0.0.4", {}, {}, 0, Failure::timeout}};
  world.add(host).add(named("pypi.org"));
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("dns.server-unreachable[10.0.0.4]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::candidate);
  EXPECT_EQ(d.findings[0].alternatives.at(0).cause, "dns.servfail");
}

TEST(DiagnosisDns, UnfinishedNameIsUnknownNotFailed) {
  World world;
  auto host = named("x.azureml.ms");
  host.dns = {{"10.0.0.4", {}, {}, 0, Failure::cancelled}};
  world.add(host);
  world.evidence.probes[0].status = ProbeStatus::unfinished;
  const auto d = world.diagnosis();
  EXPECT_THAT(d.findings, IsEmpty());
  EXPECT_EQ(d.endpoints[0].status, Status::unknown);
  EXPECT_EQ(d.endpoints[0].unknown, Unknown::not_finished);
}

}  // namespace
}  // namespace amlnet::test
