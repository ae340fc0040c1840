// SIGINT and SIGTERM, at whatever moment they come: held back from the start of a command to its end, and
// let through only where something listens. Used by the check and watch commands and by the run; without it a
// signal during discovery, or while the report is written, would leave no report.
#pragma once

#include <csignal>
#include <string>

#include "probes/time.h"

namespace amlnet {

/// Holds both back for the rest of the process. One that comes stays pending until something listens.
void hold_stop_signals();

/// Lets both through while it lives, what is pending at once; then all is as before. The listener must be in
/// place already.
class StopSignalsLetThrough {
 public:
  StopSignalsLetThrough();
  ~StopSignalsLetThrough();
  StopSignalsLetThrough(const StopSignalsLetThrough&) = delete;
  StopSignalsLetThrough& operator=(const StopSignalsLetThrough&) = delete;

 private:
  sigset_t before_;
};

/// Sleeps with both held back. "" after `pause`, or at once "SIGINT" or "SIGTERM", which is then spent.
std::string sleep_until_stopped(Milliseconds pause);

/// Holds SIGHUP back as well, which asks watch for a round: only sleep_until_signal() takes it.
void hold_hang_up();

/// The same with SIGHUP: 0 after `pause`, or at once the number of the signal, which is then spent.
int sleep_until_signal(Milliseconds pause);

/// "SIGINT" or "SIGTERM".
const char* stop_signal_name(int number);

}  // namespace amlnet
