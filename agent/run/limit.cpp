#include "agent/run/limit.h"

#include <asio/experimental/as_tuple.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace amlnet {

namespace {
constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);
}

Limit::Limit(const asio::any_io_executor& executor, int slots)
    : queue_(executor), slots_(slots), free_(slots) {
  queue_.expires_at(asio::steady_timer::time_point::max());
}

asio::awaitable<bool> Limit::acquire() {
  auto state = co_await asio::this_coro::cancellation_state;
  // a wait sees only the cancellation that comes during it
  if (state.cancelled() != asio::cancellation_type::none) co_return false;
  if (free_ > 0) {
    --free_;
    co_return true;
  }
  ++waiting_;
  co_await queue_.async_wait(kTuple);
  --waiting_;
  const bool cancelled = state.cancelled() != asio::cancellation_type::none;
  if (granted_ == 0) co_return false;
  --granted_;
  if (!cancelled) co_return true;
  release();
  co_return false;
}

void Limit::release() {
  if (waiting_ > granted_) {
    ++granted_;
    queue_.cancel_one();
  } else {
    ++free_;
  }
}

}  // namespace amlnet
