// The report as Markdown (GitHub's flavour, which Azure DevOps and GitLab read too), to paste into a ticket:
// verdict, findings with evidence and fix, then the table of what was checked, folded. Used by check and
// show.
#pragma once

#include <string>

#include "reports/model/report.h"

namespace amlnet {

/// Rows of what passed are there only with `all`.
std::string markdown_report(const Report& report, bool all);

}  // namespace amlnet
