// `amlnet explain ID...`: what a requirement of the catalog means, when it applies, what breaks without it,
// and what to change; causes and the findings of a report are in explain_report.h.
#pragma once

#include <string>

#include "agent/catalog/coverage.h"
#include "agent/catalog/requirement.h"
#include "agent/commands/options.h"

namespace amlnet {

/// The explanation of one requirement, ending in a newline.
std::string explanation(const Requirement& requirement, const std::vector<CoveredDocument>& coverage);

/// Explains each of the ids; one that is not known is status 2, named with the nearest known one, and nothing
/// is printed.
int explain(const CheckOptions& options);

}  // namespace amlnet
