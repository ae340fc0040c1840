// Upgrades to WebSocket beside the answers that look like a blocked one.
#include <gmock/gmock.h>

#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kInstance = "ci1.eastus2.instances.azureml.ms";
const std::map<std::string, std::string> kSignIn = {
    {"location", "https://login.microsoftonline.com/common/oauth2/authorize"}};

struct Said {
  long status = 0;
  std::string body = {};
  std::map<std::string, std::string> headers = {};
};

struct Row {
  const char* what;
  Said upgrade, plain;
  Status expected;
  std::optional<Confidence> blamed;
};

HttpDetail detail_of(const Said& said, const std::string& url, const std::string& proxy) {
  HttpDetail http;
  http.url = url;
  http.address = proxy.empty() ? "20.60.1.1" : "10.0.9.9";
  http.port = 443;
  http.proxy = proxy;
  http.status = said.status;
  http.body.data = said.body;
  for (const auto& [name, value] : said.headers) http.headers.push_back({name, {value}});
  if (said.status == 0) http.error.failure = Failure::closed;
  return http;
}

/// An instance whose ordinary answer is a sign-in, and what came of the upgrade.
World world_of(const Said& upgrade, const Said& plain, const std::string& proxy = "") {
  World world;
  auto host = named(kInstance);
  host.protocol = Protocol::https;
  host.answerer = "azureml-instance";
  host.status = 302;
  host.headers = kSignIn;
  host.proxy = proxy;
  world.add(host);
  Endpoint wanted = world.plan.endpoints.back();
  wanted.protocol = Protocol::wss;
  world.plan.requirements.push_back(world.plan.requirements.back());
  world.plan.requirements.back().id = "websocket";
  world.plan.requirements.back().uses = {{world.plan.endpoints.size(), kInstance, ""}};
  world.plan.endpoints.push_back(wanted);
  ProbeRecord record;
  record.id = "upgrade";
  record.kind = ProbeKind::http;
  record.target = std::string(kInstance) + ":443";
  record.status = upgrade.status == 0 ? ProbeStatus::failed : ProbeStatus::ok;
  record.detail = detail_of(upgrade, "wss://" + std::string(kInstance) + "/channels", proxy);
  world.evidence.probes.push_back(record);
  record.id = "plain";
  record.purpose = Purpose::control;
  record.control = "plain-get";
  record.after = {"upgrade"};
  record.status = ProbeStatus::ok;
  record.detail = detail_of(plain, "https://" + std::string(kInstance) + "/channels", proxy);
  if (plain.status != 0) world.evidence.probes.push_back(record);
  return world;
}

TEST(DiagnosisWebSocket, UpgradesAndTheirLookAlikes) {
  const std::vector<Row> rows = {
      {"switched", {101}, {}, Status::pass, {}},
      {"the service refuses who is not signed in", {403, "{}"}, {403, "{}"}, Status::unknown, {}},
      {"it sends to the sign-in", {302, "", kSignIn}, {302, "", kSignIn}, Status::unknown, {}},
      {"it refuses, and nobody asked plainly", {401, "{}"}, {}, Status::unknown, {}},
      {"it refuses the upgrade alone", {401, "{}"}, {404, "{}"}, Status::pass, {}},
      {"Jupyter says that none came",
       {400, "Can \"Upgrade\" only to \"WebSocket\".", {{"content-type", "text/html"}}},
       {400},
       Status::fail,
       Confidence::certain},
      {"the server asks for one", {426}, {426}, Status::fail, Confidence::certain},
      {"a page of a device",
       {403, "<html>Forbidden", {{"content-type", "text/html"}}},
       {200, "{}"},
       Status::fail,
       Confidence::likely},
      {"as if none had been asked for", {200, "{}"}, {200, "{}"}, Status::fail, Confidence::likely},
      {"cut", {0}, {403, "{}"}, Status::fail, Confidence::likely},
      {"bad gateway", {502}, {403, "{}"}, Status::fail, Confidence::likely},
  };
  for (const auto& row : rows) {
    const auto world = world_of(row.upgrade, row.plain);
    const auto d = world.diagnosis();
    EXPECT_EQ(d.endpoints[0].status, Status::pass) << row.what;
    EXPECT_EQ(d.endpoints[1].status, row.expected) << row.what;
    if (!row.blamed) {
      EXPECT_THAT(d.findings, IsEmpty()) << row.what;
      continue;
    }
    ASSERT_THAT(blamed(d), ElementsAre("http.websocket-blocked[" + std::string(kInstance) + "]")) << row.what;
    EXPECT_EQ(d.findings[0].confidence, *row.blamed) << row.what;
    EXPECT_THAT(d.findings[0].requirements, ElementsAre("websocket")) << row.what;
  }
}

TEST(DiagnosisWebSocket, AFailureBeforeTheUpgradeIsOneFindingForBothEndpoints) {
  auto world = world_of({}, {});
  world.evidence.probes.pop_back();  // no upgrade was asked for
  for (auto& record : world.evidence.probes) {
    if (auto* http = detail_of<HttpDetail>(record)) http->status = 502;
  }
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("http.instance-unhealthy[" + std::string(kInstance) + "]"));
  EXPECT_EQ(d.findings[0].requirements.size(), 2U);
  EXPECT_EQ(d.findings[0].endpoints.size(), 1U);
}

TEST(DiagnosisWebSocket, ADirectSwitchProvesTheProxyGuilty) {
  auto world = world_of({502}, {}, "http://10.0.9.9:3128");
  ProbeRecord direct;
  direct.id = "direct";
  direct.kind = ProbeKind::http;
  direct.purpose = Purpose::control;
  direct.target = std::string(kInstance) + ":443";
  direct.status = ProbeStatus::ok;
  direct.detail = detail_of({101}, "wss://" + std::string(kInstance) + "/channels", "");
  world.evidence.probes.push_back(direct);
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("http.websocket-blocked[" + std::string(kInstance) + "]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::certain);
}

}  // namespace
}  // namespace amlnet::test
