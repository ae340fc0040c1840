// Whether this process itself was kept from running while a probe waited. Silence that it may have slept
// through is no evidence against the network; used when trails are read and by rules that judge by time.
#pragma once

#include "probes/record.h"

namespace amlnet {

/// A lag of the event loop in milliseconds below which it is never to blame: half of the default limit of one
/// DNS question, the shortest there is.
constexpr double kHeldUpMs = 500;

/// A timeout during which the event loop was held up longer than that, and for the half of a try at least.
bool slept_through(const ProbeRecord& record);

}  // namespace amlnet
