#include "agent/commands/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "agent/catalog/words.h"
#include "agent/commands/catalogs.h"
#include "agent/commands/input_file.h"
#include "agent/commands/requirement_words.h"

namespace amlnet {
namespace {

using Json = nlohmann::ordered_json;
using Kind = Difference::Kind;

constexpr std::size_t longest_shown = 260;  // a host name has 253 bytes at most

std::string_view word_of(Kind kind) {
  return kind == Kind::added ? "add" : kind == Kind::dropped ? "drop" : "change";
}

std::size_t count(const Drift& drift, Kind kind) {
  return static_cast<std::size_t>(
      std::count_if(drift.differences.begin(), drift.differences.end(),
                    [kind](const Difference& difference) { return difference.kind == kind; }));
}

std::string shown_path(const ComparedFile& file) {
  return printable(file.path, 200);
}

/// What the page was held against.
std::string held_against(const Drift& drift) {
  if (drift.document.empty())
    return "against the whole catalog; what it drops is not known, since it is none of the documents of "
           "--doc";
  const std::string edition = drift.edition.empty() ? "" : fmt::format(" of {}", drift.edition);
  return fmt::format("against {}{}", drift.document, edition);
}

std::string summary_of(const Drift& drift) {
  const std::string rules =
      drift.rules == 0 ? "" : fmt::format("; {} rules in sentences not compared", drift.rules);
  return fmt::format("{} added, {} dropped, {} changed; {} hosts and tags listed{}",
                     count(drift, Kind::added), count(drift, Kind::dropped), count(drift, Kind::changed),
                     drift.needs, rules);
}

std::string place_of(const Difference& difference) {
  return difference.line == 0 ? "" : fmt::format("line {}", difference.line);
}

std::string ids_of(const Difference& difference) {
  return fmt::format("{}", fmt::join(difference.requirements, ", "));
}

std::string table_of(const ComparedFile& file) {
  std::string text = fmt::format("{}, {}\n", shown_path(file), held_against(file.drift));
  std::size_t widest = 0;
  for (const Difference& difference : file.drift.differences)
    widest = std::max(widest, std::min<std::size_t>(printable(difference.name, longest_shown).size(), 48));
  for (const Difference& difference : file.drift.differences) {
    const std::string ids = difference.requirements.empty() ? "" : fmt::format(" ({})", ids_of(difference));
    text += fmt::format("  {:<6}  {:<{}}  {:<9}  {}{}\n", word_of(difference.kind),
                        printable(difference.name, longest_shown), widest, place_of(difference),
                        printable(difference.what, 1000), ids);
  }
  return text + fmt::format("  {}\n", summary_of(file.drift));
}

std::string markdown_of(const ComparedFile& file) {
  std::string text = fmt::format("## {}\n\nHeld {}: {}.\n", markdown_cell(shown_path(file)),
                                 held_against(file.drift), summary_of(file.drift));
  if (file.drift.differences.empty()) return text;
  text += "\n| difference | host or tag | line | what | requirements |\n| --- | --- | --- | --- | --- |\n";
  for (const Difference& difference : file.drift.differences) {
    const std::string line = difference.line == 0 ? "" : std::to_string(difference.line);
    text += fmt::format("| {} | {} | {} | {} | {} |\n", word_of(difference.kind),
                        markdown_cell(printable(difference.name, longest_shown)), line,
                        markdown_cell(printable(difference.what, 1000)), markdown_cell(ids_of(difference)));
  }
  return text;
}

Json json_of(const ComparedFile& file) {
  Json json = {{"file", file.path}};
  json["document"] = file.drift.document.empty() ? Json() : Json(file.drift.document);
  json["edition"] = file.drift.edition.empty() ? Json() : Json(file.drift.edition);
  json["listed"] = file.drift.needs;
  json["rules_not_compared"] = file.drift.rules;
  json["differences"] = Json::array();
  for (const Difference& difference : file.drift.differences) {
    Json one = {{"difference", word_of(difference.kind)}, {"name", difference.name}};
    one["line"] = difference.line == 0 ? Json() : Json(difference.line);
    one["what"] = difference.what;
    one["requirements"] = difference.requirements;
    json["differences"].push_back(std::move(one));
  }
  return json;
}

int fail(const std::string& text) {
  fmt::print(stderr, "amlnet: {}\n", text);
  return 2;
}

}  // namespace

std::string comparison_text(const std::vector<ComparedFile>& files, ListFormat format) {
  std::vector<std::string> parts;
  Json json = {{"schema", "amlnet.comparison/1"}, {"files", Json::array()}};
  for (const ComparedFile& file : files) {
    if (format == ListFormat::json) json["files"].push_back(json_of(file));
    if (format == ListFormat::table) parts.push_back(table_of(file));
    if (format == ListFormat::markdown) parts.push_back(markdown_of(file));
  }
  if (format == ListFormat::json) return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  return fmt::format("{}", fmt::join(parts, "\n"));
}

int compare_documentation(const CheckOptions& options) {
  const auto catalog = load_catalog(options);
  if (const auto* error = std::get_if<ConfigError>(&catalog)) return fail(error->text);
  const std::string document = options.documents.empty() ? "" : options.documents.front();
  std::vector<ComparedFile> files;
  bool differs = false;
  for (const std::string& path : options.compared) {
    const auto text = read_input_file(path);
    if (const auto* error = std::get_if<ConfigError>(&text)) return fail(error->text);
    std::optional<Drift> drift = compare_page(std::get<std::string>(text), std::get<Catalog>(catalog),
                                              builtin_coverage(), {document, options.filter.as_of});
    if (!drift)
      return fail(printable(path, 200) +
                  ": no table or list of hosts, ports or service tags in it; expected a page of the "
                  "documentation as Markdown");
    differs = differs || !drift->differences.empty();
    files.push_back({path, std::move(*drift)});
  }
  const std::string text = comparison_text(files, options.list_format);
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return !written ? 4 : differs ? 1 : 0;
}

}  // namespace amlnet
