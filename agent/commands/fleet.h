// `amlnet fleet`: the reports of many nodes as one page.
#pragma once

#include "agent/commands/options.h"

namespace amlnet {

/// Returns the exit status: 2 also where some of the reports cannot be read, though the others are merged and
/// written.
int fleet(const CheckOptions& options);

}  // namespace amlnet
