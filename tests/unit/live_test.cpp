// The workspace's own list: how it is asked for, what its JSON becomes, and how the plan stands beside it.
#include "agent/plan/live.h"

#include <gmock/gmock.h>

#include "agent/workspace/live_list.h"

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string listing(const std::string& endpoints) {
  return R"({"value":[{"properties":{"category":"Compute","endpoints":[)" + endpoints + "]}}]}";
}

std::string host(const std::string& name, const std::string& ports) {
  return R"({"domainName":")" + name + R"(","endpointDetails":[)" + ports + "]}";
}

TEST(LiveList, IsAskedForAWorkspaceThatIsKnown) {
  Workspace workspace;
  EXPECT_EQ(live_list_path(workspace), "");
  workspace.workspace.subscription = "6d0c9fb1-2f42-4b5b-8f0e-0d0b2c6f1a77";
  workspace.workspace.resource_group = "rg1";
  workspace.workspace.name = "ws1";
  EXPECT_EQ(live_list_path(workspace),
            "/subscriptions/6d0c9fb1-2f42-4b5b-8f0e-0d0b2c6f1a77/resourceGroups/rg1/providers/"
            "Microsoft.MachineLearningServices/workspaces/ws1/outboundNetworkDependenciesEndpoints?"
            "api-version=2024-04-01");
}

TEST(LiveList, KeepsHostsWithTheirPorts) {
  const auto list =
      read_live_list(listing(host("Management.Azure.com", R"({"port":443},{"port":80},{"port":443})") + "," +
                             host("*.instances.azureml.ms", R"({"port":443})")));
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ(list->at(0).host, "management.azure.com");
  EXPECT_EQ(list->at(0).category, "Compute");
  EXPECT_THAT(list->at(0).ports, ElementsAre(80, 443));
  EXPECT_EQ(list->at(1).host, "*.instances.azureml.ms");
}

TEST(LiveList, TakesNothingFromWhatIsNone) {
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("null"), std::string(R"({"value":7})"),
        std::string(R"({"value":[7,{"properties":[]},{"properties":{"endpoints":{}}}]})"), listing(""),
        listing("7"), listing(host("a.example", "")), listing(host("a.example", "7")),
        listing(host("a.example", R"({"port":0},{"port":65536},{"port":-1},{"port":"443"})")),
        listing(host("a b.example", R"({"port":443})")), listing(host("*.*.example", R"({"port":443})")),
        listing(host("<script>", R"({"port":443})"))})
    EXPECT_FALSE(read_live_list(text)) << text;
}

TEST(LiveList, IsBounded) {
  std::string many = host("a0.example", R"({"port":443})");
  for (int i = 1; i < 1500; ++i) many += "," + host("a" + std::to_string(i) + ".example", R"({"port":443})");
  const auto list = read_live_list(listing(many));
  ASSERT_TRUE(list);
  EXPECT_EQ(list->size(), 1000u);
}

/// A plan of documented hosts, each for a requirement of its own.
Plan plan_of(const std::vector<std::pair<std::string, std::string>>& hosts) {
  Plan plan;
  for (const auto& [name, documented_as] : hosts) {
    PlannedRequirement row;
    row.id = "for." + name;
    row.direction = "outbound";
    row.applies = true;
    row.uses = {{plan.endpoints.size(), documented_as, ""}};
    plan.requirements.push_back(row);
    Endpoint endpoint;
    endpoint.host = name;
    endpoint.port = 443;
    plan.endpoints.push_back(endpoint);
  }
  return plan;
}

TEST(Live, NamesWhatOnlyOneSideHas) {
  const auto plan = plan_of({{"management.azure.com", ""}, {"pypi.org", ""}});
  const auto live =
      compare_live({{"ARM", "management.azure.com", {443}}, {"Batch", "batch.example", {443}}}, plan);
  EXPECT_EQ(live.listed, 2);
  ASSERT_EQ(live.only_listed.size(), 1u);
  EXPECT_EQ(live.only_listed[0].host, "batch.example");
  EXPECT_THAT(live.only_listed[0].named_by, ElementsAre("Batch"));
  ASSERT_EQ(live.only_planned.size(), 1u);
  EXPECT_EQ(live.only_planned[0].host, "pypi.org");
  EXPECT_THAT(live.only_planned[0].named_by, ElementsAre("for.pypi.org"));
}

TEST(Live, APortThatIsNotPlannedIsADifference) {
  const auto live =
      compare_live({{"ARM", "management.azure.com", {80, 443}}}, plan_of({{"management.azure.com", ""}}));
  ASSERT_EQ(live.only_listed.size(), 1u);
  EXPECT_THAT(live.only_listed[0].ports, ElementsAre(80));
  EXPECT_THAT(live.only_planned, IsEmpty());
}

TEST(Live, WildcardsCoverTheNamesBelowThem) {
  const auto plan = plan_of({{"ci1.eastus2.instances.azureml.ms", "*.instances.azureml.ms"}});
  for (const char* listed : {"*.instances.azureml.ms", "*.eastus2.instances.azureml.ms"}) {
    const auto live = compare_live({{"Compute", listed, {443}}}, plan);
    EXPECT_THAT(live.only_listed, IsEmpty()) << listed;
    EXPECT_THAT(live.only_planned, IsEmpty()) << listed;
  }
  const auto other = compare_live({{"Compute", "ci2.eastus2.instances.azureml.ms", {443}}}, plan);
  EXPECT_EQ(other.only_listed.size(), 1u) << "another name below the documented wildcard was not probed";
}

TEST(Live, HoldsOnlyWhatTheDocumentationGivesAgainstTheList) {
  auto plan = plan_of(
      {{"git.corp.example", ""}, {"168.63.129.16", ""}, {"inbound.example", ""}, {"skipped.example", ""}});
  plan.endpoints[0].origin = Origin::custom;
  plan.requirements[2].direction = "inbound";
  plan.requirements[3].applies = false;
  EXPECT_THAT(compare_live({}, plan).only_planned, IsEmpty());
}

}  // namespace
}  // namespace amlnet
