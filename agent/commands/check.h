// `amlnet check`: discover, plan, probe, diagnose, report.
#pragma once

#include "agent/commands/options.h"

namespace amlnet {

/// Returns the exit status (contract section 1). Writes the reports that were asked for, and the last report
/// to $XDG_STATE_HOME/amlnet/last.json.
int check(const CheckOptions& options);

/// `amlnet plan`: the same plan, no probe sent.
int plan(const CheckOptions& options);

}  // namespace amlnet
