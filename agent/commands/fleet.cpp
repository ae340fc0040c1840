#include "agent/commands/fleet.h"

#include <fmt/format.h>

#include "agent/catalog/words.h"
#include "agent/commands/outputs.h"
#include "agent/commands/report_files.h"
#include "reports/fleet.h"

namespace amlnet {
namespace {

void write_one(Format format, const Fleet& merged, const HumanOptions& human, const TextSink& sink) {
  if (format == Format::json) return write_fleet(merged, sink);
  if (format == Format::html) return write_fleet_html(merged, sink);
  sink(human_fleet(merged, human));
}

}  // namespace

int fleet(const CheckOptions& options) {
  for (const Output& output : options.outputs) {
    if (output.format != Format::human && output.format != Format::json && output.format != Format::html)
      return say(2, "--format: a fleet can be written as human, json or html only");
  }
  const auto files = report_files(options.words);
  if (const auto* error = std::get_if<ConfigError>(&files)) return say(2, error->text);
  FleetMerger merger;
  std::size_t unread = 0;
  std::string first_problem;
  for (const std::string& path : std::get<std::vector<std::string>>(files)) {
    read_report_heads(
        path, [&](const Report& report) { merger.add(report); },
        [&](const std::string& problem) {
          const std::string shown = path == "-" ? "standard input" : path;
          if (++unread == 1) first_problem = fmt::format("{}: {}", printable(shown, 4096), problem);
          merger.add_unread(shown, problem);
        });
  }
  if (merger.empty())
    return say(2, unread == 0 ? "fleet: no report there: nothing that ends in .json, .tar.gz or .tgz"
                              : first_problem);
  const Fleet merged = merger.finish();
  const auto problem =
      write_outputs(options, "", [&](Format format, const HumanOptions& human, const TextSink& sink) {
        write_one(format, merged, human, sink);
      });
  if (problem) return say(4, *problem);
  if (unread == 0) return 0;
  return say(2, fmt::format("{} of {} could not be read, the first is {}", unread, unread + merged.reports,
                            first_problem));
}

}  // namespace amlnet
