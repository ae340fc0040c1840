#include "agent/commands/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/catalog/words.h"
#include "agent/commands/catalogs.h"
#include "agent/commands/explain_clients.h"
#include "agent/commands/explain_report.h"
#include "agent/commands/outputs.h"
#include "agent/commands/requirement_words.h"
#include "agent/commands/saved_report.h"
#include "agent/diagnosis/causes.h"

namespace amlnet {
namespace {

constexpr int label_width = 12;

/// One fact with its label; further lines stand below it. Nothing for no lines.
std::string block(std::string_view label, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    if (line.empty()) continue;
    text += fmt::format("  {:<{}}{}\n", text.empty() ? label : "", label_width, line);
  }
  return text;
}

/// When one endpoint applies, of itself; "" where nothing but the row decides.
std::string endpoint_words(const EndpointPattern& endpoint) {
  std::string words = condition_words(endpoint.when);
  if (!words.empty()) return words;
  return endpoint.if_unknown == IfUnknown::leave_out ? "the workspace names what its hosts are made of" : "";
}

void add_once(std::vector<std::string>& lines, std::string line) {
  if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
}

std::vector<std::string> applies_words(const Requirement& row) {
  std::vector<std::string> lines;
  if (const std::string when = condition_words(row.when); !when.empty()) lines.push_back("where " + when);
  bool some_always = row.endpoints.empty();
  for (const EndpointPattern& endpoint : row.endpoints)
    some_always = some_always || endpoint_words(endpoint).empty();
  if (lines.empty() && some_always) lines.emplace_back(row.platform ? "on Azure machines" : "on every node");
  for (const EndpointPattern& endpoint : row.endpoints) {
    const std::string words = endpoint_words(endpoint);
    if (!words.empty()) add_once(lines, (some_always ? "further hosts where " : "where ") + words);
  }
  for (const auto& [condition, level] : row.level_when)
    lines.push_back(fmt::format("{} where {}", name_of_level(level), condition_words(condition)));
  return lines;
}

std::vector<std::string> docs_words(const Requirement& row) {
  std::vector<std::string> lines;
  for (const DocReference& doc : row.docs) {
    const std::string section = doc.section.empty() ? "" : ": " + doc.section;
    const std::string date = doc.date.empty() ? "" : fmt::format(" ({})", doc.date);
    lines.push_back(fmt::format("{}{}{}", doc.document, section, date));
    lines.push_back(doc.url);
  }
  return lines;
}

/// Which rows of the five documents it covers.
std::vector<std::string> covers_words(const Requirement& row, const std::vector<CoveredDocument>& coverage) {
  std::vector<std::string> lines;
  for (const CoveredDocument& document : coverage) {
    for (const CoverageRow& covered : document.rows) {
      const auto& ids = covered.requirements;
      if (std::find(ids.begin(), ids.end(), row.id) == ids.end()) continue;
      add_once(lines, fmt::format("{}: {}: {}", document.name, covered.at, covered.text));
    }
  }
  return lines;
}

std::string hosts_words(const Requirement& row) {
  std::string text;
  const std::vector<std::string> everywhere = host_words(row, Cloud::public_);
  if (!everywhere.empty() && everywhere == host_words(row, Cloud::usgov) &&
      everywhere == host_words(row, Cloud::china))
    return block("all clouds", everywhere);
  for (const Word<Cloud>& cloud : cloud_words()) text += block(cloud.text, host_words(row, cloud.value));
  return text;
}

}  // namespace

std::string explanation(const Requirement& row, const std::vector<CoveredDocument>& coverage) {
  std::string text = fmt::format("{}: {}\n", row.id, row.title);
  text += block("level", {fmt::format("{}, {}", name_of_level(row.level), row.direction)});
  text += block("applies", applies_words(row));
  text += hosts_words(row);
  text += block("service tag", {row.service_tag});
  text += block("without it", {row.breaks});
  text += block("fix", {row.fix});
  text += block("verify", {row.verify});
  if (!row.testable) text += block("status", {"unknown: no probe of a node shows it"});
  text += block("documented", docs_words(row));
  text += block("period", {period_words(row)});
  text += block("covers", covers_words(row, coverage));
  text += block("source", {printable(row.source, 200)});
  return text + block("level by", {printable(row.level_source, 200)});
}

namespace {

/// What the words of one command line are looked up in.
struct Sources {
  const std::vector<Requirement>& rows;
  std::optional<Report> report;  // where --report names one, or a word asks for a finding
  HumanOptions human;
};

ConfigError unknown_word(const std::string& word, const Sources& sources) {
  std::vector<std::string_view> names;
  for (const Requirement& row : sources.rows) names.push_back(row.id);
  for (const Cause& cause : causes()) names.push_back(cause.code);
  const std::string near = nearest(word, names);
  return {fmt::format("explain: no requirement, cause or finding \"{}\"; {}", printable(word),
                      near.empty() ? "amlnet requirements lists the requirements"
                                   : fmt::format("did you mean \"{}\"?", near))};
}

ConfigError unknown_finding(const std::string& id, const Report& report) {
  if (report.findings.empty())
    return {fmt::format("explain: no {}: the report has no finding", printable(id))};
  return {fmt::format("explain: no {}: the report has {} to {}", printable(id),
                      printable(report.findings.front().id), printable(report.findings.back().id))};
}

std::variant<std::string, ConfigError> explained(const std::string& word, const Sources& sources) {
  if (const std::string id = finding_id(word); !id.empty()) {
    if (auto text = finding_explanation(*sources.report, id, sources.human))
      return *text + clients_in_report(*sources.report, id, sources.human);
    return unknown_finding(id, *sources.report);
  }
  if (auto text = cause_explanation(word, sources.human)) {
    for (std::size_t i = 0; sources.report && i < sources.report->findings.size(); ++i) {
      if (sources.report->findings[i].cause == word)
        *text += '\n' + human_finding_detail(*sources.report, i, sources.human);
    }
    return *text;
  }
  const auto found = std::ranges::find(sources.rows, word, &Requirement::id);
  if (found == sources.rows.end()) return unknown_word(word, sources);
  std::string text = explanation(*found, builtin_coverage());
  if (sources.report)
    text += '\n' + requirement_in_report(*sources.report, word, sources.human) +
            clients_in_report(*sources.report, word, sources.human);
  return text;
}

bool asks_for_finding(const CheckOptions& options) {
  return std::ranges::any_of(options.words,
                             [](const std::string& word) { return !finding_id(word).empty(); });
}

}  // namespace

int explain(const CheckOptions& options) {
  const auto loaded = load_catalog(options);
  if (const auto* error = std::get_if<ConfigError>(&loaded)) return say(2, error->text);
  Sources sources{std::get<Catalog>(loaded).requirements, {}, terminal_options(options, "")};
  if (!options.report.empty() || asks_for_finding(options)) {
    auto saved = read_saved(options.report);
    if (const auto* error = std::get_if<ConfigError>(&saved)) return say(2, error->text);
    sources.report = std::move(std::get<SavedReport>(saved).report);
  }
  std::vector<std::string> texts;
  for (const std::string& word : options.words) {
    auto text = explained(word, sources);
    if (const auto* error = std::get_if<ConfigError>(&text)) return say(2, error->text);
    texts.push_back(std::get<std::string>(std::move(text)));
  }
  return print_text(fmt::format("{}", fmt::join(texts, "\n"))) ? 0 : 4;
}

}  // namespace amlnet
