// From failures to rules: which kind by cause and facts, what shares a rule. Plans are made by hand, so that
// a row of the catalog may change without a test.
#include "agent/remedy/remedies.h"

#include <set>

#include "agent/diagnosis/causes.h"
#include "tests/unit/remedy_broken.h"

namespace amlnet {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Remedy, TheDeviceAndTheEndpointDecideTheKindOfRule) {
  const Endpoint arm = endpoint("management.azure.com", 443, Protocol::https, "AzureResourceManager");
  const Endpoint entra = endpoint("login.microsoftonline.com", 80, Protocol::http, "AzureActiveDirectory");
  const Endpoint smb = endpoint("stws1.file.core.windows.net", 445, Protocol::tcp, "Storage.<region>");
  const Endpoint tundra = endpoint("eastus2.tundra.azureml.ms", 5831, Protocol::udp, "AzureMachineLearning");
  const Endpoint blob = endpoint("stws1.blob.core.windows.net", 443, Protocol::https, "Storage.<region>");
  using M = NetworkMode;
  const struct {
    const char* firewall;
    M mode;
    Endpoint broken;
    const char* cause;
    const char* expected;
  } cases[] = {
      {"azure-firewall", M::customer_vnet, arm, "tcp.filtered",
       "Allow HTTPS on TCP port 443 to management.azure.com"},
      {"other", M::customer_vnet, arm, "tls.sni-filtered",
       "Allow HTTPS on TCP port 443 to management.azure.com"},
      {"", M::none, arm, "http.firewall-denied", "Allow HTTPS on TCP port 443 to management.azure.com"},
      {"azure-firewall", M::customer_vnet, entra, "http.host-filtered",
       "Allow HTTP on TCP port 80 to login.microsoftonline.com"},
      {"azure-firewall", M::customer_vnet, smb, "tcp.port-filtered",
       "Allow TCP port 445 to stws1.file.core.windows.net"},
      {"azure-firewall", M::customer_vnet, tundra, "udp.rejected",
       "Allow UDP port 5831 to eastus2.tundra.azureml.ms"},
      {"none", M::customer_vnet, arm, "tcp.filtered", "Allow outbound TCP port 443 to AzureResourceManager"},
      {"none", M::customer_vnet, smb, "tcp.filtered", "Allow outbound TCP port 445 to Storage.eastus2"},
      {"none", M::customer_vnet, tundra, "udp.rejected",
       "Allow outbound UDP port 5831 to AzureMachineLearning"},
      {"", M::managed_approved_outbound, arm, "tls.sni-filtered",
       "Allow TCP ports 80 and 443 to management.azure.com"},
      {"", M::managed_approved_outbound, tundra, "udp.rejected",
       "Allow UDP port 5831 to the service tag AzureMachineLearning"},
      {"", M::managed_approved_outbound, blob, "tcp.filtered", "Add a private endpoint for blob of stws1"},
      {"azure-firewall", M::managed_internet_outbound, blob, "dns.no-private-endpoint",
       "Add a private endpoint for blob of stws1"},
  };
  for (const auto& one : cases) {
    Broken broken;
    broken.workspace.network.mode = one.mode;
    broken.workspace.network.firewall.reset();
    if (*one.firewall) broken.workspace.network.firewall = one.firewall;
    broken.fail("r", one.broken, one.cause);
    EXPECT_THAT(sentences(broken.mended()), ElementsAre(one.expected)) << one.firewall << ' ' << one.cause;
    EXPECT_EQ(broken.mended().foreign_firewall, std::string_view(one.firewall) == "other");
  }
}

TEST(Remedy, WhatNoRuleOfTheDeviceMendsIsLeftToPeople) {
  const Endpoint pypi = endpoint("pypi.org");
  const struct {
    const char* firewall;
    NetworkMode mode;
    Endpoint broken;
    const char* cause;
    const char* reason;
  } cases[] = {
      {"none", NetworkMode::customer_vnet, pypi, "tcp.filtered", "no service tag covers"},
      {"none", NetworkMode::customer_vnet, endpoint("a.azure.com", 443, Protocol::tls, "VirtualNetwork"),
       "tcp.filtered", "no service tag covers"},
      {"none", NetworkMode::customer_vnet, pypi, "tls.sni-filtered", "reads no names"},
      {"azure-firewall", NetworkMode::customer_vnet, endpoint("168.63.129.16", 53, Protocol::udp),
       "udp.rejected", "address of the platform"},
      {"", NetworkMode::managed_internet_outbound, pypi, "tcp.filtered", "lets everything out"},
      {"", NetworkMode::managed_approved_outbound, endpoint("git.contoso.com", 22, Protocol::tcp),
       "tcp.filtered", "ports 80 and 443 only"},
      {"azure-firewall", NetworkMode::customer_vnet, pypi, "dns.no-private-endpoint", "needs a subnet"},
  };
  for (const auto& one : cases) {
    Broken broken;
    broken.workspace.network.mode = one.mode;
    broken.workspace.network.firewall = one.firewall;
    broken.fail("r", one.broken, one.cause);
    EXPECT_THAT(only_reason(broken.mended()), HasSubstr(one.reason)) << one.cause;
  }
}

TEST(Remedy, CausesThatNoRuleMendsKeepTheStepsOfTheirFinding) {
  for (const Cause& cause : causes()) {
    Broken broken;
    broken.fail("r", endpoint("management.azure.com"), std::string(cause.code));
    const Remedies found = broken.mended();
    ASSERT_EQ(found.rules.size() + found.by_hand.size(), 1U) << cause.code;
    if (found.by_hand.empty()) continue;
    EXPECT_THAT(found.by_hand[0].fix.steps, ElementsAre("Step of " + std::string(cause.code)));
    EXPECT_THAT(found.by_hand[0].endpoints, ElementsAre("management.azure.com:443"));
  }
  for (const char* cause : {"node.clock-skew", "tls.ca-bundle", "identity.refused", "proxy.denied",
                            "tls.intercepted", "route.no-egress", "tcp.refused", "dns.server-unreachable"}) {
    Broken broken;
    broken.fail("r", endpoint("management.azure.com"), cause);
    EXPECT_THAT(only_reason(broken.mended()), HasSubstr("mends this cause")) << cause;
  }
}

TEST(Remedy, ARouterThatRejectsIsMendedWhereItFilters) {
  for (const auto& [code, filters] : {std::pair(13, true), {10, true}, {9, true}, {1, false}, {0, false}}) {
    Broken broken;
    broken.fail("r", endpoint("mcr.microsoft.com"), "tcp.prohibited").rejected(3, code);
    EXPECT_EQ(broken.mended().rules.size(), filters ? 1U : 0U) << code;
  }
}

TEST(Remedy, ASecurityGroupGetsPrivateAddressesAndTagsThatBelongTogether) {
  Broken broken;
  broken.workspace.network.firewall = "none";
  broken
      .fail("ci", endpoint("ci1.eastus2.instances.azureml.ms", 18881, Protocol::tcp, "AzureMachineLearning"),
            "tcp.port-filtered")
      .resolves("", {"10.0.2.4"})
      .fail("kv", endpoint("kv.vault.azure.net", 18881, Protocol::tcp, "AzureKeyVault"), "tcp.port-filtered")
      .resolves("", {"10.0.2.20"})
      .fail("mcr", endpoint("mcr.microsoft.com", 443, Protocol::https, "MicrosoftContainerRegistry"),
            "tcp.filtered")
      .resolves("", {"150.171.69.10"});
  EXPECT_THAT(sentences(broken.mended()),
              ElementsAre("Allow outbound TCP port 18881 to 10.0.2.20, 10.0.2.4",
                          "Allow outbound TCP port 443 to MicrosoftContainerRegistry",
                          "Allow outbound TCP port 443 to AzureFrontDoor.FirstParty"));
}

TEST(Remedy, FailuresOfOneDestinationShareARule) {
  Broken broken;
  broken.fail("b", endpoint("pypi.org"), "tcp.filtered", "pypi.org")
      .fail("a", endpoint("files.pythonhosted.org"), "tls.sni-filtered", "pythonhosted.org")
      .fail("c", endpoint("pypi.org", 443, Protocol::https), "tcp.filtered", "pypi.org");
  const Remedies found = broken.mended();
  EXPECT_THAT(sentences(found),
              ElementsAre("Allow HTTPS on TCP port 443 to files.pythonhosted.org, pypi.org"));
  ASSERT_EQ(found.rules[0].sources.size(), 3U);
  EXPECT_EQ(found.rules[0].sources[1].cause, "tls.sni-filtered");
  EXPECT_EQ(found.rules[0].sources[2].docs[0].url, "https://learn.microsoft.com/c");

  broken.workspace.network.firewall = "none";
  broken.plan.endpoints[0].service_tag = broken.plan.endpoints[1].service_tag = "Storage.<region>";
  EXPECT_THAT(sentences(broken.mended()), ElementsAre("Allow outbound TCP port 443 to Storage.eastus2"));
}

TEST(Remedy, NamesAreUniqueAndShortEnoughForEveryApi) {
  Broken broken;
  broken.workspace.network.mode = NetworkMode::managed_approved_outbound;
  for (int i = 0; i < 12; ++i)
    broken.fail(fmt::format("r{}", i),
                endpoint(fmt::format("a-long-name-for-a-host-of-the-company{}.contoso.com", i)),
                "tcp.filtered");
  std::set<std::string> names;
  for (const Rule& rule : broken.mended().rules) {
    EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
    EXPECT_THAT(rule.name, testing::MatchesRegex("[a-z][a-z0-9-]*[a-z0-9]"));
    EXPECT_LE(rule.name.size(), 33U);
  }
  EXPECT_EQ(names.size(), 12U);
}

}  // namespace
}  // namespace amlnet
