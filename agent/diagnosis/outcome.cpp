#include "agent/diagnosis/outcome.h"

#include <algorithm>
#include <map>
#include <set>

namespace amlnet {
namespace {

struct Joint {
  Status status = Status::pass;
  std::optional<Unknown> unknown;
};

/// The reason that matters most: an unfinished probe before a missing fact before what no probe can show.
void take_reason(Joint& joint, std::optional<Unknown> reason) {
  const auto rank = [](std::optional<Unknown> u) {
    return !u ? 0 : *u == Unknown::not_finished ? 3 : *u == Unknown::not_known ? 2 : 1;
  };
  if (rank(reason) > rank(joint.unknown)) joint.unknown = reason;
}

Joint of_endpoint(const Diagnosis& diagnosis, std::size_t endpoint) {
  if (endpoint >= diagnosis.endpoints.size()) return {Status::unknown, Unknown::not_finished};
  const auto& outcome = diagnosis.endpoints[endpoint];
  return {outcome.status, outcome.status == Status::unknown ? outcome.unknown : std::nullopt};
}

/// All must hold: one failure fails, else one unknown leaves it open.
void add_needed(Joint& sum, const Joint& part) {
  if (part.status == Status::fail) {
    sum = {Status::fail, std::nullopt};
  } else if (part.status == Status::unknown && sum.status != Status::fail) {
    sum.status = Status::unknown;
    take_reason(sum, part.unknown);
  }
}

/// One is enough: one pass passes, else one unknown leaves it open.
void add_alternative(Joint& sum, const Joint& part) {
  if (part.status == Status::pass) {
    sum = {Status::pass, std::nullopt};
  } else if (part.status == Status::unknown && sum.status != Status::pass) {
    sum.status = Status::unknown;
    take_reason(sum, part.unknown);
  }
}

std::map<std::string, Joint> groups_of(const PlannedRequirement& requirement, const Diagnosis& diagnosis) {
  std::map<std::string, Joint> groups;
  for (const auto& use : requirement.uses) {
    if (use.group.empty()) continue;
    const auto [row, fresh] = groups.try_emplace(use.group, Joint{Status::fail, std::nullopt});
    add_alternative(row->second, of_endpoint(diagnosis, use.endpoint));
  }
  return groups;
}

Joint judge(const PlannedRequirement& requirement, const Diagnosis& diagnosis) {
  if (!requirement.applies) return {Status::skipped, std::nullopt};
  Joint sum;
  if (requirement.uses.empty()) sum = {Status::unknown, requirement.unknown.value_or(Unknown::not_testable)};
  if (requirement.unknown) add_needed(sum, {Status::unknown, requirement.unknown});
  for (const auto& use : requirement.uses) {
    if (use.group.empty()) add_needed(sum, of_endpoint(diagnosis, use.endpoint));
  }
  for (const auto& [name, group] : groups_of(requirement, diagnosis)) add_needed(sum, group);
  return sum;
}

EndpointReport endpoint_report(const Plan& plan, const Diagnosis& diagnosis, const EndpointUse& use) {
  EndpointReport report;
  const auto& endpoint = plan.endpoints[use.endpoint];
  report.host = endpoint.host;
  report.documented_as = use.documented_as;
  report.port = endpoint.port;
  report.protocol = name_of(endpoint.protocol);
  if (use.endpoint >= diagnosis.endpoints.size()) {
    report.unknown_because = Unknown::not_finished;
    return report;
  }
  const auto& outcome = diagnosis.endpoints[use.endpoint];
  report.status = outcome.status;
  if (outcome.status == Status::unknown) report.unknown_because = outcome.unknown;
  report.finding = outcome.finding;
  report.probes = outcome.probes;
  return report;
}

void count(Tally& tally, Status status) {
  switch (status) {
    case Status::pass:
      ++tally.pass;
      break;
    case Status::fail:
      ++tally.fail;
      break;
    case Status::unknown:
      ++tally.unknown;
      break;
    case Status::skipped:
      ++tally.skipped;
      break;
  }
}

/// Unknown for a reason that leaves a required one open; what no probe can show never does (contract section
/// 3).
bool leaves_open(const RequirementReport& report) {
  return report.level == Level::required && report.status == Status::unknown &&
         report.unknown_because != Unknown::not_testable;
}

}  // namespace

Status requirement_status(const PlannedRequirement& requirement, const Diagnosis& diagnosis) {
  return judge(requirement, diagnosis).status;
}

bool use_fails(const PlannedRequirement& requirement, const EndpointUse& use, const Diagnosis& diagnosis) {
  if (of_endpoint(diagnosis, use.endpoint).status != Status::fail) return false;
  return use.group.empty() || groups_of(requirement, diagnosis).at(use.group).status == Status::fail;
}

std::vector<Alternate> alternates_of(const Plan& plan, const Diagnosis& diagnosis) {
  std::vector<std::optional<Alternate>> found(plan.endpoints.size());
  for (const auto& requirement : plan.requirements) {
    if (!requirement.applies) continue;
    const auto groups = groups_of(requirement, diagnosis);
    std::set<std::string> seen;
    for (const auto& use : requirement.uses) {
      if (use.endpoint >= found.size()) continue;
      const bool first = use.group.empty() || seen.insert(use.group).second;
      const bool passed = !use.group.empty() && groups.at(use.group).status == Status::pass;
      const auto here = passed ? Alternate::spare : first ? Alternate::none : Alternate::later;
      auto& kept = found[use.endpoint];
      kept = kept ? std::min(*kept, here) : here;
    }
  }
  std::vector<Alternate> all;
  for (const auto& one : found) all.push_back(one.value_or(Alternate::none));
  return all;
}

std::vector<RequirementReport> requirement_reports(const Plan& plan, const Diagnosis& diagnosis) {
  std::vector<RequirementReport> reports;
  reports.reserve(plan.requirements.size());
  for (const auto& requirement : plan.requirements) {
    RequirementReport report;
    report.id = requirement.id;
    report.title = requirement.title;
    report.level = requirement.level;
    report.direction = requirement.direction;
    const auto joint = judge(requirement, diagnosis);
    report.status = joint.status;
    report.unknown_because = joint.unknown;
    report.because = requirement.because;
    report.docs = requirement.docs;
    for (const auto& use : requirement.uses) {
      if (use.endpoint < plan.endpoints.size())
        report.endpoints.push_back(endpoint_report(plan, diagnosis, use));
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

Report::Summary summarize(const std::vector<RequirementReport>& requirements,
                          const std::vector<Finding>& findings) {
  Report::Summary summary;
  for (const auto& report : requirements) {
    auto& tally = report.level == Level::required      ? summary.required
                  : report.level == Level::recommended ? summary.recommended
                                                       : summary.optional;
    count(tally, report.status);
  }
  const bool open = std::any_of(requirements.begin(), requirements.end(), leaves_open);
  const bool warned = std::any_of(findings.begin(), findings.end(),
                                  [](const Finding& f) { return f.severity != Severity::info; });
  summary.verdict = summary.required.fail > 0 ? Verdict::fail
                    : open                    ? Verdict::incomplete
                    : warned                  ? Verdict::warn
                                              : Verdict::pass;
  return summary;
}

int exit_status(const Report::Summary& summary, const std::vector<Finding>& findings, bool complete,
                FailOn fail_on) {
  if (fail_on == FailOn::never) return 0;
  const bool warned = std::any_of(findings.begin(), findings.end(),
                                  [](const Finding& f) { return f.severity != Severity::info; });
  bool failed = summary.required.fail > 0;
  if (fail_on != FailOn::required) failed |= summary.recommended.fail > 0;
  if (fail_on == FailOn::any) failed |= summary.optional.fail > 0 || warned;
  if (failed) return 1;
  return complete && summary.verdict != Verdict::incomplete ? 0 : 3;
}

}  // namespace amlnet
