#include "probes/serve/listener.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <asio/experimental/as_tuple.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "probes/loop/wait.h"
#include "probes/serve/greeting.h"
#include "probes/target.h"

namespace amlnet {
namespace {

using asio::ip::tcp;

constexpr std::size_t kLongestRequest = 4096;
constexpr auto kPause = Milliseconds(100);  // before accepting again, where a descriptor was lacking

std::error_code listen_on(tcp::acceptor& acceptor, const tcp& protocol, std::uint16_t port) {
  std::error_code error;
  const auto done = [&] { return static_cast<bool>(error); };
  acceptor.open(protocol, error);
  if (!done() && protocol == tcp::v6()) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!done()) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!done()) acceptor.bind(tcp::endpoint(protocol, port), error);
  if (!done()) acceptor.listen(asio::socket_base::max_listen_connections, error);
  std::error_code ignored;
  if (done()) acceptor.close(ignored);
  return error;
}

std::string text_of(const tcp::endpoint& end) {
  const asio::ip::address& address = end.address();
  const bool mapped = address.is_v6() && address.to_v6().is_v4_mapped();
  const std::string text = mapped
                               ? asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string()
                               : address.to_string();
  return host_port(text, end.port());
}

/// The nonce of a request like ours, "" for any other: "GET /amlnet-reach/NONCE HTTP/1.1".
std::string asked_nonce(std::string_view request) {
  const std::string_view line = request.substr(0, request.find("\r\n"));
  const std::size_t blank = line.find(' '), second = line.rfind(' ');
  if (blank == std::string_view::npos || second <= blank || line.substr(0, blank) != "GET") return "";
  const std::string_view path = line.substr(blank + 1, second - blank - 1);
  if (!path.starts_with(kGreetingPath) || !line.substr(second + 1).starts_with("HTTP/1.")) return "";
  return greeting_nonce_in(path);
}

/// What the peer says until the end of a request's headers, its own end, the bound or the deadline.
asio::awaitable<std::string> read_request(tcp::socket& socket, Deadline deadline) {
  std::string request;
  std::array<char, 1024> buffer{};
  while (request.size() < kLongestRequest && request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t size = ::recv(socket.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size > 0) {
      request.append(buffer.data(), static_cast<std::size_t>(size));
      continue;
    }
    if (size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) break;
    const Waited waited = co_await wait_ready(socket, tcp::socket::wait_read, deadline);
    if (waited != Waited::ready) break;
  }
  co_return request;
}

/// The answer is smaller than any send buffer: what does not go at once goes to nobody.
void send_greeting(tcp::socket& socket, const Greeting& greeting, std::string_view nonce) {
  const std::string body = greeting_text(greeting, nonce);
  const std::string answer = fmt::format(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
      "Connection: close\r\n\r\n{}",
      body.size(), body);
  ::send(socket.native_handle(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace

WireError open_port(tcp::acceptor& acceptor, std::uint16_t port) {
  std::error_code error = listen_on(acceptor, tcp::v6(), port);
  const int code = error.value();
  if (code == EAFNOSUPPORT || code == EADDRNOTAVAIL) error = listen_on(acceptor, tcp::v4(), port);
  return error ? from_errno(error.value()) : WireError{};
}

asio::awaitable<void> accept_peers(tcp::acceptor& acceptor, std::function<void(tcp::socket)> on_peer) {
  co_await asio::this_coro::throw_if_cancelled(false);
  constexpr auto kAsTuple = asio::experimental::as_tuple(asio::use_awaitable);
  while (acceptor.is_open()) {
    const bool stopped = co_await already_cancelled();
    if (stopped) break;
    auto [error, socket] = co_await acceptor.async_accept(kAsTuple);
    if (!error) {
      on_peer(std::move(socket));
    } else if (error != asio::error::operation_aborted && error.value() != ECONNABORTED) {
      asio::steady_timer timer(acceptor.get_executor(), kPause);
      co_await timer.async_wait(kAsTuple);
    }
  }
}

Visit visit_of(const tcp::socket& socket) {
  Visit visit;
  std::error_code error;
  const tcp::endpoint from = socket.remote_endpoint(error);
  visit.from = error ? "somebody who has gone" : text_of(from);
  const tcp::endpoint at = socket.local_endpoint(error);
  if (!error) visit.port = at.port();
  return visit;
}

asio::awaitable<Visit> answer_peer(tcp::socket& socket, std::vector<std::uint16_t> open, Deadline deadline) {
  co_await asio::this_coro::throw_if_cancelled(false);
  Visit visit = visit_of(socket);
  const std::string request = co_await read_request(socket, deadline);
  const std::string nonce = asked_nonce(request);
  visit.kind = !nonce.empty() ? VisitKind::asked : request.empty() ? VisitKind::silent : VisitKind::other;
  std::error_code error;
  if (!nonce.empty()) {
    const tcp::endpoint at = socket.local_endpoint(error);
    Greeting greeting{visit.from, error ? visit.from : text_of(at), std::move(open)};
    send_greeting(socket, greeting, nonce);
    socket.shutdown(tcp::socket::shutdown_send, error);
  }
  socket.close(error);
  co_return visit;
}

}  // namespace amlnet
