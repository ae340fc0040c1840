// `amlnet watch`: the check again and again, of which only changes are told.
#pragma once

#include "agent/commands/options.h"

namespace amlnet {

/// Runs until SIGINT or SIGTERM, then returns 0. What the network, the disk or the resolver do meanwhile does
/// not end it.
int watch(const CheckOptions& options);

}  // namespace amlnet
