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
#include "agent/commands/round.h"
#include "agent/run/stop_signals.h"
#include "reports/file.h"
#include "reports/json.h"

namespace amlnet {

namespace {

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

// One round, with what is shown and written while it goes on.
Report shown_round(const CheckOptions& options, Prepared& prepared, const RoundTime& time,
                   LineStream& lines) {
  const bool progress = wanted_on(options.progress, STDERR_FILENO) && options.verbosity >= 0;
  RoundHooks hooks;
  if (lines.wanted()) {
    hooks.run.on_probe = [&](const ProbeRecord& probe) { lines.add_probe(probe); };
    hooks.on_begin = [&](const Report& plan) { lines.begin_round(plan); };
  }
  if (progress) {
    hooks.run.on_progress = show_progress;
    hooks.on_probed = clear_progress;
  }
  return run_round(options, prepared, time, std::move(hooks));
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
    Report report = shown_round(options, prepared, {began, deadline, attempt}, lines);
    const bool signalled = !ended_by_signal(report).empty();
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
  discover_facts(options, ready);  // a plan asks Resource Manager too, and sends no probe
  const RunInputs inputs{ready.catalog, ready.workspace, ready.node, ready.plan,
                         ready.vm_size, wall_clock_ms(), 1};
  if (const auto problem = write_plans(options, assemble_plan(inputs))) return say(4, *problem);
  return 0;
}

}  // namespace amlnet
