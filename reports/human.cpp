#include "reports/human.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/human_parts.h"
#include "reports/lookup.h"
#include "reports/stages.h"
#include "reports/text.h"

namespace amlnet {
namespace {

/// The line that scripts search for.
std::string last_line(const Report& report, const Style& style) {
  const auto causes = std::ranges::count(report.findings, Severity::blocking, &Finding::severity);
  std::string line = fmt::format("amlnet: {} required={} causes={}", verdict_word(report.summary.verdict),
                                 report.summary.required.fail, causes);
  if (!style.options.report_path.empty()) line += " report=" + style.safe(style.options.report_path);
  return line + '\n';
}

/// What may be worth running next, and when. A new command joins with a row.
struct Hint {
  std::string_view command;
  bool (*fits)(const Report&);
  bool of_last = false;  // the command looks at the last report
};

bool has_findings(const Report& report) {
  return !report.findings.empty();
}
/// Of a check: what `reach` tested has no other command that repeats it.
bool has_failed(const Report& report) {
  return report.summary.verdict == Verdict::fail &&
         std::ranges::any_of(report.requirements, [](const RequirementReport& requirement) {
           return requirement.direction != "inbound" && requirement.status == Status::fail;
         });
}
bool has_failures(const Report& report) {
  return std::ranges::find(report.requirements, Status::fail, &RequirementReport::status) !=
         report.requirements.end();
}
bool lacks_facts(const Report& report) {
  return std::ranges::any_of(report.requirements, [](const RequirementReport& requirement) {
    return requirement.unknown_because == Unknown::not_known;
  });
}
bool ran_out_of_time(const Report& report) {
  return !report.run.complete && report.run.incomplete_because.find("deadline") != std::string::npos;
}

constexpr std::array kHints{
    Hint{"amlnet explain 1", has_findings, true},
    Hint{"amlnet fix", has_failures, true},
    Hint{"amlnet bundle", has_failed},
    Hint{"amlnet show --all", has_findings, true},
    Hint{"amlnet plan", lacks_facts},
    Hint{"amlnet check --deadline 5m", ran_out_of_time},
    Hint{"amlnet check --wait 10m", has_failed},
};

std::string plan_requirement(const RequirementReport& requirement, const Style& style) {
  const std::string id = style.paint(Color::bold, style.safe(requirement.id));
  std::string out = fmt::format("  {}  {}\n", id, style.safe(requirement.title));
  if (!requirement.because.empty())
    out += style.paragraph("    because  ", requirement.because, style.prose());
  if (requirement.unknown_because) {
    out +=
        style.paragraph("    unknown  ", std::string(name_of(*requirement.unknown_because)), style.prose());
  }
  std::string_view label = "    probes   ";
  for (const EndpointReport& endpoint : requirement.endpoints) {
    std::string text = endpoint_name(endpoint.host, endpoint.port) + " ";
    for (const ProbeKind stage : stages_of(endpoint.protocol, endpoint.host)) {
      text += ' ';
      text += name_of(stage);
    }
    out += style.paragraph(label, text, style.prose());
    label = "             ";
  }
  return out;
}

}  // namespace

std::string human_hints(const Report& report, const Style& style) {
  std::vector<std::string> commands;
  for (const Hint& hint : kHints) {
    if (hint.fits(report) && (style.options.is_last || !hint.of_last)) commands.emplace_back(hint.command);
  }
  return commands.empty() ? "" : style.list("next   ", commands, style.prose());
}

std::string human_report(const Report& report, const HumanOptions& options) {
  const Style style{options};
  const std::string verdict = human_verdict(report, style);
  if (options.verbosity < 0) return verdict + last_line(report, style);
  std::string out = human_header(report, style) + '\n' + verdict + '\n';
  std::size_t number = 0;
  for (const Finding& finding : report.findings) {
    ++number;
    if (options.all || !is_of_spares(report, finding)) out += human_finding(finding, number, style) + '\n';
  }
  if (const std::string rows = human_rows(report, style); !rows.empty()) out += rows + '\n';
  if (const std::string live = human_live(report, style); !live.empty()) out += live + '\n';
  return out + human_hints(report, style) + last_line(report, style);
}

std::string human_plan(const Report& plan, const HumanOptions& options) {
  const Style style{options};
  std::string out = human_header(plan, style);
  std::size_t skipped = 0;
  for (const Level level : {Level::required, Level::recommended, Level::optional}) {
    std::string rows;
    for (const RequirementReport& requirement : plan.requirements) {
      if (requirement.level != level) continue;
      skipped += requirement.status == Status::skipped;
      if (requirement.status != Status::skipped || options.all) rows += plan_requirement(requirement, style);
    }
    if (!rows.empty()) out += '\n' + style.paint(Color::dim, name_of(level)) + '\n' + rows;
  }
  if (skipped > 0 && !options.all) out += fmt::format("\n{} not planned, since they do not apply\n", skipped);
  return out;
}

}  // namespace amlnet
