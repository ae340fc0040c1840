// One round: probes, diagnosis, report. Used by check, which may repeat rounds until all is well, by plan,
// which only discovers, and by watch, which repeats them for good.
#pragma once

#include <functional>

#include "agent/commands/options.h"
#include "agent/commands/prepare.h"
#include "agent/run/run.h"
#include "reports/model/report.h"

namespace amlnet {

struct RoundTime {
  Clock::time_point began;  // what was done since then is part of the deadline
  Milliseconds deadline;    // beside --deadline: the earlier one ends the round
  int attempt = 1;
};

struct RoundHooks {
  RunHooks run;
  /// The report before the first probe, for formats that write as they go. May be empty.
  std::function<void(const Report& plan)> on_begin;
  /// The last probe has ended; nothing has been said yet. May be empty.
  std::function<void()> on_probed;
};

/// Probes what is planned and judges it. Facts that discovery finds stay in `prepared`. What is not a matter
/// of the network, as a trust store that cannot be read, is said on standard error.
Report run_round(const CheckOptions& options, Prepared& prepared, const RoundTime& time, RoundHooks hooks);

/// Asks for the facts that need an identity, and sends no probe of the plan.
void discover_facts(const CheckOptions& options, Prepared& prepared);

/// The node's clock, milliseconds since the epoch. Only shown: time is measured with Clock.
std::int64_t wall_clock_ms();

/// "SIGTERM" where a signal ended the round, "" where none did.
std::string ended_by_signal(const Report& report);

}  // namespace amlnet
