// The command line, parsed whole: grammar, environment, durations, words. No I/O: main
// gives the arguments and the environment, and prints what comes back.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/diagnosis/outcome.h"
#include "agent/identity/credentials.h"
#include "agent/plan/plan.h"
#include "agent/workspace/workspace.h"

namespace amlnet {

enum class Format { human, json, jsonl, html, junit, markdown, prometheus };
enum class ListFormat { table, json, markdown };
enum class FixFormat { text, az_cli, bicep, terraform };
enum class When { automatic, always, never };

/// One report to write; path "-" is standard output.
struct Output {
  Format format = Format::human;
  std::string path = "-";
  bool path_given = false;  // by --output
};

/// The options of `check`, with their defaults; the other commands have those that matter to them (contract
/// section 1).
struct CheckOptions {
  std::string config;  // "" is the usual places
  WorkspaceOptions workspace;
  bool offline = false;
  PlanFilter filter;  // --only, --skip, --doc-date
  std::vector<std::string> catalogs;
  // of `requirements` and `explain`
  std::vector<std::string> documents;  // --doc
  std::vector<Level> levels;
  std::vector<std::string> compared;  // --compare
  ListFormat list_format = ListFormat::table;
  std::vector<std::string> words;          // what stands after the command: requirement ids, report files
  FixFormat fix_format = FixFormat::text;  // of `fix`
  // of `show`, `explain` and `bundle`
  bool all = false;    // every row
  std::string report;  // "" is the last one; of `bundle`: a check by itself
  std::string bundle;  // --output of `bundle`, "" for a name of its own
  std::string redaction = "secrets";
  std::string upload;  // --upload of `bundle`, a URL that may hold a SAS: never print it
  // of `watch`
  std::chrono::milliseconds interval{300'000};
  std::string listen = "none";       // "none", "9815", "10.0.1.7:9815", "[fd00::7]:9815"
  std::vector<std::uint16_t> ports;  // of `listen` and `reach`; empty are the documented ones
  std::chrono::milliseconds listen_for{600'000};
  std::vector<Output> outputs;  // in the order given; never empty after parsing
  std::chrono::milliseconds timeout{5000};
  std::chrono::milliseconds deadline{60000};
  int retries = 1;
  int concurrency = 1024;
  std::vector<std::string> resolvers;  // "10.0.0.4", "10.0.0.4:5353", "fd00::4", "[fd00::4]:5353"
  std::string ca_file;
  std::string proxy = "env";  // "env", "none" or a URL, which may hold a password: never print it
  IdentityChoice identity = IdentityChoice::automatic;
  bool follow_ups = true;
  bool live_requirements = false;
  std::chrono::milliseconds wait{0};
  FailOn fail_on = FailOn::required;
  int verbosity = 0;  // -q is -1, each -v one more
  When color = When::automatic;
  When progress = When::automatic;
};

enum class Command {
  check,
  plan,
  diagnose,
  requirements,
  explain,
  fix,
  show,
  diff,
  fleet,
  bundle,
  watch,
  listen,
  reach,
  completion,
  version
};

struct CommandLine {
  Command command = Command::check;
  CheckOptions options;
};

/// What to print in place of a run: help (status 0, standard output) or an error (status 2, standard error),
/// ending in a newline.
struct Notice {
  int status = 0;
  std::string text;
};

/// Variable to value; only names that begin with AMLNET_ are read.
using Environment = std::map<std::string, std::string>;

/// `arguments` without the program's name. Options win over the environment; where an option may be repeated,
/// what the command line gives replaces what the environment gives. Without --format the report is `human` to
/// standard output.
std::variant<CommandLine, Notice> parse_command_line(const std::vector<std::string>& arguments,
                                                     const Environment& environment);

}  // namespace amlnet
