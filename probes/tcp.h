// The TCP probe: one non-blocking connect, with the evidence the kernel gives an ordinary user: errno, the
// ICMP error and its sender (IP_RECVERR), SYN retransmits and round trip (TCP_INFO). Used by the scheduler.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>

#include "probes/record.h"
#include "probes/spec.h"
#include "probes/time.h"

namespace amlnet {

/// Opens `socket` and connects it. On success it is left connected and non-blocking; after any failure it is
/// closed. Silence until `deadline` is `timeout`. `socket` must outlive the call; runs on its executor. Never
/// throws for what the network or the kernel does. Where the error queue holds an ICMP error it is read
/// before SO_ERROR, since a soft error leaves the connection attempt running (ip(7), IP_RECVERR).
asio::awaitable<TcpDetail> connect_tcp(asio::ip::tcp::socket& socket, TcpSpec spec, Deadline deadline);

/// The same straight into `detail`, which is empty. It and `spec` outlive the call: thousands of attempts
/// wait at once, and none shall hold a second copy.
asio::awaitable<void> connect_tcp(asio::ip::tcp::socket& socket, const TcpSpec& spec, Deadline deadline,
                                  TcpDetail& detail);

}  // namespace amlnet
