// `amlnet show [REPORT]`: a saved report again, in any format.
#pragma once

#include "agent/commands/options.h"

namespace amlnet {

/// Returns the exit status.
int show(const CheckOptions& options);

}  // namespace amlnet
