#include "agent/commands/formats.h"

#include <algorithm>

namespace amlnet {
namespace {

constexpr Word<Format> kReportFormats[] = {{"human", Format::human},          {"json", Format::json},
                                           {"jsonl", Format::jsonl},          {"html", Format::html},
                                           {"junit", Format::junit},          {"markdown", Format::markdown},
                                           {"prometheus", Format::prometheus}};
constexpr Word<ListFormat> kListFormats[] = {
    {"table", ListFormat::table}, {"json", ListFormat::json}, {"markdown", ListFormat::markdown}};
constexpr Word<FixFormat> kFixFormats[] = {{"text", FixFormat::text},
                                           {"az-cli", FixFormat::az_cli},
                                           {"bicep", FixFormat::bicep},
                                           {"terraform", FixFormat::terraform}};

bool is_in(std::string_view word, const std::vector<std::string_view>& words) {
  return std::ranges::find(words, word) != words.end();
}

bool writes(Command command, std::string_view word) {
  switch (command) {
    case Command::requirements:
      return is_in(word, texts_of(list_formats()));
    case Command::fix:
      return is_in(word, texts_of(fix_formats()));
    case Command::plan:
    case Command::diff:
      return is_in(word, {"human", "json"});
    case Command::fleet:
      return is_in(word, {"human", "json", "html"});
    default:
      return is_in(word, texts_of(report_formats()));
  }
}

bool is_any(std::string_view word) {
  return writes(Command::check, word) || writes(Command::requirements, word) || writes(Command::fix, word);
}

}  // namespace

std::span<const Word<Format>> report_formats() {
  return kReportFormats;
}
std::span<const Word<ListFormat>> list_formats() {
  return kListFormats;
}
std::span<const Word<FixFormat>> fix_formats() {
  return kFixFormats;
}

bool are_formats_of_others(const std::vector<std::string_view>& words, Command command) {
  if (!std::ranges::all_of(words, is_any)) return false;
  const bool writes_one = command == Command::requirements || command == Command::fix;
  return (writes_one && words.size() > 1) ||
         !std::ranges::all_of(words, [command](std::string_view word) { return writes(command, word); });
}

}  // namespace amlnet
