// Bodies of answers that are as expected say nothing: leaving them out keeps reports small, and what a
// service tells about itself out of them. Used at the end of a run, before the rules read the records, so
// that a saved report is diagnosed alike.
#pragma once

#include "agent/plan/plan.h"
#include "probes/record.h"

namespace amlnet {

/// Empties the body of each answer that is right for every endpoint of its target, and would be without it.
void leave_out_usual_bodies(const Plan& plan, Probes& probes);

}  // namespace amlnet
