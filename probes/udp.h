// The UDP probe: one datagram to a documented port. Silence is no verdict; an ICMP error or a local reject
// is.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include "probes/record.h"
#include "probes/spec.h"
#include "probes/time.h"

namespace amlnet {

/// Sends one small datagram (repeated once half way to `deadline`) and waits for an answer or an ICMP error.
/// Returns at the first of either. Never throws for what the network does.
asio::awaitable<UdpDetail> send_udp(asio::any_io_executor executor, UdpSpec spec, Deadline deadline);

}  // namespace amlnet
