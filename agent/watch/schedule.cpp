#include "agent/watch/schedule.h"

#include <algorithm>

namespace amlnet {

Clock::time_point next_round(Clock::time_point began, Clock::time_point ended, Milliseconds interval,
                             double chance) {
  const double factor = 0.9 + 0.2 * std::clamp(chance, 0.0, 1.0);
  const auto due = began + std::chrono::duration_cast<Clock::duration>(interval * factor);
  return std::max(due, ended + std::chrono::duration_cast<Clock::duration>(interval) / 10);
}

}  // namespace amlnet
