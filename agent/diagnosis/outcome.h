// From endpoints to requirements to the verdict: the status rules of the report (contract section 3, Status
// and Verdict). Pure.
#pragma once

#include <vector>

#include "agent/diagnosis/diagnosis.h"
#include "agent/plan/plan.h"
#include "reports/model/report.h"

namespace amlnet {

/// The report's requirements, in the plan's order.
std::vector<RequirementReport> requirement_reports(const Plan& plan, const Diagnosis& diagnosis);

/// What the statuses of its endpoints come to; skipped for one that does not apply.
Status requirement_status(const PlannedRequirement& requirement, const Diagnosis& diagnosis);

/// Whether this use fails its requirement: it failed, and no alternative of its group passed or is still
/// open.
bool use_fails(const PlannedRequirement& requirement, const EndpointUse& use, const Diagnosis& diagnosis);

/// What an endpoint is among documented alternatives, over all applying requirements that use it.
enum class Alternate {
  none,   // some requirement needs it by itself, or as the first of its group
  later,  // not the first of its group wherever it is used
  spare,  // another of its group has passed wherever it is used
};

/// Parallel to Plan::endpoints.
std::vector<Alternate> alternates_of(const Plan& plan, const Diagnosis& diagnosis);

/// Tallies and verdict.
Report::Summary summarize(const std::vector<RequirementReport>& requirements,
                          const std::vector<Finding>& findings);

enum class FailOn { required, recommended, any, never };

/// The exit status of `check`: 0, 1 or 3 (contract section 1). `complete` is false after a deadline or a
/// signal.
int exit_status(const Report::Summary& summary, const std::vector<Finding>& findings, bool complete,
                FailOn fail_on);

}  // namespace amlnet
