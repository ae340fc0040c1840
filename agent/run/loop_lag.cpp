#include "agent/run/loop_lag.h"

#include <algorithm>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace amlnet {

namespace {
constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);
constexpr auto kEvery = Milliseconds(10);
constexpr double kWorthKeepingMs = 1.0;
}  // namespace

asio::awaitable<void> LoopLag::measure() {
  co_await asio::this_coro::throw_if_cancelled(false);
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    const auto due = Clock::now() + kEvery;
    timer.expires_at(due);
    co_await timer.async_wait(kTuple);
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return;
    const auto now = Clock::now();
    const double lag = ms_between(due, now);
    if (lag >= kWorthKeepingMs) late_.emplace_back(now, lag);
  }
}

double LoopLag::since(Clock::time_point from) const {
  double worst = 0;
  for (auto it = late_.rbegin(); it != late_.rend() && it->first >= from; ++it)
    worst = std::max(worst, it->second);
  return worst;
}

}  // namespace amlnet
