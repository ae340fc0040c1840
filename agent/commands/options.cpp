// CLI11 reads the grammar and writes the help; values stay text until the option table takes them, one after
// the other as they were given. That keeps --format and --output in pairs and lets the environment use the
// same way in.
#include "agent/commands/options.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <limits>
#include <optional>

#include "agent/catalog/words.h"
#include "agent/commands/completion.h"
#include "agent/commands/option_table.h"
#include "agent/commands/option_values.h"
#include "agent/workspace/fact_syntax.h"

namespace amlnet {
namespace {

constexpr const char* kStatusesOfCheck =
    "Exit status: 0 nothing named by --fail-on failed, 1 something did, 2 usage or configuration,\n"
    "3 incomplete and nothing known has failed, 4 internal error.\n";
constexpr const char* kStatusesOfDiff =
    "Exit status: 0 nothing newly fails, 1 something does, 2 usage or unreadable report, 4 internal error.\n";
constexpr const char* kStatusesOfBundle =
    "The bundle is readable by you alone, and its manifest.json tells what is in it and what was removed.\n"
    "With --upload it stays here too. An upload that was cut goes on with --report BUNDLE --upload URL; it "
    "is\n"
    "given up where nothing got through for --deadline.\n"
    "Exit status: 0 written (and uploaded), whatever the check found, 1 written but not uploaded, 2 usage "
    "or\n"
    "configuration, 4 internal error, or something that had to be removed would have been in it.\n";
constexpr const char* kStatusesOfFleet =
    "Exit status: 0 done, 2 usage, or a report that cannot be read: all others are merged and written, and "
    "it is\n"
    "named in the output; 4 internal error.\n";
constexpr const char* kStatusesOfWatch =
    "Each change is told once, as a line on standard output: requirements that newly fail or pass, causes "
    "that\n"
    "are found, gone or others, facts that are others. A change is told by the first round that sees it; "
    "what one\n"
    "attempt of a probe missed is no change while --retries has another, and what a round did not finish "
    "stays\n"
    "as it was. What was told is kept in $STATE_DIRECTORY or $XDG_STATE_HOME/amlnet as watch.json, a report "
    "like\n"
    "any other, and not told again after a restart. SIGHUP asks for a round now (from a terminal, it ends "
    "the\n"
    "watch like SIGTERM and SIGINT do).\n"
    "Exit status: 0 stopped by a signal, 2 usage or configuration, 4 internal error, or the reader of the "
    "lines\n"
    "has gone.\n";
constexpr const char* kStatusesOfListen =
    "It answers amlnet reach and nobody else, with the ports it holds and the address it sees.\n"
    "Exit status: 0 the time is over, or a signal came; 2 usage, 4 internal error, or no port could be "
    "opened.\n";
constexpr const char* kStatusesOfReach =
    "Run amlnet listen on HOST first. What is open here is open from this node's address; rules whose source "
    "is\n"
    "a service tag have to be read. Without --ports, 22 and ports out of the documentation are optional.\n"
    "Exit status: 0 amlnet listen answers on each required port, 1 a port is blocked or cannot be reached, 2 "
    "usage\n"
    "or configuration, 3 undecided: nothing is blocked, and on a required port it does not listen, or "
    "another\n"
    "program answers; 4 internal error.\n";
constexpr const char* kStatuses = "Exit status: 0 done, 2 usage or configuration, 4 internal error.\n";
constexpr const char* kStatusesOfRequirements =
    "Exit status: 0 done, 1 --compare found a difference, 2 usage, configuration or a file that cannot be\n"
    "compared, 4 internal error.\n";
constexpr const char* kEnvironment =
    "Each option can be given as AMLNET_<NAME> in the environment; lists split on commas.\n";

std::string variable_of(const OptionRow& row) {
  std::string name = "AMLNET_";
  for (const char c : row.name) name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return name;
}

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

/// One option as it was given, on the command line or by the environment.
struct Given {
  const OptionRow* row;
  std::string value;
  std::string origin;  // "--timeout", "AMLNET_TIMEOUT"
};

/// A command with its CLI11 options, in the order of its rows.
struct Grammar {
  Command command = Command::check;
  CLI::App* app = nullptr;
  std::vector<const OptionRow*> rows;
  std::vector<CLI::Option*> options;
};

Grammar add_command(CLI::App& main, Command command, std::string name, std::string help,
                    std::string example) {
  Grammar grammar{command, main.add_subcommand(std::move(name), std::move(help)), rows_for(command), {}};
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
  const bool judges = command == Command::check || command == Command::diagnose;
  const char* statuses = judges                             ? kStatusesOfCheck
                         : command == Command::diff         ? kStatusesOfDiff
                         : command == Command::fleet        ? kStatusesOfFleet
                         : command == Command::bundle       ? kStatusesOfBundle
                         : command == Command::watch        ? kStatusesOfWatch
                         : command == Command::listen       ? kStatusesOfListen
                         : command == Command::reach        ? kStatusesOfReach
                         : command == Command::requirements ? kStatusesOfRequirements
                                                            : kStatuses;
  grammar.app->footer("\nExample:\n  " + example + "\n\n" + statuses + kEnvironment);
  grammar.app->allow_extras();  // unknown words are ours to explain
  return grammar;
}

/// What the command line gave, in its order.
std::vector<Given> given_by_line(const Grammar& grammar) {
  std::vector<Given> given;
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

bool in_line(const std::vector<Given>& line, std::string_view name) {
  return std::ranges::any_of(line, [name](const Given& given) { return given.row->name == name; });
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

/// AMLNET_FORMAT and AMLNET_OUTPUT are two lists that belong together: the first file to the first format.
void pair_outputs(std::vector<Given>& given) {
  const auto is_output = [](const Given& one) { return one.row->name == "output"; };
  std::vector<Given> outputs;
  std::ranges::copy_if(given, std::back_inserter(outputs), is_output);
  std::erase_if(given, is_output);
  std::vector<Given> paired;
  auto next = outputs.begin();
  for (Given& one : given) {
    const bool format = one.row->name == "format";
    paired.push_back(std::move(one));
    if (format && next != outputs.end()) paired.push_back(std::move(*next++));
  }
  std::move(next, outputs.end(),
            std::back_inserter(paired));  // one too many: refused like on the command line
  given = std::move(paired);
}

/// What the environment gives where the command line is silent.
std::vector<Given> given_by_environment(const Grammar& grammar, const std::vector<Given>& line,
                                        const Environment& environment) {
  std::vector<Given> given;
  const bool outputs = in_line(line, "format") || in_line(line, "output");
  const bool loudness = in_line(line, "verbose") || in_line(line, "quiet");
  for (const OptionRow* row : grammar.rows) {
    const std::string variable = variable_of(*row);
    const auto found = environment.find(variable);
    if (found == environment.end() || found->second.empty() || in_line(line, row->name)) continue;
    if (outputs && (row->name == "format" || row->name == "output")) continue;
    if (loudness && row->letter) continue;
    const std::vector<std::string> values = row->repeats ? split(found->second) : std::vector{found->second};
    for (const std::string& value : values) given.push_back({row, value, variable});
  }
  pair_outputs(given);
  return given;
}

Notice usage(std::string text) {
  return {2, "amlnet: " + std::move(text) + '\n'};
}

std::optional<Notice> take(const std::vector<Given>& given, CheckOptions& options) {
  for (const Given& one : given) {
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
  constexpr std::string_view kCommands[] = {"check", "plan",   "diagnose", "requirements", "explain",
                                            "fix",   "show",   "diff",     "fleet",        "bundle",
                                            "watch", "listen", "reach",    "completion"};
  if (word.starts_with('-'))
    return usage(fmt::format("{}: unknown option; see amlnet --help", printable(word)));
  return usage(fmt::format("{}: unknown command{}; see amlnet --help", printable(word),
                           suggestion(nearest(word, kCommands))));
}

std::vector<Grammar> add_commands(CLI::App& main) {
  return {
      add_command(main, Command::check, "check", "Discover, plan, probe, diagnose, report",
                  "amlnet check --config amlnet.json --format human --format json --output report.json"),
      add_command(main, Command::plan, "plan", "The requirements that apply and why; no probe is sent",
                  "amlnet plan --offline --region eastus2 --compute cluster"),
      add_command(main, Command::diagnose, "diagnose",
                  "The rules again on a saved report's probes; nothing is sent",
                  "amlnet diagnose report.json --format json --output again.json"),
      add_command(main, Command::requirements, "requirements",
                  "What the documentation requires, of every node there is",
                  "amlnet requirements --cloud usgov --compute instance --level required"),
      add_command(main, Command::explain, "explain",
                  "What requirements, causes and the findings of a report mean, and what to change",
                  "amlnet explain storage.ws.blob dns.servfail 1"),
      add_command(main, Command::fix, "fix", "The failures of a saved report as rules to apply",
                  "amlnet fix --format bicep report.json > rules.bicep"),
      add_command(main, Command::show, "show", "A saved report again, in any format",
                  "amlnet show report.json --format html --output report.html"),
      add_command(main, Command::diff, "diff",
                  "What newly fails or passes between two saved reports, and which causes changed",
                  "amlnet diff yesterday.json today.json"),
      add_command(main, Command::fleet, "fleet",
                  "Many saved reports as one: which causes hit which nodes, and what separates them",
                  "amlnet fleet reports/ --format html --output fleet.html\n"
                  "  for n in $NODES; do ssh $n amlnet check --format json; done | amlnet fleet -"),
      add_command(
          main, Command::bundle, "bundle",
          "A support bundle: a check's report with what belongs to it, redacted, as .tar.gz",
          "amlnet bundle --redact all --output bundle.tar.gz\n"
          "  amlnet bundle --report report.json --redact names\n"
          "  AMLNET_UPLOAD='https://stws1.blob.core.windows.net/support?sv=...&sig=...' amlnet bundle"),
      add_command(main, Command::watch, "watch", "The check again and again; only what changes is told",
                  "amlnet watch --interval 5m --listen 9815"),
      add_command(main, Command::listen, "listen",
                  "Opens the documented inbound ports for a while, for amlnet reach on another node",
                  "amlnet listen --for 5m\n"
                  "  amlnet listen --ports 6105,20000-20009"),
      add_command(
          main, Command::reach, "reach",
          "Whether the inbound ports of another node, on which amlnet listen runs, are open from here",
          "amlnet reach 10.0.1.8 --format human --format json --output reach.json\n"
          "  amlnet reach ci2 --ports 6105,20000-20009"),
      add_command(main, Command::completion, "completion", "Prints completions for bash, fish or zsh",
                  "amlnet completion bash > ~/.local/share/bash-completion/completions/amlnet"),
  };
}

/// How many words a command takes that are no options: ids for `explain`, files for the others.
struct WordCount {
  std::size_t least = 0, most = 0;
  const char* lacking = "";
};

WordCount words_of(Command command, const std::vector<Given>& line) {
  constexpr auto kAny = std::numeric_limits<std::size_t>::max();
  if (command == Command::explain)
    return {1, kAny, "explain: expected a requirement, a cause code or a finding, as storage.ws.blob or 1"};
  if (command == Command::requirements && in_line(line, "compare")) return {0, kAny};  // further files
  if (command == Command::completion) return {0, kAny};  // what is not one shell is refused there
  if (command == Command::show || command == Command::diagnose || command == Command::fix) return {0, 1};
  if (command == Command::fleet)
    return {1, kAny, "fleet: expected reports: files, folders with them, or - for standard input"};
  if (command == Command::reach)
    return {1, 1,
            "reach: expected the other node, by name or address, as 10.0.1.8; amlnet listen runs there"};
  if (command == Command::diff) return {2, 2, "diff: expected two reports, the old one and the new one"};
  return {};
}

/// What stands after the command and is no option. "-" is a file.
std::optional<Notice> take_words(const Grammar& grammar, const std::vector<Given>& line,
                                 CheckOptions& options) {
  const WordCount count = words_of(grammar.command, line);
  for (const std::string& word : grammar.app->remaining()) {
    const bool option = word.starts_with('-') && word != "-";
    if (option || options.words.size() == count.most) return unknown_word(word, grammar);
    options.words.push_back(word);
  }
  if (options.words.size() < count.least) return usage(count.lacking);
  return std::nullopt;
}

/// The words behind --compare are files too. It looks at the whole catalog: an option that narrows it would
/// hide differences.
std::optional<Notice> take_compare(const std::vector<Given>& line, CheckOptions& options) {
  if (options.compared.empty()) return std::nullopt;
  std::ranges::move(options.words, std::back_inserter(options.compared));
  options.words.clear();
  for (const std::string_view name : {"cloud", "compute", "feature", "level"}) {
    if (in_line(line, name))
      return usage(fmt::format(
          "--{}: not with --compare, which takes --doc, --doc-date, --catalog and --format", name));
  }
  if (options.documents.size() > 1)
    return usage("--doc: with --compare it may be given once, for all the files");
  return std::nullopt;
}

/// The host of `reach`, without a port or anything else.
std::optional<Notice> check_host(const Grammar& grammar, const CheckOptions& options) {
  if (grammar.command != Command::reach) return std::nullopt;
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
    if (grammar.command == Command::completion) command.words = completed_shells();
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
  CommandLine line{grammar.command, {}};
  const std::vector<Given> given = given_by_line(grammar);
  if (std::optional<Notice> wrong = take_words(grammar, given, line.options)) return *wrong;
  if (std::optional<Notice> wrong = check_host(grammar, line.options)) return *wrong;
  if (grammar.command == Command::completion) return completion_of(grammars, line.options.words);
  std::vector<Given> all = given_by_environment(grammar, given, environment);
  all.insert(all.end(), given.begin(), given.end());
  if (std::optional<Notice> wrong = take(all, line.options)) return *wrong;
  if (std::optional<Notice> wrong = take_compare(given, line.options)) return *wrong;
  return line;
}

}  // namespace amlnet
