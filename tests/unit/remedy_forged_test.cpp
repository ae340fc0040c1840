// What a report cannot make amlnet write: rules for hosts, zones and records that the plan does not ask for,
// or that did not fail.
#include "agent/remedy/remedies.h"
#include "tests/unit/remedy_broken.h"

namespace amlnet {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(RemedyForged, AZoneIsLinkedOnlyWhereItIsOneOfTheHostsService) {
  const struct {
    const char* zone;
    bool linked;
  } cases[] = {{"privatelink.blob.core.windows.net", true},
               {"privatelink.vaultcore.azure.net", true},
               {"blob.core.windows.net", false},
               {"privatelink.evil.example", false},
               {"x.privatelink.blob.core.windows.net", false},
               {"privatelink.blob.core.windows.net' x", false},
               {"", false}};
  for (const auto& [zone, linked] : cases) {
    Broken broken;
    broken.fail("r", endpoint("stws1.blob.core.windows.net"), "dns.private-zone-not-linked", zone);
    const Remedies found = broken.mended();
    EXPECT_EQ(found.rules.size(), linked ? 1U : 0U) << zone;
    EXPECT_EQ(found.by_hand.size(), linked ? 0U : 1U) << zone;
  }
}

TEST(RemedyForged, ARecordHasTheNameThatTheAnswersLeadToAndADeclaredAddress) {
  Endpoint vault = endpoint("kvws1.vault.azure.net");
  Broken broken;
  broken.fail("r", vault, "dns.private-record-missing").resolves("kvws1.privatelink.vaultcore.azure.net", {});
  EXPECT_THAT(sentences(broken.mended()),
              ElementsAre("Add the record kvws1 to the private DNS zone "
                          "privatelink.vaultcore.azure.net, with the address of its private "
                          "endpoint"));
  for (const auto& [declared, used] :
       {std::pair("10.0.2.20", "10.0.2.20"), {"20.60.1.1", ""}, {"fd00::1", ""}}) {
    broken.plan.endpoints[0].expected_address = declared;
    EXPECT_EQ(std::get<ZoneRecord>(broken.mended().rules.at(0).kind).address, used);
  }
  for (const char* alias : {"", "kvws1.privatelink.evil.example", "a b.privatelink.vaultcore.azure.net",
                            "privatelink.vaultcore.azure.net"}) {
    Broken other;
    other.fail("r", vault, "dns.private-record-missing").resolves(alias, {});
    EXPECT_THAT(only_reason(other.mended()), HasSubstr("which private zone")) << alias;
  }
}

TEST(RemedyForged, OfDocumentedAlternativesOneIsEnough) {
  Broken broken;
  broken.fail("r", endpoint("first.azure.com"), "tcp.filtered", "first.azure.com", "g");
  Broken other;
  other.fail("x", endpoint("second.azure.com"), "tcp.filtered", "second.azure.com", "g");
  broken.plan.endpoints.push_back(other.plan.endpoints[0]);
  broken.plan.requirements[0].uses.push_back({1, "", "g"});
  broken.report.requirements[0].endpoints.push_back(broken.report.requirements[0].endpoints[0]);
  broken.report.requirements[0].endpoints[1].host = "second.azure.com";
  EXPECT_THAT(sentences(broken.mended()), ElementsAre("Allow HTTPS on TCP port 443 to first.azure.com"));
  broken.plan.requirements[0].uses[1].group = "another";
  EXPECT_THAT(sentences(broken.mended()),
              ElementsAre("Allow HTTPS on TCP port 443 to first.azure.com, second.azure.com"));
}

TEST(RemedyForged, NothingIsMadeOfWhatDidNotFail) {
  Broken broken;
  broken.fail("r", endpoint("pypi.org"), "tcp.filtered");
  broken.report.requirements[0].status = Status::pass;
  EXPECT_THAT(broken.mended().rules, IsEmpty());
  broken.report.requirements[0].status = Status::fail;
  broken.report.requirements[0].endpoints[0].status = Status::unknown;
  EXPECT_THAT(broken.mended().rules, IsEmpty());
  broken.report.requirements[0].endpoints[0].status = Status::fail;
  broken.report.findings[0].severity = Severity::info;  // a spare name
  EXPECT_THAT(broken.mended().rules, IsEmpty());
  EXPECT_THAT(broken.mended().by_hand, IsEmpty());
}

TEST(RemedyForged, AHostThatThePlanDoesNotHaveOpensNothing) {
  for (const char* host : {"evil.example", "management.azure.com.evil.example", "*", "'; rm -rf /; '", ""}) {
    Broken broken;
    broken.fail("arm.management", endpoint("management.azure.com"), "tcp.filtered");
    broken.report.requirements[0].endpoints[0].host = host;
    EXPECT_THAT(only_reason(broken.mended()), HasSubstr("does not ask for this host")) << host;
  }
  Broken broken;
  broken.fail("r", endpoint("management.azure.com"), "tcp.filtered");
  broken.report.requirements[0].endpoints[0].port = 22;
  EXPECT_THAT(only_reason(broken.mended()), HasSubstr("does not ask"));
  broken.report.requirements[0].endpoints[0].port = 443;
  broken.report.requirements[0].id = "no.such";
  EXPECT_THAT(only_reason(broken.mended()), HasSubstr("does not ask"));
  broken.report.requirements[0].endpoints[0].finding = "F99";
  EXPECT_THAT(broken.mended().rules, IsEmpty());
}

TEST(RemedyForged, EvenAPlannedHostMustBeAHostName) {
  for (const char* host :
       {"a b.contoso.com", "x'; y.contoso.com", "-a.contoso.com", "*.contoso.com", "${x}.contoso.com"}) {
    Broken broken;
    broken.fail("r", endpoint(host), "tcp.filtered");
    EXPECT_THAT(only_reason(broken.mended()), HasSubstr("no host name")) << host;
  }
  Broken broken;
  broken.workspace.network.firewall = "none";
  broken.fail("r", endpoint("a.contoso.com", 443, Protocol::tls, "Bad Tag'"), "tcp.filtered");
  EXPECT_THAT(only_reason(broken.mended()), HasSubstr("no service tag"));
}

}  // namespace
}  // namespace amlnet
