// Getting tokens in a run: over loopback, and from a program in the place of the Azure CLI. No secret is left
// in what the run gives back.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "agent/identity/claims.h"
#include "agent/run/run.h"
#include "reports/json.h"
#include "tests/probes/http_run.h"

namespace amlnet {
namespace {

using http_test::answers;
using http_test::HttpPeer;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPlanted = "planted-5d2e";

std::string token() {
  return "h." +
         base64url_encoded(R"({"tid":"72f988bf-86f1-41af-91ab-2d7cd011db47","exp":1900000000,"mark":")" +
                           std::string(kPlanted) + "\"}") +
         '.' + kPlanted;
}

std::string http_answer(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nX-Echo: " + kPlanted +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

RunResult run_with(Credentials credentials, IdentityChoice choice) {
  RunOptions options;
  options.identity = choice;
  options.credentials = std::move(credentials);
  const Plan plan;
  const Workspace workspace;
  const Node node;
  return run_plan(plan, workspace, node, options);
}

std::vector<const ProbeRecord*> identity_records(const RunResult& result) {
  std::vector<const ProbeRecord*> found;
  for (const ProbeRecord& record : result.evidence.probes)
    if (record.kind == ProbeKind::identity) found.push_back(&record);
  return found;
}

const IdentityDetail& detail_of(const ProbeRecord& record) {
  return *detail_of<IdentityDetail>(record);
}

std::string everything(const RunResult& result) {
  std::string text;
  for (const ProbeRecord& record : result.evidence.probes) text += jsonl_probe(record);
  return text;
}

Credentials endpoint_at(std::uint16_t port) {
  Credentials credentials;
  credentials.msi_endpoint = "http://127.0.0.1:" + std::to_string(port) + "/MSI/auth/";
  credentials.msi_secret = kPlanted;
  return credentials;
}

TEST(Tokens, FourAudiencesAndNoByteOfAToken) {
  HttpPeer peer(answers(http_answer("200 OK", R"({"access_token":")" + token() + "\"}")));
  const RunResult result = run_with(endpoint_at(peer.port()), IdentityChoice::automatic);
  const auto records = identity_records(result);
  ASSERT_EQ(records.size(), 4U);
  for (const ProbeRecord* record : records) {
    EXPECT_EQ(record->status, ProbeStatus::ok);
    EXPECT_EQ(detail_of(*record).tenant, "72f988bf-86f1-41af-91ab-2d7cd011db47");
    EXPECT_EQ(detail_of(*record).expires, 1900000000);
  }
  EXPECT_EQ(detail_of(*records[1]).audience, "https://storage.azure.com/");
  const std::string text = everything(result);
  EXPECT_THAT(text, HasSubstr("managed-endpoint"));
  EXPECT_THAT(text, Not(HasSubstr(kPlanted)));
  EXPECT_THAT(text, Not(HasSubstr(token().substr(2, 30))));
}

TEST(Tokens, FailuresRepeatNothing) {
  const std::vector<std::pair<std::string, const char*>> rows = {
      {http_answer("400 Bad Request", std::string(R"({"error":{"message":")") + kPlanted + "\"}}"),
       "refused"},
      {http_answer("200 OK", std::string("<html>") + kPlanted), "not-the-service"},
      {std::string("HTTP/1.1 200 OK\r\n") + kPlanted + "\r\n\r\n", "not-the-service"},
      {std::string(kPlanted) + "\r\n\r\n", "no-answer"},
  };
  for (const auto& [answer, problem] : rows) {
    HttpPeer peer(answers(answer));
    const RunResult result = run_with(endpoint_at(peer.port()), IdentityChoice::managed);
    const auto records = identity_records(result);
    ASSERT_EQ(records.size(), 2U) << answer;  // and the one that says that there is none
    EXPECT_EQ(records[0]->status, ProbeStatus::failed);
    EXPECT_EQ(detail_of(*records[0]).problem, problem) << answer;
    EXPECT_EQ(records[1]->status, ProbeStatus::failed);
    EXPECT_THAT(everything(result), Not(HasSubstr(kPlanted))) << answer;
  }
}

TEST(Tokens, NothingIsAskedWhereNothingIsConfigured) {
  const RunResult none = run_with({}, IdentityChoice::none);
  EXPECT_TRUE(identity_records(none).empty());
  const RunResult result = run_with({}, IdentityChoice::automatic);
  const auto records = identity_records(result);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0]->status, ProbeStatus::skipped);
  EXPECT_THAT(records[0]->note, HasSubstr("authenticated probes are left out"));
}

TEST(Tokens, OfTheAzureCli) {
  const http_test::TemporaryFolder folder;
  const std::string before = std::getenv("PATH");
  const auto with_az = [&](const std::string& script) {
    folder.write("az", "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(folder.path("az"), std::filesystem::perms::all);
    setenv("PATH", (folder.path("") + ":" + before).c_str(), 1);
    Credentials credentials;
    credentials.azure_cli = true;
    RunResult result = run_with(std::move(credentials), IdentityChoice::azure_cli);
    setenv("PATH", before.c_str(), 1);
    return result;
  };
  const RunResult good = with_az(
      "test \"$1 $2 $3\" = 'account get-access-token --resource' || exit 9\necho '{\"accessToken\":\"" +
      token() + "\",\"expires_on\":1900000000}'");
  ASSERT_EQ(identity_records(good).size(), 4U);
  EXPECT_EQ(identity_records(good)[3]->status, ProbeStatus::ok);
  EXPECT_THAT(everything(good), Not(HasSubstr(kPlanted)));
  const RunResult bad = with_az(std::string("echo 'ERROR: AADSTS700082 ") + kPlanted + "' >&2; exit 1");
  EXPECT_EQ(detail_of(*identity_records(bad)[0]).code, "AADSTS700082");
  EXPECT_EQ(detail_of(*identity_records(bad)[0]).problem, "refused");
  EXPECT_THAT(everything(bad), Not(HasSubstr(kPlanted)));
}

TEST(Tokens, ADeadEndpointKeepsItsBudget) {
  HttpPeer peer([](http_test::PeerConnection& connection) { connection.wait_for_close(); });
  const auto began = Clock::now();
  const RunResult result = run_with(endpoint_at(peer.port()), IdentityChoice::managed);
  const auto took = Clock::now() - began;
  EXPECT_GE(took, Milliseconds(1900));
  EXPECT_LT(took, Milliseconds(6000));
  EXPECT_EQ(detail_of(*identity_records(result)[0]).problem, "no-answer");
  EXPECT_EQ(detail_of(*identity_records(result)[0]).error.failure, Failure::timeout);
}

TEST(HttpVerified, NothingIsSentToWhoCannotProveItself) {
  http_test::Nginx nginx;
  HttpSpec spec;
  spec.url = "https://localhost:" + std::to_string(nginx.https) + "/hello";
  spec.address = "127.0.0.1";
  spec.port = nginx.https;
  spec.headers = {{"Authorization", "Bearer planted"}};
  EXPECT_EQ(http_test::ask(spec).status, 200);
  spec.verified = true;
  const HttpDetail refused = http_test::ask(spec);
  EXPECT_EQ(refused.status, 0);
  EXPECT_EQ(refused.error.source, ErrorSource::curl);
  EXPECT_EQ(refused.error.code, 60);
}

TEST(HttpPost, SendsItsBody) {
  std::string heard;
  {
    HttpPeer peer([&heard](http_test::PeerConnection& connection) {
      heard = connection.read_head();
      heard += connection.read(9);
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    HttpSpec spec;
    spec.method = "POST";
    spec.url = "http://localhost/token";
    spec.address = "127.0.0.1";
    spec.port = peer.port();
    spec.body = "a=b&c=%20";
    EXPECT_EQ(http_test::ask(spec).status, 200);
  }
  EXPECT_THAT(heard, testing::StartsWith("POST /token HTTP/1.1\r\n"));
  EXPECT_THAT(heard, testing::EndsWith("\r\n\r\na=b&c=%20"));
  EXPECT_THAT(heard, HasSubstr("Content-Length: 9"));
}

}  // namespace
}  // namespace amlnet
