// What the user asked for on the command line, parsed and checked: plain data. Defined with CLI11 in options.cpp, used
// by the commands. Every option is also read from AMLNET_<NAME>; the command line wins.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/diagnosis/outcome.h"
#include "probes/time.h"

namespace amlnet {

enum class Format { human, json, jsonl };
enum class When { automatic, always, never };

/// One report to write. "-" is standard output.
struct Output {
  Format format = Format::human;
  std::string path = "-";
};

/// Facts and filters, shared by check and plan.
struct PlanOptions {
  std::string config;  // "" looks in the usual places
  std::string cloud, region, compute;
  std::vector<std::string> features;
  bool offline = false;
  std::vector<std::string> only, skip;
  std::vector<std::string> catalogs;
  std::vector<Output> outputs;  // never empty: human to standard output by default
  int verbosity = 0;            // -1 with -q, 1 and more with -v
  When color = When::automatic;
};

struct CheckOptions {
  PlanOptions plan;
  Milliseconds timeout{5000};
  Milliseconds deadline{60000};
  int retries = 1;         // 0..10
  int concurrency = 1024;  // 1..100000
  std::vector<std::string> resolvers;
  std::string ca_file;
  std::string proxy = "env";  // a URL, "none" or "env"
  bool follow_ups = true;
  Milliseconds wait{0};
  FailOn fail_on = FailOn::required;
  When progress = When::automatic;
};

/// What is left when nothing is to be run: text for standard output (help, version) or standard error, and the status.
struct Done {
  int status = 0;
  std::string out, err;
};

/// Reads the whole command line. Errors are one or two lines that name the nearest right word; their status is 2.
std::variant<CheckOptions, PlanOptions, Done> parse_command_line(int argc, const char* const* argv,
                                                                 std::string_view catalog_version);

}  // namespace amlnet
