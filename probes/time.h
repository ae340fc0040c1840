// The clock of probes: every probe gets its deadline from outside, made once by its caller.
#pragma once

#include <chrono>

namespace amlnet {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;
using Milliseconds = std::chrono::milliseconds;

/// Milliseconds from `from` to `to`, with fractions.
inline double ms_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

}  // namespace amlnet
