// What is sent for a token, and what answers mean: by tables, no socket.
#include <gmock/gmock.h>

#include "agent/identity/claims.h"
#include "agent/identity/token_request.h"

namespace amlnet {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::StrCaseEq;

constexpr const char* kClient = "9a8b7c6d-5e4f-4a3b-9c2d-1e0f9a8b7c6d";
constexpr std::int64_t kNow = 1'800'000'000;

HttpDetail says(long status, std::string body) {
  HttpDetail http;
  http.status = status;
  http.body.data = std::move(body);
  return http;
}

TEST(TokenRequest, ManagedEndpointAsAzureIdentityAsksIt) {
  Credentials credentials;
  credentials.msi_endpoint = "http://127.0.0.1:46808/MSI/auth/";
  credentials.msi_secret = "planted";
  credentials.managed_client_id = kClient;
  const auto request = ask_managed_endpoint(credentials, "https://storage.azure.com/");
  // The digits of %3A are of either case, as libcurl has them.
  EXPECT_THAT(request.http.url, StrCaseEq("http://127.0.0.1:46808/MSI/auth/?api-version=2017-09-01"
                                          "&resource=https%3A%2F%2Fstorage.azure.com%2F"
                                          "&clientid=9a8b7c6d-5e4f-4a3b-9c2d-1e0f9a8b7c6d"));
  EXPECT_THAT(request.http.headers, Contains(Pair("secret", "planted")));
  EXPECT_EQ(request.host, "127.0.0.1");
  EXPECT_EQ(request.port, 46808);
  EXPECT_TRUE(request.direct);
}

TEST(TokenRequest, ThePlainTextSecretStaysNear) {
  for (const char* good : {"http://localhost/x", "http://10.0.0.9:8080/", "http://169.254.1.1/",
                           "http://[::1]:5/", "https://tokens.contoso.com/"}) {
    Credentials credentials;
    credentials.msi_endpoint = good;
    EXPECT_EQ(ask_managed_endpoint(credentials, "r").unusable, "") << good;
  }
  for (const char* bad :
       {"http://tokens.contoso.com/", "http://20.1.2.3/", "ftp://127.0.0.1/", "not a url", ""}) {
    Credentials credentials;
    credentials.msi_endpoint = bad;
    credentials.msi_secret = "planted";
    const auto request = ask_managed_endpoint(credentials, "r");
    EXPECT_NE(request.unusable, "") << bad;
    EXPECT_TRUE(request.http.headers.empty()) << bad;
  }
}

TEST(TokenRequest, ServicePrincipalEncodesItsForm) {
  Credentials credentials;
  credentials.tenant = "contoso.com";
  credentials.client_id = kClient;
  credentials.client_secret = "a&b=c d";
  const auto request =
      ask_as_service_principal(credentials, Cloud::usgov, "https://vault.usgovcloudapi.net", "");
  EXPECT_EQ(request.http.url, "https://login.microsoftonline.us/contoso.com/oauth2/v2.0/token");
  EXPECT_THAT(request.http.body, HasSubstr("scope=https%3A%2F%2Fvault.usgovcloudapi.net%2F.default"));
  EXPECT_THAT(request.http.body, HasSubstr("client_secret=a%26b%3Dc%20d"));
  EXPECT_TRUE(request.http.verified);
  const auto signed_one = ask_as_service_principal(credentials, Cloud::public_, "https://a/", "x.y.z");
  EXPECT_THAT(signed_one.http.body, HasSubstr("client_assertion=x.y.z"));
  EXPECT_THAT(signed_one.http.body, Not(HasSubstr("client_secret")));
}

TEST(TokenAnswer, WhatEachFailureIs) {
  using M = IdentityMethod;
  using P = TokenProblem;
  struct Row {
    M method;
    long status;
    const char* body;
    P problem;
    const char* code = "";
  };
  const std::vector<Row> rows = {
      {M::metadata, 0, "", P::no_answer},
      {M::metadata, 400, R"({"error":"invalid_request","error_description":"Identity not found"})",
       P::no_identity},
      {M::metadata, 400,
       R"({"error":"invalid_request","error_description":"Multiple user assigned identities exist, please"})",
       P::several_identities},
      {M::metadata, 400, R"({"error":"Bad request. Required metadata header not specified"})", P::proxied},
      {M::metadata, 429, "{}", P::throttled},
      {M::metadata, 410, "", P::busy},
      {M::metadata, 503, "", P::busy},
      {M::metadata, 200, "<html>", P::not_the_service},
      {M::metadata, 200, R"({"access_token":7})", P::not_the_service},
      {M::metadata, 200, "{\"access_token\":\"a\\nb\"}", P::not_the_service},
      {M::metadata, 400, R"({"error":"invalid_resource"})", P::refused},
      {M::managed_endpoint, 400, R"({"error":{"code":"UserError"}})", P::refused},
      {M::managed_endpoint, 500, "", P::busy},
      {M::secret, 401, R"({"error":"invalid_client","error_description":"AADSTS7000215: planted"})",
       P::refused, "AADSTS7000215"},
      {M::secret, 400, R"({"error":"invalid_grant","error_codes":[53003]})", P::refused, "AADSTS53003"},
      {M::secret, 400, R"({"error":"x","error_description":"AADSTS123456789012"})", P::refused,
       "AADSTS123456789"},
      {M::secret, 403, "<html>blocked</html>", P::not_the_service},
  };
  for (const auto& row : rows) {
    const auto read = read_token_answer(row.method, says(row.status, row.body), kNow);
    EXPECT_EQ(name_of(read.problem), name_of(row.problem)) << row.status << row.body;
    EXPECT_EQ(read.code, row.code) << row.body;
    EXPECT_EQ(read.token, "");
  }
}

TEST(TokenAnswer, ReadsATokenAndWhenItEnds) {
  const auto read = read_token_answer(
      IdentityMethod::metadata, says(200, R"({"access_token":"t.t.t","expires_on":"1800000100"})"), kNow);
  EXPECT_EQ(read.problem, TokenProblem::none);
  EXPECT_EQ(read.token, "t.t.t");
  EXPECT_EQ(read.expires, kNow + 100);
  const auto later =
      read_token_answer(IdentityMethod::secret, says(200, R"({"access_token":"t","expires_in":50})"), kNow);
  EXPECT_EQ(later.expires, kNow + 50);
  auto cut = says(200, R"({"access_token":"t"})");
  cut.body_truncated = true;
  EXPECT_EQ(read_token_answer(IdentityMethod::secret, cut, kNow).token, "");
}

TEST(TokenAnswer, TheAzureCli) {
  const auto good = read_cli_answer(0, R"({"accessToken":"t","expires_on":1800000100,"tenant":"x"})", "");
  EXPECT_EQ(good.token, "t");
  EXPECT_EQ(good.expires, kNow + 100);
  EXPECT_EQ(read_cli_answer(1, "", "ERROR: Please run 'az login' to setup account.").problem,
            TokenProblem::not_signed_in);
  const auto refused = read_cli_answer(1, "", "ERROR: AADSTS700082: The refresh token has expired");
  EXPECT_EQ(refused.problem, TokenProblem::refused);
  EXPECT_EQ(refused.code, "AADSTS700082");
  EXPECT_EQ(read_cli_answer(0, "not json", "").problem, TokenProblem::not_signed_in);
}

TEST(TokenAnswer, DeviceCodes) {
  const auto code = read_device_code(
      says(200, R"({"device_code":"secret","user_code":"ABCD-1234","interval":5,"expires_in":900,)"
                R"("verification_uri":"https://microsoft.com/devicelogin"})"));
  ASSERT_TRUE(code);
  EXPECT_EQ(code->user_code, "ABCD-1234");
  for (const char* bad :
       {"{}", R"({"device_code":"s","user_code":"\u001b[31m","verification_uri":"https://a"})",
        R"({"device_code":"s","user_code":"A","verification_uri":"http://a"})"})
    EXPECT_FALSE(read_device_code(says(200, bad))) << bad;
  EXPECT_TRUE(
      read_token_answer(IdentityMethod::device_code, says(400, R"({"error":"authorization_pending"})"), kNow)
          .pending);
  EXPECT_TRUE(
      read_token_answer(IdentityMethod::device_code, says(400, R"({"error":"slow_down"})"), kNow).slower);
}

TEST(Claims, OfATokenAndOfWhatIsNone) {
  const std::string payload =
      R"({"tid":"72f988bf-86f1-41af-91ab-2d7cd011db47","oid":"3f1c5a7e-09b2-4f4e-8d7a-51c0e9a2b6d4","exp":1800000000})";
  const auto claims = read_claims("h." + base64url_encoded(payload) + ".s");
  EXPECT_EQ(claims.tenant, "72f988bf-86f1-41af-91ab-2d7cd011db47");
  EXPECT_EQ(claims.object_id, "3f1c5a7e-09b2-4f4e-8d7a-51c0e9a2b6d4");
  EXPECT_EQ(claims.expires, kNow);
  const std::vector<std::string> strange = {
      "",
      "opaque",
      "a.b",
      "a.!!.c",
      "h." + base64url_encoded("[]") + ".s",
      "h." + base64url_encoded(R"({"tid":"<script>","exp":-5,"oid":7})") + ".s",
      std::string(100000, '.')};
  for (const auto& token : strange) {
    const auto none = read_claims(token);
    EXPECT_EQ(none.tenant + none.object_id + none.client_id, "") << token.substr(0, 40);
    EXPECT_FALSE(none.expires);
  }
}

}  // namespace
}  // namespace amlnet
