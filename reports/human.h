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
};

std::string human_report(const Report& report, const HumanOptions& options);

/// The same for `amlnet plan`: each requirement, why it applies, the endpoints and the stages each needs.
std::string human_plan(const Report& plan, const HumanOptions& options);

}  // namespace amlnet
