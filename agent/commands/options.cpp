// CLI11 reads the grammar and writes the help; values stay text until the option table takes them, one after
// the other as they were given. That keeps --format and --output in pairs and lets the environment use the
// same way in.
#include "agent/commands/options.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <optional>

#include "agent/catalog/words.h"
#include "agent/commands/command_table.h"
#include "agent/commands/completion.h"
#include "agent/commands/given_options.h"
#include "agent/commands/option_table.h"
#include "agent/commands/option_values.h"
#include "agent/workspace/fact_syntax.h"

namespace amlnet {
namespace {

constexpr const char* kEnvironment =
    "Each option can be given as AMLNET_<NAME> in the environment; lists split on commas.\n";

std::string dashed(const OptionRow& row) {
  const std::string name = fmt::format("--{}", row.name);
  return row.letter ? fmt::format("-{},{}", row.letter, name) : name;
}

/// Whether the command has this option of `check`.
bool takes(Command command, const OptionRow& row) {
  constexpr std::string_view kOfRequirements[] = {"cloud", "compute", "feature", "catalog", "doc-date"};
  constexpr std::string_view kOfShow[] = {"format", "output", "verbose", "quiet", "color"};
  constexpr std::string_view kNotOfWatch[] = {"format",  "output", "wait",  "fail-on",
                                              "verbose", "quiet",  "color", "progress"};
  constexpr std::string_view kOfReach[] = {"config",  "offline",  "catalog",  "format",       "output",
                                           "timeout", "deadline", "retries",  "verbose",      "quiet",
                                           "color",   "progress", "resolver", "no-follow-ups"};
  switch (command) {
    case Command::plan:
      return row.for_plan;
    case Command::requirements:
      return std::ranges::find(kOfRequirements, row.name) != std::end(kOfRequirements);
    case Command::explain:
      return row.name == "catalog" || row.name == "color";
    case Command::fix:
      return row.name == "catalog";
    case Command::completion:
      return false;
    case Command::show:
    case Command::diff:
    case Command::fleet:
      return std::ranges::find(kOfShow, row.name) != std::end(kOfShow);
    case Command::bundle:
      return row.name != "format" && row.name != "output" && row.name != "fail-on" && row.name != "color" &&
             row.name != "verbose";
    case Command::watch:
      return std::ranges::find(kNotOfWatch, row.name) == std::end(kNotOfWatch);
    case Command::listen:
      return false;
    case Command::reach:
      return std::ranges::find(kOfReach, row.name) != std::end(kOfReach);
    case Command::diagnose:
      return std::ranges::find(kOfShow, row.name) != std::end(kOfShow) || row.name == "catalog" ||
             row.name == "fail-on";
    default:
      return true;
  }
}

std::vector<const OptionRow*> rows_for(Command command) {
  std::vector<const OptionRow*> rows;
  for (const OptionRow& row : option_rows()) {
    if (takes(command, row)) rows.push_back(&row);
  }
  for (const OptionRow& row : own_option_rows(command)) rows.push_back(&row);
  return rows;
}

/// A command with its CLI11 options, in the order of its rows.
struct Grammar {
  const CommandRow* command = nullptr;
  CLI::App* app = nullptr;
  std::vector<const OptionRow*> rows;
  std::vector<CLI::Option*> options;
};

Grammar add_command(CLI::App& main, const CommandRow& command) {
  Grammar grammar{&command,
                  main.add_subcommand(std::string(command.name), std::string(command.help)),
                  rows_for(command.command),
                  {}};
  for (const OptionRow* row : grammar.rows) {
    const std::string text(row->help);
    if (row->value.empty()) {
      grammar.options.push_back(grammar.app->add_flag(dashed(*row), text));
      continue;
    }
    CLI::Option* option = grammar.app->add_option(
        dashed(*row), [](const CLI::results_t&) { return true; }, text);
    option->type_name(std::string(row->value))->type_size(1)->expected(1);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
    grammar.options.push_back(option);
  }
  grammar.app->footer(
      fmt::format("\nExample:\n  {}\n\n{}{}", command.example, command.statuses, kEnvironment));
  grammar.app->allow_extras();  // unknown words are ours to explain
  return grammar;
}

/// What the command line gave, in its order.
std::vector<GivenOption> given_by_line(const Grammar& grammar) {
  std::vector<GivenOption> given;
  std::vector<std::size_t> taken(grammar.options.size());
  for (const CLI::Option* option : grammar.app->parse_order()) {
    const auto found = std::find(grammar.options.begin(), grammar.options.end(), option);
    if (found == grammar.options.end()) continue;
    const auto at = static_cast<std::size_t>(found - grammar.options.begin());
    const OptionRow* row = grammar.rows[at];
    given.push_back({row, option->results().at(taken[at]++), fmt::format("--{}", row->name)});
  }
  return given;
}

Notice usage(std::string text) {
  return {2, "amlnet: " + std::move(text) + '\n'};
}

std::optional<Notice> take(const std::vector<GivenOption>& given, CheckOptions& options) {
  for (const GivenOption& one : given) {
    std::string value = one.value;
    if (one.row->value.empty()) {
      const std::optional<bool> flag = flag_of(value);
      if (!flag)
        return usage(fmt::format("{}: expected true or false, got \"{}\"", one.origin, printable(value)));
      value = *flag ? "true" : "false";
    }
    const std::string wrong = one.row->set(options, value);
    if (!wrong.empty()) return usage(fmt::format("{}: {}", one.origin, wrong));
  }
  if (options.outputs.empty()) options.outputs.emplace_back();
  return std::nullopt;
}

std::string suggestion(const std::string& near) {
  return near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near);
}

/// What is wrong with a word that is no option of the command.
Notice unknown_word(const std::string& word, const Grammar& grammar) {
  if (!word.starts_with('-')) {
    // what follows a ? may be the SAS of an upload
    const std::string shown = word.substr(0, word.find('?'));
    return usage(fmt::format("\"{}\": unexpected argument; see amlnet {} --help", printable(shown),
                             grammar.app->get_name()));
  }
  const std::string name = word.substr(0, word.find('='));
  std::vector<std::string> names{"--help"};
  for (const OptionRow* row : grammar.rows) names.push_back(fmt::format("--{}", row->name));
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string near = nearest(name, candidates);
  const std::string advice =
      near.empty() ? fmt::format("; see amlnet {} --help", grammar.app->get_name()) : suggestion(near);
  return usage(fmt::format("{}: unknown option{}", printable(name), advice));
}

Notice unknown_command(const std::string& word) {
  std::vector<std::string_view> commands;
  for (const CommandRow& row : command_rows()) commands.push_back(row.name);
  if (word.starts_with('-'))
    return usage(fmt::format("{}: unknown option; see amlnet --help", printable(word)));
  return usage(fmt::format("{}: unknown command{}; see amlnet --help", printable(word),
                           suggestion(nearest(word, commands))));
}

std::vector<Grammar> add_commands(CLI::App& main) {
  std::vector<Grammar> grammars;
  for (const CommandRow& row : command_rows()) grammars.push_back(add_command(main, row));
  return grammars;
}

/// What stands after the command and is no option. "-" is a file.
std::optional<Notice> take_words(const Grammar& grammar, const std::vector<GivenOption>& line,
                                 CheckOptions& options) {
  const CommandRow& command = *grammar.command;
  // the words behind --compare are further files
  const std::size_t most = is_given(line, "compare") ? kAnyWords : command.most_words;
  for (const std::string& word : grammar.app->remaining()) {
    const bool option = word.starts_with('-') && word != "-";
    if (option || options.words.size() == most) return unknown_word(word, grammar);
    options.words.push_back(word);
  }
  if (options.words.size() < command.least_words) return usage(std::string(command.lacking));
  return std::nullopt;
}

/// The words behind --compare are files too. It looks at the whole catalog: an option that narrows it would
/// hide differences.
std::optional<Notice> take_compare(const std::vector<GivenOption>& line, CheckOptions& options) {
  if (options.compared.empty()) return std::nullopt;
  std::ranges::move(options.words, std::back_inserter(options.compared));
  options.words.clear();
  for (const std::string_view name : {"cloud", "compute", "feature", "level"}) {
    if (is_given(line, name))
      return usage(fmt::format(
          "--{}: not with --compare, which takes --doc, --doc-date, --catalog and --format", name));
  }
  if (options.documents.size() > 1)
    return usage("--doc: with --compare it may be given once, for all the files");
  return std::nullopt;
}

/// The host of `reach`, without a port or anything else.
std::optional<Notice> check_host(const Grammar& grammar, const CheckOptions& options) {
  if (grammar.command->command != Command::reach) return std::nullopt;
  const std::string& host = options.words.front();
  if (is_address(host) || is_label(host) || is_host_name(host)) return std::nullopt;
  return usage(fmt::format(
      "reach: expected a host name or address alone, as ci2 or 10.0.1.8, got \"{}\"; --ports takes ports",
      printable(host)));
}

/// What `completion SHELL` prints.
Notice completion_of(const std::vector<Grammar>& grammars, const std::vector<std::string>& shells) {
  std::vector<CompletedCommand> commands;
  for (const Grammar& grammar : grammars) {
    CompletedCommand command{grammar.app->get_name(), grammar.app->get_description(), {}, {}};
    for (const OptionRow* row : grammar.rows) command.options.push_back(completed(*row));
    if (grammar.command->command == Command::completion) command.words = completed_shells();
    commands.push_back(std::move(command));
  }
  return completion(shells, commands);
}

}  // namespace

std::variant<CommandLine, Notice> parse_command_line(const std::vector<std::string>& arguments,
                                                     const Environment& environment) {
  CLI::App main(
      "Why an Azure Machine Learning compute node cannot reach what the documentation requires, and what to "
      "change.",
      "amlnet");
  bool version = false;
  main.add_flag("--version", version, "Print version, catalog version and library versions");
  main.footer("\nExample:\n  amlnet check --format human --format json --output report.json\n");
  main.allow_extras();
  const std::vector<Grammar> grammars = add_commands(main);
  try {
    // CLI11 takes the last argument first.
    main.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    return Notice{0, main.help()};
  } catch (const CLI::ParseError& error) {
    return usage(error.what());
  }
  if (version) return CommandLine{Command::version, {}};
  if (const auto extras = main.remaining(); !extras.empty()) return unknown_command(extras.front());
  if (main.get_subcommands().empty()) return Notice{2, main.help()};
  if (main.get_subcommands().size() > 1) return usage("give one command");
  const Grammar& grammar =
      *std::ranges::find_if(grammars, [](const Grammar& one) { return one.app->parsed(); });
  CommandLine line{grammar.command->command, {}};
  const std::vector<GivenOption> given = given_by_line(grammar);
  if (std::optional<Notice> wrong = take_words(grammar, given, line.options)) return *wrong;
  if (std::optional<Notice> wrong = check_host(grammar, line.options)) return *wrong;
  if (grammar.command->command == Command::completion) return completion_of(grammars, line.options.words);
  std::vector<GivenOption> all = given_by_environment(line.command, grammar.rows, given, environment);
  all.insert(all.end(), given.begin(), given.end());
  if (std::optional<Notice> wrong = take(all, line.options)) return *wrong;
  if (std::optional<Notice> wrong = take_compare(given, line.options)) return *wrong;
  return line;
}

}  // namespace amlnet
