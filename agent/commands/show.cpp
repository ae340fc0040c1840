#include "agent/commands/show.h"

#include <fmt/format.h>

#include <cstdio>

#include "agent/commands/outputs.h"
#include "agent/commands/saved_report.h"

namespace amlnet {

int show(const CheckOptions& options) {
  const auto read = read_saved(options.words.empty() ? "" : options.words.front());
  if (const auto* error = std::get_if<ConfigError>(&read)) {
    fmt::print(stderr, "amlnet: {}\n", error->text);
    return 2;
  }
  const SavedReport& saved = std::get<SavedReport>(read);
  const std::string again = saved.path == "-" ? "" : saved.path;
  if (const auto problem = write_reports(options, saved.report, again)) {
    fmt::print(stderr, "amlnet: {}\n", *problem);
    return 4;
  }
  return 0;
}

}  // namespace amlnet
