// The upgrade to WebSocket, asked for once the same host has answered an ordinary request: Jupyter needs it
// of compute instances.
#pragma once

#include "agent/run/session.h"

namespace amlnet {

/// The endpoint of the plan that wants an upgrade where `endpoint` is asked over HTTPS: itself, or one of the
/// same host and port; null where nothing does.
const Endpoint* upgrade_wanted(const Session& session, const Endpoint& endpoint);

/// Whether another endpoint of the plan is asked over HTTPS at the host and port of this one, which then
/// needs no connections of its own.
bool asked_by_another(const Session& session, const Endpoint& endpoint);

/// Asks for the upgrade, recorded with `purpose`. Where the server does not switch, and the answer counts, an
/// ordinary request for the same page shows what it says to those who want no upgrade (control "plain-get").
/// `where` holds address, port and proxy.
asio::awaitable<void> probe_upgrade(Session& session, const Endpoint& endpoint, HttpSpec where,
                                    std::string after, Purpose purpose);

}  // namespace amlnet
