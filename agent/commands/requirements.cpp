#include "agent/commands/requirements.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "agent/commands/catalogs.h"
#include "agent/commands/compare.h"
#include "agent/commands/requirement_words.h"

namespace amlnet {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<const Requirement*>;
using Documents = std::vector<const CoveredDocument*>;

template <class T>
bool allows(const std::vector<T>& list, const T& value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

template <class Matches>
bool any_endpoint(const Requirement& row, Matches matches) {
  return row.endpoints.empty() || std::any_of(row.endpoints.begin(), row.endpoints.end(), matches);
}

bool in_cloud(const Requirement& row, Cloud cloud) {
  return allows(row.when.clouds, cloud) && any_endpoint(row, [&](const EndpointPattern& endpoint) {
           const auto hosts = endpoint.hosts.find(cloud);
           return hosts != endpoint.hosts.end() && !hosts->second.empty();
         });
}

bool for_compute(const Requirement& row, ComputeKind kind) {
  return allows(row.when.compute, kind) && any_endpoint(row, [&](const EndpointPattern& endpoint) {
           return allows(endpoint.when.compute, kind);
         });
}

/// Whether the feature turns the row on, or changes its level.
bool with_feature(const Requirement& row, const std::string& feature) {
  const auto names_it = [&](const Condition& when) {
    return !when.any_feature.empty() && allows(when.any_feature, feature);
  };
  const auto of_level = [&](const auto& change) { return names_it(change.first); };
  const auto of_endpoint = [&](const EndpointPattern& endpoint) { return names_it(endpoint.when); };
  return names_it(row.when) || std::any_of(row.level_when.begin(), row.level_when.end(), of_level) ||
         std::any_of(row.endpoints.begin(), row.endpoints.end(), of_endpoint);
}

Documents chosen_documents(const std::vector<CoveredDocument>& coverage, const CheckOptions& options) {
  Documents chosen;
  for (const CoveredDocument& document : coverage) {
    if (!options.documents.empty() && allows(options.documents, document.name)) chosen.push_back(&document);
  }
  return chosen;
}

std::set<std::string> covering(const Documents& documents) {
  std::set<std::string> ids;
  for (const CoveredDocument* document : documents) {
    for (const CoverageRow& row : document->rows)
      ids.insert(row.requirements.begin(), row.requirements.end());
  }
  return ids;
}

Cloud cloud_of(const CheckOptions& options) {
  return value_of(cloud_words(), options.workspace.cloud).value_or(Cloud::public_);
}

/// What the row needs, in short: its hosts, else the tag, else that it is a rule.
std::vector<std::string> needs_of(const Requirement& row, Cloud cloud) {
  std::vector<std::string> needs = host_words(row, cloud);
  if (needs.empty() && !row.service_tag.empty()) needs.push_back("tag " + row.service_tag);
  if (needs.empty()) needs.push_back(row.endpoints.empty() ? "a rule" : "no host in this cloud");
  return needs;
}

std::string table(const Rows& rows, Cloud cloud) {
  std::size_t widest = 2;
  for (const Requirement* row : rows) widest = std::max(widest, row->id.size());
  std::string text = fmt::format("{:<{}}  {:<11}  {}\n", "ID", widest, "LEVEL", "TITLE AND NEEDS");
  for (const Requirement* row : rows) {
    const std::string period = row->until.empty() ? "" : fmt::format(" (until {})", row->until);
    text +=
        fmt::format("{:<{}}  {:<11}  {}{}\n", row->id, widest, name_of_level(row->level), row->title, period);
    std::vector<std::string> lines = needs_of(*row, cloud);
    if (const std::string source = source_words(*row); !source.empty()) lines.push_back(source);
    for (const std::string& need : lines) text += fmt::format("{:{}}{}\n", "", widest + 17, need);
  }
  return text + fmt::format("{} requirements\n", rows.size());
}

/// Since when and until when, and whose row it is.
std::string documented_words(const Requirement& row) {
  const std::string period = period_words(row), source = source_words(row);
  return period + (period.empty() || source.empty() ? "" : "; ") + source;
}

std::string markdown_rows(const Rows& rows, Cloud cloud) {
  std::string text =
      "| requirement | level | title | needs | when | documented |\n| --- | --- | --- | --- | --- | --- |\n";
  for (const Requirement* row : rows) {
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", row->id, name_of_level(row->level),
                        markdown_cell(row->title),
                        markdown_cell(fmt::format("{}", fmt::join(needs_of(*row, cloud), ", "))),
                        markdown_cell(condition_words(row->when)), markdown_cell(documented_words(*row)));
  }
  return text;
}

std::string cloud_names(const std::vector<Cloud>& clouds) {
  std::vector<std::string_view> names;
  names.reserve(clouds.size());
  for (Cloud cloud : clouds) names.push_back(name_of(cloud));
  return names.empty() ? "all" : fmt::format("{}", fmt::join(names, ", "));
}

/// The mapping of one document: every row of it, and what covers it or why nothing can.
std::string markdown_mapping(const CoveredDocument& document) {
  const std::string dated = document.date.empty() ? "" : fmt::format(" ({})", document.date);
  std::string text = fmt::format("## {}{}\n\n{}\n\n", document.title, dated, document.url);
  text += "| where | row | clouds | ports | edition | covered by |\n| --- | --- | --- | --- | --- | --- |\n";
  for (const CoverageRow& row : document.rows) {
    const std::string clouds = row.kind == CoverageRow::Kind::host ? cloud_names(row.clouds) : "";
    const std::string by = row.reason.empty() ? fmt::format("{}", fmt::join(row.requirements, ", "))
                                              : "not probed: " + row.reason;
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", markdown_cell(row.at), markdown_cell(row.text),
                        clouds, fmt::join(row.ports, ", "), row.edition, markdown_cell(by));
  }
  return text;
}

Json coverage_json(const CoveredDocument& document) {
  Json json = {{"name", document.name}, {"title", document.title}, {"date", document.date}};
  json["url"] = document.url;
  json["rows"] = Json::array();
  for (const CoverageRow& row : document.rows) {
    Json one = {{"at", row.at}, {"row", row.text}, {"ports", row.ports}};
    if (!row.edition.empty()) one["edition"] = row.edition;
    for (Cloud cloud : row.clouds) one["clouds"].push_back(name_of(cloud));
    one["covered_by"] = row.requirements;
    if (!row.reason.empty()) one["reason"] = row.reason;
    json["rows"].push_back(std::move(one));
  }
  return json;
}

std::string json_text(const Catalog& catalog, const Rows& rows, const Documents& documents) {
  Json json = {
      {"schema", "amlnet.requirements/1"},
      {"catalog", {{"version", catalog.version}, {"date", catalog.date}, {"sha256", catalog.sha256}}}};
  json["requirements"] = Json::array();
  for (const Requirement* row : rows) json["requirements"].push_back(requirement_json(*row));
  for (const CoveredDocument* document : documents) json["documents"].push_back(coverage_json(*document));
  return json.dump(2) + "\n";
}

}  // namespace

std::vector<const Requirement*> select_requirements(const Catalog& catalog,
                                                    const std::vector<CoveredDocument>& coverage,
                                                    const CheckOptions& options) {
  const std::set<std::string> documented = covering(chosen_documents(coverage, options));
  const auto cloud = value_of(cloud_words(), options.workspace.cloud);
  const auto compute = value_of(compute_words(), options.workspace.compute);
  const std::vector<std::string>& features = options.workspace.features;
  const std::string& day = options.filter.as_of;
  Rows rows;
  for (const Requirement& row : catalog.requirements) {
    const auto has = [&](const std::string& feature) { return with_feature(row, feature); };
    if (cloud && !in_cloud(row, *cloud)) continue;
    if (compute && !for_compute(row, *compute)) continue;
    if (!features.empty() && std::none_of(features.begin(), features.end(), has)) continue;
    if (!options.documents.empty() && !documented.contains(row.id)) continue;
    if (!allows(options.levels, row.level)) continue;
    if (!day.empty() && !documented_on(row, day)) continue;
    rows.push_back(&row);
  }
  return rows;
}

std::string requirements_text(const Catalog& catalog, const std::vector<CoveredDocument>& coverage,
                              const CheckOptions& options) {
  const Rows rows = select_requirements(catalog, coverage, options);
  const Documents documents = chosen_documents(coverage, options);
  if (options.list_format == ListFormat::json) return json_text(catalog, rows, documents);
  if (options.list_format == ListFormat::table) return table(rows, cloud_of(options));
  if (documents.empty()) return markdown_rows(rows, cloud_of(options));
  std::vector<std::string> mappings;
  for (const CoveredDocument* document : documents) mappings.push_back(markdown_mapping(*document));
  return fmt::format("{}", fmt::join(mappings, "\n"));
}

int requirements(const CheckOptions& options) {
  if (!options.compared.empty()) return compare_documentation(options);
  const auto catalog = load_catalog(options);
  if (const auto* error = std::get_if<ConfigError>(&catalog)) {
    fmt::print(stderr, "amlnet: {}\n", error->text);
    return 2;
  }
  const std::string text = requirements_text(std::get<Catalog>(catalog), builtin_coverage(), options);
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? 0 : 4;
}

}  // namespace amlnet
