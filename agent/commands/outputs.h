// Where reports go: files, replaced atomically, and standard output, at the terminal's width. Used by check
// and plan.
#pragma once

#include <optional>
#include <string>

#include "agent/commands/options.h"
#include "reports/model/report.h"

namespace amlnet {

/// Writes each report asked for except JSON Lines, which was written as probes finished. Returns what could
/// not be written.
std::optional<std::string> write_reports(const CheckOptions& options, const Report& report,
                                         const std::string& report_path);
std::optional<std::string> write_plans(const CheckOptions& options, const Report& plan);

/// $XDG_STATE_HOME/amlnet/last.json, or below ~/.local/state; "" where neither variable is set. Creates the
/// folder.
std::string last_report_path();

/// Whether colour or progress goes to `descriptor` under this setting: `automatic` asks for a terminal.
bool wanted_on(When when, int descriptor);

}  // namespace amlnet
