#include "agent/commands/check.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "agent/catalog/words.h"
#include "agent/commands/assemble.h"
#include "agent/commands/outputs.h"
#include "agent/commands/prepare.h"
#include "agent/commands/progress.h"
#include "agent/run/run.h"
#include "agent/run/stop_signals.h"
#include "reports/file.h"
#include "reports/json.h"

namespace amlnet {

namespace {

std::int64_t wall_clock_ms() {
  return std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// The proxies in force under --proxy.
ProxyEnvironment proxies_for(const CheckOptions& options, const Node& node) {
  if (options.proxy == "none") return {};
  if (options.proxy == "env") return node.proxies;
  return {{"https_proxy", options.proxy}, {"http_proxy", options.proxy}};
}

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
  run.live_list = options.live_requirements && !options.offline;
  run.replan = [&prepared, &options](const Workspace& workspace) {
    return make_plan(prepared.catalog, workspace, options.filter);
  };
  return run;
}

// JSON Lines as probes finish: to standard output at once, to a file whole at the end, so that no reader sees
// half of it.
class LineStream {
 public:
  explicit LineStream(const std::vector<Output>& outputs) {
    for (const Output& output : outputs)
      if (output.format == Format::jsonl)
        (output.path == "-" ? to_stdout_ : to_file_) = true, path_ = output.path;
  }
  bool wanted() const { return to_stdout_ || to_file_; }
  void add(const std::string& line) {
    if (to_file_) kept_ += line;
    if (to_stdout_) {
      std::fwrite(line.data(), 1, line.size(), stdout);
      std::fflush(stdout);
    }
  }
  // Each round begins anew, and names its probes anew.
  void begin_round(const Report& run) {
    sent_.clear();
    add(jsonl_run(run));
  }
  void add_probe(const ProbeRecord& probe) {
    if (sent_.insert(probe.id).second) add(jsonl_probe(probe));
  }
  std::optional<std::string> finish(const Report& report) {
    for (const ProbeRecord& probe : report.probes) add_probe(probe);
    for (const Finding& finding : report.findings) add(jsonl_finding(finding));
    add(jsonl_summary(report));
    if (!to_file_) return std::nullopt;
    return write_file(path_, [this](const TextSink& sink) { sink(kept_); });
  }

 private:
  bool to_stdout_ = false, to_file_ = false;
  std::string path_, kept_;
  std::set<std::string> sent_;
};

// Facts that discovery found stay for what follows: diagnosis, report and further rounds.
void take_found(RunResult& result, Prepared& prepared) {
  if (result.workspace) prepared.workspace = std::move(*result.workspace);
  if (result.plan) prepared.plan = std::move(*result.plan);
}

void prompt(const std::string& text) {
  say(0, text);
}

// One round: probes, diagnosis, report.
Report run_round(const CheckOptions& options, Prepared& prepared, Milliseconds deadline,
                 Clock::time_point began, int attempt, LineStream& lines) {
  RunOptions run = run_options(options, prepared);
  run.deadline = std::min(run.deadline, deadline);
  run.spent = std::chrono::duration_cast<Milliseconds>(Clock::now() - began);
  const bool progress = wanted_on(options.progress, STDERR_FILENO) && options.verbosity >= 0;
  RunHooks hooks;
  if (lines.wanted()) hooks.on_probe = [&](const ProbeRecord& probe) { lines.add_probe(probe); };
  if (progress) hooks.on_progress = show_progress;
  hooks.on_prompt = prompt;
  const RunInputs inputs{prepared.catalog, prepared.workspace, prepared.node, prepared.plan,
                         prepared.vm_size, wall_clock_ms(),    attempt};
  if (lines.wanted()) lines.begin_round(assemble_plan(inputs));
  RunResult result = run_plan(prepared.plan, prepared.workspace, prepared.node, run, hooks);
  if (progress) clear_progress();
  take_found(result, prepared);
  if (options.live_requirements && options.offline)
    result.live_list = LiveList{{}, "--offline asks nothing over the network"};
  for (const std::string& problem : result.problems) say(0, problem);
  const Facts facts{prepared.plan, prepared.workspace, prepared.node, result.evidence,
                    inputs.started_ms / 1000};
  Diagnosis diagnosis = diagnose(facts);
  return assemble_report(inputs, std::move(result), std::move(diagnosis));
}

// Whether another round could change nothing: a fact that nobody gave stays missing.
bool required_pass(const Report& report) {
  return std::ranges::none_of(report.requirements, [](const RequirementReport& row) {
    return row.level == Level::required &&
           (row.status == Status::fail || row.unknown_because == Unknown::not_finished);
  });
}

// What a start was held up by, for its log: the blocking findings of a round, or how much is not finished.
std::string waited_for(const Report& report) {
  std::string causes;
  for (const Finding& finding : report.findings) {
    if (finding.severity == Severity::blocking)
      causes += (causes.empty() ? "" : ", ") + finding.cause + " (" + printable(finding.subject) + ")";
  }
  return causes.empty() ? "required endpoints that were not finished" : causes;
}

// Rounds until everything required passes or --wait is over; one round without it. A round that a signal
// ended is the last. The first round began with the command: discovery and planning are part of its deadline.
Report run_rounds(const CheckOptions& options, Prepared& prepared, Clock::time_point began,
                  LineStream& lines) {
  const auto until = began + options.wait;
  const auto started = began;
  Milliseconds pause(1000);
  std::string held_up_by;
  for (int attempt = 1;; ++attempt, began = Clock::now()) {
    const auto left = std::chrono::duration_cast<Milliseconds>(until - began);
    const Milliseconds deadline =
        options.wait.count() > 0 ? std::max(left, Milliseconds(1)) : options.deadline;
    Report report = run_round(options, prepared, deadline, began, attempt, lines);
    const bool signalled = report.run.incomplete_because.starts_with("SIG");
    if (required_pass(report) || signalled || Clock::now() + pause >= until) {
      if (attempt > 1) {
        const std::chrono::duration<double> waited = Clock::now() - started;
        say(0, fmt::format("waited {:.0f} s, {} rounds, for {}", waited.count(), attempt, held_up_by));
      }
      return report;
    }
    held_up_by = waited_for(report);
    if (const std::string signal = sleep_until_stopped(pause); !signal.empty()) {
      report.run.complete = false;
      report.run.incomplete_because = signal;
      return report;
    }
    pause = std::min(pause * 2, Milliseconds(15000));
  }
}

// A plan asks Resource Manager too, and sends no probe.
void discover_for_plan(const CheckOptions& options, Prepared& prepared) {
  if (options.offline || options.identity == IdentityChoice::none) return;
  RunOptions run = run_options(options, prepared);
  run.discover_only = true;
  RunHooks hooks;
  hooks.on_prompt = prompt;
  RunResult result = run_plan(prepared.plan, prepared.workspace, prepared.node, run, hooks);
  take_found(result, prepared);
}

// Returns why it could not be kept, having said so.
std::optional<std::string> keep_last(const Report& report) {
  const std::string last = last_report_path();
  if (last.empty()) return std::nullopt;
  create_folder_of(last);
  const auto problem = replace_file(
      last, [&](const TextSink& sink) { write_report(report, sink); }, 0600);
  if (problem) say(0, *problem);
  return problem;
}

}  // namespace

std::variant<Report, ConfigError> checked_report(const CheckOptions& options) {
  const auto began = Clock::now();
  hold_stop_signals();
  auto prepared = prepare(options);
  if (const auto* error = std::get_if<ConfigError>(&prepared)) return *error;
  LineStream lines({});
  Report report = run_rounds(options, std::get<Prepared>(prepared), began, lines);
  keep_last(report);
  return report;
}

int check(const CheckOptions& options) {
  const auto began = Clock::now();
  hold_stop_signals();
  auto prepared = prepare(options);
  if (const auto* error = std::get_if<ConfigError>(&prepared)) return say(2, error->text);
  LineStream lines(options.outputs);
  const Report report = run_rounds(options, std::get<Prepared>(prepared), began, lines);

  // The last report comes first: whatever becomes of the other outputs, it can be shown again.
  const std::string last = last_report_path();
  std::optional<std::string> problem = keep_last(report);
  CheckOptions at_end = options;  // JSON Lines were written as probes finished
  std::erase_if(at_end.outputs, [](const Output& output) { return output.format == Format::jsonl; });
  problem = write_reports(at_end, report, problem ? "" : last);
  if (!problem && lines.wanted()) problem = lines.finish(report);
  if (problem) return say(4, *problem);
  return exit_status(report.summary, report.findings, report.run.complete, options.fail_on);
}

int plan(const CheckOptions& options) {
  for (const Output& output : options.outputs) {
    if (output.format != Format::human && output.format != Format::json)
      return say(2, "--format: a plan can be written as human or json only");
  }
  auto prepared = prepare(options);
  if (const auto* error = std::get_if<ConfigError>(&prepared)) return say(2, error->text);
  Prepared& ready = std::get<Prepared>(prepared);
  discover_for_plan(options, ready);
  const RunInputs inputs{ready.catalog, ready.workspace, ready.node, ready.plan,
                         ready.vm_size, wall_clock_ms(), 1};
  if (const auto problem = write_plans(options, assemble_plan(inputs))) return say(4, *problem);
  return 0;
}

}  // namespace amlnet
