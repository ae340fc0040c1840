// Probes that find what hides behind success. They run beside the plan's probes, delay none of them, and a
// silent one never holds the run up.
#pragma once

#include "agent/run/session.h"

namespace amlnet {

/// One canary for each TCP-only port of the plan: a connect to 192.0.2.1 (TEST-NET-1, RFC 5737), where
/// nothing can live. An accept there proves that something on the path answers for everybody.
void start_canaries(Session& session);

/// The moment after which an unanswered control counts as unanswered: four times the slowest good connect or
/// DNS answer (contract section 3), counted from the start of the run.
Deadline controls_until(const Session& session);

}  // namespace amlnet
