#include "reports/fleet.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace amlnet {
namespace {

constexpr std::size_t kMostFindings = 1000, kMostFacts = 300;  // of one report
constexpr std::size_t kMostDifferent = 200'000;
constexpr std::size_t kLongest = 300;
constexpr std::size_t kMostUnread = 1000;
constexpr std::size_t kMostSeparated = 200;  // groups that separators are looked for
constexpr std::size_t kMostSubjects = 1000;  // told of one cause

std::string cut(const std::string& text) {
  return text.substr(0, kLongest);
}

/// Host name and addresses: two machines may have the same name.
std::string identity_of(const Report& report) {
  std::string identity = cut(report.node.hostname);
  if (identity.empty()) return "run " + cut(report.run.id);
  for (const std::string& interface : report.node.interfaces) {
    if (identity.size() < 4 * kLongest) identity += '\n' + cut(interface);
  }
  return identity;
}

/// The place of `key`, which is `next` where it is new; nothing where there is no room for it.
std::optional<std::uint32_t> place_of(std::unordered_map<std::string, std::uint32_t>& places, std::string key,
                                      std::size_t next) {
  if (const auto found = places.find(key); found != places.end()) return found->second;
  if (next >= kMostDifferent) return std::nullopt;
  return places.emplace(std::move(key), static_cast<std::uint32_t>(next)).first->second;
}

template <class T>
void sort_once(std::vector<T>& values) {
  std::ranges::sort(values);
  const auto rest = std::ranges::unique(values);
  values.erase(rest.begin(), rest.end());
}

/// What is asked of a group: the samples are all nodes, those of the group being hit. What an incomplete run
/// did not find says nothing.
std::vector<Separator> separators_of(const Fleet& fleet, const std::vector<std::uint32_t>& hit) {
  std::vector<Sample> samples;
  samples.reserve(fleet.nodes.size());
  for (const FleetNode& node : fleet.nodes)
    samples.push_back({&node.facts, node.complete ? Side::spared : Side::neither});
  for (const std::uint32_t place : hit) samples[place].side = Side::hit;
  return separators(fleet.facts, samples);
}

/// The worst first, then what hits most; by names where both are the same.
bool graver(const FleetGroup& a, const FleetGroup& b) {
  return std::tuple(a.severity, b.nodes.size(), std::tie(a.cause, a.subject)) <
         std::tuple(b.severity, a.nodes.size(), std::tie(b.cause, b.subject));
}

std::vector<FleetGroup> groups_by_subject(const Fleet& fleet) {
  std::vector<FleetGroup> groups;
  groups.reserve(fleet.findings.size());
  for (const FleetFinding& finding : fleet.findings)
    groups.push_back({finding.cause, finding.subject, finding.title, finding.severity, {}, {}, {}});
  for (std::uint32_t place = 0; place < fleet.nodes.size(); ++place) {
    for (const std::uint32_t finding : fleet.nodes[place].findings) groups[finding].nodes.push_back(place);
  }
  // Of a node's older report nothing is left but its findings' names.
  std::erase_if(groups, [](const FleetGroup& group) { return group.nodes.empty(); });
  std::ranges::sort(groups, graver);
  return groups;
}

std::vector<FleetGroup> groups_by_cause(const Fleet& fleet) {
  std::map<std::string, FleetGroup> causes;
  for (FleetGroup& group : groups_by_subject(fleet)) {
    FleetGroup& cause = causes[group.cause];
    if (cause.subjects.empty()) cause = {group.cause, group.subject, group.title, group.severity, {}, {}, {}};
    cause.nodes.insert(cause.nodes.end(), group.nodes.begin(), group.nodes.end());
    cause.subjects.push_back(std::move(group));
  }
  std::vector<FleetGroup> groups;
  for (auto& [name, cause] : causes) {
    sort_once(cause.nodes);
    if (cause.subjects.size() == 1) cause.subjects.clear();
    if (!cause.subjects.empty()) cause.subject.clear();
    if (cause.subjects.size() > kMostSubjects) cause.subjects.resize(kMostSubjects);
    groups.push_back(std::move(cause));
  }
  std::ranges::sort(groups, graver);
  return groups;
}

void separate_all(Fleet& fleet) {
  std::size_t left = kMostSeparated;
  const auto separate = [&](FleetGroup& group) {
    if (left > 0) group.separators = (--left, separators_of(fleet, group.nodes));
  };
  for (FleetGroup& cause : fleet.causes) separate(cause);
  for (FleetGroup& cause : fleet.causes) {
    for (FleetGroup& subject : cause.subjects) {
      if (subject.nodes.size() > 1 && subject.nodes.size() < cause.nodes.size()) separate(subject);
    }
  }
  std::vector<std::uint32_t> failing;
  for (std::uint32_t place = 0; place < fleet.nodes.size(); ++place) {
    if (fleet.nodes[place].verdict == Verdict::fail) failing.push_back(place);
  }
  fleet.separators = separators_of(fleet, failing);
}

}  // namespace

std::vector<FactPlace> FleetMerger::places_of(const std::vector<FleetFact>& facts) {
  std::vector<FactPlace> places;
  for (const FleetFact& fact : facts) {
    const auto place = places.size() < kMostFacts
                           ? place_of(by_fact_, fact.name + '\n' + fact.value, fleet_.facts.size())
                           : std::nullopt;
    if (!place) {
      ++fleet_.left_out;
      continue;
    }
    if (*place == fleet_.facts.size()) fleet_.facts.push_back(fact);
    places.push_back(*place);
  }
  sort_once(places);
  places.shrink_to_fit();
  return places;
}

std::vector<std::uint32_t> FleetMerger::places_of(const std::vector<Finding>& findings) {
  std::vector<std::uint32_t> places;
  for (const Finding& finding : findings) {
    const FleetFinding kept{cut(finding.cause), cut(finding.subject), cut(finding.title), finding.severity};
    const auto place = places.size() < kMostFindings
                           ? place_of(by_finding_, kept.cause + '\n' + kept.subject, fleet_.findings.size())
                           : std::nullopt;
    if (!place) {
      ++fleet_.left_out;
      continue;
    }
    if (*place == fleet_.findings.size()) fleet_.findings.push_back(kept);
    FleetFinding& known = fleet_.findings[*place];
    known.severity = std::min(known.severity, kept.severity);
    places.push_back(*place);
  }
  sort_once(places);
  places.shrink_to_fit();
  return places;
}

void FleetMerger::add(const Report& report) {
  ++fleet_.reports;
  const std::string identity = identity_of(report);
  const auto same_run = by_run_.find(cut(report.run.id));
  const auto same_node = by_identity_.find(identity);
  if (same_run != by_run_.end() && !report.run.id.empty()) return void(++fleet_.repeated);
  const bool known = same_node != by_identity_.end();
  if (known) ++fleet_.repeated;
  if (known && fleet_.nodes[same_node->second].started >= report.run.started) return;
  const auto place = known ? same_node->second : static_cast<std::uint32_t>(fleet_.nodes.size());
  FleetNode node{report.node.hostname.empty() ? "run " + cut(report.run.id) : cut(report.node.hostname),
                 cut(report.run.id),
                 cut(report.run.started),
                 report.summary.verdict,
                 report.run.complete,
                 places_of(facts_of_node(report)),
                 places_of(report.findings)};
  by_run_[node.run_id] = by_identity_[identity] = place;
  if (known)
    fleet_.nodes[place] = std::move(node);
  else
    fleet_.nodes.push_back(std::move(node));
}

void FleetMerger::add_unread(std::string file, std::string problem) {
  if (++fleet_.unread_count <= kMostUnread) fleet_.unread.push_back({std::move(file), std::move(problem)});
}

Fleet FleetMerger::finish() {
  Fleet fleet = std::exchange(fleet_, {});
  by_identity_ = by_run_ = by_fact_ = by_finding_ = {};
  fleet.verdicts = {};
  for (const FleetNode& node : fleet.nodes) ++fleet.verdicts[static_cast<std::size_t>(node.verdict)];
  fleet.causes = groups_by_cause(fleet);
  separate_all(fleet);
  return fleet;
}

std::vector<bool> varying_facts(const Fleet& fleet) {
  std::vector<std::size_t> counts(fleet.facts.size());
  for (const FleetNode& node : fleet.nodes) {
    for (const FactPlace place : node.facts) ++counts[place];
  }
  std::vector<bool> varying(fleet.facts.size());
  for (std::size_t place = 0; place < counts.size(); ++place)
    varying[place] = counts[place] < fleet.nodes.size();
  return varying;
}

}  // namespace amlnet
