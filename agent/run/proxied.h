// Probing through a proxy: the proxied path decides for an HTTP(S) endpoint that a proxy covers (contract
// section 3).
#pragma once

#include <string>
#include <string_view>

#include "agent/run/session.h"

namespace amlnet {

/// CONNECT, handshake and, where the answerer is known, the request, all through `proxy`; each stage
/// recorded.
asio::awaitable<void> probe_through_proxy(Session& session, std::size_t index, std::string proxy);

/// Sends one request and records the answer.
asio::awaitable<void> ask_recorded(Session& session, ProbeRecord& record, HttpSpec spec);

/// "https://host:port/path", the port left out where it is the scheme's own.
std::string http_url(const Endpoint& endpoint, std::string_view path);

}  // namespace amlnet
