// Waiting for time to pass: between attempts, turns and looks. Part of the run.
#pragma once

#include "agent/run/session.h"

namespace amlnet {

/// Waits for `pause` or until the run is stopped; false when stopped.
asio::awaitable<bool> pause_for(Session& session, Milliseconds pause);

}  // namespace amlnet
