// The workspace file: the whole of contract section 2, and the words for every way to get it wrong. Also
// options, defaults, what the machine gives away by itself, and the workspace of the report.
#include "agent/workspace/workspace_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/workspace/discover_local.h"
#include "agent/workspace/workspace_json.h"

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string whole = R"({
  "cloud": "public", // a comment
  "region": "eastus2",
  "workspace": { "name": "ws1", "id": "11111111-2222-3333-4444-555555555555",
                 "subscription": "11111111-2222-3333-4444-666666666666", "resource_group": "rg-(1).a_b",
                 "access": "private", "hbi": false,
                 "hub_projects": [ { "name": "proj1", "id": "11111111-2222-3333-4444-777777777777" } ],
                 "online_endpoints": ["ep1"], "batch_account": "batch1" },
  "compute": { "kind": "synapse-spark", "name": "ci1", "public_ip": true },
  "network": { "mode": "customer-vnet", "vnet": ["10.0.0.0/16", "fd00::/8"], "private_endpoint_subnets": ["10.0.2.0/24"],
               "firewall": "azure-firewall", "storage_behind_firewall": false, "forced_tunneling": true },
  "storage_accounts": [ { "name": "stws1", "default": true, "access": "service-endpoint",
                          "services": ["blob", "file"], "addresses": { "blob": "10.0.2.10" } } ],
  "key_vault": { "name": "kv-ws1", "access": "private", "address": "10.0.2.20" },
  "container_registry": { "name": "acrws1", "access": "public", "regions": ["eastus2"] },
  "app_gateway": { "aliases": [ { "fqdn": "a.corp.contoso.com", "port": 8443, "protocol": "https",
                                  "ca_file": "root.pem" } ], "managed_vnet": ["10.80.0.0/16"] },
  "synapse": { "workspace": "syn1" },
  "features": ["python-packages", "snowflake"],
  "custom": [ { "host": "git.corp.contoso.com", "port": 22, "protocol": "tcp", "why": "training code" },
              { "host": "10.9.9.9" } ]
})";

std::string error_of(const std::string& text) {
  const auto read = read_workspace_file(text, "workspace.json");
  const auto* error = std::get_if<ConfigError>(&read);
  return error ? error->text : "no error";
}

Workspace read(const std::string& text) {
  const auto result = read_workspace_file(text, "workspace.json");
  if (const auto* error = std::get_if<ConfigError>(&result)) ADD_FAILURE() << error->text;
  return std::holds_alternative<Workspace>(result) ? std::get<Workspace>(result) : Workspace{};
}

TEST(WorkspaceFile, ReadsEveryKey) {
  const Workspace workspace = read(whole);
  EXPECT_EQ(workspace.cloud, Cloud::public_);
  EXPECT_EQ(workspace.region, "eastus2");
  EXPECT_EQ(workspace.workspace.id, "11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(workspace.workspace.access, Access::private_);
  EXPECT_EQ(workspace.workspace.hbi, false);
  EXPECT_EQ(workspace.workspace.hub_projects.at(0).name, "proj1");
  EXPECT_EQ(workspace.compute.kind, ComputeKind::synapse_spark);
  EXPECT_EQ(workspace.network.mode, NetworkMode::customer_vnet);
  EXPECT_THAT(workspace.network.vnet, ElementsAre("10.0.0.0/16", "fd00::/8"));
  EXPECT_EQ(workspace.storage_accounts.at(0).access, Access::service_endpoint);
  EXPECT_EQ(workspace.storage_accounts.at(0).addresses.at("blob"), "10.0.2.10");
  EXPECT_EQ(workspace.key_vault->address, "10.0.2.20");
  EXPECT_EQ(workspace.container_registry->access, Access::public_);
  EXPECT_EQ(workspace.app_gateway.aliases.at(0).port, 8443);
  EXPECT_EQ(workspace.synapse_workspace, "syn1");
  EXPECT_THAT(workspace.features, ElementsAre("python-packages", "snowflake"));
  EXPECT_EQ(workspace.custom.at(0).protocol, "tcp");
  EXPECT_EQ(workspace.custom.at(1).port, 443);
}

TEST(WorkspaceFile, SaysWhereEachFactCameFrom) {
  const auto sources = read(whole).sources;
  for (const char* path :
       {"cloud", "region", "workspace.id", "compute.kind", "network.vnet", "storage_accounts", "key_vault",
        "app_gateway.aliases", "synapse.workspace", "features", "custom"}) {
    EXPECT_EQ(sources.contains(path) ? sources.at(path) : "", "file workspace.json") << path;
  }
  EXPECT_FALSE(sources.contains("workspace"));
}

/// What the report shows is a workspace file again, once the sources are gone.
TEST(WorkspaceFile, TheReportsFormReadsBackTheSame) {
  nlohmann::ordered_json first = workspace_json(read(whole));
  EXPECT_EQ(first["sources"]["region"], "file workspace.json");
  first.erase("sources");
  nlohmann::ordered_json second = workspace_json(read(first.dump()));
  second.erase("sources");
  EXPECT_EQ(first.dump(), second.dump());
  for (const char* key :
       {"cloud", "region", "workspace", "compute", "network", "storage_accounts", "key_vault",
        "container_registry", "app_gateway", "synapse", "features", "custom"}) {
    EXPECT_TRUE(first.contains(key)) << key;
  }
}

struct Wrong {
  std::string name, text, error;
};
class WrongFiles : public testing::TestWithParam<Wrong> {};

TEST_P(WrongFiles, NamePathExpectationAndRemedy) {
  EXPECT_THAT(error_of(GetParam().text), testing::StartsWith(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    WorkspaceFile, WrongFiles,
    testing::Values(
        Wrong{"misspelt_key", R"({"storage_accounts":[{"name":"stws1","acess":"private"}]})",
              "workspace.json: storage_accounts[0].acess: unknown key; did you mean \"access\"?"},
        Wrong{"top_key", R"({"keyvault":{}})",
              "workspace.json: keyvault: unknown key; did you mean \"key_vault\"?"},
        Wrong{"strange_key", R"({"synapse":{"colour":1}})",
              "workspace.json: synapse.colour: unknown key; expected workspace"},
        Wrong{"not_object", "[]", "workspace.json: expected an object, got a list"},
        Wrong{"type", R"({"region":7})", "workspace.json: region: expected a region such as eastus2, got 7"},
        Wrong{"region", R"({"region":"East US"})",
              "workspace.json: region: expected a region such as eastus2, got \"East US\""},
        Wrong{"cloud", R"({"cloud":"pubic"})",
              "workspace.json: cloud: expected public, usgov or china, got \"pubic\"; did you mean "
              "\"public\"?"},
        Wrong{"kind", R"({"compute":{"kind":"instnace"}})",
              "workspace.json: compute.kind: expected instance, cluster,"},
        Wrong{"guid", R"({"workspace":{"id":"11111111-2222-3333-4444-55555555555"}})",
              "workspace.json: workspace.id: expected a GUID such as"},
        Wrong{"workspace_access", R"({"workspace":{"access":"service-endpoint"}})",
              "workspace.json: workspace.access: expected private or public, got \"service-endpoint\""},
        Wrong{"flag", R"({"workspace":{"hbi":"yes"}})",
              "workspace.json: workspace.hbi: expected true or false, got \"yes\""},
        Wrong{"prefix", R"({"network":{"vnet":["10.0.0.0/33"]}})",
              "workspace.json: network.vnet[0]: expected a prefix such as"},
        Wrong{"prefix_bits", R"({"network":{"vnet":["10.0.0.1/16"]}})",
              "workspace.json: network.vnet[0]: expected a prefix"},
        Wrong{"prefix_text", R"({"network":{"vnet":["10.0.0.0/1x"]}})",
              "workspace.json: network.vnet[0]: expected a prefix"},
        Wrong{"list", R"({"network":{"vnet":"10.0.0.0/16"}})",
              "workspace.json: network.vnet: expected a list, got \"10.0.0.0/16\""},
        Wrong{"account", R"({"storage_accounts":[{"name":"St_1"}]})",
              "workspace.json: storage_accounts[0].name: expected an account name of 3 to 24 lower-case "
              "letters and digits"},
        Wrong{"account_host", R"({"storage_accounts":[{"name":"stws1.blob.core.windows.net"}]})",
              "workspace.json: storage_accounts[0].name: expected an account name"},
        Wrong{"no_name", R"({"key_vault":{"access":"private"}})",
              "workspace.json: key_vault: \"name\" is missing"},
        Wrong{"two_defaults",
              R"({"storage_accounts":[{"name":"aaa","default":true},{"name":"bbb","default":true}]})",
              "workspace.json: storage_accounts: expected one default account, got several"},
        Wrong{"service", R"({"storage_accounts":[{"name":"aaa","services":["blobs"]}]})",
              "workspace.json: storage_accounts[0].services[0]: expected blob, file, dfs, queue or table, "
              "got \"blobs\"; did you "
              "mean \"blob\"?"},
        Wrong{"address", R"({"storage_accounts":[{"name":"aaa","addresses":{"blob":"10.0.0"}}]})",
              "workspace.json: storage_accounts[0].addresses.blob: expected an IP address, got \"10.0.0\""},
        Wrong{"port_zero", R"({"custom":[{"host":"a.b","port":0}]})",
              "workspace.json: custom[0].port: expected a port from 1 to 65535, got 0"},
        Wrong{"port_huge", R"({"custom":[{"host":"a.b","port":99999999999999999999}]})",
              "workspace.json: custom[0].port: expected a port from 1 to 65535"},
        Wrong{"host", R"({"custom":[{"host":"https://a.b"}]})",
              "workspace.json: custom[0].host: expected a host name"},
        Wrong{"host_escape", "{\"custom\":[{\"host\":\"a.b\\u001b[2J\"}]}",
              "workspace.json: custom[0].host: expected a host name such as git.contoso.com, got "
              "\"a.b\\x1b[2J\""},
        Wrong{"long_label", R"({"custom":[{"host":")" + std::string(64, 'a') + R"(.b"}]})",
              "workspace.json: custom[0].host: expected a host name"},
        Wrong{"feature", R"({"features":["vs-code"]})",
              "workspace.json: features[0]: expected python-packages,"},
        Wrong{"protocol", R"({"custom":[{"host":"a.b","protocol":"icmp"}]})",
              "workspace.json: custom[0].protocol: expected tls, https, http, tcp or udp, got \"icmp\""},
        Wrong{
            "same_custom",
            R"({"custom":[{"host":"a.b"},{"host":"a.b","protocol":"udp"},{"host":"a.b","protocol":"tcp"}]})",
            "workspace.json: custom[2]: the same host and port stand in an earlier entry"},
        Wrong{"syntax", "{\n  \"region\": eastus2 }", "workspace.json: line 2, column 13:"},
        Wrong{"twice", "{ \"region\": \"eastus2\",\n\"region\": \"westus\" }",
              "workspace.json: line 2: the key \"region\" stands twice in one object"}),
    [](const auto& row) { return row.param.name; });

TEST(WorkspaceFile, AnEmptyFileSaysNothing) {
  EXPECT_TRUE(read("{}").sources.empty());
}

// ---- options and defaults --------------------------------------------------------------------------------

TEST(WorkspaceOptions, WinOverTheFile) {
  Workspace workspace = read(whole);
  EXPECT_FALSE(apply_options(workspace, {"usgov", "usgovvirginia", "cluster", {"ssh"}}));
  EXPECT_EQ(workspace.cloud, Cloud::usgov);
  EXPECT_EQ(workspace.region, "usgovvirginia");
  EXPECT_EQ(workspace.compute.kind, ComputeKind::cluster);
  EXPECT_THAT(workspace.features, ElementsAre("ssh"));
  EXPECT_EQ(workspace.sources.at("region"), "option --region");
  EXPECT_EQ(workspace.sources.at("features"), "option --feature");
  EXPECT_EQ(workspace.sources.at("workspace.id"), "file workspace.json");
}

TEST(WorkspaceOptions, NameTheOptionThatIsWrong) {
  Workspace workspace;
  EXPECT_EQ(apply_options(workspace, {"pubic", "", "", {}})->text,
            "--cloud: expected public, usgov or china, got \"pubic\"; did you mean \"public\"?");
  EXPECT_THAT(apply_options(workspace, {"", "East US", "", {}})->text,
              HasSubstr("--region: expected a region"));
  EXPECT_THAT(apply_options(workspace, {"", "", "clutser", {}})->text,
              HasSubstr("did you mean \"cluster\"?"));
  EXPECT_EQ(apply_options(workspace, {"", "", "", {"vscdoe"}})->text,
            "--feature: unknown feature \"vscdoe\"; did you mean \"vscode\"?");
}

TEST(WorkspaceDefaults, OffAzureAreThePublicCloudAndAMachine) {
  Workspace workspace;
  apply_defaults(workspace);
  EXPECT_EQ(workspace.cloud, Cloud::public_);
  EXPECT_EQ(workspace.compute.kind, ComputeKind::vm);
  EXPECT_FALSE(workspace.on_azure);
  EXPECT_FALSE(workspace.region);
  EXPECT_EQ(workspace.sources.at("compute.kind"), "default");
}

TEST(WorkspaceDefaults, AKindThatWasGivenMeansAzure) {
  Workspace workspace;
  workspace.compute.kind = ComputeKind::cluster;
  apply_defaults(workspace);
  EXPECT_TRUE(workspace.on_azure);
}

TEST(WorkspaceDefaults, OnAzureTheKindStaysOpen) {
  Workspace workspace;
  workspace.on_azure = true;
  apply_defaults(workspace);
  EXPECT_FALSE(workspace.compute.kind);
}

// ---- what the machine gives away -------------------------------------------------------------------------

TEST(DiscoverEnvironment, ReadsTheVariablesOfAJob) {
  Workspace workspace;
  discover_environment(workspace, {{"AZUREML_ARM_SUBSCRIPTION", "11111111-2222-3333-4444-666666666666"},
                                   {"AZUREML_ARM_RESOURCEGROUP", "rg1"},
                                   {"AZUREML_ARM_WORKSPACE_NAME", "ws1"},
                                   {"AZUREML_WORKSPACE_ID", "11111111-2222-3333-4444-555555555555"},
                                   {"AZUREML_SERVICE_ENDPOINT", "https://westeurope.api.azureml.ms"}});
  EXPECT_TRUE(workspace.on_azure);
  EXPECT_EQ(workspace.region, "westeurope");
  EXPECT_EQ(workspace.cloud, Cloud::public_);
  EXPECT_EQ(workspace.workspace.id, "11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(workspace.workspace.resource_group, "rg1");
  EXPECT_EQ(workspace.sources.at("workspace.name"), "environment AZUREML_ARM_WORKSPACE_NAME");
  EXPECT_FALSE(workspace.compute.kind);
}

TEST(DiscoverEnvironment, FindsTheRegionBehindAWorkspaceHostAndInOtherClouds) {
  Workspace workspace;
  discover_environment(
      workspace,
      {{"AZUREML_SERVICE_ENDPOINT",
        "https://11111111-2222-3333-4444-555555555555.workspace.usgovvirginia.api.ml.azure.us/x"}});
  EXPECT_EQ(workspace.region, "usgovvirginia");
  EXPECT_EQ(workspace.cloud, Cloud::usgov);
}

TEST(DiscoverEnvironment, KeepsWhatIsThereAndIgnoresWhatCannotBe) {
  Workspace workspace = read(R"({"region":"eastus2"})");
  discover_environment(workspace, {{"AZUREML_SERVICE_ENDPOINT", "https://westeurope.api.azureml.ms"},
                                   {"AZUREML_WORKSPACE_ID", "not-a-guid"},
                                   {"AZUREML_ARM_WORKSPACE_NAME", "a\nb"}});
  EXPECT_EQ(workspace.region, "eastus2");
  EXPECT_FALSE(workspace.workspace.id);
  EXPECT_FALSE(workspace.workspace.name);
}

TEST(DiscoverEnvironment, AForeignHostSaysNothing) {
  Workspace workspace;
  discover_environment(workspace, {{"AZUREML_SERVICE_ENDPOINT", "https://westeurope.api.example.com"}});
  EXPECT_FALSE(workspace.region);
  EXPECT_FALSE(workspace.cloud);
}

TEST(DiscoverEnvironment, AnIdentityEndpointMeansAzure) {
  Workspace workspace;
  discover_environment(workspace, {{"MSI_ENDPOINT", "http://127.0.0.1:46808/MSI/auth"}, {"MSI_SECRET", "x"}});
  EXPECT_TRUE(workspace.on_azure);
}

TEST(DiscoverInstance, ReadsTheInstancesFile) {
  Workspace workspace;
  discover_instance(workspace, "instance=ci1\ndomainsuffix=\"eastus2.instances.azureml.ms\"\nother\n");
  EXPECT_EQ(workspace.compute.kind, ComputeKind::instance);
  EXPECT_EQ(workspace.compute.name, "ci1");
  EXPECT_EQ(workspace.region, "eastus2");
  EXPECT_TRUE(workspace.on_azure);
  Workspace other;
  discover_instance(other, "");
  EXPECT_FALSE(other.compute.kind);
}

TEST(DiscoverMachine, KnowsAzuresAssetTag) {
  Workspace workspace;
  Node node;
  node.chassis_asset_tag = "7783-7084-3265-9085-8269-3286-77";
  discover_machine(workspace, node);
  EXPECT_TRUE(workspace.on_azure);
}

}  // namespace
}  // namespace amlnet
