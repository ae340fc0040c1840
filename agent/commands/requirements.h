// `amlnet requirements`: the catalog, filtered, as a table, JSON or Markdown; with --doc also which
// requirement covers which row of a document.
#pragma once

#include <string>
#include <vector>

#include "agent/catalog/coverage.h"
#include "agent/catalog/requirement.h"
#include "agent/commands/options.h"

namespace amlnet {

/// The rows that --cloud, --compute, --feature, --doc, --level and --doc-date leave, in the catalog's order.
/// Without --doc-date the ended ones are among them.
std::vector<const Requirement*> select_requirements(const Catalog& catalog,
                                                    const std::vector<CoveredDocument>& coverage,
                                                    const CheckOptions& options);

/// What the command prints, ending in a newline.
std::string requirements_text(const Catalog& catalog, const std::vector<CoveredDocument>& coverage,
                              const CheckOptions& options);

/// Returns the exit status.
int requirements(const CheckOptions& options);

}  // namespace amlnet
