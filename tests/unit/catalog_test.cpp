// The catalog's reader: what it accepts, and the exact words for what it does not. The built-in catalog
// against the rules that no reader can check row by row.
#include "agent/catalog/catalog.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "agent/catalog/host_pattern.h"
#include "agent/catalog/json_tree.h"
#include "agent/catalog/words.h"

namespace amlnet {
namespace {

using testing::HasSubstr;

/// A catalog of one requirement, `row` being its members.
std::string catalog_of(const std::string& row) {
  return fmt::format(
      "{{\n\"documents\": {{ \"doc\": {{ \"title\": \"A page\", \"date\": \"2026-01-02\", \"url\": "
      "\"https://x\" }} }},\n"
      "\"requirements\": [ {{ {} }} ] }}",
      row);
}

const std::string whole_row = R"("id": "a.b", "title": "T", "level": "required", "breaks": "B", "fix": "F",
  "docs": [ { "document": "doc", "section": "S" } ],
  "endpoints": [ { "hosts": { "public": ["<region>.api.azureml.ms"] }, "ports": [443], "protocol": "tls" } ])";

std::string error_of(const std::string& json) {
  const auto read = read_catalog(json, "c.json");
  const auto* error = std::get_if<ConfigError>(&read);
  return error ? error->text : "no error";
}

/// The whole row with one piece replaced.
std::string with(const std::string& piece, const std::string& other) {
  std::string row = whole_row;
  const std::size_t at = row.find(piece);
  EXPECT_NE(at, std::string::npos) << piece;
  return catalog_of(row.replace(at, piece.size(), other));
}

TEST(Catalog, ReadsAWholeRow) {
  const auto read = read_catalog(catalog_of(whole_row), "c.json");
  ASSERT_TRUE(std::holds_alternative<Catalog>(read)) << std::get<ConfigError>(read).text;
  const Catalog& catalog = std::get<Catalog>(read);
  ASSERT_EQ(catalog.requirements.size(), 1u);
  const Requirement& row = catalog.requirements[0];
  EXPECT_EQ(row.id, "a.b");
  EXPECT_EQ(row.source, "c.json");
  EXPECT_EQ(catalog.date, "2026-01-02");
  ASSERT_EQ(row.docs.size(), 1u);
  EXPECT_EQ(row.docs[0].document, "A page");
  EXPECT_EQ(row.docs[0].section, "S");
  ASSERT_EQ(row.endpoints.size(), 1u);
  EXPECT_EQ(row.endpoints[0].hosts.at(Cloud::public_), std::vector<std::string>{"<region>.api.azureml.ms"});
  EXPECT_TRUE(row.endpoints[0].hosts.at(Cloud::china).empty());
}

struct Wrong {
  std::string name, piece, other, error;
};
class WrongRows : public testing::TestWithParam<Wrong> {};

TEST_P(WrongRows, NameFilePathAndRemedy) {
  EXPECT_THAT(error_of(with(GetParam().piece, GetParam().other)), HasSubstr(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    Catalog, WrongRows,
    testing::Values(
        Wrong{"level", "\"required\"", "\"must\"",
              "c.json: requirements[0].level: expected required, recommended or optional, got \"must\""},
        Wrong{"near_level", "\"required\"", "\"requird\"", "got \"requird\"; did you mean \"required\"?"},
        Wrong{"unknown_key", "\"breaks\"", "\"braeks\"",
              "requirements[0].braeks: unknown key; did you mean \"breaks\"?"},
        Wrong{"missing_key", "\"title\": \"T\",", "", "requirements[0]: \"title\" is missing"},
        Wrong{"bad_port", "[443]", "[70000]",
              "requirements[0].endpoints[0].ports[0]: expected a port from 1 to 65535, got 70000"},
        Wrong{"port_type", "[443]", "[\"443\"]", "expected a port from 1 to 65535, got \"443\""},
        Wrong{"port_fraction", "[443]", "[443.5]", "expected a port from 1 to 65535"},
        Wrong{"placeholder", "<region>", "<regin>", "unknown placeholder <regin>; did you mean <region>?"},
        Wrong{"open_placeholder", "<region>.", "<region.", "expected a host name"},
        Wrong{"inner_wildcard", "<region>.api", "a.*.api", "expected a host name, an address or a wildcard"},
        Wrong{"protocol", "\"tls\"", "\"tsl\"",
              "requirements[0].endpoints[0].protocol: expected tls, https, wss, http, tcp or udp"},
        Wrong{"https_alone", "\"tls\"", "\"https\"", "https needs an \"answerer\""},
        Wrong{"answerer", "\"tls\"", "\"https\", \"answerer\": \"azure-blab\"",
              "did you mean \"azure-blob\"?"},
        Wrong{"document", "\"doc\"", "\"dog\"",
              "requirements[0].docs[0].document: expected doc, got \"dog\"; did you mean \"doc\"?"},
        Wrong{"fact", "\"title\"", "\"when\": { \"facts\": { \"workspace.acess\": [] } }, \"title\"",
              "when.facts.workspace.acess: unknown key; did you mean \"workspace.access\"?"},
        Wrong{"fact_value", "\"title\"",
              "\"when\": { \"facts\": { \"workspace.access\": [\"privat\"] } }, \"title\"",
              "expected private, public or unknown, got \"privat\"; did you mean \"private\"?"},
        Wrong{"account_fact", "\"title\"",
              "\"when\": { \"facts\": { \"storage_accounts.access\": [\"private\"] } }, \"title\"",
              "storage_accounts.access: unknown key"},
        Wrong{"feature", "\"title\"", "\"when\": { \"any_feature\": [\"vscod\"] }, \"title\"",
              "did you mean \"vscode\"?"},
        Wrong{"day", "\"title\"", "\"until\": \"2023-1-1\", \"title\"",
              "until: expected a day such as 2026-03-19"},
        Wrong{"untestable", "\"title\"", "\"testable\": false, \"title\"",
              "a requirement that is not testable needs \"verify\""},
        Wrong{"id", "\"a.b\"", "\"a b\"", "expected an id of letters, digits, dots and hyphens"}),
    [](const auto& row) { return row.param.name; });

TEST(Catalog, RefusesAnIdTwice) {
  EXPECT_THAT(
      error_of(fmt::format("{{ \"requirements\": [ {0}, {0} ] }}",
                           R"({ "id": "a", "title": "T", "level": "required", "breaks": "B", "fix": "F",
                                        "testable": false, "verify": "V" })")),
      HasSubstr("requirements[1]: the id \"a\" is taken by an earlier requirement"));
}

TEST(Catalog, ReportsTheFirstErrorOfTheFileWithItsLine) {
  const auto read = read_catalog(
      "{ \"version\": \"1\",\n\"requirements\": [\n{ \"id\": 7 },\n{ \"idd\": 7 } ] }", "c.json");
  const auto& error = std::get<ConfigError>(read);
  EXPECT_EQ(error.line, 3);
}

TEST(Catalog, MergingReplacesEqualIdsAndKeepsOrder) {
  Catalog base, more;
  base.requirements.resize(2);
  base.requirements[0].id = "a";
  base.requirements[1].id = "b";
  more.requirements.resize(2);
  more.requirements[0].id = "a";
  more.requirements[0].title = "new";
  more.requirements[1].id = "c";
  const Catalog merged = std::get<Catalog>(merge_catalogs(base, more));
  ASSERT_EQ(merged.requirements.size(), 3u);
  EXPECT_EQ(merged.requirements[0].title, "new");
  EXPECT_EQ(merged.requirements[2].id, "c");
}

// ---- JSON ------------------------------------------------------------------------------------------------

std::string json_error(const std::string& text) {
  const auto read = parse_json(text, "f");
  const auto* error = std::get_if<ConfigError>(&read);
  return error ? error->text : "no error";
}

TEST(JsonTree, AllowsComments) {
  EXPECT_EQ(json_error("{ // why\n \"a\": /* x */ 1 }"), "no error");
}

TEST(JsonTree, GivesLineAndColumnOfASyntaxError) {
  EXPECT_THAT(json_error("{\n  \"a\": 1,\n  b }"), HasSubstr("f: line 3, column 3: syntax error"));
  EXPECT_THAT(json_error(""), HasSubstr("f: line 1, column 1:"));
  EXPECT_THAT(json_error("{} x"), HasSubstr("f: line 1, column 4:"));
}

TEST(JsonTree, RefusesDuplicateKeys) {
  EXPECT_EQ(json_error("{\n\"a\": 1,\n\"a\": 2 }"), "f: line 3: the key \"a\" stands twice in one object");
}

TEST(JsonTree, BoundsDepthSizeAndKeys) {
  EXPECT_THAT(json_error(std::string(100'000, '[')), HasSubstr("nested more than 32 deep"));
  EXPECT_THAT(json_error(std::string(max_config_bytes + 1, ' ')), HasSubstr("larger than"));
  std::string numbers = "[0";
  for (std::size_t i = 0; i < max_config_values; ++i) numbers += ",0";
  EXPECT_THAT(json_error(numbers + "]"), HasSubstr("more than 500000 values"));
  std::string keys = "{";
  for (int i = 0; i < 1001; ++i) keys += fmt::format("\"k{}\":0,", i);
  EXPECT_THAT(json_error(keys), HasSubstr("more than 1000 keys"));
}

TEST(JsonTree, EscapesWhatItQuotes) {
  EXPECT_THAT(json_error("{ \"\\u001b[2J\": 1, \"\\u001b[2J\": 1 }"), HasSubstr("\\x1b[2J"));
  for (char c : json_error("{ \"a\xff\": 1 }") + json_error("\x1b[31m")) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
}

// ---- words -----------------------------------------------------------------------------------------------

TEST(Words, NearestKnowsTheFourEdits) {
  constexpr std::string_view words[] = {"access", "addresses", "name"};
  EXPECT_EQ(nearest("acess", words), "access");
  EXPECT_EQ(nearest("acccess", words), "access");
  EXPECT_EQ(nearest("acxess", words), "access");
  EXPECT_EQ(nearest("anem", words), "name");  // two swaps; four edits without them
  EXPECT_EQ(nearest("Access", words), "access");
  EXPECT_EQ(nearest("adreses", words), "addresses");
  EXPECT_EQ(nearest("colour", words), "");
  EXPECT_EQ(nearest("", words), "");
  EXPECT_EQ(nearest(std::string(100'000, 'a'), words), "");
}

// ---- the built-in catalog --------------------------------------------------------------------------------

TEST(BuiltinCatalog, HasWhatEveryRowNeeds) {
  const Catalog& catalog = builtin_catalog();
  EXPECT_GE(catalog.requirements.size(), 90u);
  EXPECT_EQ(catalog.sha256.size(), 64u);
  EXPECT_FALSE(catalog.version.empty());
  EXPECT_EQ(catalog.date, "2026-06-24");
  for (const Requirement& row : catalog.requirements) {
    EXPECT_FALSE(row.docs.empty()) << row.id;
    EXPECT_TRUE(row.title.size() <= 70) << row.id;
    EXPECT_TRUE(row.breaks.ends_with(".") && row.fix.ends_with(".")) << row.id;
  }
}

/// A wildcard that nothing stands for cannot be probed: the row must say how else to see it.
TEST(BuiltinCatalog, WildcardsSayHowToVerifyThem) {
  for (const Requirement& row : builtin_catalog().requirements) {
    bool wildcard = false;
    for (const EndpointPattern& endpoint : row.endpoints) {
      for (const auto& [cloud, hosts] : endpoint.hosts) {
        for (const std::string& host : hosts) wildcard = wildcard || is_wildcard(host);
      }
    }
    EXPECT_TRUE(!wildcard || !row.verify.empty()) << row.id;
  }
}

TEST(BuiltinCatalog, ReplacementsExist) {
  std::set<std::string> ids;
  for (const Requirement& row : builtin_catalog().requirements) ids.insert(row.id);
  for (const Requirement& row : builtin_catalog().requirements) {
    EXPECT_TRUE(row.replaced_by.empty() || ids.contains(row.replaced_by)) << row.id;
  }
}

TEST(HostPattern, CutsTheWorkspaceNameToTheLabelLimit) {
  const std::map<std::string, std::string> values = {
      {"workspace", "A-very-long-workspace-name-of-33ch"},
      {"region", "eastus2"},
      {"workspace-id", "11111111-2222-3333-4444-555555555555"}};
  const std::string host =
      fill_pattern("ml-<workspace>-<region>-<workspace-id>.<region>.notebooks.azure.net", values);
  const std::string label = host.substr(0, host.find('.'));
  EXPECT_EQ(label, "ml-a-very-long-wor-eastus2-11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(label.size(), 63u);
  EXPECT_EQ(host.substr(label.size()), ".eastus2.notebooks.azure.net");
}

}  // namespace
}  // namespace amlnet
