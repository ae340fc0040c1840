#include "agent/commands/reach.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "agent/commands/assemble.h"
#include "agent/commands/outputs.h"
#include "agent/commands/prepare.h"
#include "agent/commands/progress.h"
#include "agent/diagnosis/outcome.h"
#include "agent/plan/inbound.h"
#include "agent/run/run.h"
#include "agent/run/stop_signals.h"
#include "agent/workspace/fact_syntax.h"

namespace amlnet {

namespace {

RunOptions run_options(const CheckOptions& options, const Node& node) {
  RunOptions run;
  run.timeout = options.timeout;
  run.dns_timeout = std::min(run.dns_timeout, options.timeout);
  run.deadline = options.deadline;
  run.retries = options.retries;
  const bool named = !is_address(options.words.front());  // an address needs no nameserver
  if (named) run.nameservers = options.resolvers.empty() ? node.resolver.nameservers : options.resolvers;
  run.follow_ups = options.follow_ups;
  run.read_resources = false;
  return run;  // from node to node, so no proxy; and nobody asks for a token
}

/// A blocked port is a failure even where its requirement is optional: it was asked for.
int status_of(const Report& report) {
  const bool blocked = std::ranges::any_of(
      report.findings, [](const Finding& finding) { return finding.cause == "inbound.blocked"; });
  if (blocked) return 1;
  return exit_status(report.summary, report.findings, report.run.complete, FailOn::required);
}

}  // namespace

int reach(const CheckOptions& options) {
  using namespace std::chrono;
  hold_stop_signals();
  auto prepared = prepare(options);
  if (const auto* error = std::get_if<ConfigError>(&prepared)) return say(2, error->text);
  Prepared& ready = std::get<Prepared>(prepared);
  const bool named = !options.ports.empty();
  ready.plan = plan_inbound(ready.catalog, options.words.front(),
                            named ? options.ports : documented_inbound_ports(), named);
  const bool progress = wanted_on(options.progress, STDERR_FILENO) && options.verbosity >= 0;
  RunHooks hooks;
  if (progress) hooks.on_progress = show_progress;
  const auto now = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  const RunInputs inputs{ready.catalog, ready.workspace, ready.node, ready.plan, ready.vm_size, now, 1};
  RunResult result =
      run_plan(ready.plan, ready.workspace, ready.node, run_options(options, ready.node), hooks);
  if (progress) clear_progress();
  for (const std::string& problem : result.problems) say(0, problem);
  Diagnosis diagnosis = diagnose({ready.plan, ready.workspace, ready.node, result.evidence, now / 1000});
  const Report report = assemble_report(inputs, std::move(result), std::move(diagnosis));
  if (const auto problem = write_reports(options, report, "")) return say(4, *problem);
  return status_of(report);
}

}  // namespace amlnet
