#include "probes/loop/wait.h"

#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <memory>
#include <system_error>
#include <tuple>

namespace amlnet {
namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

// Cancels what a socket waits for once `at` has passed, unless it is destroyed first. A timer's handler that
// is already queued cannot be taken back, hence the shared state that tells it its owner is gone.
template <class Socket>
class CancelAt {
 public:
  CancelAt(Socket& socket, Deadline at) : state_(std::make_shared<State>(socket, at)) {
    state_->timer.async_wait([state = state_](std::error_code error) {
      if (error || state->socket == nullptr) return;
      state->expired = true;
      std::error_code ignored;
      state->socket->cancel(ignored);
    });
  }
  ~CancelAt() {
    state_->socket = nullptr;
    state_->timer.cancel();
  }
  CancelAt(const CancelAt&) = delete;
  CancelAt& operator=(const CancelAt&) = delete;

  bool expired() const { return state_->expired; }

 private:
  struct State {
    State(Socket& of, Deadline at) : timer(of.get_executor(), at), socket(&of) {}
    asio::steady_timer timer;
    Socket* socket;
    bool expired = false;
  };
  std::shared_ptr<State> state_;
};

template <class Socket>
asio::awaitable<Waited> wait_for_socket(Socket& socket, asio::socket_base::wait_type what,
                                        Deadline deadline) {
  // A cancellation that came while nothing was waited for is not delivered again.
  const asio::cancellation_state cancellation = co_await asio::this_coro::cancellation_state;
  if (cancellation.cancelled() != asio::cancellation_type::none) co_return Waited::cancelled;
  if (Clock::now() >= deadline) co_return Waited::timeout;

  const CancelAt<Socket> timer(socket, deadline);
  const std::tuple<std::error_code> result = co_await socket.async_wait(what, kTuple);
  if (!std::get<0>(result)) co_return Waited::ready;
  co_return timer.expired() ? Waited::timeout : Waited::cancelled;
}

}  // namespace

asio::awaitable<Waited> wait_ready(asio::ip::tcp::socket& socket, asio::socket_base::wait_type what,
                                   Deadline deadline) {
  return wait_for_socket(socket, what, deadline);
}

asio::awaitable<Waited> wait_ready(asio::ip::udp::socket& socket, asio::socket_base::wait_type what,
                                   Deadline deadline) {
  return wait_for_socket(socket, what, deadline);
}

}  // namespace amlnet
