// Names that lead astray: tampering, pins, addresses that contradict the workspace.
#include <gmock/gmock.h>

#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<std::string> kLink = {"stws1.privatelink.blob.core.windows.net"};

Host storage(std::vector<Says> dns) {
  auto host = private_endpoint("stws1", "blob", "10.0.2.10");
  host.dns = std::move(dns);
  return host;
}

TEST(DiagnosisName, Hijacked) {
  World inventor;
  inventor.random_label({"10.0.0.4", {}, {"10.9.9.9"}});
  auto host = named("x.azureml.ms");
  host.dns = {{"10.0.0.4", {}, {"10.9.9.9"}}};
  host.handshake = Failure::closed;
  inventor.add(host);
  EXPECT_THAT(blamed(inventor.diagnosis()), ElementsAre("dns.hijacked[10.0.0.4]"));

  World sink;
  host.dns = {{"10.0.0.4", {}, {"0.0.0.0"}}};
  host.connect = Failure::refused;
  sink.add(host);
  EXPECT_THAT(blamed(sink.diagnosis()), ElementsAre("dns.hijacked[10.0.0.4]"));
}

TEST(DiagnosisName, OneSinkForUnrelatedHostsButNotForOneWorkspacesNames) {
  World sink, workspace;
  for (const auto* name : {"pypi.org", "login.microsoftonline.com", "mcr.microsoft.com"}) {
    auto host = named(name);
    host.dns = {{"10.0.0.4", {}, {"20.9.9.9"}}};
    host.name_matches = false;
    sink.add(host);
  }
  EXPECT_THAT(blamed(sink.diagnosis()), ElementsAre("dns.hijacked[10.0.0.4]"));
  for (const auto* name : {"a.api.azureml.ms", "b.notebooks.azure.net", "c.inference.ml.azure.com"}) {
    auto host = named(name);
    host.dns = {{"10.0.0.4", {}, {"10.0.2.4"}}};
    host.connect = Failure::refused;
    workspace.add(host);
  }
  EXPECT_EQ(find(workspace.diagnosis(), "dns.hijacked"), nullptr);
}

TEST(DiagnosisName, SearchDomainCapture) {
  World world;
  auto host = named("x.azureml.ms");
  host.searched = {"x.azureml.ms.corp.example"};
  host.search_first = true;
  host.used = {"10.9.9.9"};
  host.handshake = Failure::closed;
  world.add(host);
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("dns.search-domain-capture[node]"));

  World late;  // libc asks the name itself first, and it resolves
  host.search_first = false;
  host.used = {"20.60.1.1"};
  host.handshake = Failure::none;
  late.add(host);
  EXPECT_THAT(late.diagnosis().findings, IsEmpty());
}

TEST(DiagnosisName, ASuffixedNameIsNoAnswerForADocumentedOne) {
  auto host = storage({{"10.0.0.4", kLink, {}, 3}});
  host.searched = {host.name + ".corp.example"};
  host.used = {"10.9.9.9"};  // what programs are led to, as libc goes on to the search domain
  host.name_matches = false;
  World missing;
  missing.add(host);
  const auto d = missing.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("dns.private-record-missing[stws1.blob.core.windows.net]"));

  auto passing = named("x.azureml.ms");  // something there may even speak rightly
  passing.dns = {{"10.0.0.4", {}, {}, 3}};
  passing.searched = {"x.azureml.ms.corp.example"};
  passing.used = {"10.9.9.9"};
  World public_one;
  public_one.add(passing);
  const auto found = public_one.diagnosis();
  ASSERT_THAT(blamed(found), ElementsAre("dns.name-not-found[x.azureml.ms]"));
  EXPECT_THAT(found.findings[0].evidence.back().text, HasSubstr("x.azureml.ms.corp.example"));

  World unrelated;  // one wildcard catches them all, and the nameserver invents nothing
  for (const auto* name : {"a.azureml.ms", "pypi.org", "b.ubuntu.com"}) {
    passing.name = name;
    passing.searched = {passing.name + ".corp.example"};
    unrelated.add(passing);
  }
  EXPECT_EQ(find(unrelated.diagnosis(), "dns.hijacked"), nullptr);

  passing.name = "git";  // a short name of the organization's own is meant so
  passing.searched = {"git.corp.example"};
  passing.origin = Origin::custom;
  World own;
  own.add(passing);
  EXPECT_THAT(blamed(own.diagnosis()), IsEmpty());
}

TEST(DiagnosisName, AzuresAnswerAsAControlIsNoAnswerOfTheNodesOwnServer) {
  auto host = named("x.azureml.ms");
  host.dns = {{"10.0.0.4", {}, {}, 3}, {"168.63.129.16", {}, {"20.60.1.1"}}};
  host.searched = {"x.azureml.ms.a.example", "x.azureml.ms.b.example"};
  host.used = {"10.9.9.9"};
  host.connect = Failure::refused;
  World world;
  world.add(host);
  for (auto& answer : detail_of<DnsDetail>(world.evidence.probes[0])->answers) {
    if (answer.name == host.searched[0]) answer.server = "168.63.129.16";
  }
  const auto d = world.diagnosis();
  ASSERT_EQ(d.findings.size(), 1U);
  EXPECT_THAT(d.findings[0].cause, testing::StartsWith("dns.")) << "and not the wildcard's host";
  EXPECT_THAT(d.findings[0].evidence.back().text, HasSubstr("x.azureml.ms.b.example"));
}

TEST(DiagnosisName, HostsOverride) {
  auto host = storage({{"10.0.0.4", kLink, {"10.0.2.10"}}});
  host.hosts_file = {"10.0.2.99"};
  host.connect = Failure::timeout;
  World failing;
  failing.add(host);
  EXPECT_THAT(blamed(failing.diagnosis()), ElementsAre("config.hosts-override[stws1.blob.core.windows.net]"));

  World documented;  // a hosts entry in place of private DNS is a documented way
  host.dns = {{"10.0.0.4", {}, {"20.60.1.1"}}};
  host.connect = Failure::none;
  documented.add(host);
  EXPECT_THAT(documented.diagnosis().findings, IsEmpty());
}

TEST(DiagnosisName, WrongPrivateAddress) {
  World declared;
  auto host = storage({{"10.0.0.4", kLink, {"10.0.2.10"}}});
  host.expected_address = "10.0.2.44";
  host.name_matches = false;
  declared.add(host);
  EXPECT_THAT(blamed(declared.diagnosis()),
              ElementsAre("dns.wrong-private-address[stws1.blob.core.windows.net]"));

  World instance;
  auto api = named("0f8f.workspace.eastus2.api.azureml.ms");
  api.dns = {{"10.0.0.4", {}, {"10.0.2.4"}}};
  auto ci = named("ci1.eastus2.instances.azureml.ms");
  ci.dns = {{"10.0.0.4", {}, {"10.0.1.7"}}};
  instance.add(ci).add(api);
  const auto d = instance.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("dns.wrong-private-address[ci1.eastus2.instances.azureml.ms]"));
  EXPECT_THAT(d.findings[0].title, HasSubstr("node's own address"));
}

TEST(DiagnosisName, GatewayAliases) {
  auto alias = [](const char* name, const char* address) {
    auto host = named(name);
    host.origin = Origin::gateway_alias;
    host.dns = {{"10.0.0.4", {}, {address}}};
    return host;
  };
  World world;
  world.workspace.app_gateway.managed_vnet = {"10.80.0.0/16"};
  world.add(alias("a.corp.example", "10.80.0.9")).add(alias("b.corp.example", "10.80.0.9"));
  EXPECT_THAT(world.diagnosis().findings, IsEmpty());

  auto outside = world;
  outside.add(alias("c.corp.example", "20.60.1.1"));
  EXPECT_THAT(blamed(outside.diagnosis()), ElementsAre("gateway.alias-not-private[c.corp.example]"));

  auto differ = world;
  differ.add(alias("c.corp.example", "10.80.0.10"));
  EXPECT_THAT(blamed(differ.diagnosis()), ElementsAre("gateway.aliases-differ[node]"));

  auto labels = world;
  labels.add(alias("corp.example", "10.80.0.9"));
  EXPECT_THAT(blamed(labels.diagnosis()), ElementsAre("config.alias-labels[corp.example]"));
}

}  // namespace
}  // namespace amlnet::test
