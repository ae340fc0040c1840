// A report without secrets and, where that is asked for, with pseudonyms. Used by bundle.cpp.
#pragma once

#include <optional>

#include "reports/model/report.h"
#include "reports/redact.h"

namespace amlnet {

/// Teaches `redactor` the names in the report: what is a host, what a name of node or workspace.
void learn_names(Redactor& redactor, const Report& report);

/// The report with every text of it redacted, but for words of closed lists (status, cause, ids). What the
/// bytes of an answer say is redacted as text. The result can be read, shown and diagnosed as any other.
/// Nothing where it would not be a valid report any more, which is a defect.
std::optional<Report> redacted(Redactor& redactor, const Report& report);

}  // namespace amlnet
