// The catalog against the five documents it began from: every row of theirs is covered or has a reason, and
// every requirement is needed by one of them or listed with the document that needs it
// (coverage/elsewhere.json). The tags that the collected facts put on their conditions must reach a key of
// the workspace file (coverage/condition_tags.json).
#include "agent/catalog/coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "agent/catalog/catalog.h"
#include "agent/plan/plan.h"
#include "agent/workspace/workspace_file.h"

namespace amlnet {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

json data_of(const std::string& name) {
  std::ifstream file(std::string(TEST_SOURCE_DIR) + "/coverage/" + name);
  EXPECT_TRUE(file.is_open()) << name;
  return json::parse(file);
}

std::vector<std::string> problems_of(const Catalog& catalog) {
  std::vector<std::string> all;
  for (const CoveredDocument& document : builtin_coverage()) {
    const auto some = coverage_problems(document, catalog);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

Requirement& row_of(Catalog& catalog, const std::string& id) {
  return *std::find_if(catalog.requirements.begin(), catalog.requirements.end(),
                       [&](const Requirement& row) { return row.id == id; });
}

TEST(Coverage, HoldsTheFiveDocuments) {
  std::vector<std::string> names;
  for (const CoveredDocument& document : builtin_coverage()) {
    names.push_back(document.name);
    EXPECT_GE(document.rows.size(), 10u) << document.name;
  }
  EXPECT_THAT(names, ElementsAre("synapse-integration", "on-premises-resources", "authentication",
                                 "virtual-network-2020", "inbound-outbound-traffic"));
}

TEST(Coverage, EveryRowOfTheDocumentsIsCovered) {
  EXPECT_THAT(problems_of(builtin_catalog()), IsEmpty());
}

TEST(Coverage, NoRequirementCanBeTakenAway) {
  const json elsewhere = data_of("elsewhere.json");
  for (const Requirement& row : builtin_catalog().requirements) {
    Catalog without = builtin_catalog();
    std::erase_if(without.requirements, [&](const Requirement& other) { return other.id == row.id; });
    const bool needed = !problems_of(without).empty();
    EXPECT_NE(needed, elsewhere.contains(row.id))
        << row.id << (needed ? " is listed in elsewhere.json and covered too" : " is needed by no document");
  }
  for (const auto& [id, reason] : elsewhere.items()) {
    Catalog catalog = builtin_catalog();
    EXPECT_NE(std::count_if(catalog.requirements.begin(), catalog.requirements.end(),
                            [&](const Requirement& row) { return row.id == id; }),
              0)
        << id;
    EXPECT_GT(reason.get<std::string>().size(), 20u) << id;
  }
}

TEST(Coverage, NoHostPortOrTagCanChange) {
  Catalog host = builtin_catalog();
  row_of(host, "entra.login").endpoints[0].hosts[Cloud::usgov] = {"login.example.us"};
  row_of(host, "entra.login").endpoints[1].hosts[Cloud::usgov] = {"login.example.us"};
  EXPECT_THAT(problems_of(host), testing::Contains(HasSubstr("entra.login does not have the host")));
  Catalog port = builtin_catalog();
  for (EndpointPattern& endpoint : row_of(port, "ci.lsp.18881").endpoints) endpoint.ports = {18882};
  EXPECT_THAT(problems_of(port), testing::Contains(HasSubstr("no host in the cloud public on port 18881")));
  Catalog tag = builtin_catalog();
  row_of(tag, "tag.Storage").service_tag = "Sql.<region>";
  EXPECT_THAT(problems_of(tag), testing::Contains(HasSubstr("tag.Storage has the tag \"Sql.<region>\"")));
  Catalog rule = builtin_catalog();
  row_of(rule, "in.aml.44224").fix = "Allow inbound TCP 442240.";
  EXPECT_THAT(problems_of(rule), testing::Contains(HasSubstr("no fix names port 44224")));
}

std::string error_of(const std::string& row) {
  const auto read = read_coverage(
      R"({ "name": "authentication", "title": "T", "url": "u", "rows": [ )" + row + " ] }", "c.json");
  const auto* error = std::get_if<ConfigError>(&read);
  return error ? error->text : "no error";
}

TEST(Coverage, RefusesMalformedRows) {
  EXPECT_EQ(error_of(R"({"at": "A", "host": "a.example.com", "covered_by": ["x"]})"), "no error");
  EXPECT_THAT(error_of(R"({"at": "A", "covered_by": ["x"]})"), HasSubstr("expected one of \"host\""));
  EXPECT_THAT(error_of(R"({"at": "A", "rule": "R"})"),
              HasSubstr("expected either \"covered_by\" or \"reason\""));
  EXPECT_THAT(error_of(R"({"at": "A", "rule": "R", "reason": "B", "covered_by": ["x"]})"),
              HasSubstr("expected either"));
  EXPECT_THAT(error_of(R"({"at": "A", "rule": "R", "raeson": "B"})"), HasSubstr("raeson: unknown key"));
  EXPECT_THAT(error_of(R"({"at": "A", "host": "h", "clouds": ["mars"], "covered_by": ["x"]})"),
              HasSubstr("rows[0].clouds[0]: expected public, usgov or china"));
}

// ---- condition tags --------------------------------------------------------------------------------------

/// A workspace of which every name is known, and no condition holds yet.
const json known = json::parse(R"({
  "region": "eastus2",
  "workspace": { "name": "ws1", "id": "11111111-2222-3333-4444-555555555555", "batch_account": "ba1" },
  "compute": { "name": "ci1" },
  "storage_accounts": [ { "name": "stws1", "default": true } ]
})");

void merge(json& workspace, const json& part) {
  for (const auto& [key, value] : part.items()) {
    if (key == "features") {
      for (const auto& feature : value) workspace["features"].push_back(feature);
    } else if (value.is_object()) {
      workspace[key].update(value);
    } else {
      workspace[key] = value;
    }
  }
}

Workspace read(const json& file) {
  auto workspace = read_workspace_file(file.dump(), "tags");
  if (const auto* error = std::get_if<ConfigError>(&workspace)) ADD_FAILURE() << error->text;
  if (!std::holds_alternative<Workspace>(workspace)) return {};
  Workspace whole = std::get<Workspace>(std::move(workspace));
  apply_defaults(whole);
  whole.on_azure = true;
  return whole;
}

/// The workspaces that a requirement's tags describe: one for each compute kind among them.
std::vector<json> workspaces_of(const json& tags, const json& parts) {
  json base = known;
  std::vector<json> kinds;
  for (const auto& tag : tags) {
    const json& part = parts.at(tag.get<std::string>());
    if (part.contains("compute") && part["compute"].contains("kind")) {
      kinds.push_back(part);
    } else {
      merge(base, part);
    }
  }
  if (kinds.empty()) kinds.push_back({{"compute", {{"kind", "cluster"}}}});
  for (json& kind : kinds) {
    json whole = base;
    merge(whole, kind);
    kind = std::move(whole);
  }
  return kinds;
}

/// Whether the requirement applies in this workspace, in the days when it was documented.
bool applies(const Requirement& row, const json& workspace) {
  PlanFilter filter{{row.id}, {}, ""};
  if (!row.until.empty()) filter.as_of = row.since.empty() ? "2020-04-17" : row.since;
  const Plan plan = make_plan(builtin_catalog(), read(workspace), filter);
  return plan.requirements.size() == 1 && plan.requirements[0].applies;
}

TEST(ConditionTags, EachIsAKeyOfTheWorkspaceFile) {
  const json data = data_of("condition_tags.json");
  for (const auto& [tag, part] : data["tags"].items()) {
    EXPECT_EQ(part.empty(), tag == "always") << tag;
    json whole = known;
    merge(whole, part);
    read(whole);
  }
}

TEST(ConditionTags, MakeTheirRequirementsApply) {
  const json data = data_of("condition_tags.json");
  EXPECT_EQ(data["requirements"].size(), 144u);
  Catalog catalog = builtin_catalog();
  for (const auto& [id, tags] : data["requirements"].items()) {
    EXPECT_FALSE(tags.empty()) << id;
    for (const auto& tag : tags) ASSERT_TRUE(data["tags"].contains(tag.get<std::string>())) << id << tag;
    const Requirement& row = row_of(catalog, id);
    bool holds = false;
    for (const json& workspace : workspaces_of(tags, data["tags"])) holds = holds || applies(row, workspace);
    EXPECT_TRUE(holds) << id << " does not apply with its tags " << tags.dump();
  }
}

}  // namespace
}  // namespace amlnet
