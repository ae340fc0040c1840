// `amlnet bundle`: a report and what belongs to it, redacted, in one archive.
#pragma once

#include "agent/commands/options.h"

namespace amlnet {

/// Returns the exit status: 0 whatever the check found, 1 where the bundle is written but not uploaded.
int bundle(const CheckOptions& options);

}  // namespace amlnet
