// What an earlier round came to know holds where this one was told nothing, and only there.
#include "agent/workspace/earlier_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kMetadata = "metadata", kResources = "resource-manager";

const std::set<ResourceKind> kAllSilent{ResourceKind::workspace};

/// What a node knows by itself.
Workspace of_node() {
  Workspace out;
  out.workspace.subscription = "6d0c9fb1-2f42-4b5b-8f0e-0d0b2c6f1a77";
  out.workspace.resource_group = "rg1";
  out.workspace.name = "ws1";
  out.compute.name = "ci1";
  return out;
}

/// With all that services of the network give.
Workspace learned() {
  Workspace out = of_node();
  out.cloud = Cloud::usgov;
  out.region = "usgovvirginia";
  out.workspace.id = "a";
  out.workspace.access = Access::private_;
  out.workspace.hbi = true;
  out.compute.kind = ComputeKind::instance;
  out.compute.public_ip = false;
  out.network.mode = NetworkMode::customer_vnet;
  out.app_gateway.aliases.emplace_back().fqdn = "a.b.example";
  StorageAccount& account = out.storage_accounts.emplace_back();
  account.name = "stws1";
  account.access = Access::private_;
  account.services = {"blob"};
  out.key_vault = KeyVault{"kvws1", Access::private_, {}};
  out.container_registry = ContainerRegistry{"acrws1", Access::public_, {"usgovvirginia"}};
  out.sources = {{"cloud", kMetadata}, {"region", kMetadata}};
  for (const char* path :
       {"workspace.id", "workspace.access", "workspace.hbi", "compute.kind", "compute.public_ip",
        "network.mode", "app_gateway.aliases", "storage_accounts", "storage_accounts.access",
        "storage_accounts.services", "key_vault", "key_vault.access", "container_registry",
        "container_registry.access", "container_registry.regions"})
    out.sources[path] = kResources;
  return out;
}

TEST(EarlierFacts, FillWhatIsAbsentAndSayWhenTheyWereLearned) {
  Workspace now = of_node();
  recall_metadata_facts(now, learned());
  EXPECT_EQ(now.cloud, Cloud::usgov);
  EXPECT_EQ(now.region, "usgovvirginia");
  EXPECT_EQ(now.sources.at("region"), "metadata (an earlier round)");
  EXPECT_THAT(recalled_facts(now), ElementsAre("cloud (metadata)", "region (metadata)"));
  EXPECT_FALSE(now.key_vault);
  recall_resource_facts(now, learned(), kAllSilent);
  EXPECT_EQ(now.workspace.id, "a");
  EXPECT_EQ(now.workspace.access, Access::private_);
  EXPECT_EQ(now.workspace.hbi, true);
  EXPECT_EQ(now.compute.kind, ComputeKind::instance);
  EXPECT_EQ(now.compute.public_ip, false);
  EXPECT_EQ(now.network.mode, NetworkMode::customer_vnet);
  ASSERT_EQ(now.app_gateway.aliases.size(), 1u);
  ASSERT_EQ(now.storage_accounts.size(), 1u);
  EXPECT_EQ(now.storage_accounts[0].access, Access::private_);
  EXPECT_EQ(now.key_vault->access, Access::private_);
  EXPECT_THAT(now.container_registry->regions, ElementsAre("usgovvirginia"));
  EXPECT_EQ(now.sources.size(), learned().sources.size());
  EXPECT_EQ(now.sources.at("key_vault.access"), "resource-manager (an earlier round)");
  EXPECT_THAT(recalled_facts(now), testing::Contains("key_vault (resource-manager)"));
  EXPECT_THAT(recalled_facts(now), testing::Not(testing::Contains("key_vault.access (resource-manager)")));
}

TEST(EarlierFacts, StayOverManyRounds) {
  Workspace first = of_node(), second = of_node();
  recall_metadata_facts(first, learned());
  recall_resource_facts(first, learned(), kAllSilent);
  recall_metadata_facts(second, first);
  recall_resource_facts(second, first, kAllSilent);
  EXPECT_EQ(second.region, "usgovvirginia");
  EXPECT_EQ(second.sources, first.sources);
}

TEST(EarlierFacts, GiveWayToWhatIsKnownNow) {
  Workspace now = of_node();
  now.region = "usgovarizona";
  now.sources["region"] = "option --region";
  now.key_vault = KeyVault{"KVWS1", {}, {}};
  now.container_registry = ContainerRegistry{"another", {}, {}};
  StorageAccount& given = now.storage_accounts.emplace_back();
  given.name = "stws1";
  given.access = Access::public_;
  now.storage_accounts.emplace_back().name = "stmore";
  now.sources["key_vault"] = now.sources["container_registry"] = now.sources["storage_accounts"] =
      "file ./amlnet.json";
  recall_metadata_facts(now, learned());
  recall_resource_facts(now, learned(), kAllSilent);
  EXPECT_EQ(now.region, "usgovarizona");
  EXPECT_EQ(now.sources.at("region"), "option --region");
  EXPECT_EQ(now.key_vault->access, Access::private_);  // of the same vault
  EXPECT_EQ(now.sources.at("key_vault"), "file ./amlnet.json");
  EXPECT_FALSE(now.container_registry->access);
  EXPECT_FALSE(now.sources.contains("container_registry.access"));
  ASSERT_EQ(now.storage_accounts.size(), 2u);
  EXPECT_EQ(now.storage_accounts[0].access, Access::public_);
  EXPECT_THAT(now.storage_accounts[0].services, ElementsAre("blob"));
  EXPECT_FALSE(now.sources.contains("storage_accounts.access"));
  EXPECT_THAT(recalled_facts(now), testing::Contains("key_vault.access (resource-manager)"));
  EXPECT_EQ(now.sources.at("storage_accounts.services"), "resource-manager (an earlier round)");
}

TEST(EarlierFacts, OfFilesAndOptionsAreReadAnew) {
  Workspace earlier = learned(), now = of_node();
  for (auto& [path, source] : earlier.sources) source = "file ./amlnet.json";
  recall_metadata_facts(now, earlier);
  recall_resource_facts(now, earlier, kAllSilent);
  EXPECT_FALSE(now.region);
  EXPECT_THAT(now.sources, IsEmpty());
  EXPECT_THAT(recalled_facts(now), IsEmpty());
}

TEST(EarlierFacts, OfAnotherWorkspaceAreNotTaken) {
  std::vector<Workspace> others(4, of_node());
  others[0].workspace.subscription = "7e1d0ac2-2f42-4b5b-8f0e-0d0b2c6f1a77";
  others[1].workspace.resource_group = "rg2";
  others[2].workspace.name = "ws2";
  others[3].workspace.name.reset();
  for (Workspace& now : others) {
    recall_resource_facts(now, learned(), kAllSilent);
    EXPECT_THAT(now.sources, IsEmpty());
    EXPECT_FALSE(now.workspace.id || now.key_vault || now.container_registry);
    recall_metadata_facts(now, learned());  // the machine is the same
    EXPECT_EQ(now.region, "usgovvirginia");
  }
  Workspace same = of_node();
  same.workspace.resource_group = "RG1";
  recall_resource_facts(same, learned(), kAllSilent);
  EXPECT_EQ(same.workspace.id, "a");
}

TEST(EarlierFacts, OfAnotherComputeAreNotTaken) {
  for (const std::optional<std::string>& name : {std::optional<std::string>("ci2"), {}}) {
    Workspace now = of_node();
    now.compute.name = name;
    recall_resource_facts(now, learned(), kAllSilent);
    EXPECT_FALSE(now.compute.kind || now.compute.public_ip || now.network.mode);
    EXPECT_EQ(now.workspace.id, "a");
  }
  Workspace managed = learned(), now = of_node();
  managed.network.mode = NetworkMode::managed_approved_outbound;  // that of every compute
  now.compute.name = "ci2";
  recall_resource_facts(now, managed, kAllSilent);
  EXPECT_EQ(now.network.mode, NetworkMode::managed_approved_outbound);
}

/// Which facts come from a round before where these resources are silent, and the workspace's answer names
/// the accounts.
std::vector<std::string> recalled_of(const std::set<ResourceKind>& silent) {
  Workspace now = of_node();
  now.storage_accounts.emplace_back().name = "stws1";
  now.key_vault = KeyVault{"kvws1", {}, {}};
  now.container_registry = ContainerRegistry{"acrws1", {}, {}};
  recall_resource_facts(now, learned(), silent);
  return recalled_facts(now);
}

TEST(EarlierFacts, OfAnswersThatCameAreNotTaken) {
  EXPECT_THAT(recalled_of({}), IsEmpty());
  EXPECT_THAT(recalled_of({ResourceKind::compute}),
              ElementsAre("compute.kind (resource-manager)", "compute.public_ip (resource-manager)",
                          "network.mode (resource-manager)"));
  EXPECT_THAT(recalled_of({ResourceKind::storage}),
              ElementsAre("storage_accounts.access (resource-manager)",
                          "storage_accounts.services (resource-manager)"));
  EXPECT_THAT(recalled_of({ResourceKind::key_vault}), ElementsAre("key_vault.access (resource-manager)"));
  EXPECT_THAT(recalled_of({ResourceKind::registry}),
              ElementsAre("container_registry.access (resource-manager)",
                          "container_registry.regions (resource-manager)"));
}

TEST(EarlierFacts, OfAWorkspaceThatHasNoRegistryAnyMore) {
  Workspace now = of_node();
  recall_resource_facts(
      now, learned(),
      {ResourceKind::compute, ResourceKind::storage, ResourceKind::key_vault, ResourceKind::registry});
  EXPECT_FALSE(now.container_registry);
  EXPECT_FALSE(now.workspace.id);
  EXPECT_TRUE(now.storage_accounts.empty());
  EXPECT_EQ(now.compute.kind, ComputeKind::instance);
}

}  // namespace
}  // namespace amlnet
