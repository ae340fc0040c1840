// What an earlier round came to know holds where this one was told nothing, and only there.
#include "agent/workspace/earlier_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kMetadata = "metadata", kResources = "resource-manager";

/// All that services of the network give.
Workspace learned() {
  Workspace out;
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
  Workspace now;
  recall_facts(now, learned(), FactService::metadata);
  EXPECT_EQ(now.cloud, Cloud::usgov);
  EXPECT_EQ(now.region, "usgovvirginia");
  EXPECT_EQ(now.sources.at("region"), "metadata (an earlier round)");
  EXPECT_THAT(recalled_facts(now), ElementsAre("cloud (metadata)", "region (metadata)"));
  EXPECT_FALSE(now.key_vault);
  recall_facts(now, learned(), FactService::resource_manager);
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
  Workspace first, second;
  recall_facts(first, learned(), FactService::metadata);
  recall_facts(second, first, FactService::metadata);
  EXPECT_EQ(second.region, "usgovvirginia");
  EXPECT_EQ(second.sources, first.sources);
}

TEST(EarlierFacts, GiveWayToWhatIsKnownNow) {
  Workspace now;
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
  recall_facts(now, learned(), FactService::metadata);
  recall_facts(now, learned(), FactService::resource_manager);
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
  Workspace earlier = learned(), now;
  for (auto& [path, source] : earlier.sources) source = "file ./amlnet.json";
  recall_facts(now, earlier, FactService::metadata);
  recall_facts(now, earlier, FactService::resource_manager);
  EXPECT_FALSE(now.region);
  EXPECT_THAT(now.sources, IsEmpty());
  EXPECT_THAT(recalled_facts(now), IsEmpty());
}

}  // namespace
}  // namespace amlnet
