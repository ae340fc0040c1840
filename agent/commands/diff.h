// `amlnet diff OLD NEW`: what newly fails, newly passes, and which causes changed between two saved reports.
#pragma once

#include "agent/commands/options.h"

namespace amlnet {

/// Returns the exit status: 1 when something newly fails.
int diff(const CheckOptions& options);

}  // namespace amlnet
