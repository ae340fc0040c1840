// How late the event loop runs: a timer that should fire every few milliseconds, and by how much it did not.
// A busy loop must never be mistaken for a slow network, so every record keeps the worst lag of its time.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <utility>
#include <vector>

#include "probes/time.h"

namespace amlnet {

class LoopLag {
 public:
  /// Measures until cancelled.
  asio::awaitable<void> measure();
  /// The worst lag in milliseconds seen since `from`; 0 while it stayed below 1 ms.
  double since(Clock::time_point from) const;

 private:
  std::vector<std::pair<Clock::time_point, double>> late_;  // only the late ones, in order
};

}  // namespace amlnet
