// One finding or one requirement on the terminal, with everything that the report knows of it: for `amlnet
// explain`.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "reports/human_parts.h"
#include "reports/lookup.h"
#include "reports/model/document.h"
#include "reports/model/probe_json.h"
#include "reports/stages.h"
#include "reports/text.h"

namespace amlnet {
namespace {

constexpr std::size_t kMostProbes = 40;

HumanOptions with_everything(HumanOptions options) {
  options.all = true;
  options.verbosity = std::max(options.verbosity, 1);
  return options;
}

/// What the probe was and how it ended, then its whole record as the JSON report has it.
std::string probe_text(const ProbeRecord& probe, const Style& style) {
  const std::string what = fmt::format("{} {} {}", probe.id, name_of(probe.kind), probe.target);
  std::string how = fmt::format("{} after {:.1f} ms, {}", name_of(probe.status), probe.duration_ms,
                                counted(static_cast<std::size_t>(std::max(probe.attempts, 0)), "attempt"));
  if (probe.purpose != Purpose::requirement) how += fmt::format(", {}", name_of(probe.purpose));
  if (!probe.control.empty()) how += " " + probe.control;
  if (!probe.note.empty()) how += ", " + probe.note;
  std::string out = style.paragraph("  ", what + ": " + how, style.options.width, 2);
  std::string json;
  print(json, json_of(probe), 0);
  std::istringstream lines(json);
  for (std::string line; std::getline(lines, line);) out += "    " + style.safe(line) + '\n';
  return out;
}

std::string probe_texts(const Report& report, const std::set<std::string_view>& ids, const Style& style) {
  std::string out;
  std::size_t count = 0;
  for (const ProbeRecord& probe : report.probes) {
    if (!ids.contains(probe.id) || ++count > kMostProbes) continue;
    out += probe_text(probe, style);
  }
  if (count > kMostProbes) out += fmt::format("  {} more in the JSON report\n", count - kMostProbes);
  return out.empty() ? "" : '\n' + style.paint(Color::dim, "what the probes saw") + '\n' + out;
}

std::string requirement_line(const RequirementReport& requirement, const Style& style) {
  const std::string mark =
      style.paint(color_of(requirement.status), std::string(style.mark(requirement.status)));
  const std::string text =
      fmt::format("{}  {} ({})", requirement.id, requirement.title, name_of(requirement.level));
  return ' ' + mark + style.paragraph("   ", text, style.prose(), 2).substr(2);
}

std::string endpoint_line(const Report& report, const EndpointReport& endpoint, const ReportIndex& index,
                          const Style& style) {
  const Finding* finding = finding_of(report, endpoint, index);
  const std::string_view cause = finding ? std::string_view(finding->cause) : "";
  const std::vector<const ProbeRecord*> probes = probes_of(endpoint, index);
  std::string text = fmt::format("{} {}: {}", endpoint_name(endpoint.host, endpoint.port), endpoint.protocol,
                                 name_of(endpoint.status));
  for (const ProbeKind stage : stages_of(endpoint.protocol, endpoint.host)) {
    const Cell cell = cell_of(probes, stage, cause);
    if (!cell.text.empty()) text += fmt::format(", {} {}", name_of(stage), cell.text);
  }
  if (!endpoint.finding.empty()) text += ", finding " + endpoint.finding;
  if (endpoint.unknown_because) text += fmt::format(", {}", name_of(*endpoint.unknown_because));
  return style.paragraph("     ", text, style.prose(), 2);
}

}  // namespace

std::string human_finding_detail(const Report& report, std::size_t index, const HumanOptions& options) {
  const HumanOptions whole = with_everything(options);
  const Style style{whole};
  const Finding& finding = report.findings.at(index);
  std::string out = human_finding(finding, index + 1, style);
  std::string rows;
  for (const RequirementReport& requirement : report.requirements) {
    if (std::ranges::find(finding.requirements, requirement.id) != finding.requirements.end())
      rows += requirement_line(requirement, style);
  }
  if (!rows.empty()) out += '\n' + style.paint(Color::dim, "requirements") + '\n' + rows;
  std::set<std::string_view> ids;
  for (const EvidenceLine& line : finding.evidence) ids.insert(line.probe);
  return out + probe_texts(report, ids, style);
}

std::string human_requirement_detail(const Report& report, const RequirementReport& requirement,
                                     const HumanOptions& options) {
  const HumanOptions whole = with_everything(options);
  const Style style{whole};
  std::string out = requirement_line(requirement, style);
  std::string status(name_of(requirement.status));
  if (requirement.unknown_because) status += fmt::format(" ({})", name_of(*requirement.unknown_because));
  out += style.paragraph("     status   ", status, style.prose());
  if (!requirement.because.empty())
    out += style.paragraph("     because  ", requirement.because, style.prose());
  const ReportIndex index = index_of(report);
  std::set<std::string_view> ids;
  for (const EndpointReport& endpoint : requirement.endpoints) {
    out += endpoint_line(report, endpoint, index, style);
    if (endpoint.status != Status::pass) ids.insert(endpoint.probes.begin(), endpoint.probes.end());
  }
  return out + probe_texts(report, ids, style);
}

}  // namespace amlnet
