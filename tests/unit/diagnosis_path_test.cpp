// Causes on the way: routes, TCP, UDP, proxies; each beside the case that looks like it.
#include <gmock/gmock.h>

#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Host at(const std::string& name, const std::string& address, Failure failure = Failure::none,
        std::uint16_t port = 443) {
  auto host = named(name, port);
  host.dns = {{"10.0.0.4", {}, {address}}};
  host.connect = failure;
  return host;
}

Host tcp_only(const std::string& name, const std::string& address, std::uint16_t port,
              Failure failure = Failure::none) {
  auto host = at(name, address, failure, port);
  host.protocol = Protocol::tcp;
  return host;
}

TEST(DiagnosisPath, NoRouteExplainsDnsAndConnections) {
  World world;
  world.node.default_route = false;
  world.node.resolver.nameservers = {"8.8.8.8", "8.8.4.4"};
  for (int i = 0; i < 50; ++i) {
    auto host = named("h" + std::to_string(i) + ".azureml.ms");
    host.dns = {{"8.8.8.8", {}, {}, 0, Failure::refused}, {"8.8.4.4", {}, {}, 0, Failure::net_unreachable}};
    world.add(host);
  }
  world.add(at("168.63.129.16", "168.63.129.16", Failure::net_unreachable, 80));
  const auto d = world.diagnosis();
  ASSERT_FALSE(d.findings.empty());
  EXPECT_EQ(d.findings[0].cause, "route.none");
  EXPECT_EQ(d.findings[0].endpoints.size(), 51U);
  EXPECT_LE(d.findings.size(), 2U);
}

TEST(DiagnosisPath, OfflineHostWithALocalResolverGivesOneFinding) {
  World world;
  world.node.default_route = false;
  world.node.resolver.nameservers = {"127.0.0.1"};
  world.node.resolver.defaulted = true;
  for (int i = 0; i < 50; ++i) {
    auto host = named("h" + std::to_string(i) + ".azureml.ms");
    host.dns = {{"127.0.0.1", {}, {}, 0, Failure::refused}};
    world.add(host);
  }
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("dns.server-unreachable[127.0.0.1]"));
}

TEST(DiagnosisPath, EachDeadServerIsAFinding) {
  World world;
  auto host = named("x.azureml.ms");
  host.dns = {{"10.0.0.4", {}, {}, 0, Failure::timeout}, {"10.0.0.5", {}, {}, 0, Failure::timeout}};
  world.add(host);
  EXPECT_THAT(blamed(world.diagnosis()),
              ElementsAre("dns.server-unreachable[10.0.0.4]", "dns.server-unreachable[10.0.0.5]"));
}

TEST(DiagnosisPath, NoEgressAgainstAllDeadAgainstOneDead) {
  const auto dead = Failure::timeout;
  World egress;
  egress.add(at("pe.azureml.ms", "10.0.2.4"));
  for (const auto* name : {"a.azure.com", "b.azure.com", "c.azure.com"})
    egress.add(at(name, "20.60.1.1", dead));
  const auto d = egress.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("route.no-egress[node]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::certain);
  EXPECT_EQ(d.findings[0].endpoints.size(), 3U);

  World all;
  all.add(at("pe.azureml.ms", "10.0.2.4", dead))
      .add(at("a.azure.com", "20.60.1.1", dead))
      .add(at("b.azure.com", "20.60.1.2", dead));
  EXPECT_THAT(blamed(all.diagnosis()), ElementsAre("route.all-dead[node]"));

  World one;
  one.add(at("pe.azureml.ms", "10.0.2.4"))
      .add(at("a.azure.com", "20.60.1.1", dead))
      .add(at("b.azure.com", "20.70.1.1"));
  const auto single = one.diagnosis();
  ASSERT_THAT(blamed(single), ElementsAre("tcp.filtered[a.azure.com]"));
  EXPECT_EQ(single.findings[0].confidence, Confidence::likely) << "a timeout never names the device";
  EXPECT_FALSE(single.findings[0].alternatives.empty());
}

TEST(DiagnosisPath, FilteredIsGroupedByServiceTag) {
  World world;
  world.add(at("ok.azure.com", "20.1.1.1"));
  for (int i = 0; i < 3; ++i) {
    auto host = at("b" + std::to_string(i) + ".batch.azure.com", "20.7" + std::to_string(i) + ".1.1",
                   Failure::timeout);
    host.service_tag = "BatchNodeManagement";
    world.add(host);
  }
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("tcp.filtered[BatchNodeManagement]"));
}

TEST(DiagnosisPath, SilentPrivateEndpointsAreTheirSubnetAndNoServiceTag) {
  World world;
  world.add(named("ok.azure.com"));
  for (const auto* last : {"10", "11"}) {
    auto host = private_endpoint(std::string("st") + last, "blob", std::string("10.0.2.") + last);
    host.service_tag = "Storage.eastus2";
    host.connect = Failure::timeout;
    world.add(host);
  }
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("tcp.filtered[10.0.2.0/24]"));
}

TEST(DiagnosisPath, PortFilteredAgainstRefused) {
  World silent;
  silent.add(at("ci.instances.azureml.ms", "20.60.1.1"))
      .add(tcp_only("ci.instances.azureml.ms", "20.60.1.1", 445, Failure::timeout));
  const auto d = silent.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("tcp.port-filtered[445]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::certain);

  World refused;
  refused.add(at("st.file.core.windows.net", "20.60.1.1"))
      .add(tcp_only("st.file.core.windows.net", "20.60.1.1", 445, Failure::refused));
  EXPECT_THAT(blamed(refused.diagnosis()), ElementsAre("tcp.refused[st.file.core.windows.net:445]"));
}

TEST(DiagnosisPath, RefusedLanguageServerPortIsAWarningAndNotTestable) {
  World world;
  world.add(at("ci.instances.azureml.ms", "20.60.1.1"))
      .add(tcp_only("ci.instances.azureml.ms", "20.60.1.1", 18881, Failure::refused));
  world.canary(18881, false);
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("tcp.refused[ci.instances.azureml.ms:18881]"));
  EXPECT_EQ(d.findings[0].severity, Severity::warning);
  EXPECT_EQ(d.endpoints[1].status, Status::unknown);
  EXPECT_EQ(d.endpoints[1].unknown, Unknown::not_testable);
  EXPECT_EQ(d.endpoints[1].finding, "F1");
}

TEST(DiagnosisPath, CanaryDecidesTcpOnlyEndpoints) {
  for (const bool connects : {false, true}) {
    World world;
    world.add(tcp_only("ci.instances.azureml.ms", "20.60.1.1", 8787));
    world.canary(8787, connects);
    const auto d = world.diagnosis();
    EXPECT_EQ(d.endpoints[0].status, connects ? Status::unknown : Status::pass);
    EXPECT_EQ(find(d, "tcp.transparent-proxy") != nullptr, connects);
    EXPECT_THAT(blamed(d), IsEmpty()) << "a transparent proxy is a remark";
  }
  World without;
  without.add(tcp_only("ci.instances.azureml.ms", "20.60.1.1", 8787));
  EXPECT_EQ(without.diagnosis().endpoints[0].unknown, Unknown::not_finished)
      << "connecting alone is never a pass";
}

TEST(DiagnosisPath, UnfinishedCanaryCountsOnceItWasSilentForFourSlowestConnects) {
  for (const double ms : {19.0, 21.0}) {
    World world;
    world.add(tcp_only("ci.instances.azureml.ms", "20.60.1.1", 8787)).canary(8787, false);
    world.evidence.probes.back().status = ProbeStatus::unfinished;
    world.evidence.probes.back().duration_ms = ms;  // the good connect took 5 ms
    EXPECT_EQ(world.diagnosis().endpoints[0].status, ms > 20 ? Status::pass : Status::unknown);
  }
}

TEST(DiagnosisPath, ProhibitedNamesTheRouter) {
  World world;
  auto host = at("a.azure.com", "20.60.1.1", Failure::host_unreachable);
  host.icmp = IcmpError{4, 3, 13, "10.0.1.1"};
  world.add(at("ok.azure.com", "20.1.1.1")).add(host);
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("tcp.prohibited[10.0.1.1]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::certain);

  World old_kernel;
  host.icmp->sender.clear();
  old_kernel.add(host);
  EXPECT_EQ(old_kernel.diagnosis().findings[0].confidence, Confidence::likely);
}

TEST(DiagnosisPath, LocalBlocks) {
  for (const auto failure : {Failure::local_blackhole, Failure::local_prohibited, Failure::local_reject}) {
    World world;
    world.add(at("a.azure.com", "20.60.1.1", failure))
        .add(at("b.azure.com", "20.60.1.9", failure))
        .add(at("ok.azure.com", "20.1.1.1"));
    EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("route.local-block[20.60.1.0/24]"));
  }
}

TEST(DiagnosisPath, PrivateEndpointSilentBesideALivingSibling) {
  World world;
  auto dead = private_endpoint("stws1", "blob", "10.0.2.10");
  dead.connect = Failure::timeout;
  world.add(dead).add(private_endpoint("stws1", "file", "10.0.2.11"));
  EXPECT_THAT(blamed(world.diagnosis()),
              ElementsAre("tcp.private-endpoint-silent[stws1.blob.core.windows.net]"));
}

TEST(DiagnosisPath, ForeignPrivateAddressIsSilentOrWrong) {
  for (const auto failure : {Failure::timeout, Failure::none}) {
    World world;
    world.workspace.network.vnet = {"10.0.0.0/16"};
    auto host = private_endpoint("stws1", "blob", "10.77.0.5");
    host.connect = failure;
    world.add(host).add(private_endpoint("stws1", "file", "10.0.2.11"));
    const auto* expected = failure == Failure::none
                               ? "dns.wrong-private-address[stws1.blob.core.windows.net]"
                               : "tcp.private-endpoint-silent[stws1.blob.core.windows.net]";
    EXPECT_THAT(blamed(world.diagnosis()), ElementsAre(expected));
  }
}

TEST(DiagnosisPath, SomeAddressesDeadIsAWarning) {
  World world;
  auto host = named("login.microsoftonline.com");
  host.dns = {{"10.0.0.4", {}, {"20.60.1.1", "20.60.1.2"}}};
  host.connect_at = {{"20.60.1.1", Failure::timeout}};
  world.add(host);
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("tcp.some-addresses-dead[login.microsoftonline.com]"));
  EXPECT_EQ(d.findings[0].severity, Severity::warning);
  EXPECT_EQ(d.endpoints[0].status, Status::pass);
}

TEST(DiagnosisPath, Ipv6IsBrokenOnlyWhereTheNodeHasIt) {
  for (const bool has : {true, false}) {
    World world;
    if (has) world.node.interfaces.push_back({"eth0", "2001:db8::7", 64});
    auto host = named("login.microsoftonline.com");
    host.dns = {{"10.0.0.4", {}, {"20.60.1.1", "2603:1::1"}}};
    host.connect_at = {{"2603:1::1", Failure::timeout}};
    world.add(host);
    const auto d = world.diagnosis();
    EXPECT_EQ(d.endpoints[0].status, Status::pass);
    EXPECT_EQ(d.findings.size(), has ? 1U : 0U);
    EXPECT_EQ(find(d, "tcp.ipv6-broken") != nullptr, has);
  }
}

TEST(DiagnosisPath, UdpSilenceIsUnknownAndIcmpIsAVerdict) {
  auto host = at("r.tundra.azureml.ms", "20.60.1.1", Failure::timeout, 5831);
  host.protocol = Protocol::udp;
  World silent;
  silent.add(host);
  EXPECT_THAT(silent.diagnosis().findings, IsEmpty());
  EXPECT_EQ(silent.diagnosis().endpoints[0].unknown, Unknown::not_testable);

  World rejected;
  host.connect = Failure::refused;
  host.icmp = IcmpError{4, 3, 13, "10.0.1.1"};
  rejected.add(host);
  EXPECT_THAT(blamed(rejected.diagnosis()), ElementsAre("udp.rejected[5831]"));
}

TEST(DiagnosisPath, NodeLimits) {
  World limit;
  limit.add(at("a.azure.com", "20.60.1.1", Failure::no_descriptors));
  EXPECT_THAT(blamed(limit.diagnosis()), ElementsAre("node.resource-limit[node]"));

  World table;
  table.node.conntrack_count = table.node.conntrack_max = 65536;
  table.add(at("a.azure.com", "20.60.1.1", Failure::timeout)).add(at("b.azure.com", "20.70.1.1"));
  EXPECT_THAT(blamed(table.diagnosis()), ElementsAre("node.conntrack-full[node]"));
}

TEST(DiagnosisPath, MetadataServiceSilent) {
  World world;
  auto host = named("169.254.169.254", 80);
  host.protocol = Protocol::http;
  host.connect = Failure::timeout;
  world.add(host).add(at("ok.azure.com", "20.1.1.1"));
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("identity.imds-unreachable[node]"));
}

TEST(DiagnosisPath, IndependentFaultsAreAllNamed) {
  World world;
  auto record = private_endpoint("stws1", "blob", "10.0.2.10");
  record.dns = {{"10.0.0.4", {"stws1.privatelink.blob.core.windows.net"}, {}, 3}};
  auto cut = at("mcr.microsoft.com", "20.70.1.1");
  cut.handshake = Failure::reset;
  world.add(record)
      .add(cut)
      .add(at("dead.azure.com", "20.80.1.1", Failure::timeout))
      .add(at("ok.azure.com", "20.1.1.1"));
  EXPECT_THAT(blamed(world.diagnosis()),
              UnorderedElementsAre("dns.private-record-missing[stws1.blob.core.windows.net]",
                                   "tls.no-answer[mcr.microsoft.com]", "tcp.filtered[dead.azure.com]"));
}

}  // namespace
}  // namespace amlnet::test
