// Signing in by device code: a person opens a page and types a code. Only with --identity device-code.
#pragma once

#include "agent/identity/token_request.h"
#include "agent/run/session.h"

namespace amlnet {

/// Shows the code by RunHooks::on_prompt and asks again and again until the person has signed in, the code
/// has expired or the run ends.
asio::awaitable<TokenAnswer> ask_person(Session& session, ProbeRecord& record, std::string resource);

}  // namespace amlnet
