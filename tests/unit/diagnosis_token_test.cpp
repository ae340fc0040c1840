// What services say to a request with a token, each beside the answer that looks like it.
#include <gmock/gmock.h>

#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Host vault(long status = 401, const char* body = "AKV10000: Request is missing a Bearer or PoP token.") {
  auto host = named("kv.vault.azure.net");
  host.protocol = Protocol::https;
  host.answerer = "key-vault";
  host.status = status;
  host.body = body;
  return host;
}

Host service(const char* name, const char* answerer) {
  auto host = named(name);
  host.protocol = Protocol::https;
  host.answerer = answerer;
  host.status = 401;
  const bool registry = host.answerer == "container-registry";
  host.headers = registry
                     ? std::map<std::string, std::string>{{"docker-distribution-api-version", "registry/2.0"}}
                     : std::map<std::string, std::string>{{"x-ms-request-id", "1"}};
  return host;
}

constexpr const char* kVault = "kv.vault.azure.net:443";

TEST(DiagnosisToken, EachRefusalHasItsCause) {
  struct Row {
    const char* host;
    const char* answerer;
    long status;
    const char* refusal;
    const char* expected;  // "" where nothing follows
  };
  const std::vector<Row> rows = {
      {"kv.vault.azure.net", "key-vault", 403, "ForbiddenByFirewall", "service.keyvault-firewall"},
      {"kv.vault.azure.net", "key-vault", 403, "ForbiddenByConnection", "service.keyvault-private-only"},
      {"kv.vault.azure.net", "key-vault", 403, "ForbiddenByRbac", "service.permission-denied"},
      {"kv.vault.azure.net", "key-vault", 403, "", ""},
      {"kv.vault.azure.net", "key-vault", 401, "", ""},
      {"kv.vault.azure.net", "key-vault", 200, "", ""},
      {"kv.vault.azure.net", "key-vault", 0, "", ""},
      {"st.blob.core.windows.net", "azure-blob", 403, "AuthorizationFailure", "service.storage-firewall"},
      {"st.blob.core.windows.net", "azure-blob", 403, "AuthorizationPermissionMismatch",
       "service.permission-denied"},
      {"st.blob.core.windows.net", "azure-blob", 400, "TlsVersionNotPermitted", "service.tls-version"},
      {"acr.azurecr.io", "container-registry", 403, "aka.ms/acr/firewall", "service.registry-firewall"},
      {"acr.azurecr.io", "container-registry", 401, "UNAUTHORIZED", "service.permission-denied"},
      {"id.workspace.r.api.azureml.ms", "azureml-api", 403, "workspace private link configuration",
       "service.workspace-private-only"},
  };
  for (const auto& row : rows) {
    World world;
    world.add(service(row.host, row.answerer));
    world.shown_a_token(std::string(row.host) + ":443", row.status, row.refusal);
    const auto diagnosis = world.diagnosis();
    const bool network = std::string_view(row.expected) != "service.permission-denied" && *row.expected;
    EXPECT_EQ(diagnosis.endpoints.front().status, network ? Status::fail : Status::pass) << row.refusal;
    if (*row.expected)
      EXPECT_THAT(blamed(diagnosis), ElementsAre(std::string(row.expected) + "[" + row.host + "]"));
    else
      EXPECT_THAT(blamed(diagnosis), IsEmpty()) << row.status;
  }
}

TEST(DiagnosisToken, ARefusalQuotesBothAnswersAndTheClient) {
  World world;
  world.add(vault()).shown_a_token(kVault, 403, "ForbiddenByFirewall", "20.1.2.3");
  const auto diagnosis = world.diagnosis();
  const auto* finding = find(diagnosis, "service.keyvault-firewall");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::blocking);
  EXPECT_EQ(finding->confidence, Confidence::certain);
  ASSERT_EQ(finding->evidence.size(), 3U);
  EXPECT_THAT(finding->evidence[0].text,
              HasSubstr("HTTP 403 to a request with a token: ForbiddenByFirewall"));
  EXPECT_THAT(finding->evidence[1].text, HasSubstr("HTTP 401"));
  EXPECT_THAT(finding->evidence[2].text, HasSubstr("20.1.2.3"));
  EXPECT_THAT(diagnosis.endpoints.front().probes, testing::Contains(finding->evidence[0].probe));
}

TEST(DiagnosisToken, AMissingRoleIsAWarningAndFailsNothing) {
  World world;
  world.add(vault()).shown_a_token(kVault, 403, "ForbiddenByRbac");
  const auto diagnosis = world.diagnosis();
  const auto* finding = find(diagnosis, "service.permission-denied");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::warning);
  EXPECT_EQ(diagnosis.endpoints.front().status, Status::pass);
}

TEST(DiagnosisToken, FilesTellARoleFromARuleLessSurely) {
  World world;
  world.add(service("st.file.core.windows.net", "azure-file"));
  world.shown_a_token("st.file.core.windows.net:443", 403, "AuthorizationFailure");
  const auto diagnosis = world.diagnosis();
  const auto* finding = find(diagnosis, "service.storage-firewall");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->confidence, Confidence::likely);
  ASSERT_FALSE(finding->alternatives.empty());
}

TEST(DiagnosisToken, WhatFailedEarlierKeepsItsCause) {
  World world;
  world.add(vault(200, "Action: Deny. Reason: No rule matched."));
  world.shown_a_token(kVault, 403, "ForbiddenByFirewall");
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("http.firewall-denied[kv.vault.azure.net]"));
}

}  // namespace
}  // namespace amlnet::test
