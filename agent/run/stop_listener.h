// SIGINT and SIGTERM while an event loop works. Used by the run and by uploads.
#pragma once

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <functional>
#include <optional>

#include "agent/run/stop_signals.h"

namespace amlnet {

/// Lets both through from its construction to end(), also what was pending before.
class StopListener {
 public:
  /// `on_stop` gets "SIGINT" or "SIGTERM" from within `loop`, once, and ends the work.
  StopListener(asio::io_context& loop, std::function<void(const char*)> on_stop);
  StopListener(const StopListener&) = delete;
  StopListener& operator=(const StopListener&) = delete;

  /// The work is over, and both are held back as before. One that the loop has not heard yet is too late for
  /// `on_stop`: it becomes pending again, for whoever listens next.
  void end();

 private:
  asio::io_context& loop_;
  asio::signal_set signals_;
  bool over_ = false;
  std::optional<StopSignalsLetThrough> let_through_;
};

}  // namespace amlnet
