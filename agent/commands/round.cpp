#include "agent/commands/round.h"

#include <algorithm>

#include "agent/commands/assemble.h"
#include "agent/commands/outputs.h"
#include "agent/diagnosis/diagnosis.h"

namespace amlnet {

namespace {

RunOptions run_options(const CheckOptions& options, const Prepared& prepared) {
  const Node& node = prepared.node;
  RunOptions run;
  run.timeout = options.timeout;
  run.dns_timeout = std::min(run.dns_timeout, options.timeout);
  run.deadline = options.deadline;
  run.retries = options.retries;
  run.concurrency = options.concurrency;
  run.nameservers = options.resolvers.empty() ? node.resolver.nameservers : options.resolvers;
  run.ca_file = options.ca_file;
  run.proxies = proxies_for(options, node);
  run.follow_ups = options.follow_ups;
  run.identity = options.identity;
  run.credentials = prepared.credentials;
  run.read_resources = !options.offline;
  run.now_known = prepared.now_known;
  run.live_list = options.live_requirements && !options.offline;
  run.replan = [&prepared, &options](const Workspace& workspace) {
    return make_plan(prepared.catalog, workspace, options.filter);
  };
  return run;
}

// Facts that discovery found stay for what follows: diagnosis, report and further rounds.
void take_found(RunResult& result, Prepared& prepared) {
  if (result.workspace) prepared.workspace = std::move(*result.workspace);
  if (result.plan) prepared.plan = std::move(*result.plan);
}

void prompt(const std::string& text) {
  say(0, text);
}

}  // namespace

Report run_round(const CheckOptions& options, Prepared& prepared, const RoundTime& time, RoundHooks hooks) {
  RunOptions run = run_options(options, prepared);
  run.deadline = std::min(run.deadline, time.deadline);
  run.spent = std::chrono::duration_cast<Milliseconds>(Clock::now() - time.began);
  hooks.run.on_prompt = prompt;
  const RunInputs inputs{prepared.catalog, prepared.workspace, prepared.node, prepared.plan,
                         prepared.vm_size, wall_clock_ms(),    time.attempt};
  if (hooks.on_begin) hooks.on_begin(assemble_plan(inputs));
  RunResult result = run_plan(prepared.plan, prepared.workspace, prepared.node, run, hooks.run);
  if (hooks.on_probed) hooks.on_probed();
  take_found(result, prepared);
  if (options.live_requirements && options.offline)
    result.live_list = LiveList{{}, "--offline asks nothing over the network"};
  for (const std::string& problem : result.problems) say(0, problem);
  const Facts facts{prepared.plan, prepared.workspace, prepared.node, result.evidence,
                    inputs.started_ms / 1000};
  Diagnosis diagnosis = diagnose(facts);
  return assemble_report(inputs, std::move(result), std::move(diagnosis));
}

void discover_facts(const CheckOptions& options, Prepared& prepared) {
  if (options.offline || options.identity == IdentityChoice::none) return;
  RunOptions run = run_options(options, prepared);
  run.discover_only = true;
  RunHooks hooks;
  hooks.on_prompt = prompt;
  RunResult result = run_plan(prepared.plan, prepared.workspace, prepared.node, run, hooks);
  take_found(result, prepared);
}

std::int64_t wall_clock_ms() {
  return std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string ended_by_signal(const Report& report) {
  return report.run.incomplete_because.starts_with("SIG") ? report.run.incomplete_because : "";
}

}  // namespace amlnet
