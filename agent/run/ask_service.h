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

/// What may be told of an error of such an exchange: our own words, and those about certificates.
WireError told_error(WireError error);

/// What may be told of such an exchange.
void note_exchange(IdentityDetail& detail, const HttpDetail& http);

}  // namespace amlnet
