#include "agent/watch/watch_metrics.h"

#include <algorithm>

#include "reports/metric.h"

namespace amlnet {
namespace {

/// "newly_failing", a label's value.
std::string label_of(ChangeKind kind) {
  std::string label(name_of(kind));
  std::ranges::replace(label, ' ', '_');
  return label;
}

}  // namespace

void count_changes(WatchCounts& counts, const std::vector<WatchChange>& changes) {
  for (const WatchChange& change : changes) ++counts.changes[static_cast<std::size_t>(change.kind)];
}

std::string watch_metrics(const WatchCounts& counts) {
  std::string out;
  Metric rounds(out, "amlnet_watch_rounds_total", "Rounds since the start, by how they ended.",
                MetricKind::counter);
  rounds.add({{"outcome", "complete"}}, static_cast<double>(counts.complete));
  rounds.add({{"outcome", "incomplete"}}, static_cast<double>(counts.incomplete));
  rounds.add({{"outcome", "not_started"}}, static_cast<double>(counts.not_started));
  Metric changes(out, "amlnet_watch_changes_total", "Changes told since the start, by kind.",
                 MetricKind::counter);
  for (std::size_t kind = 0; kind < counts.changes.size(); ++kind)
    changes.add({{"change", label_of(static_cast<ChangeKind>(kind))}},
                static_cast<double>(counts.changes[kind]));
  Metric(out, "amlnet_watch_start_timestamp_seconds", "When watch began, since the epoch.")
      .add({}, static_cast<double>(counts.started));
  Metric(out, "amlnet_watch_interval_seconds", "From the start of a round to the next, before jitter.")
      .add({}, std::chrono::duration<double>(counts.interval).count());
  Metric(out, "amlnet_watch_state_kept", "1 if the state file was written after the last round, 0 if not.")
      .add({}, counts.state_kept ? 1 : 0);
  if (counts.last_round == 0) return out;
  Metric(out, "amlnet_watch_last_round_timestamp_seconds", "When the last round ended, since the epoch.")
      .add({}, static_cast<double>(counts.last_round));
  Metric(out, "amlnet_watch_last_round_duration_seconds", "How long the last round took, with diagnosis.")
      .add({}, counts.last_duration_s);
  return out;
}

}  // namespace amlnet
