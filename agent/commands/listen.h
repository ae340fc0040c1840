// `amlnet listen`: the listening end of an inbound test.
#pragma once

#include "agent/commands/options.h"

namespace amlnet {

/// Opens the ports and says what it opened, what not and why, who connected, and how it ended. Returns the
/// exit status: 0 at the end of the time or after a signal, 4 where it could open none.
int listen(const CheckOptions& options);

}  // namespace amlnet
