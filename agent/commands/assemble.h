// Puts the report of a run together from what each stage produced. Used by check; no judgement of its own.
#pragma once

#include <cstdint>
#include <string>

#include "agent/catalog/requirement.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/plan/plan.h"
#include "agent/run/run.h"
#include "agent/workspace/node.h"
#include "reports/model/report.h"

namespace amlnet {

struct RunInputs {
  const Catalog& catalog;
  const Workspace& workspace;
  const Node& node;
  const Plan& plan;
  std::string vm_size;
  std::int64_t started_ms = 0;  // the node's clock at the start, milliseconds since the epoch
  int attempt = 1;
};

/// The whole report. `result`'s evidence moves into it.
Report assemble_report(const RunInputs& inputs, RunResult result, Diagnosis diagnosis);

/// The report of a plan: no probe, no finding; requirements that apply are planned (status unknown), the rest
/// skipped.
Report assemble_plan(const RunInputs& inputs);

/// "2026-03-19T08:15:30.123Z" (RFC 3339).
std::string timestamp(std::int64_t ms_since_epoch);

/// How far the node's clock is ahead of the servers' Date headers in milliseconds: the median over hosts,
/// each good to one second (RFC 9110 section 6.6.1). Empty below two hosts.
std::optional<double> clock_offset_ms(const Probes& probes, std::int64_t started_ms);

}  // namespace amlnet
