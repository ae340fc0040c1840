// `amlnet reach HOST`: the asking end of an inbound test.
#pragma once

#include "agent/commands/options.h"

namespace amlnet {

/// Tests the ports of the host and writes the reports. Returns the exit status: 0 where amlnet listen
/// answered on every required one, 1 where one is blocked or cannot be reached, 3 where nothing shows either.
int reach(const CheckOptions& options);

}  // namespace amlnet
