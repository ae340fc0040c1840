// The listening end of an inbound test: ports that are open on every address of the node, and one short
// answer to whoever asks as `amlnet reach` does. No web server: what connects and says nothing is what it is
// there to see. Used by agent/run/listening.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <vector>

#include "probes/failure.h"
#include "probes/serve/visit.h"
#include "probes/time.h"

namespace amlnet {

/// Listens on `port` (0 takes a free one) of every IPv4 and IPv6 address, or of IPv4 alone where the node has
/// no IPv6. No error means that it listens; after one `acceptor` is closed.
WireError open_port(asio::ip::tcp::acceptor& acceptor, std::uint16_t port);

/// Hands over each connection, until the coroutine is cancelled or `acceptor`, which outlives the call, is
/// closed. Where the process is out of descriptors it pauses and goes on.
asio::awaitable<void> accept_peers(asio::ip::tcp::acceptor& acceptor,
                                   std::function<void(asio::ip::tcp::socket)> on_peer);

/// Reads at most 4 KiB of one request until `deadline`, and answers it where it is ours. `open` are the ports
/// that the answer names. Closes the socket, which outlives the call. Never throws for what the peer does.
asio::awaitable<Visit> answer_peer(asio::ip::tcp::socket& socket, std::vector<std::uint16_t> open,
                                   Deadline deadline);

/// Who is at the other end, and at which port of this node it came in; of a connection that is up.
Visit visit_of(const asio::ip::tcp::socket& socket);

}  // namespace amlnet
