// What a proxy answers, and what goes through it.
#include <gmock/gmock.h>

#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(DiagnosisProxy, TheProxysOwnAnswers) {
  struct Row {
    long status;
    Failure error;
    std::uint16_t port;
    const char* expected;
  };
  const std::string proxy = "http://10.0.9.9:3128";
  const std::vector<Row> rows = {
      {407, Failure::none, 443, "proxy.auth-required"}, {401, Failure::none, 443, "proxy.auth-required"},
      {403, Failure::none, 443, "proxy.denied"},        {403, Failure::none, 8443, "proxy.port-refused"},
      {502, Failure::none, 443, "proxy.cannot-reach"},  {504, Failure::none, 443, "proxy.cannot-reach"},
  };
  for (const auto& row : rows) {
    World world;
    auto good = named("ok.azure.com");
    good.proxy = proxy;
    auto bad = named("x.azure.com", row.port);
    bad.proxy = proxy;
    bad.proxy_status = row.status;
    bad.dns = {{"10.0.0.4", {}, {}, 3}};  // direct DNS is a control: no finding of its own
    world.add(good).add(bad);
    EXPECT_THAT(blamed(world.diagnosis()), ElementsAre(std::string(row.expected) + "[" + proxy + "]"))
        << row.status;
  }
  World dead;
  for (const auto* name : {"a.azure.com", "b.azure.com"}) {
    auto host = named(name);
    host.proxy = proxy;
    host.proxy_status = 0;
    host.http = Failure::refused;
    dead.add(host);
  }
  EXPECT_THAT(blamed(dead.diagnosis()), ElementsAre("proxy.unreachable[" + proxy + "]"));
}

TEST(DiagnosisProxy, PrivateTrafficThatPassesDirectly) {
  World world;
  auto host = private_endpoint("stws1", "blob", "10.0.2.10");
  host.proxy = "http://10.0.9.9:3128";
  host.proxy_status = 503;
  host.direct_too = true;
  world.add(host);
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("proxy.private-traffic[node]"));
}

TEST(DiagnosisProxy, WhatPassesDirectlyIsSaid) {
  World world;
  auto host = named("x.azure.com");
  host.proxy = "http://10.0.9.9:3128";
  host.proxy_status = 403;
  host.direct_too = true;
  world.add(host);
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("proxy.denied[http://10.0.9.9:3128]"));
  EXPECT_THAT(d.findings[0].evidence.back().text, HasSubstr("x.azure.com:443 passes TLS directly"));
}

TEST(DiagnosisProxy, CredentialsThatWereSentAreToldFromNone) {
  for (const bool sent : {true, false}) {
    World world;
    auto host = named("x.azure.com");
    host.proxy = "http://10.0.9.9:3128";
    host.proxy_status = 407;
    world.add(host);
    for (auto& record : world.evidence.probes) {
      if (auto* http = detail_of<HttpDetail>(record)) http->proxy_credentials = sent;
    }
    const auto d = world.diagnosis();
    ASSERT_THAT(blamed(d), ElementsAre("proxy.auth-required[http://10.0.9.9:3128]"));
    EXPECT_THAT(d.findings[0].title, HasSubstr(sent ? "does not accept" : "asks for credentials"));
  }
}

TEST(DiagnosisProxy, ADenialByTheServiceThatAlsoComesDirectlyIsTheServices) {
  World world;
  auto host = private_endpoint("stws1", "blob", "10.0.2.10");
  host.protocol = Protocol::https;
  host.answerer = "azure-blob";
  host.status = 403;
  host.body = "<Error><Code>AuthorizationFailure</Code><Message>";
  host.proxy = "http://10.0.9.9:3128";
  host.direct_too = true;
  world.add(host);
  auto direct = world.evidence.probes.back();  // the direct handshake; and then the same answer
  direct.id = "direct";
  direct.kind = ProbeKind::http;
  for (const auto& record : world.evidence.probes) {
    const auto* http = detail_of<HttpDetail>(record);
    if (http != nullptr && http->status == 403) direct.detail = *http;
  }
  detail_of<HttpDetail>(direct)->proxy.clear();
  detail_of<HttpDetail>(direct)->address = "10.0.2.10";
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("proxy.private-traffic[node]"));
  world.evidence.probes.push_back(direct);
  EXPECT_THAT(blamed(world.diagnosis()),
              ElementsAre("service.storage-firewall[stws1.blob.core.windows.net]"));
}

TEST(DiagnosisProxy, MetadataThroughTheProxyIsARisk) {
  World world;
  world.workspace.on_azure = true;
  world.node.proxies = {{"http_proxy", "http://user:secret@10.0.9.9:3128"}};
  world.add(named("ok.azure.com"));
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("proxy.imds[node]"));
  EXPECT_THAT(d.findings[0].evidence[0].text, testing::Not(HasSubstr("secret")));
  world.node.proxies["no_proxy"] = "169.254.169.254";
  EXPECT_THAT(world.diagnosis().findings, IsEmpty());
}

/// A proxy over TLS that nothing gets through, and what its own handshake showed.
Diagnosis with_proxy_tls(const TlsDetail& seen) {
  World world;
  for (const auto* name : {"a.azure.com", "b.azure.com"}) {
    auto host = named(name);
    host.proxy = "https://proxy.contoso.com:3129";
    host.proxy_status = 0;
    host.http = Failure::tls_protocol;
    world.add(host);
  }
  ProbeRecord look;
  look.id = "p-look";
  look.kind = ProbeKind::tls;
  look.target = "proxy.contoso.com:3129";
  look.purpose = Purpose::control;
  look.control = "proxy-tls";
  look.status = seen.error ? ProbeStatus::failed : ProbeStatus::ok;
  look.detail = seen;
  world.evidence.probes.push_back(look);
  return world.diagnosis();
}

TEST(DiagnosisProxy, TheProxysOwnTls) {
  struct Row {
    Failure error;
    int code;
    bool name_matches;
    std::vector<std::string> chain;
    const char* expected;
  };
  const std::vector<std::string> corp = {"corp-leaf", "corp-ca"}, known = {"microsoft-leaf", "microsoft-ca"};
  const std::string proxy = "[https://proxy.contoso.com:3129]";
  const std::vector<Row> rows = {
      {Failure::tls_not_tls, 0, false, {}, "tls.not-tls"},
      {Failure::closed, 0, false, {}, "tls.no-answer"},
      {Failure::none, 0, false, known, "tls.name-mismatch"},
      {Failure::none, 10, true, known, "tls.expired"},
      {Failure::none, 9, true, known, "tls.not-yet-valid"},
      {Failure::none, 20, true, {"corp-leaf"}, "tls.incomplete-chain"},
      {Failure::none, 19, true, corp, "tls.untrusted-issuer"},
      {Failure::none, 20, true, known, "tls.ca-bundle"},
  };
  for (const auto& row : rows) {
    TlsDetail tls;
    tls.error = error_of(row.error);
    tls.reached = row.error == Failure::none ? TlsReached::finished : TlsReached::hello_sent;
    tls.version = "TLSv1.3";
    tls.chain = row.chain;
    tls.name_matches = row.name_matches;
    if (!row.chain.empty()) tls.verdicts = {{"/etc/ssl/certs/ca-certificates.crt", row.code, "words"}};
    const auto d = with_proxy_tls(tls);
    const std::string cause = row.expected;
    const std::string subject = cause == "tls.untrusted-issuer" ? "[Contoso Root]"
                                : cause == "tls.ca-bundle"      ? "[node]"
                                                                : proxy;
    ASSERT_THAT(blamed(d), ElementsAre(cause + subject));
    EXPECT_EQ(d.findings[0].endpoints.size(), 2U) << cause;
    EXPECT_EQ(d.findings[0].evidence.at(0).probe, "p-look") << cause;
  }
}

TEST(DiagnosisProxy, AProxyWhoseTlsIsRightIsJudgedByWhatItDoes) {
  TlsDetail good;
  good.reached = TlsReached::finished;
  good.version = "TLSv1.3";
  good.name_matches = true;
  good.chain = {"microsoft-leaf", "microsoft-ca"};
  good.verdicts = {{"store", 0, "ok"}};
  EXPECT_THAT(blamed(with_proxy_tls(good)), ElementsAre("proxy.unreachable[https://proxy.contoso.com:3129]"));
}

}  // namespace
}  // namespace amlnet::test
