// A connect that is driven by hand, because the evidence is lost otherwise. An ICMP error that arrives while
// connect() still holds the socket is "soft": the kernel wakes the waiter but goes on sending SYNs, and
// SO_ERROR alone would not say who sent what. So after every wake-up the error queue is read first, then
// SO_ERROR, and then the socket is closed, which ends the attempt for good.
#include "probes/tcp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <asio/ip/address.hpp>
#include <asio/this_coro.hpp>
#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

#include "probes/icmp.h"
#include "probes/loop/wait.h"

namespace amlnet {
namespace {

using asio::ip::tcp;

WireError set_option(int descriptor, int level, int name, int value) {
  if (setsockopt(descriptor, level, name, &value, sizeof value) == 0) return {};
  return {Failure::other, ErrorSource::system, errno, "setsockopt: " + std::system_category().message(errno)};
}

WireError open_socket(tcp::socket& socket, const tcp& protocol, const TcpSpec& spec) {
  std::error_code error;
  if (socket.is_open()) socket.close(error);
  socket.open(protocol, error);
  if (error) return from_errno(error.value());
  socket.non_blocking(true, error);
  if (error) return from_errno(error.value());

  const int descriptor = socket.native_handle();
  const bool v6 = protocol == tcp::v6();
  queue_errors(descriptor, protocol.family());
  WireError problem;
  if (spec.segment_size) problem = set_option(descriptor, IPPROTO_TCP, TCP_MAXSEG, *spec.segment_size);
  if (!problem && spec.ttl)
    problem =
        set_option(descriptor, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_UNICAST_HOPS : IP_TTL, *spec.ttl);
  return problem;
}

// True when the kernel filled TCP_INFO at least up to the last field used here; emulators may return less.
bool read_tcp_info(int descriptor, tcp_info& info) {
  socklen_t size = sizeof info;
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  return size >= offsetof(tcp_info, tcpi_total_retrans) + sizeof info.tcpi_total_retrans;
}

// What the kernel knows of the attempt, connected or not.
void note_socket(const tcp::socket& socket, bool connected, TcpDetail& detail) {
  std::error_code error;
  const tcp::endpoint local = socket.local_endpoint(error);
  if (!error && !local.address().is_unspecified()) detail.local_address = local.address().to_string();
  tcp_info info{};
  if (!read_tcp_info(const_cast<tcp::socket&>(socket).native_handle(), info)) return;
  detail.syn_retransmits = info.tcpi_total_retrans;
  if (connected) detail.rtt_us = info.tcpi_rtt;
}

enum class Progress { connected, failed, pending };

// Looks once at a connection attempt under way.
Progress look(int descriptor, TcpDetail& detail) {
  if (const std::optional<QueuedError> queued = take_queued_error(descriptor)) {
    detail.error = failure_of(*queued);
    detail.icmp = queued->icmp;
    return Progress::failed;
  }
  int code = 0;
  socklen_t size = sizeof code;
  if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) != 0) code = errno;
  if (code != 0) {
    detail.error = from_errno(code);
    return Progress::failed;
  }
  pollfd state{descriptor, POLLOUT, 0};
  return poll(&state, 1, 0) == 1 && (state.revents & POLLOUT) != 0 ? Progress::connected : Progress::pending;
}

// Starts the attempt. What fails in here never left the node, except that a soft ICMP error may be queued
// already.
Progress start(int descriptor, const tcp::endpoint& peer, TcpDetail& detail) {
  const int result = ::connect(descriptor, peer.data(), static_cast<socklen_t>(peer.size()));
  const int code = result == 0 ? 0 : errno;
  if (code == 0) return Progress::connected;
  if (code == EINPROGRESS || code == EINTR) return Progress::pending;
  if (look(descriptor, detail) != Progress::failed || !detail.icmp) detail.error = from_errno(code);
  return Progress::failed;
}

void finish(tcp::socket& socket, Progress progress, TcpDetail& detail) {
  note_socket(socket, progress == Progress::connected, detail);
  std::error_code ignored;
  if (progress != Progress::connected) socket.close(ignored);
}

}  // namespace

asio::awaitable<void> connect_tcp(tcp::socket& socket, const TcpSpec& spec, Deadline deadline,
                                  TcpDetail& detail) {
  co_await asio::this_coro::throw_if_cancelled(false);
  detail.address = spec.address;
  detail.port = spec.port;
  detail.segment_size = spec.segment_size;
  detail.ttl = spec.ttl;

  // Asked in place: already_cancelled() would be a further coroutine for each of thousands.
  const asio::cancellation_state stop = co_await asio::this_coro::cancellation_state;
  if (stop.cancelled() != asio::cancellation_type::none) {
    detail.error = was_cancelled();
    co_return;
  }
  std::error_code error;
  const tcp::endpoint peer(asio::ip::make_address(spec.address, error), spec.port);
  if (error) {
    detail.error = WireError{Failure::other, ErrorSource::amlnet, 0, "not a numeric address"};
    co_return;
  }
  detail.error = open_socket(socket, peer.protocol(), spec);
  Progress progress = Progress::failed;
  if (!detail.error) progress = start(socket.native_handle(), peer, detail);

  while (progress == Progress::pending) {
    const Waited waited = co_await wait_ready(socket, tcp::socket::wait_write, deadline);
    if (waited == Waited::cancelled) {
      detail.error = was_cancelled();
      progress = Progress::failed;
      break;
    }
    progress = look(socket.native_handle(), detail);
    if (progress == Progress::pending && waited == Waited::timeout) {
      detail.error = timed_out();
      progress = Progress::failed;
    }
  }
  finish(socket, progress, detail);
}

asio::awaitable<TcpDetail> connect_tcp(tcp::socket& socket, TcpSpec spec, Deadline deadline) {
  co_await asio::this_coro::throw_if_cancelled(false);
  TcpDetail detail;
  co_await connect_tcp(socket, spec, deadline, detail);
  co_return detail;
}

}  // namespace amlnet
