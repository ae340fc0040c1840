// Sends the follow-up probes that diagnosis asked for, each recorded with what it varies.
#pragma once

#include "agent/diagnosis/diagnosis.h"
#include "agent/run/session.h"

namespace amlnet {

/// The probe of one follow-up: a question to one nameserver, or a connection and, where asked, a handshake on
/// it.
asio::awaitable<void> probe_again(Session& session, FollowUp follow_up);

}  // namespace amlnet
