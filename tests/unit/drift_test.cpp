// What a newer page adds to the catalog, drops and changes: on a small catalog, and on the built-in one.
#include "agent/catalog/drift.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "agent/catalog/catalog.h"
#include "agent/commands/compare.h"

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view catalog_json = R"({
  "documents": { "new": { "title": "Traffic", "date": "2026-03-19", "url": "https://x" } },
  "requirements": [
    { "id": "api", "title": "T", "level": "required", "breaks": "B.", "fix": "F.",
      "endpoints": [ { "hosts": { "public": ["<region>.api.azureml.ms"], "usgov": ["<region>.api.ml.azure.us"] },
                       "documented_as": "*.azureml.ms", "ports": [443], "protocol": "tls" } ] },
    { "id": "udp", "title": "T", "level": "required", "breaks": "B.", "fix": "F.",
      "endpoints": [ { "hosts": ["<region>.tundra.azureml.ms"], "ports": [5831], "protocol": "udp" } ] },
    { "id": "tag", "title": "T", "level": "required", "breaks": "B.", "testable": false, "verify": "V.",
      "fix": "Allow outbound TCP 443 and 445 to the service tag Storage.<region>.", "service_tag": "Storage.<region>",
      "docs": [ { "document": "new", "section": "S" } ] },
    { "id": "ended", "title": "T", "level": "required", "breaks": "B.", "fix": "F.", "until": "2023-01-01",
      "endpoints": [ { "hosts": ["vienna.azurecr.io"], "ports": [443], "protocol": "tls" } ] } ] })";

const Catalog& catalog() {
  static const Catalog read = std::get<Catalog>(read_catalog(catalog_json, "built-in"));
  return read;
}

const std::vector<CoveredDocument>& coverage() {
  static const std::vector<CoveredDocument> documents{std::get<CoveredDocument>(read_coverage(
      R"({ "name": "authentication", "title": "Traffic", "other_titles": ["Trafic"], "date": "2021-09-14", "url": "u", "rows": [
           { "at": "A", "host": "vienna.azurecr.io", "covered_by": ["ended"] },
           { "at": "A", "edition": "2026-03-19", "host": "*.azureml.ms", "clouds": ["public", "usgov"], "ports": [443], "covered_by": ["api"] },
           { "at": "A", "edition": "2026-03-19", "host": "<region>.tundra.azureml.ms", "ports": [5831], "covered_by": ["udp"] },
           { "at": "A", "edition": "2026-03-19", "tag": "Storage.<region>", "printed": "Stores.region", "ports": [443, 445], "covered_by": ["tag"] },
           { "at": "A", "edition": "2026-03-19", "rule": "R", "reason": "No network." } ] })",
      "test"))};
  return documents;
}

/// The page of the edition 2026-03-19, whose first table is `hosts` and whose second is `tags`.
std::string page(const std::string& hosts, const std::string& tags = "| `Storage.<region>` | 443, 445 |\n") {
  return "# Traffic\n| Hosts | Protocol | Ports |\n|---|---|---|\n" + hosts +
         "\n| Service tag | Ports |\n|---|---|\n" + tags;
}
const std::string api = "| `*.azureml.ms` | TCP | 443 |\n";
const std::string udp = "| `<region>.tundra.azureml.ms` | UDP | 5831 |\n";

std::vector<std::string> lines(const std::string& text, const DriftOptions& options = {}) {
  const auto drift = compare_page(text, catalog(), coverage(), options);
  if (!drift) return {"not understood"};
  std::vector<std::string> all;
  for (const Difference& one : drift->differences) {
    const char* kind = one.kind == Difference::Kind::added     ? "add"
                       : one.kind == Difference::Kind::dropped ? "drop"
                                                               : "change";
    all.push_back(fmt::format("{} {} {}: {} [{}]", one.line, kind, one.name, one.what,
                              fmt::join(one.requirements, ",")));
  }
  return all;
}

TEST(Drift, TheSameEditionDiffersInNothing) {
  EXPECT_THAT(lines(page(api + udp)), IsEmpty());
  EXPECT_THAT(lines(page(api + udp, "| Stores.region | 443, 445 |\n")), IsEmpty()) << "its own spelling";
}

TEST(Drift, AddedHostsAndTags) {
  EXPECT_THAT(
      lines(page(api + udp + "| `new.example.com` | TCP | 8443 |\n| `new.example.com` | TCP | 8443 |\n")),
      ElementsAre("6 add new.example.com: port tcp 8443, not in the catalog []"));
  EXPECT_THAT(
      lines(page(api + udp + "| `x.azureml.ms` | TCP | 443 |\n")),
      ElementsAre("6 add x.azureml.ms: port tcp 443, not in the catalog, but covered by *.azureml.ms []"));
  EXPECT_THAT(lines(page(api + udp, "| Storage.region | 443, 445 |\n| `AzureMonitor` | 443 |\n")),
              ElementsAre("10 add AzureMonitor: port 443, not in the catalog []"));
  EXPECT_THAT(lines(page(api + udp + "| vienna.azurecr.io | | |\n")),
              ElementsAre("6 add vienna.azurecr.io: documented again: the catalog ended it [ended]"));
}

TEST(Drift, DroppedHostsAndTags) {
  EXPECT_THAT(lines(page(udp)), ElementsAre("0 drop *.azureml.ms: no longer on the page [api]"));
  EXPECT_THAT(lines(page(udp) + "\nThe host `*.azureml.ms` is for others.\n"), IsEmpty()) << "still named";
  EXPECT_THAT(lines(page(api + udp, "| `Other` | 443 |\n") + "Storage is a word."),
              ElementsAre("9 add Other: port 443, not in the catalog []",
                          "0 drop Storage.<region>: no longer on the page [tag]"));
}

TEST(Drift, ChangedPortsTransportsAndClouds) {
  EXPECT_THAT(lines(page("| `*.azureml.ms` | TCP | 443, 8787 |\n" + udp)),
              ElementsAre("4 change *.azureml.ms: port tcp 8787 is new; the catalog has port tcp 443 [api]"));
  EXPECT_THAT(
      lines(page(api + "| `<region>.tundra.azureml.ms` | TCP | 5831 |\n")),
      ElementsAre(
          "5 change <region>.tundra.azureml.ms: port tcp 5831 is new; the catalog has port udp 5831 [udp]"));
  EXPECT_THAT(lines(page(api + udp, "| `Storage.<region>` | 443 |\n")),
              ElementsAre("9 change Storage.<region>: port 445 is no longer listed [tag]"));
  EXPECT_THAT(lines(page(api + udp, "| `Storage.<region>` | * |\n")),
              ElementsAre("9 change Storage.<region>: any port, where the catalog names some [tag]"));
  EXPECT_THAT(lines("# Traffic\n| Azure public | Azure China 21Vianet |\n|---|---|\n| *.azureml.ms | "
                    "*.azureml.ms |\n\n" +
                    page(udp)),
              ElementsAre("4 change *.azureml.ms: new for the cloud china [api]",
                          "4 change *.azureml.ms: no longer listed for the cloud usgov [api]"));
}

TEST(Drift, OnlyOfAKnownDocumentDropsAreTold) {
  const std::string text = "# Something else\n| Hosts |\n|---|\n| `<region>.tundra.azureml.ms` |\n";
  EXPECT_THAT(lines(text), IsEmpty());
  EXPECT_EQ(compare_page(text, catalog(), coverage(), {})->document, "");
  EXPECT_THAT(lines(text, {"authentication", ""}).size(), 2u) << "--doc says what it is";
  EXPECT_THAT(lines("---\ntitle: TRAFIC\n---\n").size(), 3u) << "another title of it";
}

TEST(Drift, AsOfADay) {
  EXPECT_THAT(lines("# Traffic\n* `vienna.azurecr.io`\n", {"", "2021-09-14"}), IsEmpty());
  EXPECT_THAT(lines("# Traffic\n\n", {"", "2021-09-14"}),
              ElementsAre("0 drop vienna.azurecr.io: no longer on the page [ended]"));
}

TEST(Drift, RulesAreCountedAndNotCompared) {
  EXPECT_EQ(compare_page(page(api + udp), catalog(), coverage(), {})->rules, 1u);
}

TEST(Drift, WhatIsNoPageIsNotUnderstood) {
  EXPECT_THAT(lines(""), ElementsAre("not understood"));
  EXPECT_THAT(lines("<html><td>new.example.com</td></html>"), ElementsAre("not understood"));
}

TEST(Drift, RandomBytesEndInAnAnswer) {
  std::mt19937 random(11);
  const std::string marks = "|-`*_<>[]()#\\{}:.\n azAZ09\x01\x1b";
  for (int round = 0; round < 60; ++round) {
    std::string text(random() % 3000, ' ');
    for (char& c : text) c = random() % 3 == 0 ? static_cast<char>(random()) : marks[random() % marks.size()];
    const auto drift = compare_page(page(text, text), catalog(), coverage(), {});
    ASSERT_TRUE(drift.has_value());
    for (const ListFormat format : {ListFormat::table, ListFormat::json, ListFormat::markdown}) {
      const std::string shown = comparison_text({{"page.md", *drift}}, format);
      EXPECT_THAT(shown, Not(HasSubstr("\x1b")));
      EXPECT_EQ(shown.back(), '\n');
    }
  }
}

TEST(Drift, FormatsEscapeWhatTheFileSays) {
  Drift drift;
  drift.differences = {{Difference::Kind::added, "<a|b>\x1b[31m.com", "not in the catalog", 3, {"x|y"}}};
  EXPECT_THAT(comparison_text({{"p", drift}}, ListFormat::table), HasSubstr("<a|b>\\x1b[31m.com"));
  EXPECT_THAT(comparison_text({{"p", drift}}, ListFormat::markdown),
              HasSubstr("| add | \\<a\\|b>\\\\x1b\\[31m.com | 3 | not in the catalog | x\\|y |"));
  EXPECT_THAT(comparison_text({{"p", drift}}, ListFormat::json), HasSubstr("\\u001b"));
}

}  // namespace
}  // namespace amlnet
