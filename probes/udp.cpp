#include "probes/udp.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <asio/ip/address.hpp>
#include <asio/ip/udp.hpp>
#include <asio/this_coro.hpp>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "probes/icmp.h"
#include "probes/loop/wait.h"

namespace amlnet {
namespace {

using asio::ip::udp;

// No documented UDP port answers to bytes that are not its protocol; these say who sent them.
constexpr std::string_view kDatagram = "amlnet\n";

WireError open_socket(udp::socket& socket, const udp::endpoint& peer, UdpDetail& detail) {
  std::error_code error;
  socket.open(peer.protocol(), error);
  if (!error) socket.native_non_blocking(true, error);
  if (error) return from_errno(error.value());
  queue_errors(socket.native_handle(), peer.protocol().family());
  if (::connect(socket.native_handle(), peer.data(), static_cast<socklen_t>(peer.size())) != 0)
    return from_errno(errno);
  const udp::endpoint local = socket.local_endpoint(error);
  if (!error) detail.local_address = local.address().to_string();
  return {};
}

// True when the socket has told something: an error, or an answer.
bool look(int descriptor, UdpDetail& detail) {
  if (const std::optional<QueuedError> queued = take_queued_error(descriptor)) {
    detail.error = failure_of(*queued);
    detail.icmp = queued->icmp;
    return true;
  }
  std::array<char, 1> first{};
  if (::recv(descriptor, first.data(), first.size(), MSG_DONTWAIT) >= 0) {
    detail.answered = true;
    return true;
  }
  if (errno != EAGAIN && errno != EINTR) detail.error = from_errno(errno);
  return static_cast<bool>(detail.error);
}

// True when sending itself was the verdict. A pending ICMP error comes first: the kernel reports it on the
// next call.
bool send_once(int descriptor, UdpDetail& detail) {
  if (::send(descriptor, kDatagram.data(), kDatagram.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return false;
  const int code = errno;
  if (code == EAGAIN || code == EINTR) return false;
  if (!look(descriptor, detail)) detail.error = from_errno(code);
  return true;
}

}  // namespace

asio::awaitable<UdpDetail> send_udp(asio::any_io_executor executor, UdpSpec spec, Deadline deadline) {
  co_await asio::this_coro::throw_if_cancelled(false);
  UdpDetail detail;
  detail.address = spec.address;
  detail.port = spec.port;
  if (co_await already_cancelled()) {
    detail.error = was_cancelled();
    co_return detail;
  }
  std::error_code error;
  const udp::endpoint peer(asio::ip::make_address(spec.address, error), spec.port);
  if (error) {
    detail.error = WireError{Failure::other, ErrorSource::amlnet, 0, "not a numeric address"};
    co_return detail;
  }
  udp::socket socket(executor);
  detail.error = open_socket(socket, peer, detail);
  bool done = static_cast<bool>(detail.error) || send_once(socket.native_handle(), detail);

  const Clock::time_point start = Clock::now();
  Deadline until = start + std::max(deadline - start, Clock::duration::zero()) / 2;
  while (!done) {
    const Waited waited = co_await wait_ready(socket, udp::socket::wait_read, until);
    if (waited == Waited::cancelled) {
      detail.error = was_cancelled();
      break;
    }
    done = look(socket.native_handle(), detail);
    if (done || waited != Waited::timeout) continue;
    if (until == deadline) {
      detail.error = timed_out();
      break;
    }
    until = deadline;
    done = send_once(socket.native_handle(), detail);
  }
  co_return detail;
}

}  // namespace amlnet
