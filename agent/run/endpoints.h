// The stages of one endpoint: addresses, TCP or UDP, TLS, HTTP. Each stage starts the moment its own input is
// there; nothing waits for other endpoints except for a free slot.
#pragma once

#include "agent/run/session.h"

namespace amlnet {

/// Starts probing endpoint `index` of the plan, directly and, where a proxy covers it, through the proxy;
/// then the direct probes are controls. The caller has acquired a slot of `session.resolving` for it.
void probe_endpoint(Session& session, std::size_t index);

/// One connection with its retries, recorded. Leaves `socket` connected when it succeeded.
asio::awaitable<bool> connect_recorded(Session& session, asio::ip::tcp::socket& socket, ProbeRecord& record,
                                       const TcpSpec& spec);

/// One handshake on `socket`, recorded; the record stays open for further attempts. `connection`, where
/// given, is the slot of the connection: released when the handshake has its own. True when it finished.
asio::awaitable<bool> handshake_recorded(Session& session, asio::ip::tcp::socket& socket, ProbeRecord& record,
                                         TlsSpec spec, std::string extra_store, Slot* connection = nullptr);

/// Ends the record of handshake_recorded(); one that never got its slot is unfinished. True when it finished.
bool end_handshake(Session& session, ProbeRecord& record);

}  // namespace amlnet
