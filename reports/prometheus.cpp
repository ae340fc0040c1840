#include "reports/prometheus.h"

#include <algorithm>

#include "reports/lookup.h"
#include "reports/metric.h"
#include "reports/model/codec.h"
#include "reports/stages.h"

namespace amlnet {
namespace {

void add_run(std::string& out, const Report& report) {
  Metric(out, "amlnet_info", "The program, its catalog of documented requirements, and the node.")
      .add({{"version", report.tool.version},
            {"documentation", report.tool.catalog_date},
            {"node", report.node.hostname}},
           1);
  // The fraction of a second that a report may have is left out.
  const std::string finished = report.run.finished.substr(0, 19) + 'Z';
  if (const auto seconds = from_rfc3339(finished)) {
    Metric(out, "amlnet_run_finished_timestamp_seconds", "When the run ended, since the epoch.")
        .add({}, static_cast<double>(*seconds));
  }
  Metric(out, "amlnet_run_duration_seconds", "How long the run took.").add({}, report.run.duration_ms / 1000);
  Metric(out, "amlnet_run_complete", "1 if everything planned was probed, 0 if the run was cut short.")
      .add({}, report.run.complete ? 1 : 0);
  Metric verdict(out, "amlnet_verdict", "1 for the verdict of the run, 0 for the others.");
  for (const Verdict one : Values<Verdict>::all)
    verdict.add({{"verdict", std::string(name_of(one))}}, one == report.summary.verdict ? 1 : 0);
  if (report.node.clock_offset_ms) {
    Metric(out, "amlnet_clock_offset_seconds", "How far the node's clock is ahead of the services' clocks.")
        .add({}, *report.node.clock_offset_ms / 1000);
  }
}

void add_requirements(std::string& out, const Report& report) {
  Metric counts(out, "amlnet_requirements", "Requirements of the documentation by level and status.");
  const std::pair<Level, const Tally&> tallies[] = {{Level::required, report.summary.required},
                                                    {Level::recommended, report.summary.recommended},
                                                    {Level::optional, report.summary.optional}};
  for (const auto& [level, tally] : tallies) {
    const std::pair<Status, int> statuses[] = {{Status::pass, tally.pass},
                                               {Status::fail, tally.fail},
                                               {Status::unknown, tally.unknown},
                                               {Status::skipped, tally.skipped}};
    for (const auto& [status, count] : statuses)
      counts.add({{"level", std::string(name_of(level))}, {"status", std::string(name_of(status))}}, count);
  }
  Metric pass(out, "amlnet_requirement_pass",
              "1 if the requirement is met, 0 if it is broken; absent where that is not known.");
  for (const RequirementReport& row : report.requirements) {
    if (row.status != Status::pass && row.status != Status::fail) continue;
    pass.add({{"requirement", row.id}, {"level", std::string(name_of(row.level))}},
             row.status == Status::pass ? 1 : 0);
  }
}

void add_findings(std::string& out, const Report& report) {
  Metric counts(out, "amlnet_findings", "Root causes by severity.");
  for (const Severity severity : Values<Severity>::all) {
    counts.add({{"severity", std::string(name_of(severity))}},
               static_cast<double>(std::ranges::count(report.findings, severity, &Finding::severity)));
  }
  Metric findings(out, "amlnet_finding", "1 for each root cause that was found.");
  for (const Finding& finding : report.findings) {
    findings.add({{"cause", finding.cause},
                  {"subject", finding.subject},
                  {"severity", std::string(name_of(finding.severity))},
                  {"confidence", std::string(name_of(finding.confidence))}},
                 1);
  }
}

/// Where several addresses of a name were probed, the best probe speaks for its stage.
const ProbeRecord* best(const std::vector<const ProbeRecord*>& probes, ProbeKind kind) {
  const ProbeRecord* chosen = nullptr;
  for (const ProbeRecord* probe : probes) {
    if (probe->kind != kind) continue;
    if (probe->status != ProbeStatus::ok && probe->status != ProbeStatus::failed) continue;
    if (!chosen || (probe->status == ProbeStatus::ok && chosen->status != ProbeStatus::ok)) chosen = probe;
  }
  return chosen;
}

void add_stages(std::string& out, const Report& report, const ReportIndex& index) {
  std::string durations;
  Metric success(out, "amlnet_stage_success", "1 if the stage of the endpoint got an answer, 0 if not.");
  Metric duration(durations, "amlnet_stage_duration_seconds", "How long the stage of the endpoint took.");
  for (const RequirementReport& row : report.requirements) {
    for (const EndpointReport& endpoint : row.endpoints) {
      const std::vector<const ProbeRecord*> probes = probes_of(endpoint, index);
      for (const ProbeKind kind : Values<ProbeKind>::all) {
        const ProbeRecord* probe = best(probes, kind);
        if (!probe) continue;
        const MetricLabels labels{{"endpoint", endpoint_name(endpoint.host, endpoint.port)},
                                  {"stage", std::string(name_of(kind))}};
        success.add(labels, probe->status == ProbeStatus::ok ? 1 : 0);
        duration.add(labels, probe->duration_ms / 1000);
      }
    }
  }
  out += durations;
}

/// The certificates that servers showed as their own; chains above them change with the authorities.
void add_certificates(std::string& out, const Report& report) {
  Metric expiry(out, "amlnet_certificate_expiry_timestamp_seconds",
                "When the certificate that an endpoint showed ends, since the epoch.");
  for (const ProbeRecord& probe : report.probes) {
    const auto* tls = detail_of<TlsDetail>(probe);
    if (!tls || tls->chain.empty() || probe.purpose != Purpose::requirement) continue;
    const auto found = report.certificates.find(tls->chain.front());
    if (found == report.certificates.end()) continue;
    expiry.add({{"endpoint", probe.target}, {"issuer", found->second.issuer_cn}},
               static_cast<double>(found->second.not_after));
  }
}

}  // namespace

std::string prometheus_report(const Report& report) {
  std::string out;
  add_run(out, report);
  add_requirements(out, report);
  add_findings(out, report);
  add_stages(out, report, index_of(report));
  add_certificates(out, report);
  return out;
}

}  // namespace amlnet
