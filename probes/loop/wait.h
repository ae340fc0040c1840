// Waits until a socket is ready or a deadline has passed, with one timer: the only way the probes that drive
// a socket themselves (TCP, UDP, TLS) ever wait.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <asio/socket_base.hpp>

#include "probes/time.h"

namespace amlnet {

enum class Waited {
  ready,      // the socket is ready, or has an error to read
  timeout,    // the deadline came first
  cancelled,  // the coroutine was cancelled, or the socket was closed by its owner
};

/// True when the calling coroutine has been cancelled already. A wait sees only the cancellation that comes
/// during it, and a probe suspends nowhere else, so asking once at its start is enough.
asio::awaitable<bool> already_cancelled();

/// Waits for `what` on `socket`, which must outlive the call; runs on its executor. May be `ready` without
/// cause (epoll promises no more), so the caller tries and waits again. The caller must have switched
/// throw_if_cancelled off.
asio::awaitable<Waited> wait_ready(asio::ip::tcp::socket& socket, asio::socket_base::wait_type what,
                                   Deadline deadline);
asio::awaitable<Waited> wait_ready(asio::ip::udp::socket& socket, asio::socket_base::wait_type what,
                                   Deadline deadline);

}  // namespace amlnet
