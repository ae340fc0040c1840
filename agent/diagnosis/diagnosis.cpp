#include "agent/diagnosis/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "agent/diagnosis/causes.h"
#include "agent/diagnosis/outcome.h"

namespace amlnet {
namespace {

constexpr std::size_t kMostDocs = 6, kMostAllowed = 8;

std::string with_subject(std::string_view text, const std::string& subject) {
  std::string result(text);
  if (const auto at = result.find("{}"); at != std::string::npos) result.replace(at, 2, subject);
  return result;
}

void add_doc(Fix& fix, std::string title, std::string url) {
  const bool known =
      std::any_of(fix.docs.begin(), fix.docs.end(), [&](const DocLink& d) { return d.url == url; });
  if (!known && !url.empty() && fix.docs.size() < kMostDocs)
    fix.docs.push_back({std::move(title), std::move(url)});
}

/// Which requirements each endpoint serves; those that do not apply are left out.
std::vector<std::vector<const PlannedRequirement*>> users_of(const Plan& plan) {
  std::vector<std::vector<const PlannedRequirement*>> users(plan.endpoints.size());
  for (const auto& requirement : plan.requirements) {
    if (!requirement.applies) continue;
    for (const auto& use : requirement.uses) {
      if (use.endpoint >= users.size()) continue;
      auto& list = users[use.endpoint];
      if (list.empty() || list.back() != &requirement) list.push_back(&requirement);
    }
  }
  return users;
}

Fix fix_of(const Draft& draft, const std::vector<const PlannedRequirement*>& requirements) {
  Fix fix;
  const auto* cause = find_cause(draft.cause);
  fix.steps = draft.steps;
  if (cause != nullptr) {
    fix.summary = with_subject(cause->fix, draft.subject);
    fix.steps.insert(fix.steps.end(), cause->steps.begin(), cause->steps.end());
    for (const auto& doc : cause->docs) add_doc(fix, std::string(doc.title), std::string(doc.url));
  }
  for (const auto& doc : draft.docs) add_doc(fix, doc.title, doc.url);
  std::set<std::string> allowed;
  for (const auto* requirement : requirements) {
    for (const auto& doc : requirement->docs) add_doc(fix, doc.document, doc.url);
    const bool allow = cause && cause->allow && !requirement->fix.empty() && allowed.size() < kMostAllowed;
    if (allow && allowed.insert(requirement->fix).second) fix.steps.push_back(requirement->fix);
  }
  return fix;
}

std::vector<std::size_t> endpoints_of(const Draft& draft) {
  std::vector<std::size_t> all = draft.failing;
  all.insert(all.end(), draft.touched.begin(), draft.touched.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

Finding finding_of(const Case& c, const Draft& draft,
                   const std::vector<std::vector<const PlannedRequirement*>>& users) {
  Finding finding;
  finding.cause = draft.cause;
  finding.subject = draft.subject;
  finding.title = draft.title;
  if (const auto* cause = find_cause(draft.cause); cause && finding.title.empty())
    finding.title = cause->meaning;
  finding.confidence = draft.confidence;
  finding.evidence = draft.evidence;
  if (draft.unsaid > 0)
    finding.evidence.push_back({"", fmt::format("{} more observations show the same", draft.unsaid)});
  finding.alternatives = draft.alternatives;
  if (draft.confidence == Confidence::certain) {
    std::erase_if(finding.alternatives, [](const Alternative& a) { return a.cause == "unknown"; });
  }
  std::vector<const PlannedRequirement*> requirements;
  std::set<std::string_view> listed;  // a host and port may be two endpoints: HTTPS and WebSocket
  for (const auto index : endpoints_of(draft)) {
    const auto& target = c.trails[index].target;
    if (listed.insert(target).second) finding.endpoints.push_back(target);
    requirements.insert(requirements.end(), users[index].begin(), users[index].end());
  }
  std::sort(requirements.begin(), requirements.end());  // pointers into one vector: the plan's order
  requirements.erase(std::unique(requirements.begin(), requirements.end()), requirements.end());
  for (const auto* requirement : requirements) finding.requirements.push_back(requirement->id);
  finding.fix = fix_of(draft, requirements);
  return finding;
}

EndpointOutcome outcome_of(const Trail& trail) {
  EndpointOutcome outcome;
  outcome.status = status_of(trail.progress);
  if (trail.progress == Progress::unfinished) outcome.unknown = Unknown::not_finished;
  if (trail.progress == Progress::undecided) outcome.unknown = trail.unknown.value_or(Unknown::not_testable);
  const auto add = [&](const ProbeRecord* record) {
    const bool known =
        record && std::find(outcome.probes.begin(), outcome.probes.end(), record->id) != outcome.probes.end();
    if (record && !known) outcome.probes.push_back(record->id);
  };
  add(trail.dns);
  add(trail.tunnel);
  for (const auto& row : trail.addresses) add(row.connect);
  for (const auto& row : trail.addresses) add(row.handshake);
  for (const auto& row : trail.addresses) add(row.answer);
  for (const auto& row : trail.addresses) add(row.upgrade);
  add(trail.with_token);
  return outcome;
}

/// Whether nothing follows from what the draft fails: another of the documented alternatives has passed, or
/// this one does not exist, and the first of them is judged by itself.
bool is_spare(const Draft& draft, const std::vector<Alternate>& alternates) {
  const bool absent = draft.cause == "dns.name-not-found" || draft.cause == "dns.no-address";
  return !draft.failing.empty() && std::all_of(draft.failing.begin(), draft.failing.end(), [&](auto index) {
    return alternates.at(index) == Alternate::spare || (absent && alternates[index] == Alternate::later);
  });
}

void excuse(Finding& finding) {
  finding.severity = Severity::info;
  finding.evidence.push_back({"", "the documentation has another name for the same, and one is enough"});
  finding.fix.summary = "Nothing needs to be done: the name is one of several that the documentation gives.";
  finding.fix.steps.clear();
}

/// Blocking where a required requirement fails by it; a warning where another does, or a risk was seen.
Severity severity_of(const Draft& draft, const Plan& plan, const std::vector<Level>& worst,
                     const std::vector<char>& breaks) {
  if (draft.info) return Severity::info;
  for (const auto index : draft.failing) {
    if (breaks[index] && worst[index] == Level::required && index < plan.endpoints.size())
      return Severity::blocking;
  }
  return Severity::warning;
}

/// For each endpoint whether its failure fails a requirement, and the highest level of those. A failed
/// alternative beside one that passed breaks nothing.
void find_broken(const Plan& plan, const Diagnosis& diagnosis, std::vector<Level>& worst,
                 std::vector<char>& breaks) {
  for (const auto& requirement : plan.requirements) {
    if (requirement_status(requirement, diagnosis) != Status::fail) continue;
    for (const auto& use : requirement.uses) {
      if (use.endpoint >= plan.endpoints.size() || !use_fails(requirement, use, diagnosis)) continue;
      if (!breaks[use.endpoint] || requirement.level < worst[use.endpoint])
        worst[use.endpoint] = requirement.level;
      breaks[use.endpoint] = 1;
    }
  }
}

std::size_t rank_of(const std::string& cause) {
  const auto* row = find_cause(cause);
  return row ? static_cast<std::size_t>(row - causes().data()) : causes().size();
}

}  // namespace

Diagnosis diagnose(const Facts& facts) {
  return diagnose(facts, causes());
}

Diagnosis diagnose(const Facts& facts, std::span<const Cause> rules) {
  auto c = open_case(facts);
  for (const auto& cause : rules) cause.rule(c);

  Diagnosis diagnosis;
  for (const auto& trail : c.trails) diagnosis.endpoints.push_back(outcome_of(trail));
  std::vector<Level> worst(c.trails.size(), Level::optional);
  std::vector<char> breaks(c.trails.size(), 0);
  find_broken(facts.plan, diagnosis, worst, breaks);

  const auto users = users_of(facts.plan);
  const auto alternates = alternates_of(facts.plan, diagnosis);
  std::vector<std::pair<Finding, int>> made;
  for (const auto& draft : c.drafts) {
    auto finding = finding_of(c, draft, users);
    finding.severity = severity_of(draft, facts.plan, worst, breaks);
    if (is_spare(draft, alternates)) excuse(finding);
    made.emplace_back(std::move(finding), draft.index);
  }
  std::stable_sort(made.begin(), made.end(), [](const auto& a, const auto& b) {
    const auto key = [](const Finding& f) {
      return std::tuple(f.severity, -static_cast<long>(f.endpoints.size()), rank_of(f.cause));
    };
    return std::pair(key(a.first), a.first.subject) < std::pair(key(b.first), b.first.subject);
  });
  std::vector<std::string> ids(made.size());
  for (std::size_t i = 0; i < made.size(); ++i) {
    made[i].first.id = ids[static_cast<std::size_t>(made[i].second)] = fmt::format("F{}", i + 1);
    diagnosis.findings.push_back(std::move(made[i].first));
  }
  for (std::size_t i = 0; i < c.trails.size(); ++i) {
    const auto index = c.trails[i].finding >= 0 ? c.trails[i].finding : c.trails[i].mention;
    if (index >= 0) diagnosis.endpoints[i].finding = ids[static_cast<std::size_t>(index)];
  }
  return diagnosis;
}

}  // namespace amlnet
