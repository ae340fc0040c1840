#include "agent/watch/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "agent/diagnosis/outcome.h"
#include "reports/diff.h"
#include "reports/headline.h"
#include "reports/model/codec.h"
#include "reports/text.h"

namespace amlnet {
namespace {

constexpr int kLongestLine = 500;

using Changes = std::vector<WatchChange>;

void tell(Changes& changes, ChangeKind kind, std::string_view text) {
  changes.push_back({kind, shortened(escaped(text), kLongestLine, "...")});
}

/// What is compared: a report without remarks and without its probes.
Report without_remarks(const Report& report) {
  Report rest;
  rest.tool = report.tool;
  rest.run = report.run;
  rest.node = report.node;
  rest.node.interfaces.clear();
  rest.workspace = report.workspace;
  rest.summary = report.summary;
  rest.requirements = report.requirements;
  std::ranges::copy_if(report.findings, std::back_inserter(rest.findings),
                       [](const Finding& finding) { return finding.severity != Severity::info; });
  return rest;
}

std::string_view status_word(std::optional<Status> status) {
  return status ? name_of(*status) : "not asked for";
}

std::string row_text(const RequirementChange& change) {
  return fmt::format("{}  {} ({})", change.id, change.title, name_of(change.level));
}

void tell_requirements(Changes& changes, const ReportDiff& diff) {
  for (const RequirementChange& row : diff.failing)
    tell(changes, ChangeKind::newly_failing, row_text(row) + ": " + joined(row.now_fail, ", "));
  for (const RequirementChange& row : diff.passing) {
    const std::string what = row.now_pass.empty() ? "" : ": " + joined(row.now_pass, ", ");
    tell(changes, ChangeKind::newly_passing, row_text(row) + what);
  }
}

void tell_causes(Changes& changes, const ReportDiff& diff) {
  using Kind = CauseChange::Kind;
  constexpr std::array kKinds{std::pair(Kind::gone, ChangeKind::cause_gone),
                              std::pair(Kind::appeared, ChangeKind::cause_found),
                              std::pair(Kind::changed, ChangeKind::cause_changed)};
  for (const auto& [kind, told] : kKinds) {
    for (const CauseChange& cause : diff.causes) {
      if (cause.kind != kind) continue;
      const std::string notes = cause.notes.empty() ? "" : " [" + joined(cause.notes, "; ") + "]";
      tell(changes, told,
           fmt::format("{} ({}): {}{}", cause.cause, name_of(cause.severity), cause.title, notes));
    }
  }
}

bool touches(const Finding& finding, const std::vector<std::string>& ids) {
  return std::ranges::any_of(finding.requirements,
                             [&](const std::string& id) { return std::ranges::find(ids, id) != ids.end(); });
}

/// Rows that `after` did not finish become those of `before`; returns their ids.
std::vector<std::string> carry_rows(const Report& before, Report& after) {
  std::vector<std::string> carried;
  for (RequirementReport& row : after.requirements) {
    if (row.unknown_because != Unknown::not_finished) continue;
    const auto old = std::ranges::find(before.requirements, row.id, &RequirementReport::id);
    if (old == before.requirements.end()) continue;
    row = *old;
    for (EndpointReport& endpoint : row.endpoints) {
      endpoint.probes.clear();
      endpoint.finding.clear();
    }
    carried.push_back(row.id);
  }
  return carried;
}

void add_missing(std::vector<std::string>& to, const std::vector<std::string>& from) {
  for (const std::string& one : from)
    if (std::ranges::find(to, one) == to.end()) to.push_back(one);
}

void carry_finding(const Finding& old, Report& after) {
  const auto same = std::ranges::find_if(after.findings, [&](const Finding& one) {
    return one.cause == old.cause && one.subject == old.subject;
  });
  if (same != after.findings.end()) {
    add_missing(same->requirements, old.requirements);
    add_missing(same->endpoints, old.endpoints);
    return;
  }
  Finding& kept = after.findings.emplace_back(old);
  kept.id = fmt::format("F{}", after.findings.size());
  for (EvidenceLine& line : kept.evidence) line.probe.clear();
}

}  // namespace

std::string_view name_of(ChangeKind kind) {
  constexpr std::array<std::string_view, 8> kWords{"fact",          "verdict",       "cause gone",
                                                   "cause found",   "cause changed", "newly failing",
                                                   "newly passing", "other status"};
  return kWords[static_cast<std::size_t>(kind)];
}

Changes changes_between(const Report& before, const Report& after) {
  const ReportDiff diff = compare_reports(without_remarks(before), without_remarks(after));
  Changes changes;
  for (const FactChange& fact : diff.facts)
    tell(changes, ChangeKind::fact,
         fmt::format("{}: {} -> {}", fact.name, fact.before.empty() ? "none" : fact.before,
                     fact.after.empty() ? "none" : fact.after));
  if (diff.before != diff.after)
    tell(changes, ChangeKind::verdict,
         fmt::format("{} -> {}", verdict_word(diff.before), verdict_word(diff.after)));
  tell_causes(changes, diff);
  tell_requirements(changes, diff);
  for (const RequirementChange& row : diff.other)
    tell(changes, ChangeKind::other_status,
         fmt::format("{}: {} -> {}", row_text(row), status_word(row.before), status_word(row.after)));
  return changes;
}

Changes first_changes(const Report& report) {
  Report nothing;
  nothing.summary.verdict = report.summary.verdict;
  ReportDiff diff = compare_reports(nothing, without_remarks(report));
  Changes changes;
  tell(changes, ChangeKind::verdict, verdict_word(report.summary.verdict));
  tell_causes(changes, diff);
  tell_requirements(changes, diff);
  return changes;
}

Report carried_over(const Report& before, Report after) {
  const std::vector<std::string> carried = carry_rows(before, after);
  for (const Finding& old : before.findings) {
    const bool unseen = old.requirements.empty() && !after.run.complete;
    if (unseen || touches(old, carried)) carry_finding(old, after);
  }
  if (!carried.empty()) after.summary = summarize(after.requirements, after.findings);
  return after;
}

}  // namespace amlnet
