// The control that asks the hosts which certificates name for revocation: OCSP responders and CRL hosts.
// Runs beside the plan's probes, once for each host, and never holds a run up.
#pragma once

#include "agent/run/session.h"

namespace amlnet {

/// After the handshake of `record`: asks what its leaf names and nothing has asked yet, where the handshake
/// is a requirement's and the node trusts the chain. At most eight hosts in a run.
void ask_responders(Session& session, const ProbeRecord& record);

}  // namespace amlnet
