#include "agent/commands/diff.h"

#include "agent/commands/outputs.h"
#include "agent/commands/saved_report.h"
#include "reports/diff.h"

namespace amlnet {

int diff(const CheckOptions& options) {
  for (const Output& output : options.outputs) {
    if (output.format != Format::human && output.format != Format::json)
      return say(2, "--format: differences can be written as human or json only");
  }
  std::vector<Report> reports;
  reports.reserve(options.words.size());  // a vector that grows would copy them
  for (const std::string& path : options.words) {
    auto saved = read_saved(path);
    if (const auto* error = std::get_if<ConfigError>(&saved)) return say(2, error->text);
    reports.push_back(std::get<SavedReport>(std::move(saved)).report);
  }
  const Report &before = reports.at(0), &after = reports.at(1);
  const ReportDiff found = compare_reports(before, after);
  const auto problem =
      write_outputs(options, "", [&](Format format, const HumanOptions& human, const TextSink& sink) {
        sink(format == Format::human ? human_diff(found, before, after, human)
                                     : diff_json(found, before, after));
      });
  if (problem) return say(4, *problem);
  return found.failing.empty() ? 0 : 1;
}

}  // namespace amlnet
