// What mends the failures of a saved report. Pure. A rule is made only for an endpoint that the plan has: a
// report that names other hosts, by accident or by malice, opens nothing.
#pragma once

#include "agent/plan/plan.h"
#include "agent/remedy/rule.h"
#include "agent/workspace/workspace.h"
#include "reports/model/report.h"

namespace amlnet {

/// `plan` and `workspace` are those of the report's run (replay.h). Of documented alternatives one is mended.
/// Failures of one destination share a rule.
Remedies remedies(const Report& report, const Plan& plan, const Workspace& workspace);

}  // namespace amlnet
