// The connection that curl has opened through a proxy, for others to speak on. Where the way to the proxy is
// TLS itself, curl keeps that session, and a pair of sockets with curl between them stands for the
// connection. Used by the HTTP probe's tunnels.
#pragma once

#include <curl/curl.h>

#include <asio/ip/tcp.hpp>
#include <memory>

#include "probes/failure.h"

namespace amlnet {

/// Gives `socket` a descriptor of its own for the connection of `easy`, which curl may then close.
WireError take_connection(CURL* easy, asio::ip::tcp::socket& socket);

/// Makes `socket` the near end of a pair whose far end is carried over the connection of `easy`, by curl,
/// until either side closes; ten minutes at most. `owner` keeps `easy` and its transfer for that long. The
/// socket is no IP socket: it has no addresses.
WireError bridge_connection(std::shared_ptr<void> owner, CURL* easy, asio::ip::tcp::socket& socket);

}  // namespace amlnet
