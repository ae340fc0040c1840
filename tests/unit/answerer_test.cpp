// Every service's own answers, good and bad, are its own; what a firewall, a proxy or a captive portal says
// is nobody's.
#include "agent/catalog/answerer.h"

#include <gtest/gtest.h>

namespace amlnet {
namespace {

struct Answer {
  long status;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

HttpDetail detail_of(const Answer& answer) {
  HttpDetail detail;
  detail.status = answer.status;
  for (const auto& [name, value] : answer.headers) detail.headers.push_back({name, Bytes{value}});
  detail.body.data = answer.body;
  return detail;
}

struct Case {
  std::string name, id;
  Answer answer;
};

class OwnAnswers : public testing::TestWithParam<Case> {};
TEST_P(OwnAnswers, AreRecognised) {
  const Answerer* answerer = find_answerer(GetParam().id);
  ASSERT_NE(answerer, nullptr);
  EXPECT_TRUE(answerer->recognises(detail_of(GetParam().answer)));
}

INSTANTIATE_TEST_SUITE_P(
    Answerer, OwnAnswers,
    testing::Values(
        Case{"blob_400",
             "azure-blob",
             {400, {{"x-ms-request-id", "1"}}, "<Code>InvalidQueryParameterValue</Code>"}},
        Case{"blob_403",
             "azure-blob",
             {403,
              {{"server", "Microsoft-HTTPAPI/2.0"}, {"x-ms-request-id", "1"}},
              "<Code>AuthorizationFailure</Code>"}},
        Case{"blob_body_only",
             "azure-blob",
             {409,
              {},
              "<?xml?><Error><Code>PublicAccessNotPermitted</Code><Message>Public access</Message></Error>"}},
        Case{"file", "azure-file", {400, {{"x-ms-request-id", "1"}, {"x-ms-version", "2020-01-01"}}, ""}},
        Case{
            "vault_401",
            "key-vault",
            {401,
             {{"www-authenticate",
               "Bearer authorization=\"https://login.windows.net/t\", resource=\"https://vault.azure.net\""}},
             "AKV10000"}},
        Case{"vault_firewall",
             "key-vault",
             {403, {}, R"({"error":{"innererror":{"code":"ForbiddenByConnection"}}})"}},
        Case{"registry_401",
             "container-registry",
             {401, {{"docker-distribution-api-version", "registry/2.0"}}, ""}},
        Case{
            "registry_denied",
            "container-registry",
            {403,
             {},
             R"({"errors":[{"code":"DENIED","message":"client with IP '1.2.3.4' is not allowed access."}]})"}},
        Case{"registry_data", "container-registry-data", {404, {}, ""}},
        Case{"mcr",
             "microsoft-container-registry",
             {200, {{"docker-distribution-api-version", "registry/2.0"}}, "{}"}},
        Case{"entra",
             "entra",
             {200, {}, R"({"token_endpoint":"https://login.microsoftonline.com/common/oauth2/v2.0/token"})"}},
        Case{"entra_400", "entra", {400, {{"x-ms-request-id", "1"}}, "AADSTS90002"}},
        Case{"entra_80", "entra", {302, {{"location", "https://login.microsoftonline.com/x"}}, ""}},
        Case{"arm",
             "resource-manager",
             {401,
              {{"www-authenticate", "Bearer authorization_uri=\"https://login.windows.net/\""}},
              R"({"error":{}})"}},
        Case{"arm_ids", "resource-manager", {400, {{"x-ms-correlation-request-id", "1"}}, ""}},
        Case{"aml_api", "azureml-api", {404, {}, "{}"}},
        Case{"aml_denied",
             "azureml-api",
             {403, {}, "Access to workspace was denied based on workspace private link configuration."}},
        Case{"instance_sign_in",
             "azureml-instance",
             {302, {{"location", "https://login.microsoftonline.com/a"}}, ""}},
        Case{"imds", "imds", {400, {{"server", "IMDS/150.870.65.1324"}}, "{\"error\":\"Bad request\"}"}},
        Case{"imds_200", "imds", {200, {}, R"({"compute":{"azEnvironment":"AzurePublicCloud"}})"}}),
    [](const auto& row) { return row.param.name; });

/// Whatever stands in between says one of these; no service is known by them.
const std::vector<std::pair<std::string, Answer>> strangers = {
    {"azure firewall",
     {470,
      {{"content-type", "text/plain"}},
      "Action: Deny. Reason: No rule matched. Proceeding with default action."}},
    {"block page", {200, {{"content-type", "text/html"}}, "<html><body>Blocked by policy</body></html>"}},
    {"page without type", {403, {}, "\n<!DOCTYPE html><title>Access denied</title>"}},
    {"portal", {302, {{"location", "https://portal.corp.example/login"}}, ""}},
    {"look-alike portal", {302, {{"location", "https://login.microsoftonline.com.evil.example/"}}, ""}},
    {"squid", {403, {{"x-squid-error", "ERR_ACCESS_DENIED 0"}, {"via", "1.1 h (squid/5.7)"}}, "denied"}},
    {"proxy auth", {407, {{"proxy-authenticate", "Basic"}}, ""}},
    {"gateway", {502, {{"content-type", "text/html"}}, "<html>502 Bad Gateway</html>"}},
    {"nothing", {0, {}, ""}},
};

TEST(Answerer, RecognisesNoStranger) {
  for (const Answerer& answerer : all_answerers()) {
    for (const auto& [name, answer] : strangers) {
      EXPECT_FALSE(answerer.recognises(detail_of(answer))) << answerer.id << " took " << name;
    }
  }
}

/// A plain 403 is nobody's where the service's own form is known.
TEST(Answerer, AsksKnownServicesForTheirForm) {
  for (const char* id : {"azure-blob", "azure-file", "key-vault", "container-registry",
                         "microsoft-container-registry", "entra", "resource-manager", "imds"}) {
    EXPECT_FALSE(
        find_answerer(id)->recognises(detail_of({403, {{"content-type", "text/plain"}}, "Forbidden"})))
        << id;
  }
}

TEST(Answerer, PathsAreAbsolute) {
  for (const Answerer& answerer : all_answerers()) EXPECT_TRUE(answerer.path.starts_with("/")) << answerer.id;
  EXPECT_EQ(find_answerer("nobody"), nullptr);
}

}  // namespace
}  // namespace amlnet
