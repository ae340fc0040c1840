#include "reports/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "reports/headline.h"
#include "reports/lookup.h"
#include "reports/markup.h"
#include "reports/stages.h"

namespace amlnet {
namespace {

enum class Outcome { pass, failure, error, skipped };

Outcome outcome_of(const RequirementReport& requirement) {
  switch (requirement.status) {
    case Status::pass:
      return Outcome::pass;
    case Status::fail:
      return Outcome::failure;
    case Status::skipped:
      return Outcome::skipped;
    case Status::unknown:
      break;
  }
  // As the verdict is made: what cannot be tested changes nothing, what should have been tested does.
  const bool open =
      requirement.unknown_because == Unknown::not_finished ||
      (requirement.unknown_because == Unknown::not_known && requirement.level == Level::required);
  return open ? Outcome::error : Outcome::skipped;
}

/// From the start of its first probe to the end of its last, in seconds.
double seconds_of(const RequirementReport& requirement, const ReportIndex& index) {
  double first = 0, last = 0;
  bool any = false;
  for (const EndpointReport& endpoint : requirement.endpoints) {
    for (const ProbeRecord* probe : probes_of(endpoint, index)) {
      const double end = probe->start_ms + probe->duration_ms;
      first = any ? std::min(first, probe->start_ms) : probe->start_ms;
      last = any ? std::max(last, end) : end;
      any = true;
    }
  }
  return std::max(last - first, 0.0) / 1000;
}

std::string finding_text(const Finding& finding) {
  std::string out = fmt::format("\n{} ({}, {})\n", markup(finding.title), name_of(finding.severity),
                                name_of(finding.confidence));
  for (const EvidenceLine& line : finding.evidence) out += "  " + markup(line.text) + '\n';
  for (const Alternative& other : finding.alternatives)
    out += fmt::format("Or {}: {}\n", markup(other.cause), markup(other.text));
  if (!finding.fix.summary.empty()) out += "Fix: " + markup(finding.fix.summary) + '\n';
  for (const std::string& step : finding.fix.steps) out += "  - " + markup(step) + '\n';
  for (const DocLink& doc : finding.fix.docs)
    out += fmt::format("Docs: {} {}\n", markup(doc.title), markup(doc.url));
  return out;
}

/// The findings of its endpoints, each once, in the order of the endpoints.
std::vector<const Finding*> findings_of(const Report& report, const RequirementReport& requirement,
                                        const ReportIndex& index) {
  std::vector<const Finding*> findings;
  for (const EndpointReport& endpoint : requirement.endpoints) {
    const Finding* finding = finding_of(report, endpoint, index);
    if (finding && std::ranges::find(findings, finding) == findings.end()) findings.push_back(finding);
  }
  return findings;
}

std::string failure(const Report& report, const RequirementReport& requirement, const ReportIndex& index) {
  const std::vector<const Finding*> findings = findings_of(report, requirement, index);
  std::vector<std::string> titles;
  std::string text = "\n" + markup(requirement.title) + '\n';
  for (const EndpointReport& endpoint : requirement.endpoints) {
    if (endpoint.status == Status::fail)
      text += markup(endpoint_name(endpoint.host, endpoint.port)) + " fails\n";
  }
  for (const Finding* finding : findings) {
    titles.push_back(finding->title);
    text += finding_text(*finding);
  }
  return fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n",
                     findings.empty() ? "unknown" : markup(findings.front()->cause),
                     markup(joined(titles, "; ")), text);
}

std::string test_case(const Report& report, const RequirementReport& requirement, const ReportIndex& index) {
  const Outcome outcome = outcome_of(requirement);
  std::string out =
      fmt::format("    <testcase classname=\"amlnet.{}\" name=\"{}\" time=\"{:.3f}\"",
                  name_of(requirement.level), markup(requirement.id), seconds_of(requirement, index));
  if (outcome == Outcome::pass) return out + "/>\n";
  out += ">\n";
  std::string why(requirement.unknown_because ? name_of(*requirement.unknown_because) : "skipped");
  const std::string message = markup(requirement.title + ": " + why + ": " + requirement.because);
  if (outcome == Outcome::failure) out += failure(report, requirement, index);
  if (outcome == Outcome::error)
    out += fmt::format("      <error type=\"{}\" message=\"{}\"/>\n", why, message);
  if (outcome == Outcome::skipped) out += fmt::format("      <skipped message=\"{}\"/>\n", message);
  return out + "    </testcase>\n";
}

struct Counts {
  std::size_t tests = 0;
  std::array<std::size_t, 4> of{};  // by Outcome

  std::size_t operator[](Outcome outcome) const { return of[static_cast<std::size_t>(outcome)]; }
};

Counts count(const Report& report, std::optional<Level> level) {
  Counts counts;
  for (const RequirementReport& requirement : report.requirements) {
    if (level && requirement.level != *level) continue;
    ++counts.tests;
    ++counts.of[static_cast<std::size_t>(outcome_of(requirement))];
  }
  return counts;
}

std::string totals(const Counts& counts, const Report& report) {
  return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\"", counts.tests,
                     counts[Outcome::failure], counts[Outcome::error], report.run.duration_ms / 1000);
}

std::string suite(const Report& report, Level level, const ReportIndex& index) {
  const Counts counts = count(report, level);
  if (counts.tests == 0) return "";
  std::string out = fmt::format(
      "  <testsuite name=\"amlnet.{}\" {} skipped=\"{}\" timestamp=\"{}\" hostname=\"{}\">\n    "
      "<properties>\n",
      name_of(level), totals(counts, report), counts[Outcome::skipped], markup(report.run.started),
      markup(report.node.hostname));
  const std::pair<const char*, std::string> properties[] = {
      {"amlnet.version", report.tool.version},
      {"amlnet.documentation", report.tool.catalog_date},
      {"amlnet.run", report.run.id},
      {"amlnet.verdict", std::string(name_of(report.summary.verdict))},
      {"amlnet.complete", report.run.complete ? "true" : "false"}};
  for (const auto& [name, value] : properties)
    out += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, markup(value));
  out += "    </properties>\n";
  for (const RequirementReport& requirement : report.requirements) {
    if (requirement.level == level) out += test_case(report, requirement, index);
  }
  return out + "  </testsuite>\n";
}

}  // namespace

std::string junit_report(const Report& report) {
  const ReportIndex index = index_of(report);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuites name=\"amlnet\" {}>\n", totals(count(report, {}), report));
  for (const Level level : {Level::required, Level::recommended, Level::optional})
    out += suite(report, level, index);
  return out + "</testsuites>\n";
}

}  // namespace amlnet
