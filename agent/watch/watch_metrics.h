// What watch counts of itself, and these counts as metrics beside those of the report. Used by the watch
// command; pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "agent/watch/changes.h"
#include "probes/time.h"

namespace amlnet {

struct WatchCounts {
  std::uint64_t complete = 0, incomplete = 0;  // rounds
  std::uint64_t not_started = 0;               // rounds whose workspace file or catalog could not be used
  std::array<std::uint64_t, 8> changes{};      // told since the start, by ChangeKind
  std::int64_t started = 0;                    // when watch began, seconds since the epoch
  std::int64_t last_round = 0;                 // when the last round ended, 0 before the first one
  double last_duration_s = 0;                  // of that round, with planning and diagnosis
  Milliseconds interval{0};
  bool state_kept = true;  // whether the state file was written after the last round
};

void count_changes(WatchCounts& counts, const std::vector<WatchChange>& changes);

/// In the Prometheus text format. The README lists the names.
std::string watch_metrics(const WatchCounts& counts);

}  // namespace amlnet
