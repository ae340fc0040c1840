#include "agent/commands/given_options.h"

#include <algorithm>

#include "agent/commands/formats.h"

namespace amlnet {
namespace {

std::string variable_of(const OptionRow& row) {
  std::string name = "AMLNET_";
  for (const char c : row.name) name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return name;
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (comma > 0) parts.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return parts;
}

/// Puts each output behind its format.
void pair_outputs(std::vector<GivenOption>& given) {
  const auto is_output = [](const GivenOption& one) { return one.row->name == "output"; };
  std::vector<GivenOption> outputs;
  std::ranges::copy_if(given, std::back_inserter(outputs), is_output);
  std::erase_if(given, is_output);
  std::vector<GivenOption> paired;
  auto next = outputs.begin();
  for (GivenOption& one : given) {
    const bool format = one.row->name == "format";
    paired.push_back(std::move(one));
    if (format && next != outputs.end()) paired.push_back(std::move(*next++));
  }
  std::move(next, outputs.end(),
            std::back_inserter(paired));  // one too many: refused like on the command line
  given = std::move(paired);
}

/// Whether AMLNET_FORMAT is set for other commands: who sets it for `check` can use `fix` all the same.
bool is_for_others(Command command, const std::vector<const OptionRow*>& rows,
                   const Environment& environment) {
  const auto row = std::ranges::find(rows, "format", &OptionRow::name);
  const auto found = environment.find("AMLNET_FORMAT");
  if (row == rows.end() || found == environment.end()) return false;
  const std::vector<std::string> parts = split(found->second);
  const std::vector<std::string_view> words(parts.begin(), parts.end());
  return are_formats_of_others(words, command);
}

}  // namespace

bool is_given(const std::vector<GivenOption>& line, std::string_view name) {
  return std::ranges::any_of(line, [name](const GivenOption& given) { return given.row->name == name; });
}

std::vector<GivenOption> given_by_environment(Command command, const std::vector<const OptionRow*>& rows,
                                              const std::vector<GivenOption>& line,
                                              const Environment& environment) {
  std::vector<GivenOption> given;
  const bool outputs =
      is_given(line, "format") || is_given(line, "output") || is_for_others(command, rows, environment);
  const bool loudness = is_given(line, "verbose") || is_given(line, "quiet");
  for (const OptionRow* row : rows) {
    const std::string variable = variable_of(*row);
    const auto found = environment.find(variable);
    if (found == environment.end() || found->second.empty() || is_given(line, row->name)) continue;
    if (outputs && (row->name == "format" || row->name == "output")) continue;
    if (loudness && row->letter) continue;
    const std::vector<std::string> values = row->repeats ? split(found->second) : std::vector{found->second};
    for (const std::string& value : values) given.push_back({row, value, variable});
  }
  pair_outputs(given);
  return given;
}

}  // namespace amlnet
