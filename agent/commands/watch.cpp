#include "agent/commands/watch.h"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <random>

#include "agent/catalog/words.h"
#include "agent/commands/assemble.h"
#include "agent/commands/outputs.h"
#include "agent/commands/replay.h"
#include "agent/commands/round.h"
#include "agent/run/stop_signals.h"
#include "agent/watch/changes.h"
#include "agent/watch/lines.h"
#include "agent/watch/schedule.h"
#include "agent/watch/server.h"
#include "agent/watch/service_manager.h"
#include "agent/watch/state.h"
#include "agent/watch/state_lock.h"
#include "agent/watch/watch_metrics.h"
#include "agent/workspace/earlier_facts.h"
#include "agent/workspace/environment.h"
#include "reports/headline.h"
#include "reports/html.h"
#include "reports/json.h"
#include "reports/prometheus.h"

namespace amlnet {

namespace {

constexpr auto kTick = Milliseconds(5000);  // how often a watch that serves looks after its connections

/// Says what is wrong when it begins to be and when that is over, and not in each round between.
class Trouble {
 public:
  void report(const std::optional<std::string>& problem, const char* over) {
    if (problem && problem != last_) say(0, *problem + "; watch goes on");
    if (!problem && last_) say(0, over);
    last_ = problem;
  }

 private:
  std::optional<std::string> last_;
};

struct Watch {
  Watch(const CheckOptions& asked, const std::map<std::string, std::string>& variables)
      : options(asked), manager(variables), state_path(watch_state_path(variables)) {}

  const CheckOptions& options;
  ServiceManager manager;
  std::unique_ptr<WatchServer> server;  // null where nothing is served
  LineOutput output{STDOUT_FILENO};
  std::string state_path;
  std::optional<Report> told;  // what the lines so far come to
  WatchCounts counts;
  Trouble planning, state, lines, facts;
  bool abandoned = false;  // nobody reads the lines any more
  std::mt19937_64 chance{std::random_device{}()};
};

/// Somebody sees that this thread lives.
void keep_alive(Watch& watch) {
  const auto now = Clock::now();
  watch.manager.keep_alive(now);
  if (watch.server) watch.server->keep_alive(now);
}

void write_lines(Watch& watch, const std::string& text) {
  const int error = watch.output.write_lines(text);
  std::optional<std::string> problem;
  if (error != 0) problem = fmt::format("cannot write to standard output: {}", std::strerror(error));
  watch.abandoned = watch.output.abandoned(error);
  watch.lines.report(problem, "standard output can be written again");
}

void publish(Watch& watch, const Report* last) {
  if (!watch.server) return;
  WatchPages pages{watch_metrics(watch.counts), "", ""};
  if (last) {
    pages.metrics += prometheus_report(*last);
    pages.json = report_json(*last);
    write_html(*last, [&](std::string_view piece) { pages.html += piece; });
  }
  watch.server->publish(std::move(pages));
}

/// Comes after everything else that a round does.
void tell_round(Watch& watch, const Report& report, std::size_t changes) {
  const WatchCounts& counts = watch.counts;
  if (watch.options.verbosity > 0)
    write_lines(watch, fmt::format("{}  round  {}: {}, {:.1f} s, {}\n", report.run.finished,
                                   counts.complete + counts.incomplete + counts.not_started,
                                   verdict_word(report.summary.verdict), counts.last_duration_s,
                                   counted(changes, "change")));
}

/// Returns how many there were.
std::size_t tell_changes(Watch& watch, const Report& report) {
  const std::vector<WatchChange> changes =
      watch.told ? changes_between(*watch.told, report) : first_changes(report);
  count_changes(watch.counts, changes);
  std::string text;
  for (const WatchChange& change : changes)
    text += fmt::format("{}  {}  {}\n", report.run.finished, name_of(change.kind), change.text);
  write_lines(watch, text);
  return changes.size();
}

void count_round(Watch& watch, const Report& report, Clock::time_point began) {
  ++(report.run.complete ? watch.counts.complete : watch.counts.incomplete);
  watch.counts.last_duration_s = std::chrono::duration<double>(Clock::now() - began).count();
  watch.counts.last_round = wall_clock_ms() / 1000;
}

/// What is in the file is not told again by a later watch, so lines have to be out before it.
void keep_state(Watch& watch) {
  watch.counts.state_kept = false;
  if (!watch.told || watch.output.due()) return;
  const auto problem = keep_watch_state(watch.state_path, *watch.told);
  watch.counts.state_kept = !problem;
  watch.state.report(problem, "the state is kept again");
}

/// The last chance of lines that found no room so far.
void write_due_lines(Watch& watch) {
  if (!watch.output.due()) return;
  write_lines(watch, "");
  keep_state(watch);
}

void take_round(Watch& watch, const Report& report, Clock::time_point began) {
  count_round(watch, report, began);
  Report known = watch.told ? carried_over(*watch.told, report) : report;
  const std::size_t changes = tell_changes(watch, known);
  watch.told = std::move(known);
  keep_state(watch);
  publish(watch, &report);
  std::vector<std::string> parts = verdict_parts(report);
  std::erase(parts, "");  // of levels without rows
  watch.manager.tell(
      fmt::format("STATUS={}: {}", verdict_word(report.summary.verdict), joined(parts, " · ")));
  tell_round(watch, report, changes);
}

/// What was told of the workspace, for a round that services of the network tell nothing.
std::optional<EarlierFacts> facts_told(const Watch& watch) {
  if (!watch.told) return std::nullopt;
  auto workspace = saved_workspace(*watch.told);
  if (!std::holds_alternative<Workspace>(workspace)) return std::nullopt;
  return EarlierFacts{watch.told->node.hostname, std::get<Workspace>(std::move(workspace)),
                      watch.told->node.vm_size};
}

std::variant<Prepared, ConfigError> prepare_with_told(const Watch& watch) {
  const std::optional<EarlierFacts> earlier = facts_told(watch);
  return prepare(watch.options, earlier ? &*earlier : nullptr);
}

void report_recalled(Watch& watch, const Workspace& workspace) {
  const std::vector<std::string> facts = recalled_facts(workspace);
  std::optional<std::string> problem;
  if (!facts.empty())
    problem = "not learned this time, as they were in an earlier round: " + joined(facts, ", ");
  watch.facts.report(problem, "all facts have been learned again");
}

/// Whether the watch goes on: false where a signal ended the round.
bool make_round(Watch& watch, Prepared& prepared, Clock::time_point began) {
  RoundHooks hooks;
  hooks.run.on_progress = [&](std::size_t, std::size_t) { keep_alive(watch); };
  const Report report =
      run_round(watch.options, prepared, {began, watch.options.deadline, 1}, std::move(hooks));
  keep_alive(watch);
  if (!ended_by_signal(report).empty()) return false;
  report_recalled(watch, prepared.workspace);
  take_round(watch, report, began);
  return !watch.abandoned;
}

/// A round from the node's files on: nothing is kept from the one before but what was told.
bool prepare_round(Watch& watch, Clock::time_point began) {
  auto prepared = prepare_with_told(watch);
  auto* ready = std::get_if<Prepared>(&prepared);
  std::optional<std::string> problem;
  if (!ready) problem = std::get<ConfigError>(prepared).text;
  watch.planning.report(problem, "workspace file and catalog can be used again");
  if (ready) return make_round(watch, *ready, began);
  ++watch.counts.not_started;
  watch.counts.last_round = wall_clock_ms() / 1000;
  return true;
}

/// Sleeps until `due` or SIGHUP; false where the watch is to stop.
bool sleep_until(Watch& watch, Clock::time_point due, bool hang_up_stops) {
  while (true) {
    keep_alive(watch);
    const auto left = std::chrono::ceil<Milliseconds>(due - Clock::now());
    if (left.count() <= 0) return true;
    Milliseconds pause = watch.server ? std::min(left, kTick) : left;
    if (watch.manager.beat().count() > 0) pause = std::min(pause, watch.manager.beat());
    const int number = sleep_until_signal(pause);
    if (number == SIGHUP) return !hang_up_stops;
    if (number != 0) return false;
  }
}

void repeat_rounds(Watch& watch, Prepared first) {
  // A terminal that closes sends SIGHUP, and there is nobody left to tell anything.
  const bool hang_up_stops = isatty(STDIN_FILENO) == 1 || isatty(STDOUT_FILENO) == 1;
  auto began = Clock::now();
  std::uniform_real_distribution<double> chance(0, 1);
  for (bool going_on = make_round(watch, first, began); going_on; going_on = prepare_round(watch, began)) {
    malloc_trim(0);  // what a round took goes back, until the next one takes it
    const auto due = next_round(began, Clock::now(), watch.options.interval, chance(watch.chance));
    if (!sleep_until(watch, due, hang_up_stops)) return;
    began = Clock::now();
  }
}

/// Where --listen asks for it; what stands in the way is returned.
std::optional<std::string> start_serving(Watch& watch) {
  if (watch.options.listen == "none") return std::nullopt;
  auto server = WatchServer::start(listen_address_of(watch.options.listen).value());
  if (auto* problem = std::get_if<std::string>(&server)) return *problem;
  watch.server = std::get<std::unique_ptr<WatchServer>>(std::move(server));
  const ListenAddress& address = watch.server->address();
  say(0, "serving " + url_of(address));
  if (!address.loopback)
    say(0, "anybody who reaches that address can read the report, without a password and unencrypted");
  publish(watch, nullptr);
  return std::nullopt;
}

void read_state(Watch& watch) {
  WatchState state = read_watch_state(watch.state_path);
  if (!state.problem.empty()) say(0, "what was told before is not known: " + state.problem);
  watch.told = std::move(state.told);
}

/// Another watch has the state file.
std::string words_of_other(const Watch& watch, int process,
                           const std::map<std::string, std::string>& variables) {
  const auto systemd = variables.find("STATE_DIRECTORY");
  const bool by_systemd = systemd != variables.end() && !systemd->second.empty();
  return fmt::format(
      "{}: another amlnet watch keeps its state there{}; stop that one, or give this one a folder of its own "
      "by "
      "{}",
      printable(watch.state_path, 4096), process > 0 ? fmt::format(" (process {})", process) : "",
      by_systemd ? "STATE_DIRECTORY" : "XDG_STATE_HOME");
}

}  // namespace

int watch(const CheckOptions& options) {
  if (options.identity == IdentityChoice::device_code)
    return say(2, "--identity device-code: nobody signs in again in every round; use another identity");
  hold_stop_signals();
  hold_hang_up();
  std::signal(SIGPIPE, SIG_IGN);
  const std::map<std::string, std::string> variables = environment();
  Watch watch(options, variables);
  const StateLock lock(watch.state_path);
  if (lock.taken_by()) return say(2, words_of_other(watch, *lock.taken_by(), variables));
  if (!lock.problem().empty()) say(0, lock.problem());
  read_state(watch);
  auto prepared = prepare_with_told(watch);
  if (const auto* error = std::get_if<ConfigError>(&prepared)) return say(2, error->text);
  watch.counts.started = wall_clock_ms() / 1000;
  watch.counts.interval = options.interval;
  if (const auto problem = start_serving(watch)) return say(2, *problem);
  watch.manager.tell("READY=1\nSTATUS=the first round");
  repeat_rounds(watch, std::get<Prepared>(std::move(prepared)));
  watch.manager.tell("STOPPING=1");
  write_due_lines(watch);
  return watch.abandoned ? 4 : 0;
}

}  // namespace amlnet
