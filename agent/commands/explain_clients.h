// What the programs of a node make of endpoints of its report: which way each takes by its own reading of the
// proxy variables, and what each trust store says of who signs. Part of `amlnet explain`. Pure.
#pragma once

#include <string>
#include <string_view>

#include "reports/human.h"
#include "reports/model/report.h"

namespace amlnet {

/// Of the endpoints of a requirement or finding (`id`); "" where no proxy is set and nobody but the node
/// itself has judged the issuers.
std::string clients_in_report(const Report& report, std::string_view id, const HumanOptions& options);

}  // namespace amlnet
