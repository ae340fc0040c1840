// One operation in place of a coroutine around two: thousands of connects wait here at once, and a further
// coroutine frame for each would cost more than all the rest of the wait.
#include "probes/loop/wait.h"

#include <asio/associated_cancellation_slot.hpp>
#include <asio/async_result.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <memory>
#include <system_error>
#include <utility>

namespace amlnet {
namespace {

template <class Socket, class Handler>
struct Wait {
  Wait(Socket& of, Deadline at, Handler then)
      : socket(of), timer(of.get_executor(), at), handler(std::move(then)) {}

  // The socket's own operation is the only one that ends the wait; the others make it end.
  void stop(Waited because) {
    if (ended) return;
    result = because;
    std::error_code ignored;
    socket.cancel(ignored);
  }

  void end(std::error_code error) {
    ended = true;
    asio::get_associated_cancellation_slot(handler).clear();
    timer.cancel();
    // Readiness beats a deadline that passed at the same moment, but not the end of the run.
    if (!error && result != Waited::cancelled) result = Waited::ready;
    if (error && result == Waited::ready) result = Waited::cancelled;  // closed by its owner
    Handler then = std::move(handler);
    std::move(then)(result);
  }

  Socket& socket;
  asio::steady_timer timer;
  Handler handler;
  Waited result = Waited::ready;
  bool ended = false;
};

struct StartWait {
  template <class Handler, class Socket>
  void operator()(Handler handler, Socket* socket, asio::socket_base::wait_type what,
                  Deadline deadline) const {
    using State = Wait<Socket, Handler>;
    const auto state = std::make_shared<State>(*socket, deadline, std::move(handler));
    auto slot = asio::get_associated_cancellation_slot(state->handler);
    if (slot.is_connected())
      slot.assign([weak = std::weak_ptr<State>(state)](asio::cancellation_type) {
        if (const auto alive = weak.lock()) alive->stop(Waited::cancelled);
      });
    state->timer.async_wait([state](std::error_code error) {
      if (!error) state->stop(Waited::timeout);
    });
    socket->async_wait(what, [state](std::error_code error) { state->end(error); });
  }
};

template <class Socket>
asio::awaitable<Waited> start_wait(Socket& socket, asio::socket_base::wait_type what, Deadline deadline) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Waited)>(StartWait{}, asio::use_awaitable,
                                                                           &socket, what, deadline);
}

}  // namespace

asio::awaitable<bool> already_cancelled() {
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

asio::awaitable<Waited> wait_ready(asio::ip::tcp::socket& socket, asio::socket_base::wait_type what,
                                   Deadline deadline) {
  return start_wait(socket, what, deadline);
}

asio::awaitable<Waited> wait_ready(asio::ip::udp::socket& socket, asio::socket_base::wait_type what,
                                   Deadline deadline) {
  return start_wait(socket, what, deadline);
}

}  // namespace amlnet
