// Controls of the nameservers themselves, beside the names of the plan: does one invent answers, and is one
// that stays silent only slow. Started by the run and while names are resolved; they delay no probe.
#pragma once

#include "agent/run/session.h"

namespace amlnet {

/// Asks each nameserver for a name that cannot exist: a server that knows it invents answers (RFC 6761,
/// .invalid). This question listens longer than those that a connection waits for: a late answer shows that
/// a server is slow and not dead.
void ask_random_labels(Session& session);

/// After a question that had no answer in time, to a server that has not answered any while another has:
/// whether it accepts a TCP connection (a nameserver must, RFC 7766 section 5). One that does is worth
/// waiting for, until its random label has had its time; for one that does not, nothing waits. Once for each.
void ask_whether_up(Session& session, std::size_t server);

}  // namespace amlnet
