#include "agent/commands/show.h"

#include "agent/commands/outputs.h"
#include "agent/commands/saved_report.h"

namespace amlnet {

int show(const CheckOptions& options) {
  const auto read = read_saved(options.words.empty() ? "" : options.words.front());
  if (const auto* error = std::get_if<ConfigError>(&read)) return say(2, error->text);
  const SavedReport& saved = std::get<SavedReport>(read);
  const std::string again = saved.path == "-" ? "" : saved.path;
  if (const auto problem = write_reports(options, saved.report, again)) return say(4, *problem);
  return 0;
}

}  // namespace amlnet
