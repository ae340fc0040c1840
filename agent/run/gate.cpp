#include "agent/run/gate.h"

#include <asio/experimental/as_tuple.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace amlnet {

Gate::Gate(const asio::any_io_executor& executor) : closed_until_(executor) {
  open();
}

void Gate::close(Deadline until) {
  closed_until_.expires_at(until);
}

void Gate::open() {
  closed_until_.expires_at(Deadline::min());
}

asio::awaitable<bool> Gate::pass() {
  if (!closed()) co_return true;
  co_await closed_until_.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() == asio::cancellation_type::none;
}

}  // namespace amlnet
