// What services are asked with a token: which hosts get one, what each is asked, and what is read of answers.
#include <gmock/gmock.h>

#include "agent/diagnosis/refusals.h"
#include "agent/identity/service_request.h"
#include "agent/workspace/fact_syntax.h"

namespace amlnet {
namespace {

using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

constexpr const char* kId = "11111111-2222-3333-4444-555555555555";

Workspace known() {
  Workspace workspace;
  workspace.cloud = Cloud::public_;
  workspace.region = "eastus2";
  workspace.workspace.name = "ws1";
  workspace.workspace.id = kId;
  workspace.workspace.subscription = "6d0c9fb1-2f42-4b5b-8f0e-0d0b2c6f1a77";
  workspace.workspace.resource_group = "rg1";
  workspace.storage_accounts.push_back({"stws1", true, {}, {}, {}});
  workspace.key_vault = KeyVault{"kvws1", {}, {}};
  workspace.container_registry = ContainerRegistry{"acrws1", {}, {}};
  return workspace;
}

Endpoint endpoint(std::string host, std::string answerer) {
  Endpoint made;
  made.host = std::move(host);
  made.port = 443;
  made.protocol = Protocol::https;
  made.answerer = std::move(answerer);
  return made;
}

std::string api() {
  return std::string(kId) + ".workspace.eastus2.api.azureml.ms";
}

TEST(ServiceRequest, OwnServicesByTheirAudience) {
  const std::vector<std::tuple<std::string, std::string, Audience>> rows = {
      {"stws1.blob.core.windows.net", "azure-blob", Audience::storage},
      {"stws1.file.core.windows.net", "azure-file", Audience::storage},
      {"stws1.dfs.core.windows.net", "azure-dfs", Audience::storage},
      {"stws1.queue.core.windows.net", "azure-queue", Audience::storage},
      {"stws1.table.core.windows.net", "azure-table", Audience::storage},
      {"kvws1.vault.azure.net", "key-vault", Audience::key_vault},
      {"acrws1.azurecr.io", "container-registry", Audience::registry},
      {api(), "azureml-api", Audience::resource_manager},
  };
  for (const auto& [host, answerer, audience] : rows)
    EXPECT_EQ(audience_of(endpoint(host, answerer), known()), audience) << host;
}

TEST(ServiceRequest, NobodyElseGetsAToken) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"other.blob.core.windows.net", "azure-blob"},
      {"stws1.blob.core.windows.net.evil.example", "azure-blob"},
      {"stws1.blob.evil.example", "azure-blob"},
      {"stws1.blob.core.usgovcloudapi.net", "azure-blob"},  // another cloud's
      {"stws1.file.core.windows.net", "azure-blob"},
      {"xstws1.blob.core.windows.net", "azure-blob"},
      {"kvws1.vault.usgovcloudapi.net", "key-vault"},
      {"kvws1.evil.example", "key-vault"},
      {"acrws1.eastus2.data.azurecr.io", "container-registry-data"},
      {"mcr.microsoft.com", "microsoft-container-registry"},
      {"eastus2.api.azureml.ms", "azureml-api"},
      {std::string(kId) + ".cert.api.azureml.ms", "azureml-api"},
      {std::string(kId) + ".workspace.westus.api.azureml.ms", "azureml-api"},
      {"management.azure.com", "resource-manager"},
      {"stws1.blob.core.windows.net", ""},
  };
  for (const auto& [host, answerer] : rows)
    EXPECT_FALSE(audience_of(endpoint(host, answerer), known())) << host << ' ' << answerer;
  Endpoint blob = endpoint("stws1.blob.core.windows.net", "azure-blob");
  blob.protocol = Protocol::http;
  EXPECT_FALSE(audience_of(blob, known()));
  blob.protocol = Protocol::https;
  blob.port = 8443;
  EXPECT_FALSE(audience_of(blob, known()));
  blob.port = 443;
  blob.origin = Origin::custom;
  EXPECT_FALSE(audience_of(blob, known()));
}

TEST(ServiceRequest, TheApiNeedsTheWholeWorkspace) {
  Workspace workspace = known();
  workspace.workspace.subscription.reset();
  EXPECT_FALSE(audience_of(endpoint(api(), "azureml-api"), workspace));
}

TEST(ServiceRequest, GovernmentAndChinaHaveTheirOwnDomains) {
  Workspace workspace = known();
  workspace.cloud = Cloud::usgov;
  EXPECT_TRUE(audience_of(endpoint("stws1.blob.core.usgovcloudapi.net", "azure-blob"), workspace));
  EXPECT_FALSE(audience_of(endpoint("stws1.blob.core.windows.net", "azure-blob"), workspace));
  workspace.cloud = Cloud::china;
  EXPECT_TRUE(audience_of(endpoint("kvws1.vault.azure.cn", "key-vault"), workspace));
  EXPECT_TRUE(audience_of(endpoint("acrws1.azurecr.cn", "container-registry"), workspace));
}

TEST(ServiceRequest, AsksOnlyWhoProvesWhoItIs) {
  const HttpSpec blob =
      ask_with_token(endpoint("stws1.blob.core.windows.net", "azure-blob"), known(), "secret");
  EXPECT_TRUE(blob.verified);
  EXPECT_EQ(blob.method, "GET");
  EXPECT_THAT(blob.url, EndsWith("/?comp=list&maxresults=1"));
  EXPECT_THAT(blob.url, Not(HasSubstr("secret")));
  EXPECT_THAT(blob.headers, Contains(Pair("Authorization", "Bearer secret")));
  EXPECT_THAT(blob.headers, Contains(Pair("x-ms-version", "2022-11-02")));
  EXPECT_THAT(blob.headers, Not(Contains(Pair("x-ms-file-request-intent", "backup"))));
  const HttpSpec file =
      ask_with_token(endpoint("stws1.file.core.windows.net", "azure-file"), known(), "secret");
  EXPECT_THAT(file.headers, Contains(Pair("x-ms-file-request-intent", "backup")));
}

TEST(ServiceRequest, TheRegistryExchangesItsToken) {
  const HttpSpec registry =
      ask_with_token(endpoint("acrws1.azurecr.io", "container-registry"), known(), "a+b=");
  EXPECT_TRUE(registry.verified);
  EXPECT_EQ(registry.method, "POST");
  EXPECT_EQ(registry.url, "https://acrws1.azurecr.io/oauth2/exchange");
  EXPECT_EQ(registry.body, "grant_type=access_token&service=acrws1.azurecr.io&access_token=a%2Bb%3D");
}

TEST(ServiceRequest, TheApiIsAskedOfItsWorkspace) {
  const HttpSpec asked = ask_with_token(endpoint(api(), "azureml-api"), known(), "secret");
  EXPECT_EQ(asked.url,
            "https://" + api() +
                "/mlflow/v1.0/subscriptions/6d0c9fb1-2f42-4b5b-8f0e-0d0b2c6f1a77/resourceGroups/rg1/"
                "providers/Microsoft.MachineLearningServices/workspaces/ws1/api/2.0/mlflow/"
                "experiments/get-by-name?experiment_name=Default");
}

HttpDetail said(long status, std::string body) {
  HttpDetail answer;
  answer.status = status;
  answer.body.data = std::move(body);
  return answer;
}

TEST(Refusals, WordsOfEachServiceAndNoOthers) {
  const std::vector<std::tuple<std::string, long, std::string, std::string>> rows = {
      {"azure-blob", 403, "<Code>AuthorizationFailure</Code>", "AuthorizationFailure"},
      {"azure-blob", 401, "<Code>AuthorizationFailure</Code>", ""},
      {"azure-blob", 403, "<Code>AuthorizationPermissionMismatch</Code>", "AuthorizationPermissionMismatch"},
      {"azure-table", 400, "TlsVersionNotPermitted", "TlsVersionNotPermitted"},
      {"azure-blob", 403, "AccessDenied", ""},
      {"key-vault", 403, R"("innererror":{"code":"AccessDenied"})", "AccessDenied"},
      {"key-vault", 403, "ForbiddenByFirewall", "ForbiddenByFirewall"},
      {"key-vault", 401, "AKV10032", ""},
      {"container-registry", 401, R"("code":"UNAUTHORIZED")", "UNAUTHORIZED"},
      {"container-registry-data", 200, "UNAUTHORIZED", ""},
      {"azureml-api", 502, "denied based on workspace private link configuration.",
       "workspace private link configuration"},
      {"azureml-api", 403, "", ""},
      {"", 403, "ForbiddenByFirewall", ""},
  };
  for (const auto& [answerer, status, body, words] : rows)
    EXPECT_EQ(refusal_in(said(status, body), answerer), words) << answerer << ' ' << body;
  HttpDetail by_header = said(403, "");
  by_header.headers = {{"x-ms-error-code", {"AuthorizationFailure"}}};
  EXPECT_EQ(refusal_in(by_header, "azure-dfs"), "AuthorizationFailure");
}

TEST(Refusals, MeanTheSameOnceKept) {
  HttpDetail kept;
  EXPECT_EQ(judge_refusal(kept), AnswerKind::none);
  kept.status = 403;
  EXPECT_EQ(judge_refusal(kept), AnswerKind::good);
  kept.refusal = "ForbiddenByRbac";
  EXPECT_EQ(judge_refusal(kept), AnswerKind::role_missing);
  kept.refusal = "what another version wrote";
  EXPECT_EQ(judge_refusal(kept), AnswerKind::good);
}

TEST(Refusals, OnlyAnAddressIsAnAddress) {
  EXPECT_TRUE(is_address("20.1.2.3"));
  EXPECT_TRUE(is_address("2001:db8::7"));
  for (const char* text : {"", "abcdef0123456789", "20.1.2", "20.1.2.3.4", "::::", "deadbeef:cafe"})
    EXPECT_FALSE(is_address(text)) << text;
}

}  // namespace
}  // namespace amlnet
