// What Resource Manager's JSON becomes, and what it cannot become.
#include "agent/workspace/resource_manager.h"

#include <gmock/gmock.h>

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kGroup = "/subscriptions/6d0c9fb1-2f42-4b5b-8f0e-0d0b2c6f1a77/resourceGroups/rg1";

Workspace known() {
  Workspace workspace;
  workspace.workspace.subscription = "6d0c9fb1-2f42-4b5b-8f0e-0d0b2c6f1a77";
  workspace.workspace.resource_group = "rg1";
  workspace.workspace.name = "ws1";
  workspace.compute.name = "ci1";
  return workspace;
}

std::string whole_workspace(const std::string& more = "") {
  return std::string(R"({"name":"ws1","location":"East US 2","properties":{"hbiWorkspace":true,
    "workspaceId":"0b5e1d3c-6a41-4c3f-9d55-2f8a7c1e9b10","publicNetworkAccess":"Disabled",)") +
         "\"storageAccount\":\"" + kGroup + "/providers/Microsoft.Storage/storageAccounts/stws1\"," +
         "\"keyVault\":\"" + kGroup + "/providers/Microsoft.Keyvault/vaults/kvws1\"," +
         "\"containerRegistry\":\"" + kGroup + "/providers/Microsoft.ContainerRegistry/registries/acrws1\"" +
         more + "}}";
}

TEST(ResourceManager, AsksOnlyForAWorkspaceThatIsKnown) {
  EXPECT_EQ(workspace_query(Workspace{}).path, "");
  EXPECT_EQ(workspace_query(known()).path,
            std::string(kGroup) +
                "/providers/Microsoft.MachineLearningServices/workspaces/ws1?api-version=2024-04-01");
  EXPECT_TRUE(resource_manager_could_help(known()));
}

TEST(ResourceManager, ReadsTheWorkspace) {
  Workspace workspace = known();
  const auto next = apply_resource(workspace, workspace_query(workspace), whole_workspace());
  ASSERT_EQ(next.size(), 4U);
  EXPECT_THAT(next[0].path, HasSubstr("/storageAccounts/stws1?api-version="));
  EXPECT_THAT(next[3].path, HasSubstr("/workspaces/ws1/computes/ci1?api-version="));
  EXPECT_EQ(workspace.workspace.id, "0b5e1d3c-6a41-4c3f-9d55-2f8a7c1e9b10");
  EXPECT_EQ(workspace.workspace.access, Access::private_);
  EXPECT_EQ(workspace.workspace.hbi, true);
  EXPECT_EQ(workspace.storage_accounts.at(0).name, "stws1");
  EXPECT_TRUE(workspace.storage_accounts.at(0).is_default);
  EXPECT_EQ(workspace.key_vault->name, "kvws1");
  EXPECT_EQ(workspace.container_registry->name, "acrws1");
  EXPECT_EQ(workspace.region, std::nullopt);  // "East US 2" is a title and no region
  for (const char* fact :
       {"workspace.id", "workspace.access", "workspace.hbi", "storage_accounts", "key_vault"})
    EXPECT_EQ(workspace.sources[fact], "resource-manager") << fact;
}

TEST(ResourceManager, ARefusalIsAnAnswer) {
  for (const int status : {200, 302, 400, 403, 404, 410}) EXPECT_FALSE(is_silence(status)) << status;
  for (const int status : {0, 401, 429, 500, 502, 503, 504}) EXPECT_TRUE(is_silence(status)) << status;
}

TEST(ResourceManager, NeverOverridesWhatIsKnown) {
  Workspace workspace = known();
  workspace.workspace.access = Access::public_;
  workspace.workspace.hbi = false;
  workspace.key_vault = KeyVault{"other", {}, {}};
  apply_resource(workspace, workspace_query(workspace), whole_workspace());
  EXPECT_EQ(workspace.workspace.access, Access::public_);
  EXPECT_EQ(workspace.workspace.hbi, false);
  EXPECT_EQ(workspace.key_vault->name, "other");
  EXPECT_EQ(workspace.sources.count("workspace.access"), 0U);
}

TEST(ResourceManager, AManagedNetworkAndItsGateway) {
  const std::string network =
      std::string(R"(,"managedNetwork":{"isolationMode":"AllowOnlyApprovedOutbound","outboundRules":{
        "pypi":{"type":"FQDN","destination":"pypi.org"},
        "blob":{"type":"PrivateEndpoint","destination":{"serviceResourceId":")") +
      kGroup +
      R"(/providers/Microsoft.Storage/storageAccounts/x"},"fqdns":["not.an.alias"]},
        "gateway":{"type":"PrivateEndpoint","destination":{"serviceResourceId":")" +
      kGroup +
      R"(/providers/Microsoft.Network/applicationGateways/g"},"fqdns":["a.corp.contoso.com","bad host"]}}})";
  Workspace workspace = known();
  apply_resource(workspace, workspace_query(workspace), whole_workspace(network));
  EXPECT_EQ(workspace.network.mode, NetworkMode::managed_approved_outbound);
  ASSERT_EQ(workspace.app_gateway.aliases.size(), 1U);
  EXPECT_EQ(workspace.app_gateway.aliases[0].fqdn, "a.corp.contoso.com");
  EXPECT_EQ(workspace.sources["app_gateway.aliases"], "resource-manager");
}

TEST(ResourceManager, HowAnAccountIsReached) {
  const std::string approved =
      R"("privateEndpointConnections":[{"properties":{"privateLinkServiceConnectionState":{"status":"Approved"}}}],)";
  const std::string deny = R"("networkAcls":{"defaultAction":"Deny","virtualNetworkRules":[],"ipRules":[]})";
  const std::string subnet = R"("networkAcls":{"defaultAction":"Deny","virtualNetworkRules":[{"id":"s"}]})";
  const std::string open = R"("networkAcls":{"defaultAction":"Allow"})";
  const std::string off = R"("publicNetworkAccess":"Disabled")";
  struct Row {
    std::string properties;
    std::optional<Access> access;
  };
  const std::vector<Row> rows = {{approved + deny, Access::private_},
                                 {approved + off, Access::private_},
                                 {approved + open, std::nullopt},
                                 {approved + subnet, std::nullopt},
                                 {subnet, Access::service_endpoint},
                                 {open, Access::public_},
                                 {deny, std::nullopt},
                                 {off, std::nullopt}};
  for (const auto& row : rows) {
    Workspace workspace = known();
    workspace.storage_accounts.emplace_back().name = "stws1";
    apply_resource(workspace, {ResourceKind::storage, ""},
                   R"({"name":"stws1","properties":{)" + row.properties + "}}");
    EXPECT_EQ(workspace.storage_accounts[0].access, row.access) << row.properties;
  }
}

TEST(ResourceManager, ComputeAndRegistry) {
  Workspace workspace = known();
  apply_resource(workspace, {ResourceKind::compute, ""},
                 R"({"properties":{"computeType":"AmlCompute","properties":{"enableNodePublicIp":false,
                     "subnet":{"id":"/subscriptions/x"}}}})");
  EXPECT_EQ(workspace.compute.kind, ComputeKind::cluster);
  EXPECT_EQ(workspace.compute.public_ip, false);
  EXPECT_EQ(workspace.network.mode, NetworkMode::customer_vnet);
  workspace.container_registry = ContainerRegistry{"acrws1", {}, {}};
  apply_resource(workspace, {ResourceKind::registry, ""},
                 R"({"name":"acrws1","properties":{"dataEndpointHostNames":["acrws1.eastus2.data.azurecr.io",
                     "evil","acrws1.data.x", 7]}})");
  EXPECT_THAT(workspace.container_registry->regions, ElementsAre("eastus2"));
}

TEST(ResourceManager, TakesNothingFromWhatIsNoResource) {
  const std::vector<std::string> strange = {
      "",
      "[]",
      "null",
      "{}",
      R"({"properties":[]})",
      R"({"properties":{"workspaceId":"../x","storageAccount":7}})",
      R"({"properties":{"storageAccount":"/subscriptions/x/resourceGroups/../providers/Microsoft.Storage/storageAccounts/a"}})",
      std::string(R"({"properties":{"keyVault":")") + kGroup +
          R"(/providers/Microsoft.KeyVault/vaults/a?b=c"}})"};
  for (const auto& text : strange) {
    Workspace workspace = known();
    workspace.workspace.access = Access::private_;
    workspace.compute.name.reset();
    EXPECT_THAT(apply_resource(workspace, workspace_query(workspace), text), IsEmpty()) << text;
    EXPECT_THAT(workspace.sources, IsEmpty()) << text;
  }
}

}  // namespace
}  // namespace amlnet
