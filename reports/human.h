// The terminal report: verdict first, then each cause once with facts and fix, then what was checked. Nothing
// that matters is cut short; colour adds, never carries, meaning. Nothing from the network reaches the
// terminal unescaped.
#pragma once

#include <string>

#include "reports/model/report.h"

namespace amlnet {

struct HumanOptions {
  int width = 80;  // columns, at least 40
  bool color = false;
  bool utf8 = true;              // false: plain ASCII
  bool all = false;              // every row, not only what is not a pass
  int verbosity = 0;             // -1 quiet: verdict and last line; 1: evidence of probes
  std::string report_path = {};  // of the last line; "" leaves it out
  bool is_last = true;           // the report is the one that commands read where none is named
};

std::string human_report(const Report& report, const HumanOptions& options);

/// One finding of `report` with all of its evidence, the requirements it breaks, and what the probes saw that
/// the evidence was read from. `index` is its place in report.findings.
std::string human_finding_detail(const Report& report, std::size_t index, const HumanOptions& options);

/// How one requirement of `report` ended: why it applies, its endpoints with what each stage saw.
std::string human_requirement_detail(const Report& report, const RequirementReport& requirement,
                                     const HumanOptions& options);

/// The same for `amlnet plan`: each requirement, why it applies, the endpoints and the stages each needs.
std::string human_plan(const Report& plan, const HumanOptions& options);

}  // namespace amlnet
