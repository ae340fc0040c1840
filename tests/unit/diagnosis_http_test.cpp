// HTTP, service and gateway causes, each beside the answer that looks like it and proves the network.
#include <gmock/gmock.h>

#include <set>

#include "agent/diagnosis/causes.h"
#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct Row {
  const char* what;
  const char* host;
  const char* answerer;
  long status;
  const char* body;
  std::map<std::string, std::string> headers;
  const char* expected;  // "" where the answer proves the network
};

const std::map<std::string, std::string> kMs = {{"x-ms-request-id", "1"}};
const std::map<std::string, std::string> kHtml = {{"content-type", "text/html"}};

const std::vector<Row>& rows() {
  static const std::vector<Row> table = {
      {"storage, its own 400", "st.blob.core.windows.net", "azure-blob", 400,
       "<Error><Code>InvalidQueryParameterValue</Code><Message>", kMs, ""},
      {"storage firewall", "st.blob.core.windows.net", "azure-blob", 403,
       "<Error><Code>AuthorizationFailure</Code><Message>", kMs, "service.storage-firewall"},
      {"storage, a missing role", "st.blob.core.windows.net", "azure-blob", 403,
       "<Error><Code>AuthorizationPermissionMismatch</Code><Message>", kMs, "service.permission-denied"},
      {"storage, old TLS", "st.blob.core.windows.net", "azure-blob", 400,
       "<Error><Code>TlsVersionNotPermitted</Code><Message>", kMs, "service.tls-version"},
      {"vault, no token", "kv.vault.azure.net", "key-vault", 401,
       "AKV10000: Request is missing a Bearer or PoP token.", kMs, ""},
      {"vault, private only", "kv.vault.azure.net", "key-vault", 403,
       "{\"innererror\":{\"code\":\"ForbiddenByConnection\"}}", kMs, "service.keyvault-private-only"},
      {"vault, firewall", "kv.vault.azure.net", "key-vault", 403,
       "Client address: 20.1.2.3\\r\\n ForbiddenByFirewall", kMs, "service.keyvault-firewall"},
      {"vault, a missing role", "kv.vault.azure.net", "key-vault", 403, "ForbiddenByRbac", kMs,
       "service.permission-denied"},
      {"registry, its challenge",
       "acr.azurecr.io",
       "container-registry",
       401,
       "",
       {{"docker-distribution-api-version", "registry/2.0"}},
       ""},
      {"registry firewall",
       "acr.azurecr.io",
       "container-registry",
       403,
       R"({"errors":[{"code":"DENIED","message":"client with IP '20.1.2.3' is not allowed access. Refer https://aka.ms/acr/firewall"}]})",
       {},
       "service.registry-firewall"},
      {"workspace, inside a 502",
       "r.api.azureml.ms",
       "azureml-api",
       502,
       "Access to workspace was denied based on workspace private link configuration.",
       {},
       "service.workspace-private-only"},
      {"firewall's words",
       "st.blob.core.windows.net",
       "azure-blob",
       200,
       "Action: Deny. Reason: No rule matched.",
       {},
       "http.firewall-denied"},
      {"firewall's status", "st.blob.core.windows.net", "azure-blob", 470, "", {}, "http.firewall-denied"},
      {"block page", "st.blob.core.windows.net", "azure-blob", 200, "<html>Blocked by policy", kHtml,
       "http.block-page"},
      {"redirect elsewhere",
       "st.blob.core.windows.net",
       "azure-blob",
       302,
       "",
       {{"location", "https://gateway.zscaler.net/block"}},
       "http.block-page"},
      {"strange text",
       "st.blob.core.windows.net",
       "azure-blob",
       500,
       "nothing we know",
       {},
       "http.unexpected"},
      {"instance down",
       "ci.eastus2.instances.azureml.ms",
       "azureml-instance",
       502,
       "",
       {},
       "http.instance-unhealthy"},
      {"no answerer known", "git.example.org", "", 500, "<html>", kHtml, ""},
      {"storage as Azurite plays it, no token", "st.blob.core.windows.net", "azure-blob", 403,
       "<Error><Code>AuthorizationFailure</Code><Message>Server failed to authenticate the request.", kMs,
       ""},
      {"vault's name, storage's answer", "kv.vault.azure.net", "key-vault", 400,
       "<Error><Code>InvalidQueryParameterValue</Code><Message>", kMs, "http.unexpected"},
      {"storage's name, vault's answer", "st.blob.core.windows.net", "azure-blob", 401,
       "AKV10000: Request is missing a Bearer or PoP token.", kMs, "http.unexpected"},
  };
  return table;
}

Host https(const Row& row) {
  auto host = named(row.host);
  host.protocol = Protocol::https;
  host.answerer = row.answerer;
  host.status = row.status;
  host.body = row.body;
  host.headers = row.headers;
  return host;
}

TEST(DiagnosisHttp, AnswersAndTheirLookAlikes) {
  for (const auto& row : rows()) {
    World world;
    world.add(https(row));
    const auto d = world.diagnosis();
    const std::string expected = row.expected;
    if (expected.empty()) {
      EXPECT_THAT(blamed(d), IsEmpty()) << row.what;
      EXPECT_EQ(d.endpoints[0].status, Status::pass) << row.what;
    } else {
      EXPECT_THAT(blamed(d), ElementsAre(expected + "[" + row.host + "]")) << row.what;
      const bool reached = expected == "service.permission-denied";  // a warning about roles, not the network
      EXPECT_EQ(d.endpoints[0].status, reached ? Status::pass : Status::fail) << row.what;
    }
  }
}

TEST(DiagnosisHttp, DenialsQuoteTheClientAddress) {
  for (const auto& row : rows()) {
    if (std::string(row.body).find("20.1.2.3") == std::string::npos) continue;
    World world;
    world.add(https(row));
    const auto d = world.diagnosis();
    std::string all;
    for (const auto& line : d.findings.at(0).evidence) all += line.text + "\n";
    EXPECT_THAT(all, HasSubstr("the service saw the client address 20.1.2.3\n")) << row.what;
  }
}

TEST(DiagnosisHttp, WrongScopeBeatsTheServicesRefusal) {
  World world;
  auto host = https(rows()[1]);
  host.scope = Scope::private_;
  host.dns = {{"10.0.0.4", {"st.privatelink.blob.core.windows.net"}, {"20.60.1.1"}}};
  world.add(host);
  EXPECT_THAT(blamed(world.diagnosis()),
              ElementsAre("dns.private-zone-not-linked[privatelink.blob.core.windows.net]"));
}

TEST(DiagnosisHttp, DenyAnswerOnPort80ExplainsTheCutHandshake) {
  World world;
  auto cut = named("login.microsoftonline.com");
  cut.handshake = Failure::closed;
  auto plain = named("login.microsoftonline.com", 80);
  plain.protocol = Protocol::http;
  plain.body = "HTTP request from 10.0.1.7:1 to x:80. Action: Deny. Reason: No rule matched.";
  world.add(cut).add(plain).add(named("ok.azure.com"));
  world.follow_up("login.microsoftonline.com:443", "neutral-sni", "ok.azure.com", true);
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("http.firewall-denied[login.microsoftonline.com]"));
  EXPECT_EQ(d.findings[0].endpoints.size(), 2U);
}

TEST(DiagnosisHttp, DenyAnswerOnPort80DoesNotTakeALostLargePacket) {
  World world;
  auto stalled = named("login.microsoftonline.com");
  stalled.handshake = Failure::timeout;
  auto plain = named("login.microsoftonline.com", 80);
  plain.protocol = Protocol::http;
  plain.body = "HTTP request from 10.0.1.7:1 to x:80. Action: Deny. Reason: No rule matched.";
  world.add(stalled).add(plain);
  world.follow_up("login.microsoftonline.com:443", "small-segments", "login.microsoftonline.com", true);
  EXPECT_THAT(
      blamed(world.diagnosis()),
      UnorderedElementsAre("http.firewall-denied[login.microsoftonline.com]", "path.mtu-blackhole[node]"));
}

TEST(DiagnosisHttp, AHostUnderInspectionLendsItsNameToPlainHttp) {
  World world;
  auto plain = named("login.microsoftonline.com", 80);
  plain.protocol = Protocol::http;
  plain.status = 0;
  plain.http = Failure::closed;
  auto inspected = named("ok.azure.com");
  inspected.chain = {"corp-leaf", "corp-ca"};
  inspected.verify = 19;
  world.add(plain).add(inspected);
  const auto asked = follow_ups(world.facts());
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].control, "neutral-host");
  EXPECT_EQ(std::get<HttpSpec>(asked[0].then).url, "http://ok.azure.com/");
}

TEST(DiagnosisHttp, AProcessThatWasHeldUpBlamesNobody) {
  for (const double lag_ms : {3.0, 4000.0}) {
    World world;
    auto silent = https(rows()[1]);
    silent.status = 0;
    silent.http = Failure::timeout;
    world.add(silent);
    for (auto& probe : world.evidence.probes) probe.loop_lag_ms = lag_ms;
    const auto d = world.diagnosis();
    const bool awake = lag_ms < 500;
    EXPECT_EQ(d.findings.size(), awake ? 1U : 0U);
    EXPECT_EQ(d.endpoints[0].status, awake ? Status::fail : Status::unknown);
    EXPECT_EQ(d.endpoints[0].unknown.has_value(), !awake);
  }
}

TEST(DiagnosisHttp, GatewayAnswers) {
  const std::map<std::string, std::string> gateway = {{"server", "Microsoft-Azure-Application-Gateway/v2"}};
  const std::map<std::string, std::string> application = {{"server", "Kestrel"}};
  struct Answer {
    long status;
    std::map<std::string, std::string> headers;
    const char* expected;
    Confidence confidence;
  };
  const std::vector<Answer> answers = {
      {502, gateway, "gateway.backend", Confidence::certain},
      {504, gateway, "gateway.backend", Confidence::certain},
      {502, application, "gateway.backend", Confidence::likely},
      {403, gateway, "gateway.rejected", Confidence::certain},
      {404, gateway, "gateway.rejected", Confidence::certain},
      {400, gateway, "gateway.rejected", Confidence::certain},
      {404, {}, "gateway.rejected", Confidence::likely},
      {404, application, "", Confidence::certain},
      {403, {{"content-type", "application/json"}}, "", Confidence::certain},
      {200, {}, "", Confidence::certain},
      {401, gateway, "", Confidence::certain},
  };
  for (const auto& [status, headers, expected, confidence] : answers) {
    World world;
    auto host = named("artifactory.corp.contoso.com");
    host.origin = Origin::gateway_alias;
    host.protocol = Protocol::https;
    host.dns = {{"10.0.0.4", {}, {"10.80.0.9"}}};
    host.status = status;
    host.headers = headers;
    world.add(host);
    const auto d = world.diagnosis();
    const std::string cause = expected;
    if (cause.empty()) {
      EXPECT_THAT(d.findings, IsEmpty()) << status;
      continue;
    }
    ASSERT_THAT(blamed(d), ElementsAre(cause + "[artifactory.corp.contoso.com]")) << status;
    EXPECT_EQ(d.findings[0].confidence, confidence) << status;
    EXPECT_THAT(d.findings[0].evidence.back().text, HasSubstr(std::to_string(status) + ": "));
  }
}

TEST(DiagnosisHttp, SilenceAfterConnectIsUnexpectedWithItsAlternative) {
  World world;
  auto host = named("archive.ubuntu.com", 80);
  host.protocol = Protocol::http;
  host.http = Failure::reset;
  world.add(host);
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("http.unexpected[archive.ubuntu.com]"));
  EXPECT_EQ(d.findings[0].alternatives.at(0).cause, "http.host-filtered");
}

TEST(DiagnosisHttp, RegistryDataIsDeniedWhereTheLoginServerPasses) {
  const char* denial =
      R"({"errors":[{"code":"DENIED","message":"client with IP '20.1.2.3' is not allowed"}]})";
  Row login{"",
            "acrws1.azurecr.io",
            "container-registry",
            401,
            "",
            {{"docker-distribution-api-version", "registry/2.0"}},
            ""};
  const Row data{"", "acrws1.eastus2.data.azurecr.io", "container-registry-data", 403, denial, {}, ""};
  World world;
  world.add(https(login)).add(https(data));
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("service.registry-data-blocked[acrws1.eastus2.data.azurecr.io]"));
  EXPECT_THAT(d.findings[0].evidence.back().text, HasSubstr("20.1.2.3"));

  World both;  // the login server denies as well: the registry's firewall
  login.status = 403;
  login.body = denial;
  both.add(https(login)).add(https(data));
  EXPECT_THAT(blamed(both.diagnosis()), testing::Each(HasSubstr("service.registry-firewall")));
}

TEST(DiagnosisHttp, NothingFromTheNetworkReachesATextUnescaped) {
  World world;
  auto row = rows()[15];
  row.body = "\x1b[31mred\x01";
  world.add(https(row));
  const auto d = world.diagnosis();
  for (const auto& line : d.findings.at(0).evidence) {
    for (const char c : line.text) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << line.text;
  }
}

TEST(DiagnosisHttp, FactsThatAreMissingAreOneRemark) {
  World world;
  world.plan.missing = {{"region", "--region R", {"batch.account"}},
                        {"workspace.id", "--config FILE", {"pe.ws.api"}}};
  const auto d = world.diagnosis();
  ASSERT_EQ(d.findings.size(), 1U);
  EXPECT_EQ(d.findings[0].severity, Severity::info);
  EXPECT_EQ(d.findings[0].fix.steps.size(), 2U);
}

TEST(CausesTable, EveryRowIsComplete) {
  std::set<std::string_view> seen;
  for (const auto& cause : causes()) {
    EXPECT_NE(cause.rule, nullptr) << cause.code;
    if (!seen.insert(cause.code).second) continue;
    EXPECT_FALSE(cause.meaning.empty()) << cause.code;
    EXPECT_FALSE(cause.fix.empty()) << cause.code;
    for (const auto& doc : cause.docs)
      EXPECT_TRUE(doc.url.starts_with("https://learn.microsoft.com/")) << cause.code;
  }
  EXPECT_EQ(find_cause("no.such-cause"), nullptr);
}

}  // namespace
}  // namespace amlnet::test
