// Getting tokens: the ways of --identity one after the other until one gives a token, each attempt recorded
// with what may be told of it. The tokens stay in the session, and end with it.
#pragma once

#include "agent/identity/audience.h"
#include "agent/identity/token_request.h"
#include "agent/run/session.h"

namespace amlnet {

/// Gets the token for Resource Manager. False where no way gave one, and then a record says why. Takes at
/// most two seconds for a token service (contract section 2), more only where it asks to be tried again, and
/// for a person who signs in.
asio::awaitable<bool> sign_in(Session& session);

/// Gets the tokens for the other audiences, the way that sign_in() found.
asio::awaitable<void> get_other_tokens(Session& session);

/// Gets the token for one audience alone, by the first of all ways that gives one, into `session.tokens`.
/// What came of the last way that might yet give one, else of the last; session.no_token_because then names
/// them.
asio::awaitable<TokenProblem> get_token_for(Session& session, Audience audience);

/// Problems that pass by themselves.
bool may_pass(TokenProblem problem);

}  // namespace amlnet
