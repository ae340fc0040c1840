// Planning: which rows apply and why, which names they come to, what is missing. Golden plans hold whole
// workspaces, byte for byte: golden/plan/NAME.json is a workspace file, NAME.txt its plan.
// AMLNET_UPDATE_GOLDEN=1 writes them anew; read the difference against the documents before you commit it.
#include "agent/plan/plan.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "agent/catalog/catalog.h"
#include "agent/workspace/workspace_file.h"

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Workspace workspace_of(const std::string& json) {
  const auto read = read_workspace_file(json, "w.json");
  if (const auto* error = std::get_if<ConfigError>(&read)) ADD_FAILURE() << error->text;
  Workspace workspace = std::holds_alternative<Workspace>(read) ? std::get<Workspace>(read) : Workspace{};
  apply_defaults(workspace);
  return workspace;
}

/// A catalog of these requirements, with what every row needs filled in.
Catalog catalog_of(const std::vector<std::string>& rows) {
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += fmt::format(R"({}{{ "id": "r{}", "title": "T", "breaks": "B.", "fix": "F.", {} }})",
                        i ? ", " : "", i, rows[i]);
  }
  const auto read = read_catalog(fmt::format("{{ \"requirements\": [ {} ] }}", text), "built-in");
  if (const auto* error = std::get_if<ConfigError>(&read)) ADD_FAILURE() << error->text;
  return std::holds_alternative<Catalog>(read) ? std::get<Catalog>(read) : Catalog{};
}

/// A required row with one endpoint on 443.
std::string row_with(const std::string& hosts, const std::string& more = "") {
  return fmt::format(
      R"("level": "required", "endpoints": [ {{ "hosts": {}, "ports": [443], "protocol": "tls"{} }} ])",
      hosts, more);
}

Plan plan_of(const std::vector<std::string>& rows, const std::string& workspace) {
  return make_plan(catalog_of(rows), workspace_of(workspace));
}

std::vector<std::string> names(const Plan& plan) {
  std::vector<std::string> out;
  for (const Endpoint& endpoint : plan.endpoints)
    out.push_back(fmt::format("{}:{}", endpoint.host, endpoint.port));
  return out;
}

TEST(Plan, EachEndpointStandsOnceAndKeepsTheDeepestProtocol) {
  const Plan plan = plan_of(
      {R"("level": "required", "endpoints": [ { "hosts": ["a.example.com"], "ports": [443], "protocol": "tcp" } ])",
       R"("level": "required", "service_tag": "Tag", "endpoints": [ { "hosts": ["A.example.com"], "ports": [443],
          "protocol": "https", "answerer": "entra" } ])",
       row_with(R"(["a.example.com"])")},
      "{}");
  ASSERT_EQ(plan.endpoints.size(), 1u);
  EXPECT_EQ(plan.endpoints[0].protocol, Protocol::https);
  EXPECT_EQ(plan.endpoints[0].answerer, "entra");
  EXPECT_EQ(plan.endpoints[0].service_tag, "Tag");
  for (const PlannedRequirement& row : plan.requirements) EXPECT_EQ(row.uses.at(0).endpoint, 0u);
}

TEST(Plan, UdpAndTcpOfOnePortAreTwoEndpoints) {
  const Plan plan = plan_of(
      {R"("level": "required", "endpoints": [ { "hosts": ["a.example.com"], "ports": [53], "protocol": "udp" },
                                                     { "hosts": ["a.example.com"], "ports": [53], "protocol": "tcp" } ])"},
      "{}");
  EXPECT_EQ(plan.endpoints.size(), 2u);
}

TEST(Plan, PrivateScopeWinsAndAnUnknownOneLeavesTheQuestionOpen) {
  const std::string vault = R"(["<vault>.vault.azure.net"])";
  const std::vector<std::string> rows = {row_with(vault), row_with(vault, R"(, "access": "key-vault")")};
  const Plan known =
      plan_of(rows, R"({"key_vault":{"name":"kv1","access":"private","address":"10.0.2.20"}})");
  ASSERT_EQ(known.endpoints.size(), 1u);
  EXPECT_EQ(known.endpoints[0].scope, Scope::private_);
  EXPECT_TRUE(known.endpoints[0].scope_known);
  EXPECT_EQ(known.endpoints[0].expected_address, "10.0.2.20");
  const Plan open = plan_of(rows, R"({"key_vault":{"name":"kv1"}})");
  EXPECT_EQ(open.endpoints[0].scope, Scope::any);
  EXPECT_FALSE(open.endpoints[0].scope_known);
  const Plan general = plan_of(rows, R"({"key_vault":{"name":"kv1","access":"public"}})");
  EXPECT_EQ(general.endpoints[0].scope, Scope::any);
  EXPECT_TRUE(general.endpoints[0].scope_known);
}

TEST(Plan, EachStorageAccountIsJudgedByItsOwnAccess) {
  const Plan plan = plan_of(
      {row_with(
          R"(["<storage>.blob.core.windows.net"])",
          R"(, "access": "storage", "when": { "facts": { "storage_accounts.access": ["private", "unknown"] } })")},
      R"({"storage_accounts":[{"name":"one","access":"private","addresses":{"blob":"10.0.2.10"}},
                                {"name":"two","access":"public"},{"name":"three"},{"name":"four","access":"private","services":["file"]}]})");
  EXPECT_THAT(names(plan), ElementsAre("one.blob.core.windows.net:443", "three.blob.core.windows.net:443"));
  EXPECT_EQ(plan.endpoints[0].expected_address, "10.0.2.10");
  EXPECT_EQ(plan.endpoints[0].scope, Scope::private_);
  EXPECT_FALSE(plan.endpoints[1].scope_known);
}

TEST(Plan, AccountsWithoutTheServiceMakeTheRowNotApply) {
  const Plan plan = plan_of({row_with(R"(["<storage>.queue.core.windows.net"])")},
                            R"({"storage_accounts":[{"name":"one","services":["blob"]}]})");
  EXPECT_FALSE(plan.requirements[0].applies);
  EXPECT_EQ(plan.requirements[0].because, "no storage account has the service queue");
}

TEST(Plan, AMissingFactIsNamedWithTheWayToGiveIt) {
  const Plan plan =
      plan_of({row_with(R"(["<region>.api.azureml.ms"])"), row_with(R"(["<storage>.blob.core.windows.net"])"),
               row_with(R"(["<region>.tundra.azureml.ms"])")},
              "{}");
  EXPECT_THAT(plan.endpoints, IsEmpty());
  for (const PlannedRequirement& row : plan.requirements) {
    EXPECT_TRUE(row.applies);
    EXPECT_EQ(row.unknown, Unknown::not_known);
  }
  EXPECT_THAT(plan.requirements[0].because, HasSubstr("needs region, which is not known"));
  ASSERT_EQ(plan.missing.size(), 2u);
  EXPECT_EQ(plan.missing[0].fact, "region");
  EXPECT_EQ(plan.missing[0].how, "--region R, or \"region\" in the workspace file (--config FILE)");
  EXPECT_THAT(plan.missing[0].requirements, ElementsAre("r0", "r2"));
  EXPECT_EQ(plan.missing[1].fact, "storage_accounts");
}

TEST(Plan, AWildcardIsNeverGuessed) {
  const Plan plan =
      plan_of({row_with(R"(["*.blob.core.windows.net"])"), row_with(R"(["*.<region>.batch.azure.com"])")},
              R"({"storage_accounts":[{"name":"one"}]})");
  EXPECT_THAT(plan.endpoints, IsEmpty());
  for (const PlannedRequirement& row : plan.requirements) EXPECT_EQ(row.unknown, Unknown::not_testable);
  EXPECT_THAT(plan.missing, IsEmpty());
}

TEST(Plan, AWildcardBesideAKnownNameLeavesTheRowUnknownAndTheNameProbed) {
  const Plan plan = plan_of({row_with(R"(["a.example.com", "*.b.example.com"])")}, "{}");
  EXPECT_EQ(plan.requirements[0].uses.size(), 1u);
  EXPECT_EQ(plan.requirements[0].unknown, Unknown::not_testable);
}

TEST(Plan, IfUnknownDecidesWhatAMissingNameMeans) {
  const std::string batch = R"(["<batch-account>.<region>.batch.azure.com"])";
  const std::vector<std::string> rows = {row_with(batch),
                                         row_with(batch, R"(, "if_unknown": "not-testable")"),
                                         row_with(batch, R"(, "if_unknown": "leave-out")")};
  const Plan plan = plan_of(rows, R"({"region":"eastus2"})");
  EXPECT_EQ(plan.requirements[0].unknown, Unknown::not_known);
  EXPECT_EQ(plan.requirements[1].unknown, Unknown::not_testable);
  EXPECT_FALSE(plan.requirements[2].applies);
  EXPECT_EQ(plan.requirements[2].because, "only where workspace.batch_account is known");
  const Plan known = plan_of(rows, R"({"region":"eastus2","workspace":{"batch_account":"ba1"}})");
  EXPECT_THAT(names(known), ElementsAre("ba1.eastus2.batch.azure.com:443"));
  for (const PlannedRequirement& row : known.requirements) EXPECT_FALSE(row.unknown) << row.id;
}

TEST(Plan, ConditionsExplainThemselves) {
  const std::string host = R"(["a.example.com"])";
  const std::vector<std::string> rows = {
      R"("when": { "compute": ["instance"], "facts": { "workspace.access": ["private"] } }, )" +
          row_with(host),
      R"("when": { "any_feature": ["vscode", "vscode-web"] }, )" + row_with(host),
      R"("when": { "no_feature": ["monitoring-private"] }, )" + row_with(host),
      R"("when": { "clouds": ["usgov"] }, )" + row_with(host), row_with(host)};
  const Plan plan = plan_of(
      rows,
      R"({"compute":{"kind":"instance"},"workspace":{"access":"private"},"features":["monitoring-private"]})");
  EXPECT_EQ(plan.requirements[0].because, "compute.kind is instance; workspace.access is private");
  EXPECT_EQ(plan.requirements[1].because, "only with the feature vscode or vscode-web");
  EXPECT_EQ(plan.requirements[2].because, "not with the feature monitoring-private");
  EXPECT_EQ(plan.requirements[3].because, "only in the cloud usgov; this is public");
  EXPECT_EQ(plan.requirements[4].because, "every node needs it");
  const Plan other = plan_of(rows, R"({"compute":{"kind":"cluster"}})");
  EXPECT_EQ(other.requirements[0].because, "only for compute of kind instance; this is cluster");
  EXPECT_FALSE(other.requirements[0].applies);
}

TEST(Plan, AnUndecidedConditionIsNotProbedAndAsksForItsFact) {
  const Plan plan = plan_of(
      {R"("when": { "facts": { "workspace.access": ["private"] } }, )" + row_with(R"(["a.example.com"])")},
      "{}");
  EXPECT_TRUE(plan.requirements[0].applies);
  EXPECT_EQ(plan.requirements[0].unknown, Unknown::not_known);
  EXPECT_EQ(plan.requirements[0].because, "depends on workspace.access, which is not known");
  EXPECT_THAT(plan.endpoints, IsEmpty());
  ASSERT_EQ(plan.missing.size(), 1u);
  EXPECT_EQ(plan.missing[0].fact, "workspace.access");
}

TEST(Plan, NothingIsAskedForWhatNoProbeCouldShow) {
  const Plan plan = plan_of(
      {R"("when": { "facts": { "workspace.hbi": ["true"] } }, )" + row_with(R"(["*.vault.azure.net"])"),
       R"("when": { "facts": { "compute.public_ip": ["true"] } }, "level": "required", "testable": false, "verify": "V.")"},
      "{}");
  EXPECT_EQ(plan.requirements[0].unknown, Unknown::not_testable);
  EXPECT_EQ(plan.requirements[1].unknown, Unknown::not_testable);
  EXPECT_THAT(plan.missing, IsEmpty());
}

TEST(Plan, AFeatureRaisesTheLevel) {
  const std::vector<std::string> rows = {
      R"("level_when": [ { "when": { "any_feature": ["rstudio"] }, "level": "required" } ], "level": "optional",
         "endpoints": [ { "hosts": ["a.example.com"], "ports": [8787], "protocol": "tcp" } ])"};
  EXPECT_EQ(plan_of(rows, "{}").requirements[0].level, Level::optional);
  const Plan plan = plan_of(rows, R"({"features":["rstudio"]})");
  EXPECT_EQ(plan.requirements[0].level, Level::required);
  EXPECT_EQ(plan.requirements[0].because, "every node needs it; required because the feature rstudio is on");
}

TEST(Plan, PlatformRowsNeedAnAzureMachine) {
  const std::vector<std::string> rows = {R"("platform": true, )" + row_with(R"(["169.254.169.254"])")};
  EXPECT_EQ(plan_of(rows, "{}").requirements[0].because, "this is not an Azure machine");
  EXPECT_THAT(names(plan_of(rows, R"({"compute":{"kind":"cluster"}})")), ElementsAre("169.254.169.254:443"));
}

TEST(Plan, EndedRowsSayWhatTookOver) {
  const Plan plan =
      plan_of({R"("until": "2023-04-14", "replaced_by": "r1", )" + row_with(R"(["old.example.com"])")}, "{}");
  EXPECT_FALSE(plan.requirements[0].applies);
  EXPECT_EQ(plan.requirements[0].because, "no longer documented since 2023-04-14; r1 took its place");
}

TEST(Plan, TheDocumentationIsReadAsOfADay) {
  const Catalog catalog =
      catalog_of({R"("until": "2023-04-14", "replaced_by": "r1", )" + row_with(R"(["old.example.com"])"),
                  R"("since": "2023-04-14", )" + row_with(R"(["new.example.com"])")});
  const auto on = [&](const std::string& day) {
    return names(make_plan(catalog, workspace_of("{}"), {{}, {}, day}));
  };
  EXPECT_THAT(on("2023-04-13"), ElementsAre("old.example.com:443"));
  EXPECT_THAT(on("2023-04-14"), ElementsAre("new.example.com:443"));
  EXPECT_THAT(on(""), ElementsAre("new.example.com:443"));
  const Plan plan = make_plan(catalog, workspace_of("{}"), {{}, {}, "2021-09-14"});
  EXPECT_EQ(plan.requirements[1].because, "not documented before 2023-04-14");
}

TEST(Plan, CloudsWithoutHostsAreSkippedWithTheReason) {
  const Plan plan = plan_of({row_with(R"({ "public": ["a.example.com"] })")}, R"({"cloud":"china"})");
  EXPECT_FALSE(plan.requirements[0].applies);
  EXPECT_EQ(plan.requirements[0].because, "the documentation lists no host for the cloud china");
}

TEST(Plan, HubProjectsAliasesAndOnlineEndpointsBringNamesOfTheirOwn) {
  const Plan plan = plan_of({row_with(R"(["<workspace-id>.workspace.<region>.api.azureml.ms"])"),
                             row_with(R"(["<endpoint>.<region>.inference.ml.azure.com"])"),
                             row_with(R"(["<alias>"])", R"(, "access": "gateway")"),
                             row_with(R"(["<registry>.<registry-region>.data.azurecr.io"])")},
                            R"({"region":"eastus2","workspace":{"id":"11111111-2222-3333-4444-555555555555",
        "hub_projects":[{"name":"proj","id":"11111111-2222-3333-4444-666666666666"}],"online_endpoints":["ep1","ep2"]},
        "app_gateway":{"aliases":[{"fqdn":"git.corp.contoso.com","port":8080,"protocol":"http","ca_file":"r.pem"}]},
        "container_registry":{"name":"acrws1","regions":["eastus2","westus"]}})");
  EXPECT_THAT(names(plan), UnorderedElementsAre(
                               "11111111-2222-3333-4444-555555555555.workspace.eastus2.api.azureml.ms:443",
                               "11111111-2222-3333-4444-666666666666.workspace.eastus2.api.azureml.ms:443",
                               "ep1.eastus2.inference.ml.azure.com:443",
                               "ep2.eastus2.inference.ml.azure.com:443", "git.corp.contoso.com:8080",
                               "acrws1.eastus2.data.azurecr.io:443", "acrws1.westus.data.azurecr.io:443"));
  const auto alias = std::find_if(plan.endpoints.begin(), plan.endpoints.end(), [](const Endpoint& endpoint) {
    return endpoint.origin == Origin::gateway_alias;
  });
  ASSERT_NE(alias, plan.endpoints.end());
  EXPECT_EQ(alias->scope, Scope::private_);
  EXPECT_EQ(alias->protocol, Protocol::http);
  EXPECT_EQ(alias->ca_file, "r.pem");
}

TEST(Plan, OnlyTheDefaultAccountHasAllServicesWhereNoneAreNamed) {
  const std::vector<std::string> rows{row_with(R"(["<storage>.blob.core.windows.net"])"),
                                      row_with(R"(["<storage>.file.core.windows.net"])")};
  const Plan both = plan_of(rows, R"({"storage_accounts":[{"name":"stws1","default":true},{"name":"stdata1"},
      {"name":"stfile1","services":["file"]}]})");
  EXPECT_THAT(names(both),
              UnorderedElementsAre("stws1.blob.core.windows.net:443", "stdata1.blob.core.windows.net:443",
                                   "stws1.file.core.windows.net:443", "stfile1.file.core.windows.net:443"));
  const Plan unmarked = plan_of(rows, R"({"storage_accounts":[{"name":"stws1"}]})");
  EXPECT_THAT(names(unmarked),
              UnorderedElementsAre("stws1.blob.core.windows.net:443", "stws1.file.core.windows.net:443"));
}

/// The groups of a requirement of the built-in catalog: name -> hosts, in order.
std::map<std::string, std::vector<std::string>> groups_in(const std::string& id, const std::string& cloud) {
  const Plan plan =
      make_plan(builtin_catalog(),
                workspace_of(fmt::format(R"({{"cloud":"{}","region":"r1","workspace":{{"access":"private"}},
        "compute":{{"kind":"instance","name":"ci1"}},"features":["automl"]}})",
                                         cloud)),
                {{id}, {}, ""});
  std::map<std::string, std::vector<std::string>> groups;
  for (const EndpointUse& use : plan.requirements.at(0).uses)
    groups[use.group].push_back(plan.endpoints[use.endpoint].host);
  return groups;
}

TEST(Plan, DocumentedAlternativesAreOneGroupWithTheFirstAsPrimary) {
  using Groups = std::map<std::string, std::vector<std::string>>;
  for (const char* id : {"ci.host", "ci.rstudio.8787", "ci.lsp.18881", "pe.ws.instance"}) {
    EXPECT_EQ(groups_in(id, "public"),
              (Groups{{"suffix", {"ci1.r1.instances.azureml.ms", "ci1.r1.instances.ml.azure.ms"}}}))
        << id;
    EXPECT_EQ(groups_in(id, "usgov"), (Groups{{"suffix",
                                               {"ci1.r1.instances.azureml.us", "ci1.r1.instances.azureml.ms",
                                                "ci1.r1.instances.ml.azure.us"}}}))
        << id;
    EXPECT_EQ(groups_in(id, "china"), (Groups{{"suffix",
                                               {"ci1.r1.instances.azureml.ms", "ci1.r1.instances.azureml.cn",
                                                "ci1.r1.instances.ml.azure.ms"}}}))
        << id;
  }
  EXPECT_EQ(groups_in("automl.resources", "public").at("resources").front(),
            "automlresources-prod.azureedge.net");
  EXPECT_EQ(groups_in("automl.resources", "public").at("resources").size(), 2u);
}

TEST(Plan, CustomEndpointsAreRequirements) {
  const Plan plan = plan_of(
      {}, R"({"custom":[{"host":"Git.corp.contoso.com","port":22,"protocol":"tcp","why":"training code"}]})");
  ASSERT_EQ(plan.requirements.size(), 1u);
  EXPECT_EQ(plan.requirements[0].id, "custom.Git.corp.contoso.com:22");
  EXPECT_EQ(plan.requirements[0].title, "training code");
  EXPECT_EQ(plan.requirements[0].level, Level::required);
  EXPECT_EQ(plan.endpoints[0].host, "git.corp.contoso.com");
  EXPECT_EQ(plan.endpoints[0].protocol, Protocol::tcp);
  EXPECT_EQ(plan.endpoints[0].origin, Origin::custom);
}

TEST(Plan, FiltersKeepOnlyAndDropSkipped) {
  const Catalog catalog = catalog_of(
      {row_with(R"(["a.example.com"])"), row_with(R"(["b.example.com"])"), row_with(R"(["c.example.com"])")});
  const Plan plan = make_plan(catalog, workspace_of(R"({"custom":[{"host":"d.example.com"}]})"),
                              {{"r?", "custom.*"}, {"r1"}, ""});
  EXPECT_THAT(names(plan), ElementsAre("a.example.com:443", "c.example.com:443", "d.example.com:443"));
  EXPECT_EQ(plan.requirements.size(), 3u);
}

// ---- golden plans ----------------------------------------------------------------------------------------

std::string word_of(Level level) {
  return level == Level::required ? "required" : level == Level::recommended ? "recommended" : "optional";
}

std::string state_of(const PlannedRequirement& row) {
  if (!row.applies) return "skipped";
  if (!row.unknown) return "planned";
  return row.unknown == Unknown::not_known ? "not-known" : "not-testable";
}

std::string line_of(const Plan& plan, const EndpointUse& use) {
  const Endpoint& endpoint = plan.endpoints[use.endpoint];
  std::string line = fmt::format("    {}:{} {}", endpoint.host, endpoint.port, name_of(endpoint.protocol));
  if (endpoint.scope == Scope::private_) line += " private";
  if (!endpoint.scope_known) line += " scope-unknown";
  if (!endpoint.answerer.empty()) line += " by " + endpoint.answerer;
  if (!endpoint.expected_address.empty()) line += " at " + endpoint.expected_address;
  if (!use.documented_as.empty()) line += " for " + use.documented_as;
  if (!use.group.empty()) line += " any of " + use.group;
  return line + "\n";
}

std::string text_of(const Plan& plan) {
  std::string text;
  for (const PlannedRequirement& row : plan.requirements) {
    text += fmt::format("{} {} {}: {}\n", row.id, word_of(row.level), state_of(row), row.because);
    for (const EndpointUse& use : row.uses) text += line_of(plan, use);
  }
  for (const MissingFact& missing : plan.missing) {
    text +=
        fmt::format("missing {}: {} ({})\n", missing.fact, missing.how, fmt::join(missing.requirements, " "));
  }
  return text + fmt::format("{} endpoints\n", plan.endpoints.size());
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(GoldenPlans, AreAsReviewed) {
  const std::filesystem::path folder = std::filesystem::path(TEST_SOURCE_DIR) / "golden/plan";
  int cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    ++cases;
    const std::string text = text_of(make_plan(builtin_catalog(), workspace_of(read_text(entry.path()))));
    std::filesystem::path golden = entry.path();
    golden.replace_extension(".txt");
    if (std::getenv("AMLNET_UPDATE_GOLDEN") != nullptr) std::ofstream(golden, std::ios::binary) << text;
    EXPECT_EQ(text, read_text(golden)) << golden;
  }
  EXPECT_GE(cases, 11);
}

}  // namespace
}  // namespace amlnet
