#include "probes/proxy_bridge.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/this_coro.hpp>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "probes/loop/wait.h"

namespace amlnet {
namespace {

using asio::ip::tcp;

constexpr std::size_t kPiece = 16384;  // a TLS record's worth (RFC 8446, section 5.1)
constexpr auto kLongest = std::chrono::minutes(10);

struct Bridge {
  Bridge(std::shared_ptr<void> keeps, CURL* with, const tcp::socket::executor_type& executor)
      : owner(std::move(keeps)), easy(with), wire(executor), far_end(executor) {}

  std::shared_ptr<void> owner;
  CURL* easy;
  tcp::socket wire;     // curl's connection, to wait on
  tcp::socket far_end;  // of the pair
  Deadline until = Clock::now() + kLongest;
};

/// What either direction does at its end; the other one's wait ends by it.
void take_down(Bridge& bridge) {
  std::error_code ignored;
  bridge.far_end.close(ignored);
  bridge.wire.close(ignored);
}

bool would_block(int code) {
  return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

asio::awaitable<bool> send_by_curl(std::shared_ptr<Bridge> bridge, const char* data, std::size_t size) {
  while (size > 0) {
    std::size_t sent = 0;
    const CURLcode code = curl_easy_send(bridge->easy, data, size, &sent);
    if (code != CURLE_OK && code != CURLE_AGAIN) co_return false;
    data += sent;
    size -= sent;
    if (code == CURLE_OK) continue;
    const Waited waited = co_await wait_ready(bridge->wire, tcp::socket::wait_write, bridge->until);
    if (waited != Waited::ready) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> send_to_near_end(std::shared_ptr<Bridge> bridge, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(bridge->far_end.native_handle(), data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      data += sent;
      size -= static_cast<std::size_t>(sent);
      continue;
    }
    if (!would_block(errno)) co_return false;
    const Waited waited = co_await wait_ready(bridge->far_end, tcp::socket::wait_write, bridge->until);
    if (waited != Waited::ready) co_return false;
  }
  co_return true;
}

asio::awaitable<void> carry_out(std::shared_ptr<Bridge> bridge) {
  co_await asio::this_coro::throw_if_cancelled(false);
  std::vector<char> buffer(kPiece);
  for (bool open = true; open;) {
    const ssize_t size = ::recv(bridge->far_end.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size > 0) {
      open = co_await send_by_curl(bridge, buffer.data(), static_cast<std::size_t>(size));
    } else if (size < 0 && would_block(errno)) {
      const Waited waited = co_await wait_ready(bridge->far_end, tcp::socket::wait_read, bridge->until);
      open = waited == Waited::ready;
    } else {
      open = false;
    }
  }
  take_down(*bridge);
}

asio::awaitable<void> carry_in(std::shared_ptr<Bridge> bridge) {
  co_await asio::this_coro::throw_if_cancelled(false);
  std::vector<char> buffer(kPiece);
  for (bool open = bridge->wire.is_open(); open;) {
    std::size_t size = 0;
    const CURLcode code = curl_easy_recv(bridge->easy, buffer.data(), buffer.size(), &size);
    if (code == CURLE_OK && size > 0) {
      open = co_await send_to_near_end(bridge, buffer.data(), size);
    } else if (code == CURLE_AGAIN) {
      const Waited waited = co_await wait_ready(bridge->wire, tcp::socket::wait_read, bridge->until);
      open = waited == Waited::ready;
    } else {
      open = false;
    }
  }
  take_down(*bridge);
}

WireError assign(tcp::socket& socket, const tcp& protocol, int descriptor) {
  std::error_code error;
  if (socket.is_open()) socket.close(error);
  socket.assign(protocol, descriptor, error);
  if (error) close(descriptor);
  if (!error) socket.non_blocking(true, error);
  return from_errno(error.value());
}

}  // namespace

WireError take_connection(CURL* easy, tcp::socket& socket) {
  curl_socket_t theirs = CURL_SOCKET_BAD;
  curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &theirs);
  if (theirs == CURL_SOCKET_BAD)
    return {Failure::closed, ErrorSource::amlnet, 0, "the proxy closed the tunnel"};
  const int ours = fcntl(theirs, F_DUPFD_CLOEXEC, 0);
  if (ours < 0) return from_errno(errno);
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  getsockname(ours, reinterpret_cast<sockaddr*>(&name), &size);
  return assign(socket, name.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), ours);
}

WireError bridge_connection(std::shared_ptr<void> owner, CURL* easy, tcp::socket& socket) {
  const auto bridge = std::make_shared<Bridge>(std::move(owner), easy, socket.get_executor());
  if (WireError error = take_connection(easy, bridge->wire)) return error;
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return from_errno(errno);
  WireError far_error = assign(bridge->far_end, tcp::v4(), ends[1]);
  if (WireError error = assign(socket, tcp::v4(), ends[0])) return error;
  if (far_error) return far_error;
  asio::co_spawn(socket.get_executor(), carry_out(bridge), asio::detached);
  asio::co_spawn(socket.get_executor(), carry_in(bridge), asio::detached);
  return {};
}

}  // namespace amlnet
