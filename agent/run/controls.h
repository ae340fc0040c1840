// Probes that find what hides behind success. They run beside the plan's probes, delay none of them, and a
// silent one never holds the run up.
#pragma once

#include "agent/run/session.h"

namespace amlnet {

/// One canary for each TCP-only port that is probed and has none yet: a connect to 192.0.2.1 (TEST-NET-1, RFC
/// 5737), where nothing can live. An accept there proves that something on the path answers for everybody.
void start_canaries(Session& session);

/// After a handshake that passed: one more with a ClientHello of several packets, at the hosts of two
/// domains. Programs with post-quantum key shares send such ones, and some devices lose them.
void start_large_hello(Session& session, const Endpoint& endpoint, const TcpSpec& where);

/// The moment after which an unanswered control counts as unanswered: four times the slowest good connect or
/// DNS answer (contract section 3), counted from the last one's start. Without a good connect nothing says
/// how long is long enough: then each control has its whole time. A large ClientHello that is still
/// unanswered has four times the slowest handshake, and a nameserver that is up and silent has its whole time
/// (agent/run/nameserver_controls.h).
Deadline controls_until(const Session& session);

/// The error of a control that controls_until() cut off: silent for long enough to count as a timeout, with a
/// note that says so; still cancelled where nothing shows what long enough is, or where the run itself was
/// stopped.
void settle_silence(const Session& session, ProbeRecord& record, WireError& error);

}  // namespace amlnet
