// The questions with a token: once a service of the workspace has answered without one, at an address that
// proved who it is, it is asked again as somebody. Where there is no token, it is said what was left out, and
// why.
#pragma once

#include "agent/run/session.h"
#include "probes/spec.h"

namespace amlnet {

/// After a request without a token: notes the endpoint if it is a service that can be asked with one, its
/// certificate verified on the way to this answer, and the answer is the service's own. Asks it as soon as
/// the token is there. `where` holds address, port and proxy.
void note_service(Session& session, const Endpoint& endpoint, const ProbeRecord& answer,
                  const HttpSpec& where);

/// Asks those noted whose token has come (control "authenticated").
void ask_noted_services(Session& session);

/// No token comes any more: a skipped record for each that is still noted.
void leave_out_noted_services(Session& session);

}  // namespace amlnet
