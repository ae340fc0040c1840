// Who the node is: each way that no token comes has its cause.
#include <gmock/gmock.h>

#include "agent/diagnosis/causes.h"
#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ProbeRecord asked(IdentityDetail detail, std::string target = "169.254.169.254:80") {
  ProbeRecord record;
  record.id = "p900";
  record.kind = ProbeKind::identity;
  record.target = std::move(target);
  record.purpose = Purpose::control;
  record.control = "identity";
  record.status = detail.problem.empty() && detail.method != "none" ? ProbeStatus::ok : ProbeStatus::failed;
  record.detail = std::move(detail);
  return record;
}

IdentityDetail failed(const char* method, const char* problem, long status = 400, const char* code = "") {
  IdentityDetail detail;
  detail.method = method;
  detail.audience = "https://management.azure.com/";
  detail.problem = problem;
  detail.status = status;
  detail.code = code;
  return detail;
}

World healthy() {
  World world;
  world.workspace.on_azure = true;
  world.add(named("ok.azure.com"));
  return world;
}

TEST(DiagnosisIdentity, EachCauseAndItsLookAlike) {
  struct Row {
    IdentityDetail detail;
    const char* expected;  // "" for none
  };
  const std::vector<Row> rows = {
      {failed("metadata", "several-identities"), "identity.none[node]"},
      {failed("metadata", "no-identity"), ""},  // nobody expects one
      {failed("metadata", "throttled", 429), "identity.throttled[node]"},
      {failed("metadata", "busy", 503), "identity.throttled[node]"},
      {failed("metadata", "proxied"), "proxy.imds[node]"},
      {failed("metadata", "not-the-service", 200), "identity.imds-unreachable[node]"},
      {failed("metadata", "no-answer", 0), "identity.imds-unreachable[node]"},
      {failed("managed-endpoint", "refused"), "identity.endpoint-failed[node]"},
      {failed("managed-endpoint", "no-answer", 0), "identity.endpoint-failed[node]"},
      {failed("managed-endpoint", "unusable", 0), "identity.endpoint-failed[node]"},
      {failed("managed-endpoint", "throttled", 429), "identity.throttled[node]"},
      {failed("service-principal", "refused", 401, "AADSTS7000222"), "identity.refused[node]"},
      {failed("service-principal-certificate", "unusable", 0), "identity.refused[node]"},
      {failed("azure-cli", "not-signed-in", 0), "identity.refused[node]"},
      {failed("azure-cli", "refused", 0, "AADSTS700082"), "identity.refused[node]"},
      {failed("service-principal", "no-answer", 0), ""},  // the network: entra.login says how
      {failed("azure-cli", "no-answer", 0), ""},
  };
  for (const auto& row : rows) {
    World world = healthy();
    world.evidence.probes.push_back(asked(row.detail));
    const auto diagnosis = world.diagnosis();
    if (*row.expected == '\0') {
      EXPECT_THAT(blamed(diagnosis), IsEmpty()) << row.detail.method << row.detail.problem;
      continue;
    }
    EXPECT_THAT(blamed(diagnosis), ElementsAre(row.expected)) << row.detail.method << row.detail.problem;
    EXPECT_EQ(diagnosis.findings.at(0).severity, Severity::warning);
    EXPECT_FALSE(diagnosis.findings.at(0).fix.summary.empty());
    EXPECT_FALSE(diagnosis.findings.at(0).fix.docs.empty());
  }
}

TEST(DiagnosisIdentity, NoIdentityIsAFindingWhereOneIsExpected) {
  World world = healthy();
  world.evidence.probes.push_back(asked(failed("metadata", "no-identity")));
  world.evidence.probes.push_back(asked(failed("none", "", 0), "identity"));
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("identity.none[node]"));
  World other = healthy();
  auto detail = failed("metadata", "no-identity");
  detail.client_id = "9a8b7c6d-5e4f-4a3b-9c2d-1e0f9a8b7c6d";
  other.evidence.probes.push_back(asked(detail));
  ASSERT_THAT(blamed(other.diagnosis()), ElementsAre("identity.none[node]"));
  EXPECT_THAT(other.diagnosis().findings[0].title, HasSubstr("9a8b7c6d"));
}

TEST(DiagnosisIdentity, TheCodeIsQuotedWithItsMeaning) {
  World world = healthy();
  world.evidence.probes.push_back(asked(failed("service-principal", "refused", 400, "AADSTS53003")));
  const auto diagnosis = world.diagnosis();
  const auto* finding = find(diagnosis, "identity.refused");
  ASSERT_NE(finding, nullptr);
  EXPECT_THAT(finding->title, HasSubstr("AADSTS53003, Conditional Access blocks the token"));
}

TEST(DiagnosisIdentity, OneFindingForFourAudiences) {
  World world = healthy();
  for (const char* audience : {"https://management.azure.com/", "https://storage.azure.com/"}) {
    auto detail = failed("service-principal", "refused", 400, "AADSTS53003");
    detail.audience = audience;
    world.evidence.probes.push_back(asked(detail));
  }
  EXPECT_EQ(world.diagnosis().findings.size(), 1U);
}

}  // namespace
}  // namespace amlnet::test
