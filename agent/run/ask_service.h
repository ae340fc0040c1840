// Requests of the run's own, with a secret in them: to token services and to Resource Manager. The answer
// goes to the caller alone, never into a record.
#pragma once

#include "agent/identity/token_request.h"
#include "agent/run/session.h"

namespace amlnet {

/// Resolves the host as every probe does, takes the proxy that covers it unless `request.direct`, and tries
/// its addresses one after the other until one answers or `until`. HTTPS verifies by this node's own roots
/// before anything is sent.
asio::awaitable<HttpDetail> ask_service(Session& session, TokenRequest request, Deadline until);

/// Waits for `pause` or until the run is stopped; false when stopped.
asio::awaitable<bool> pause_for(Session& session, Milliseconds pause);

}  // namespace amlnet
