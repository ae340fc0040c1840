#include "agent/commands/diagnose.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>

#include "agent/catalog/words.h"
#include "agent/commands/catalogs.h"
#include "agent/commands/outputs.h"
#include "agent/commands/replay.h"
#include "agent/commands/saved_report.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/outcome.h"
#include "reports/model/time.h"

namespace amlnet {

namespace {

int say(int status, const std::string& text) {
  fmt::print(stderr, "amlnet: {}\n", text);
  return status;
}

// What makes this diagnosis another one than the report's, beside the rules themselves.
void say_differences(const Report& report, const Catalog& catalog, const Replay& again) {
  if (report.tool.catalog_sha256 != catalog.sha256)
    say(0, fmt::format("the report was made with catalog {}, this is {}: rows and levels may differ",
                       printable(report.tool.catalog_version), catalog.version));
  if (!again.strange.empty())
    say(0,
        fmt::format("left out, since no catalog here has them: {}; --catalog FILE adds your organization's",
                    printable(fmt::format("{}", fmt::join(again.strange, ", ")), 2000)));
}

}  // namespace

int diagnose_saved(const CheckOptions& options) {
  auto read = read_saved(options.words.empty() ? "" : options.words.front());
  if (const auto* error = std::get_if<ConfigError>(&read)) return say(2, error->text);
  auto& [path, report] = std::get<SavedReport>(read);
  auto catalog = load_catalog(options);
  if (const auto* error = std::get_if<ConfigError>(&catalog)) return say(2, error->text);
  auto again = replay(report, std::get<Catalog>(catalog));
  if (const auto* error = std::get_if<ConfigError>(&again))
    return say(2, fmt::format("{}: {}", printable(path, 4096), error->text));
  const Replay& facts = std::get<Replay>(again);
  say_differences(report, std::get<Catalog>(catalog), facts);

  const Evidence evidence{report.probes, report.certificates};
  Diagnosis diagnosis = diagnose(
      {facts.plan, facts.workspace, facts.node, evidence, from_rfc3339(report.run.started).value_or(0)});
  report.requirements = requirement_reports(facts.plan, diagnosis);
  report.summary = summarize(report.requirements, diagnosis.findings);
  report.findings = std::move(diagnosis.findings);
  // The verdict was made here and stands in no file yet.
  if (const auto problem = write_reports(options, report, "")) return say(4, *problem);
  return exit_status(report.summary, report.findings, report.run.complete, options.fail_on);
}

}  // namespace amlnet
