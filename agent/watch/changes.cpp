#include "agent/watch/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "agent/diagnosis/outcome.h"
#include "probes/target.h"
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

/// What an earlier report says in place of what a later one did not finish.
struct Carried {
  std::vector<std::string> rows;       // whole ones, by their ids
  std::vector<std::string> endpoints;  // of other rows, "host:port" as findings name them
};

bool has_one_of(const std::vector<std::string>& names, const std::vector<std::string>& others) {
  return std::ranges::find_first_of(names, others) != names.end();
}

bool touches(const Finding& finding, const Carried& carried) {
  return has_one_of(finding.requirements, carried.rows) || has_one_of(finding.endpoints, carried.endpoints);
}

EndpointReport without_evidence(EndpointReport endpoint) {
  endpoint.probes.clear();
  endpoint.finding.clear();
  return endpoint;
}

/// Of a row that its other endpoints decide: one that fails is enough, or an alternative that passes. So its
/// status stays, whatever the ones that were not finished had been.
void carry_endpoints(const RequirementReport& old, RequirementReport& row, Carried& carried) {
  for (EndpointReport& endpoint : row.endpoints) {
    if (endpoint.unknown_because != Unknown::not_finished) continue;
    const auto was = std::ranges::find_if(old.endpoints, [&](const EndpointReport& one) {
      return one.host == endpoint.host && one.port == endpoint.port && one.protocol == endpoint.protocol;
    });
    if (was == old.endpoints.end()) continue;
    endpoint = without_evidence(*was);
    carried.endpoints.push_back(host_port(endpoint.host, static_cast<unsigned>(endpoint.port)));
  }
}

/// Rows and endpoints that `after` did not finish become those of `before`. What no longer applies is
/// finished.
Carried carry_unfinished(const Report& before, Report& after) {
  Carried carried;
  for (RequirementReport& row : after.requirements) {
    const auto old = std::ranges::find(before.requirements, row.id, &RequirementReport::id);
    if (old == before.requirements.end() || row.status == Status::skipped) continue;
    if (row.unknown_because != Unknown::not_finished) {
      carry_endpoints(*old, row, carried);
      continue;
    }
    row = *old;
    for (EndpointReport& endpoint : row.endpoints) endpoint = without_evidence(endpoint);
    carried.rows.push_back(row.id);
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
  const Carried carried = carry_unfinished(before, after);
  for (const Finding& old : before.findings) {
    const bool unseen = old.requirements.empty() && !after.run.complete;
    if (unseen || touches(old, carried)) carry_finding(old, after);
  }
  if (!carried.rows.empty() || !carried.endpoints.empty())
    after.summary = summarize(after.requirements, after.findings);
  return after;
}

}  // namespace amlnet
