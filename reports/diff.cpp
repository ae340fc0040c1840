#include "reports/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "reports/headline.h"
#include "reports/stages.h"

namespace amlnet {
namespace {

constexpr std::size_t kMostFacts = 100;
constexpr std::size_t kLongestFact = 400;

using Names = std::set<std::string>;

Names failing_endpoints(const RequirementReport& requirement) {
  Names names;
  for (const EndpointReport& endpoint : requirement.endpoints) {
    if (endpoint.status == Status::fail)
      names.insert(endpoint_name(endpoint.host, endpoint.port) + " " + endpoint.protocol);
  }
  return names;
}

std::vector<std::string> without(const Names& names, const Names& others) {
  std::vector<std::string> rest;
  std::ranges::set_difference(names, others, std::back_inserter(rest));
  return rest;
}

RequirementChange change_of(const RequirementReport* before, const RequirementReport* after) {
  const RequirementReport& known = after ? *after : *before;
  RequirementChange change{known.id, known.title, known.level, {}, {}, {}, {}};
  const Names were = before ? failing_endpoints(*before) : Names();
  const Names are = after ? failing_endpoints(*after) : Names();
  if (before) change.before = before->status;
  if (after) change.after = after->status;
  change.now_fail = without(are, were);
  // What is no longer asked for, or not decided, has not passed.
  for (const EndpointReport& endpoint : after ? after->endpoints : std::vector<EndpointReport>()) {
    const std::string name = endpoint_name(endpoint.host, endpoint.port) + " " + endpoint.protocol;
    if (endpoint.status == Status::pass && were.contains(name) && !are.contains(name))
      change.now_pass.push_back(name);
  }
  return change;
}

void sort_in(ReportDiff& diff, RequirementChange change) {
  const bool failed = change.before == Status::fail, fails = change.after == Status::fail;
  if (fails && (!failed || !change.now_fail.empty()))
    diff.failing.push_back(std::move(change));
  else if (failed && (change.after == Status::pass || !change.now_pass.empty()))
    diff.passing.push_back(std::move(change));
  else if (change.before != change.after)
    diff.other.push_back(std::move(change));
}

/// The first of each id counts: a report that was read back may have one twice.
std::map<std::string_view, const RequirementReport*> by_id(const Report& report) {
  std::map<std::string_view, const RequirementReport*> rows;
  for (const RequirementReport& row : report.requirements) rows.emplace(row.id, &row);
  return rows;
}

void compare_requirements(const Report& before, const Report& after, ReportDiff& diff) {
  const auto old_rows = by_id(before), new_rows = by_id(after);
  for (const auto& [id, row] : new_rows) {
    const auto found = old_rows.find(id);
    sort_in(diff, change_of(found == old_rows.end() ? nullptr : found->second, row));
  }
  for (const auto& [id, row] : old_rows) {
    if (!new_rows.contains(id)) sort_in(diff, change_of(row, nullptr));
  }
}

using CauseKey = std::pair<std::string_view, std::string_view>;

std::map<CauseKey, const Finding*> by_cause(const Report& report) {
  std::map<CauseKey, const Finding*> findings;
  for (const Finding& finding : report.findings)
    findings.emplace(CauseKey(finding.cause, finding.subject), &finding);
  return findings;
}

void note_words(std::vector<std::string>& notes, std::string_view before, std::string_view after) {
  if (before != after) notes.push_back(fmt::format("{} -> {}", before, after));
}

void note_names(std::vector<std::string>& notes, std::string_view what,
                const std::vector<std::string>& names) {
  if (!names.empty()) notes.push_back(fmt::format("{} {}", what, joined(names, ", ")));
}

std::vector<std::string> notes_of(const Finding& before, const Finding& after) {
  std::vector<std::string> notes;
  note_words(notes, name_of(before.severity), name_of(after.severity));
  note_words(notes, name_of(before.confidence), name_of(after.confidence));
  const Names old_rows(before.requirements.begin(), before.requirements.end());
  const Names new_rows(after.requirements.begin(), after.requirements.end());
  const Names old_hits(before.endpoints.begin(), before.endpoints.end());
  const Names new_hits(after.endpoints.begin(), after.endpoints.end());
  note_names(notes, "now breaks", without(new_rows, old_rows));
  note_names(notes, "no longer breaks", without(old_rows, new_rows));
  note_names(notes, "now hits", without(new_hits, old_hits));
  note_names(notes, "no longer hits", without(old_hits, new_hits));
  return notes;
}

void compare_causes(const Report& before, const Report& after, ReportDiff& diff) {
  const auto old_findings = by_cause(before), new_findings = by_cause(after);
  const auto change = [](CauseChange::Kind kind, const Finding& finding) {
    return CauseChange{kind, finding.cause, finding.subject, finding.title, finding.severity, {}};
  };
  for (const auto& [key, finding] : new_findings) {
    const auto found = old_findings.find(key);
    if (found == old_findings.end()) {
      diff.causes.push_back(change(CauseChange::Kind::appeared, *finding));
    } else if (std::vector<std::string> notes = notes_of(*found->second, *finding); !notes.empty()) {
      diff.causes.push_back(change(CauseChange::Kind::changed, *finding));
      diff.causes.back().notes = std::move(notes);
    }
  }
  for (const auto& [key, finding] : old_findings) {
    if (!new_findings.contains(key)) diff.causes.push_back(change(CauseChange::Kind::gone, *finding));
  }
}

using Facts = std::map<std::string, std::string>;

/// The leaves of the workspace by their paths; where each came from is no fact of it.
void add_leaves(const nlohmann::ordered_json& value, const std::string& path, Facts& facts) {
  if (!value.is_structured()) {
    facts[path] = value.is_string()
                      ? value.get<std::string>()
                      : value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    return;
  }
  for (const auto& [key, inner] : value.items()) {
    if (path.empty() && key == "sources") continue;
    const std::string step = value.is_array() ? "[" + key + "]" : (path.empty() ? "" : ".") + key;
    add_leaves(inner, path + step, facts);
  }
}

Facts facts_of(const Report& report) {
  Facts facts;
  if (report.workspace->is_object()) add_leaves(*report.workspace, "", facts);
  facts["amlnet"] = report.tool.version;
  facts["catalog"] = report.tool.catalog_sha256;
  facts["documentation"] = report.tool.catalog_date;
  facts["node.hostname"] = report.node.hostname;
  facts["node.os"] = report.node.os;
  facts["node.kernel"] = report.node.kernel;
  facts["node.vm_size"] = report.node.vm_size;
  facts["node.interfaces"] = joined(report.node.interfaces, ", ");
  facts["node.resolvers"] = joined(report.node.resolvers, ", ");
  facts["node.search_domains"] = joined(report.node.search_domains, ", ");
  for (const auto& [variable, value] : report.node.proxy) facts["node.proxy." + variable] = value;
  facts["run.complete"] = report.run.complete ? "yes" : "no: " + report.run.incomplete_because;
  return facts;
}

void compare_facts(const Report& before, const Report& after, ReportDiff& diff) {
  Facts old_facts = facts_of(before), new_facts = facts_of(after);
  for (const auto& [name, value] : old_facts) new_facts.try_emplace(name);
  for (const auto& [name, value] : new_facts) {
    const std::string& old = old_facts[name];
    if (old == value || diff.facts.size() == kMostFacts) continue;
    diff.facts.push_back({name, old.substr(0, kLongestFact), value.substr(0, kLongestFact)});
  }
}

}  // namespace

ReportDiff compare_reports(const Report& before, const Report& after) {
  ReportDiff diff{before.summary.verdict, after.summary.verdict, {}, {}, {}, {}, {}};
  compare_requirements(before, after, diff);
  compare_causes(before, after, diff);
  compare_facts(before, after, diff);
  return diff;
}

}  // namespace amlnet
