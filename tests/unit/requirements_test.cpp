// `amlnet requirements` and `amlnet explain`: filters, the three formats and the words, on a small catalog.
#include "agent/commands/requirements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "agent/catalog/catalog.h"
#include "agent/commands/explain.h"
#include "agent/commands/requirement_words.h"

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view catalog_json = R"({
  "version": "7",
  "documents": { "doc": { "title": "A page", "date": "2026-01-02", "url": "https://x" } },
  "requirements": [
    { "id": "all.clouds", "title": "One|two", "level": "required", "breaks": "B.", "fix": "Allow 443.",
      "endpoints": [ { "hosts": ["a.example.com"], "ports": [443], "protocol": "tls" },
                     { "hosts": ["b.example.com"], "documented_as": "*.example.com", "ports": [53, 54], "protocol": "udp",
                       "when": { "any_feature": ["ssh"] } } ],
      "docs": [ { "document": "doc", "section": "S" } ] },
    { "id": "gov.only", "title": "Government", "level": "optional", "breaks": "B.", "fix": "F.",
      "when": { "compute": ["instance", "cluster"], "facts": { "workspace.access": ["private", "unknown"] } },
      "level_when": [ { "when": { "any_feature": ["rstudio"] }, "level": "required" } ],
      "endpoints": [ { "hosts": { "usgov": ["<region>.example.us"] }, "ports": [443], "protocol": "tls" } ] },
    { "id": "ended", "title": "Old", "level": "recommended", "breaks": "B.", "fix": "F.", "verify": "V.",
      "testable": false, "service_tag": "Storage.<region>", "since": "2021-01-01", "until": "2023-01-01",
      "replaced_by": "all.clouds" } ] })";

const Catalog& catalog() {
  static const Catalog read = std::get<Catalog>(read_catalog(catalog_json, "built-in"));
  return read;
}

const std::vector<CoveredDocument>& coverage() {
  static const std::vector<CoveredDocument> documents{std::get<CoveredDocument>(read_coverage(
      R"({ "name": "authentication", "title": "Signing in", "date": "2024-05-06", "url": "https://y", "rows": [
           { "at": "Hosts", "host": "a.example.com", "clouds": ["usgov"], "ports": [443], "covered_by": ["all.clouds"] },
           { "at": "Policy", "rule": "A|B", "edition": "2025-01-01", "reason": "No network." } ] })",
      "test"))};
  return documents;
}

std::vector<std::string> ids(const CheckOptions& options) {
  std::vector<std::string> found;
  for (const Requirement* row : select_requirements(catalog(), coverage(), options)) found.push_back(row->id);
  return found;
}

std::string text_of(const CheckOptions& options) {
  return requirements_text(catalog(), coverage(), options);
}

TEST(Requirements, FiltersNarrowTogether) {
  CheckOptions options;
  EXPECT_THAT(ids(options), ElementsAre("all.clouds", "gov.only", "ended"));
  options.workspace.cloud = "china";
  EXPECT_THAT(ids(options), ElementsAre("all.clouds", "ended"));
  options.levels = {Level::required};
  EXPECT_THAT(ids(options), ElementsAre("all.clouds"));
  options = {};
  options.workspace.compute = "kubernetes";
  EXPECT_THAT(ids(options), ElementsAre("all.clouds", "ended"));
  options = {};
  options.workspace.features = {"ssh"};
  EXPECT_THAT(ids(options), ElementsAre("all.clouds"));
  options.workspace.features = {"ssh", "rstudio"};
  EXPECT_THAT(ids(options), ElementsAre("all.clouds", "gov.only"));
  options = {};
  options.documents = {"authentication"};
  EXPECT_THAT(ids(options), ElementsAre("all.clouds"));
}

TEST(Requirements, ADaySelectsWhatWasDocumented) {
  CheckOptions options;
  options.filter.as_of = "2020-12-31";
  EXPECT_THAT(ids(options), Not(testing::Contains("ended")));
  options.filter.as_of = "2021-01-01";
  EXPECT_THAT(ids(options), testing::Contains("ended"));
  options.filter.as_of = "2023-01-01";
  EXPECT_THAT(ids(options), Not(testing::Contains("ended")));
}

TEST(Requirements, TheTableNamesWhatIsNeededInTheCloud) {
  EXPECT_EQ(text_of({}), R"(ID          LEVEL        TITLE AND NEEDS
all.clouds  required     One|two
                           a.example.com:443
                           b.example.com:53,54/udp (*.example.com)
gov.only    optional     Government
                           no host in this cloud
ended       recommended  Old (until 2023-01-01)
                           tag Storage.<region>
3 requirements
)");
  CheckOptions usgov;
  usgov.workspace.cloud = "usgov";
  EXPECT_THAT(text_of(usgov), HasSubstr("<region>.example.us:443"));
}

TEST(Requirements, MarkdownKeepsCellsApart) {
  CheckOptions options;
  options.list_format = ListFormat::markdown;
  EXPECT_THAT(text_of(options), HasSubstr("| all.clouds | required | One\\|two | a.example.com:443, "));
  EXPECT_THAT(text_of(options),
              HasSubstr("| ended | recommended | Old | tag Storage.\\<region> |  | since 2021-01-01, "
                        "until 2023-01-01, replaced by all.clouds |"));
  options.documents = {"authentication"};
  EXPECT_EQ(text_of(options), R"(## Signing in (2024-05-06)

https://y

| where | row | clouds | ports | edition | covered by |
| --- | --- | --- | --- | --- | --- |
| Hosts | a.example.com | usgov | 443 |  | all.clouds |
| Policy | A\|B |  |  | 2025-01-01 | not probed: No network. |
)");
}

TEST(Requirements, JsonHoldsTheRowsAndTheMapping) {
  CheckOptions options;
  options.list_format = ListFormat::json;
  options.documents = {"authentication"};
  const auto json = nlohmann::json::parse(text_of(options));
  EXPECT_EQ(json["schema"], "amlnet.requirements/1");
  EXPECT_EQ(json["catalog"]["version"], "7");
  ASSERT_EQ(json["requirements"].size(), 1u);
  EXPECT_EQ(json["requirements"][0]["endpoints"][1]["when"]["any_feature"][0], "ssh");
  EXPECT_EQ(json["requirements"][0]["docs"][0]["date"], "2026-01-02");
  EXPECT_EQ(json["documents"][0]["rows"][1]["reason"], "No network.");
}

TEST(Explain, SaysWhenWhatAndWhy) {
  const std::string text = explanation(catalog().requirements[0], coverage());
  EXPECT_EQ(text, R"(all.clouds: One|two
  level       required, outbound
  applies     on every node
              further hosts where the feature ssh is on
  all clouds  a.example.com:443
              b.example.com:53,54/udp (*.example.com)
  without it  B.
  fix         Allow 443.
  documented  A page: S (2026-01-02)
              https://x
  covers      authentication: Hosts: a.example.com
  source      built-in
)");
  const std::string gov = explanation(catalog().requirements[1], coverage());
  EXPECT_THAT(
      gov,
      HasSubstr("where compute.kind is instance or cluster; workspace.access is private or not known\n"));
  EXPECT_THAT(gov, HasSubstr("required where the feature rstudio is on\n"));
  EXPECT_THAT(gov, HasSubstr("  usgov       <region>.example.us:443\n"));
  const std::string ended = explanation(catalog().requirements[2], coverage());
  EXPECT_THAT(ended, HasSubstr("  status      unknown: no probe of a node shows it\n"));
  EXPECT_THAT(ended, HasSubstr("  period      since 2021-01-01, until 2023-01-01, replaced by all.clouds\n"));
}

TEST(Explain, EveryBuiltInRowHasWords) {
  for (const Requirement& row : builtin_catalog().requirements) {
    const std::string text = explanation(row, builtin_coverage());
    EXPECT_THAT(text, HasSubstr("\n  applies     ")) << row.id;
    EXPECT_THAT(text, HasSubstr("\n  documented  ")) << row.id;
    EXPECT_FALSE(row.fix.empty() || row.breaks.empty()) << row.id;
    EXPECT_NO_THROW(requirement_json(row).dump()) << row.id;
  }
}

}  // namespace
}  // namespace amlnet
