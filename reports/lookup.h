// A report's probes and findings by their ids. Used by the writers. A report that was read back may name ids
// that it does not have: those are left out.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "reports/model/report.h"

namespace amlnet {

/// Points into a report, which must live longer.
struct ReportIndex {
  std::map<std::string_view, const ProbeRecord*> probes;
  std::map<std::string_view, std::size_t> findings;  // places in report.findings
};

ReportIndex index_of(const Report& report);

/// The probes of an endpoint, in stage order.
std::vector<const ProbeRecord*> probes_of(const EndpointReport& endpoint, const ReportIndex& index);

/// The finding that an endpoint names, null where there is none.
const Finding* finding_of(const Report& report, const EndpointReport& endpoint, const ReportIndex& index);

}  // namespace amlnet
