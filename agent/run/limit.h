// A counting limit for coroutines on one loop: waiting costs one queue entry, and slots are handed over in
// order, so that thousands of waiting probes neither spin nor starve. Used by the run for connections and
// handshakes.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <utility>

namespace amlnet {

class Limit {
 public:
  Limit(const asio::any_io_executor& executor, int slots);

  /// Waits for a slot. False when the coroutine was cancelled instead; then there is nothing to release.
  asio::awaitable<bool> acquire();
  void release();
  /// Whether all slots are free.
  bool unused() const { return free_ == slots_; }
  /// Wakes every waiter, which its cancellation is about to reach: one by one, each would have to be looked
  /// for in the queue.
  void wake_all() { queue_.cancel(); }

 private:
  asio::steady_timer queue_;  // never expires: its waiters are the queue, cancel_one() wakes the first
  const int slots_;
  int free_;
  int waiting_ = 0;
  int granted_ = 0;  // slots handed to waiters that have not run yet
};

/// Holds a slot until the end of its scope, or until released.
class Slot {
 public:
  explicit Slot(Limit& limit) : limit_(limit) {}
  ~Slot() { release(); }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  void release() {
    if (std::exchange(held_, false)) limit_.release();
  }
  /// After a release: the limit has been acquired once more, for this slot.
  void hold_again() { held_ = true; }

 private:
  Limit& limit_;
  bool held_ = true;
};

}  // namespace amlnet
