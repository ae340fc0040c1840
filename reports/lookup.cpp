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

std::size_t number_of(const Report& report, const Finding& finding) {
  return static_cast<std::size_t>(&finding - report.findings.data()) + 1;
}

const Finding* finding_of(const Report& report, const EndpointReport& endpoint, const ReportIndex& index) {
  const auto found = index.findings.find(endpoint.finding);
  return found == index.findings.end() ? nullptr : &report.findings[found->second];
}

bool is_spare(const Report& report, const EndpointReport& endpoint, const ReportIndex& index) {
  const Finding* finding = finding_of(report, endpoint, index);
  return endpoint.status == Status::fail && finding && finding->severity == Severity::info;
}

bool is_of_spares(const Report& report, const Finding& finding) {
  if (finding.severity != Severity::info) return false;
  for (const RequirementReport& requirement : report.requirements) {
    for (const EndpointReport& endpoint : requirement.endpoints) {
      if (endpoint.status == Status::fail && endpoint.finding == finding.id) return true;
    }
  }
  return false;
}

}  // namespace amlnet
