#include "agent/run/pause.h"

#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "probes/loop/wait.h"

namespace amlnet {

asio::awaitable<bool> pause_for(Session& session, Milliseconds pause) {
  if (co_await already_cancelled()) co_return false;
  asio::steady_timer timer(session.loop, pause);
  co_await timer.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
  const bool stopped = co_await already_cancelled();
  co_return !stopped;
}

}  // namespace amlnet
