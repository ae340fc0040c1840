// The plan beside the list that the workspace itself gives (`check --live-requirements`). Pure.
#pragma once

#include <vector>

#include "agent/plan/plan.h"
#include "agent/workspace/live_list.h"
#include "reports/model/report.h"

namespace amlnet {

/// What the list has and the plan does not probe, and what documented hosts that apply it does not list. A
/// wildcard on either side covers the names below it; hosts of the user's own are not held against the list.
LiveRequirements compare_live(const std::vector<ListedHost>& listed, const Plan& plan);

}  // namespace amlnet
