// What `amlnet explain` says of causes and of a report's findings; requirements of the catalog are in
// explain.h. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reports/human.h"
#include "reports/model/report.h"

namespace amlnet {

/// The id of the finding that `word` names: "F1" for "F1", "f1" and "1"; "" for any other word.
std::string finding_id(std::string_view word);

/// What a cause code means, how it is mended, and where that is documented; nothing for an unknown code.
std::optional<std::string> cause_explanation(std::string_view code, const HumanOptions& options);

/// A finding of `report` with all of its evidence, and what its probes saw; nothing where it has none of that
/// id.
std::optional<std::string> finding_explanation(const Report& report, std::string_view id,
                                               const HumanOptions& options);

/// How a requirement ended in `report`, its endpoints and its findings; "" where the report does not have it.
std::string requirement_in_report(const Report& report, std::string_view id, const HumanOptions& options);

}  // namespace amlnet
