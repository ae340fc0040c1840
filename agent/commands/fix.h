// `amlnet fix [REPORT]`: the failures of a saved report as rules to apply.
#pragma once

#include "agent/commands/options.h"

namespace amlnet {

/// Returns the exit status.
int fix(const CheckOptions& options);

}  // namespace amlnet
