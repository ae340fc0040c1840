// A set of coroutines that are waited for, and stopped, together. The run has one for the probes of the plan,
// one for the controls that must never hold a run up, and one for each round of follow-ups.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/steady_timer.hpp>
#include <exception>
#include <list>

namespace amlnet {

/// Single thread. Every task must have ended before the group is destroyed.
class TaskGroup {
 public:
  explicit TaskGroup(const asio::any_io_executor& executor);
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts `task`; after stop() it is dropped unstarted. A task must not throw; the first exception is kept.
  void spawn(asio::awaitable<void> task);
  /// Waits until no task is left; returns early when the waiting coroutine is cancelled.
  asio::awaitable<void> wait();
  /// Waits until no task is left or `until`.
  asio::awaitable<void> wait_until(asio::steady_timer::time_point until);
  /// Cancels every task. They end through the loop.
  void stop();
  bool stopped() const { return stopped_; }
  bool empty() const { return tasks_.empty(); }
  std::exception_ptr failure() const { return failure_; }

 private:
  asio::any_io_executor executor_;
  asio::steady_timer idle_;
  std::list<asio::cancellation_signal> tasks_;
  bool stopped_ = false;
  std::exception_ptr failure_;
};

}  // namespace amlnet
