// From failures to rules: which kind by cause and facts, what shares a rule, what gets none. Plans are made
// by hand, so that a row of the catalog may change without a test.
#include "agent/remedy/remedies.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/diagnosis/causes.h"
#include "agent/remedy/script.h"

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A report in which every endpoint of a plan fails, and the plan.
struct Broken {
  Report report;
  Plan plan;
  Workspace workspace;

  Broken() {
    workspace.cloud = Cloud::public_;
    workspace.region = "eastus2";
    workspace.network.firewall = "azure-firewall";
    workspace.network.vnet = {"10.0.0.0/16"};
    workspace.storage_accounts.push_back({"stws1", true, Access::private_, {"blob"}, {}});
    report.node.hostname = "ci1";
  }

  /// One more failing endpoint in a row of its own, `id`; the finding of its cause and subject is made where
  /// there is none.
  Broken& fail(const std::string& id, Endpoint endpoint, const std::string& cause,
               const std::string& subject = "node", const std::string& group = "") {
    PlannedRequirement planned;
    planned.id = id;
    planned.applies = true;
    planned.uses = {{plan.endpoints.size(), "", group}};
    planned.docs = {{"Document of " + id, "", "2026-03-19", "https://learn.microsoft.com/" + id}};
    RequirementReport row;
    row.id = id;
    row.status = Status::fail;
    row.endpoints = {failed(endpoint, finding(cause, subject))};
    plan.requirements.push_back(planned);
    plan.endpoints.push_back(std::move(endpoint));
    report.requirements.push_back(row);
    return *this;
  }

  /// What the last endpoint's DNS probe saw: a CNAME to `alias` where it is not "", then the addresses.
  Broken& resolves(const std::string& alias, const std::vector<std::string>& addresses) {
    EndpointReport& endpoint = report.requirements.back().endpoints.back();
    DnsDetail dns;
    dns.name = endpoint.host;
    dns.addresses = addresses;
    DnsAnswer answer;
    answer.name = endpoint.host;
    if (!alias.empty()) answer.records = {{endpoint.host, "CNAME", 60, alias}};
    dns.answers = {answer};
    add_probe(endpoint, ProbeKind::dns, dns);
    return *this;
  }

  Broken& rejected(int type, int code) {
    TcpDetail tcp;
    tcp.icmp = IcmpError{4, type, code, "10.0.1.1"};
    add_probe(report.requirements.back().endpoints.back(), ProbeKind::tcp, tcp);
    return *this;
  }

  Remedies mended() const { return remedies(report, plan, workspace); }

 private:
  std::string finding(const std::string& cause, const std::string& subject) {
    for (const Finding& one : report.findings)
      if (one.cause == cause && one.subject == subject) return one.id;
    Finding made;
    made.id = fmt::format("F{}", report.findings.size() + 1);
    made.cause = cause;
    made.subject = subject;
    made.title = "Title of " + cause;
    made.severity = Severity::blocking;
    made.confidence = Confidence::certain;
    made.fix.steps = {"Step of " + cause};
    report.findings.push_back(made);
    return made.id;
  }

  static EndpointReport failed(const Endpoint& endpoint, const std::string& finding) {
    EndpointReport one;
    one.host = endpoint.host;
    one.port = endpoint.port;
    one.protocol = name_of(endpoint.protocol);
    one.status = Status::fail;
    one.finding = finding;
    return one;
  }

  void add_probe(EndpointReport& endpoint, ProbeKind kind, ProbeDetail detail) {
    ProbeRecord probe;
    probe.id = fmt::format("p{}", report.probes.size() + 1);
    probe.kind = kind;
    probe.detail = std::move(detail);
    endpoint.probes.push_back(probe.id);
    report.probes.push_back(std::move(probe));
  }
};

Endpoint endpoint(const std::string& host, std::uint16_t port = 443, Protocol protocol = Protocol::tls,
                  const std::string& tag = "") {
  Endpoint one;
  one.host = host;
  one.port = port;
  one.protocol = protocol;
  one.service_tag = tag;
  return one;
}

std::vector<std::string> sentences(const Remedies& found) {
  std::vector<std::string> all;
  for (const Rule& rule : found.rules) {
    const std::string text = sentence_of(rule.kind);
    all.push_back(text.substr(0, text.find(':')));
  }
  return all;
}

std::string only_reason(const Remedies& found) {
  EXPECT_THAT(found.rules, IsEmpty());
  return found.by_hand.size() == 1 ? found.by_hand.front().reason
                                   : fmt::format("{} by hand", found.by_hand.size());
}

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

TEST(Remedy, AZoneIsLinkedOnlyWhereItIsOneOfTheHostsService) {
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

TEST(Remedy, ARecordHasTheNameThatTheAnswersLeadToAndADeclaredAddress) {
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

TEST(Remedy, OfDocumentedAlternativesOneIsEnough) {
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

TEST(Remedy, NothingIsMadeOfWhatDidNotFail) {
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

TEST(Remedy, AHostThatThePlanDoesNotHaveOpensNothing) {
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

TEST(Remedy, EvenAPlannedHostMustBeAHostName) {
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
