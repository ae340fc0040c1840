#include "agent/run/task_group.h"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

namespace amlnet {

namespace {
constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);
}

TaskGroup::TaskGroup(const asio::any_io_executor& executor) : executor_(executor), idle_(executor) {}

void TaskGroup::spawn(asio::awaitable<void> task) {
  if (stopped_) return;
  auto signal = tasks_.emplace(tasks_.end());
  asio::co_spawn(executor_, std::move(task),
                 asio::bind_cancellation_slot(signal->slot(), [this, signal](std::exception_ptr error) {
                   if (error && !stopped_ && !failure_)
                     failure_ = error;  // a stopped task may end by operation_aborted
                   tasks_.erase(signal);
                   if (tasks_.empty()) idle_.cancel();
                 }));
}

asio::awaitable<void> TaskGroup::wait() {
  return wait_until(asio::steady_timer::time_point::max());
}

asio::awaitable<void> TaskGroup::wait_until(asio::steady_timer::time_point until) {
  if (tasks_.empty()) co_return;
  idle_.expires_at(until);
  co_await idle_.async_wait(kTuple);
}

void TaskGroup::stop() {
  stopped_ = true;
  // A cancelled task may end, and leave the list, inside emit().
  for (auto task = tasks_.begin(); task != tasks_.end();) (task++)->emit(asio::cancellation_type::terminal);
}

}  // namespace amlnet
