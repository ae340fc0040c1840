#include "reports/lookup.h"

namespace amlnet {

ReportIndex index_of(const Report& report) {
  ReportIndex index;
  for (const ProbeRecord& probe : report.probes) index.probes.emplace(probe.id, &probe);
  for (std::size_t i = 0; i < report.findings.size(); ++i) index.findings.emplace(report.findings[i].id, i);
  return index;
}

std::vector<const ProbeRecord*> probes_of(const EndpointReport& endpoint, const ReportIndex& index) {
  std::vector<const ProbeRecord*> probes;
  for (const std::string& id : endpoint.probes) {
    if (const auto found = index.probes.find(id); found != index.probes.end())
      probes.push_back(found->second);
  }
  return probes;
}

const Finding* finding_of(const Report& report, const EndpointReport& endpoint, const ReportIndex& index) {
  const auto found = index.findings.find(endpoint.finding);
  return found == index.findings.end() ? nullptr : &report.findings[found->second];
}

}  // namespace amlnet
