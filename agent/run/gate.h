// A gate that work which can wait does not pass for a while. Of a thousand endpoints the last shall be asked
// before the handshakes of the first are computed.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include "probes/time.h"

namespace amlnet {

/// Open from the start. Single thread; must outlive who waits.
class Gate {
 public:
  explicit Gate(const asio::any_io_executor& executor);

  /// Closes it, at the latest until then.
  void close(Deadline until);
  void open();
  bool closed() const { return Clock::now() < closed_until_.expiry(); }
  /// Waits while it is closed. False when the coroutine was cancelled instead.
  asio::awaitable<bool> pass();

 private:
  asio::steady_timer closed_until_;
};

}  // namespace amlnet
