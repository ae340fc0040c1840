// Reads ICMP errors from a socket's error queue (ip(7), IP_RECVERR): what an ordinary user may learn about
// who rejected a packet, and why. Used by the TCP and UDP probes.
#pragma once

#include <optional>

#include "probes/record.h"

namespace amlnet {

/// One entry of the error queue. `icmp` is absent when the kernel itself made the error.
struct QueuedError {
  int error = 0;  // the errno that the kernel derived from it
  std::optional<IcmpError> icmp;
};

/// Asks the kernel to queue errors for `descriptor`, a socket of the given family (AF_INET or AF_INET6).
/// False when it will not.
bool queue_errors(int descriptor, int family);

/// Which failure it is. A router's "prohibited" over IPv6 has the errno of a prohibit route of this node
/// (EACCES): what came from elsewhere is never called local.
WireError failure_of(const QueuedError& queued);

/// Takes the oldest entry off the queue; nothing when it is empty. Never blocks.
std::optional<QueuedError> take_queued_error(int descriptor);

}  // namespace amlnet
