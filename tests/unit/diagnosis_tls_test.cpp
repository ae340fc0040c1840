// TLS and certificate causes, each beside the case that looks like it.
#include <gmock/gmock.h>

#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kNotYetValid = 9, kExpired = 10, kSelfSignedInChain = 19, kNoIssuer = 20;

Host cut(const std::string& name, Failure failure) {
  auto host = named(name);
  host.handshake = failure;
  return host;
}

Host signed_by(const std::string& name, std::vector<std::string> chain, int verify) {
  auto host = named(name);
  host.chain = std::move(chain);
  host.verify = verify;
  return host;
}

TEST(DiagnosisTls, ServerNameDecidesOrNot) {
  for (const auto failure : {Failure::timeout, Failure::reset, Failure::closed}) {
    World world;
    world.add(cut("mcr.microsoft.com", failure)).add(named("login.microsoftonline.com"));
    const auto before = world.diagnosis();
    ASSERT_THAT(blamed(before), ElementsAre("tls.no-answer[mcr.microsoft.com]"));
    EXPECT_EQ(before.findings[0].confidence, Confidence::candidate);

    auto name_decides = world;
    name_decides.follow_up("mcr.microsoft.com:443", "neutral-sni", "login.microsoftonline.com", true);
    const auto d = name_decides.diagnosis();
    ASSERT_THAT(blamed(d), ElementsAre("tls.sni-filtered[microsoft.com]"));
    EXPECT_EQ(d.findings[0].confidence, Confidence::certain);

    auto no_better = world;
    no_better.follow_up("mcr.microsoft.com:443", "neutral-sni", "login.microsoftonline.com", false);
    EXPECT_THAT(blamed(no_better.diagnosis()), ElementsAre("tls.no-answer[mcr.microsoft.com]"));
  }
}

TEST(DiagnosisTls, SegmentSizeDecides) {
  World world;
  world.add(cut("mcr.microsoft.com", Failure::timeout)).add(named("login.microsoftonline.com"));
  world.follow_up("mcr.microsoft.com:443", "neutral-sni", "login.microsoftonline.com", false);
  world.follow_up("mcr.microsoft.com:443", "small-segments", "mcr.microsoft.com", true);
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("path.mtu-blackhole[node]"));
}

TEST(DiagnosisTls, HandshakeErrors) {
  struct Row {
    Failure failure;
    std::optional<int> alert;
    const char* expected;
  };
  for (const auto& row :
       {Row{Failure::tls_not_tls, {}, "tls.not-tls"}, Row{Failure::tls_alert, 40, "tls.version-refused"},
        Row{Failure::tls_alert, 70, "tls.version-refused"}, Row{Failure::tls_alert, 112, "tls.alert"},
        Row{Failure::tls_protocol, {}, "tls.version-refused"}}) {
    World world;
    auto host = cut("x.azure.com", row.failure);
    host.alert = row.alert;
    host.bytes_received = 7;
    world.add(host);
    EXPECT_THAT(blamed(world.diagnosis()), ElementsAre(std::string(row.expected) + "[x.azure.com]"));
  }
}

TEST(DiagnosisTls, InspectionIsCertainOnceItSignsUnrelatedVendors) {
  World world;
  world.add(signed_by("login.microsoftonline.com", {"corp-leaf", "corp-ca"}, kSelfSignedInChain));
  const auto one = world.diagnosis();
  ASSERT_THAT(blamed(one), ElementsAre("tls.intercepted[Contoso Root]"));
  EXPECT_EQ(one.findings[0].confidence, Confidence::likely);

  world.add(signed_by("pypi.org", {"corp-leaf", "corp-ca"}, kSelfSignedInChain));
  const auto two = world.diagnosis();
  ASSERT_THAT(blamed(two), ElementsAre("tls.intercepted[Contoso Root]"));
  EXPECT_EQ(two.findings[0].confidence, Confidence::certain);
  EXPECT_EQ(two.findings[0].endpoints.size(), 2U);
}

TEST(DiagnosisTls, TrustedInspectionIsAWarning) {
  World world;
  world.add(signed_by("login.microsoftonline.com", {"corp-leaf", "corp-ca"}, 0));
  EXPECT_THAT(world.diagnosis().findings, IsEmpty())
      << "trusted and of one vendor: may be a new public authority";
  world.add(signed_by("pypi.org", {"corp-leaf", "corp-ca"}, 0));
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("tls.intercepted[Contoso Root]"));
  EXPECT_EQ(d.findings[0].severity, Severity::warning);
  EXPECT_EQ(d.endpoints[0].status, Status::pass);
}

TEST(DiagnosisTls, InspectionVendorIsNamed) {
  World world;
  world.certificate("z-leaf", "Zscaler Intermediate Root CA (zscloud.net)", "Zscaler Inc.");
  world.add(signed_by("login.microsoftonline.com", {"z-leaf"}, 0));
  const auto d = world.diagnosis();
  ASSERT_EQ(d.findings.size(), 1U);
  EXPECT_THAT(d.findings[0].title, HasSubstr("(Zscaler)"));
}

TEST(DiagnosisTls, PublicAuthoritiesAreNeverInspection) {
  World world;
  world.add(named("login.microsoftonline.com"))
      .add(signed_by("mcr.microsoft.com", {"other-leaf", "other-ca"}, 0));
  world.add(signed_by("pypi.org", {"other-leaf", "other-ca"}, 0));
  EXPECT_THAT(world.diagnosis().findings, IsEmpty());
}

TEST(DiagnosisTls, PublicIssuerUnknownToTheStoreIsTheBundle) {
  World world;
  world.add(signed_by("login.microsoftonline.com", {"microsoft-leaf", "microsoft-ca"}, kNoIssuer));
  world.add(signed_by("pypi.org", {"other-leaf", "other-ca"}, kNoIssuer));
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("tls.ca-bundle[node]"));
  EXPECT_EQ(d.findings[0].endpoints.size(), 2U);
}

TEST(DiagnosisTls, PrivateRootOfAGatewayOrCustomHost) {
  for (const auto origin : {Origin::gateway_alias, Origin::custom}) {
    World world;
    auto host = signed_by("git.corp.contoso.com", {"corp-leaf", "corp-ca"}, kSelfSignedInChain);
    host.origin = origin;
    host.dns = {{"10.0.0.4", {}, {"10.80.0.9"}}};
    world.add(host).add(named("login.microsoftonline.com"));
    EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("tls.untrusted-issuer[Contoso Root]"));

    World lone;
    host.chain = {"corp-leaf"};
    host.verify = kNoIssuer;
    host.ca_file = "contoso-root.pem";
    lone.add(host);
    EXPECT_THAT(blamed(lone.diagnosis()), ElementsAre("tls.incomplete-chain[git.corp.contoso.com]"));
  }
}

TEST(DiagnosisTls, NameMismatch) {
  World world;
  auto host = named("stws1.dfs.core.windows.net");
  host.name_matches = false;
  world.add(host);
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("tls.name-mismatch[stws1.dfs.core.windows.net]"));
  EXPECT_THAT(d.findings[0].title, HasSubstr("microsoft-leaf.example"));
}

TEST(DiagnosisTls, DatesAreTheCertificatesOrTheClocks) {
  for (const int code : {kExpired, kNotYetValid}) {
    World world;
    world.add(signed_by("x.azure.com", {"microsoft-leaf", "microsoft-ca"}, code)).add(named("ok.azure.net"));
    const auto* cause = code == kExpired ? "tls.expired[x.azure.com]" : "tls.not-yet-valid[x.azure.com]";
    EXPECT_THAT(blamed(world.diagnosis()), ElementsAre(cause));

    for (const auto* name : {"a.azure.com", "b.pypi.org"}) {
      auto dated = named(name, 80);
      dated.protocol = Protocol::http;
      dated.date = World::kStart + 7200;
      world.add(dated);
    }
    EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("node.clock-skew[node]"));
  }
}

TEST(DiagnosisTls, AnExpiredCertificateIsCertainOnlyByAClockThatIsShownRight) {
  for (const bool dated : {false, true}) {
    World world;
    world.add(signed_by("x.azure.com", {"microsoft-leaf", "microsoft-ca"}, kExpired));
    auto other =
        named("ok.azure.net", dated ? 80 : 443);  // one that runs for longer is valid by a wrong clock, too
    if (dated) other.protocol = Protocol::http;
    if (dated) other.date = World::kStart + 5;
    world.add(other);
    const auto d = world.diagnosis();
    ASSERT_THAT(blamed(d), ElementsAre("tls.expired[x.azure.com]"));
    EXPECT_EQ(d.findings[0].confidence, dated ? Confidence::certain : Confidence::likely);
    EXPECT_EQ(d.findings[0].alternatives.empty(), dated);
  }
}

TEST(DiagnosisTls, TheClockOfADeviceInBetweenIsNotEverybodys) {
  World world;
  for (const auto* name : {"a.azure.com", "b.pypi.org"}) {
    auto denied = named(name, 80);
    denied.protocol = Protocol::http;
    denied.status = 470;
    denied.body = "Action: Deny. Reason: No rule matched. Proceeding with default action.";
    denied.date = World::kStart - 86400;
    world.add(denied);
  }
  const auto d = world.diagnosis();
  EXPECT_EQ(find(d, "node.clock-skew"), nullptr) << "the firewall's own clock is wrong";
  EXPECT_NE(find(d, "http.firewall-denied"), nullptr);
}

TEST(DiagnosisTls, OneWrongDateHeaderIsNoClockSkew) {
  World world;
  for (const auto& [name, seconds] :
       {std::pair{"a.azure.com", 7200}, {"b.pypi.org", 0}, {"c.ubuntu.com", 86400}}) {
    auto dated = named(name, 80);
    dated.protocol = Protocol::http;
    dated.date = World::kStart + seconds;
    world.add(dated);
  }
  EXPECT_THAT(world.diagnosis().findings, IsEmpty());
}

TEST(DiagnosisTls, StrangeVerifyCodeIsUnknownWithItsEvidence) {
  World world;
  world.add(signed_by("x.azure.com", {"microsoft-leaf", "microsoft-ca"}, 66));
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("unknown[x.azure.com]"));
  EXPECT_GE(d.findings[0].evidence.size(), 2U);
}

TEST(DiagnosisFollowUps, AskEachOnceAndNeverAgain) {
  World world;
  world.add(cut("mcr.microsoft.com", Failure::timeout)).add(named("login.microsoftonline.com"));
  const auto asked = follow_ups(world.facts());
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].control, "neutral-sni");
  EXPECT_EQ(std::get<TlsSpec>(asked[0].then).server_name, "login.microsoftonline.com");
  EXPECT_EQ(asked[0].tcp.address, "20.60.1.1");
  EXPECT_EQ(asked[1].control, "small-segments");
  EXPECT_EQ(asked[1].tcp.segment_size, 536);
  EXPECT_EQ(std::get<TlsSpec>(asked[1].then).server_name, "mcr.microsoft.com");

  world.follow_up("mcr.microsoft.com:443", "neutral-sni", "login.microsoftonline.com", false);
  world.follow_up("mcr.microsoft.com:443", "small-segments", "mcr.microsoft.com", false);
  EXPECT_THAT(follow_ups(world.facts()), IsEmpty());
}

TEST(DiagnosisFollowUps, AreNotAskedWhereTheyTellNothing) {
  World reset;  // a reset does not depend on the segment size
  reset.add(cut("mcr.microsoft.com", Failure::reset)).add(named("login.microsoftonline.com"));
  EXPECT_EQ(follow_ups(reset.facts()).size(), 1U);
}

}  // namespace
}  // namespace amlnet::test
