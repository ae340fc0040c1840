// `amlnet check`: discover, plan, probe, diagnose, report.
#pragma once

#include <variant>

#include "agent/catalog/config_error.h"
#include "agent/commands/options.h"
#include "reports/model/report.h"

namespace amlnet {

/// Returns the exit status (contract section 1). Writes the reports that were asked for, and the last report
/// to $XDG_STATE_HOME/amlnet/last.json.
int check(const CheckOptions& options);

/// What `check` finds, kept as the last report and written nowhere else; --wait holds.
std::variant<Report, ConfigError> checked_report(const CheckOptions& options);

/// `amlnet plan`: the same plan, no probe sent.
int plan(const CheckOptions& options);

}  // namespace amlnet
