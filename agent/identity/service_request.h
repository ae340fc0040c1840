// What the workspace's own services are asked with a token: of each the question that shows most with the
// least right. Pure; the run sends it. Only hosts that the facts about the workspace name, in the domains of
// their cloud, get a token.
#pragma once

#include <optional>
#include <string>

#include "agent/identity/audience.h"
#include "agent/plan/plan.h"
#include "probes/spec.h"

namespace amlnet {

/// Whom a token must be for, so that this endpoint can be asked with it. Nothing for endpoints that are no
/// service of the workspace, and for its API where subscription, resource group or name is not known.
std::optional<Audience> audience_of(const Endpoint& endpoint, const Workspace& workspace);

/// The question, without address, to be sent only to a peer that proves who it is. `endpoint` has an
/// audience. Storage, table and vault list at most one item; files are listed of a share that does not exist;
/// the registry exchanges the token for one of its own, which is dropped; the API is asked for an experiment
/// by name.
HttpSpec ask_with_token(const Endpoint& endpoint, const Workspace& workspace, const std::string& token);

}  // namespace amlnet
