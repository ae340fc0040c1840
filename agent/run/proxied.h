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

/// The first address of the proxy's own name; "" when it has none.
asio::awaitable<std::string> proxy_address(Session& session, std::string host);

/// Sends one request and records the answer.
asio::awaitable<void> ask_recorded(Session& session, ProbeRecord& record, HttpSpec spec);

/// Whoever must verify, a service or a proxy over TLS, does so by the roots of the node.
void trust_node_roots(const Session& session, HttpSpec& spec);

/// The request that shows who answers behind `endpoint`: "https://host:port/path", the port left out where it
/// is the scheme's own, with the header that the answerer asks for. Where to connect is the caller's.
HttpSpec request_for(const Endpoint& endpoint);

}  // namespace amlnet
