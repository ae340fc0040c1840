// The report as metrics in the Prometheus text exposition format, for the textfile collector of the node
// exporter and for watch. Names, labels and units are stable; the README lists them.
#pragma once

#include <string>

#include "reports/model/report.h"

namespace amlnet {

/// Requirements that could not be decided have no amlnet_requirement_pass: no number is no pass.
std::string prometheus_report(const Report& report);

}  // namespace amlnet
