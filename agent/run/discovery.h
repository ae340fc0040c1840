// Finding out over the network what the node's files do not say: who we are (tokens), and what Resource
// Manager says of the workspace. Runs beside the probes; what comes late extends the plan.
#pragma once

#include "agent/run/session.h"

namespace amlnet {

/// Gets tokens and, where facts are missing, reads the workspace's resource within three seconds. At its end
/// facts and plan are settled, whatever happened.
asio::awaitable<void> discover(Session& session);

/// Waits until discovery has settled or `until`.
asio::awaitable<void> wait_for_discovery(Session& session, Deadline until);

/// Nothing more is going to be discovered: wakes who waits.
void settle_discovery(Session& session);

}  // namespace amlnet
