// `amlnet diagnose [REPORT]`: the rules again, on the probes of a saved report. Nothing is sent.
#pragma once

#include "agent/commands/options.h"

namespace amlnet {

/// Returns the exit status: that of `check` for what the rules say now.
int diagnose_saved(const CheckOptions& options);

}  // namespace amlnet
