#include "agent/remedy/remedies.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "agent/remedy/mend.h"
#include "agent/remedy/merge.h"
#include "agent/workspace/fact_syntax.h"
#include "reports/lookup.h"

namespace amlnet {
namespace {

/// What the report says of the planned endpoint, null where it did not fail.
const EndpointReport* failure_of(const RequirementReport& row, const Endpoint& endpoint) {
  const auto found = std::ranges::find_if(row.endpoints, [&](const EndpointReport& one) {
    return one.host == endpoint.host && one.port == endpoint.port &&
           one.protocol == name_of(endpoint.protocol);
  });
  return found == row.endpoints.end() || found->status != Status::fail ? nullptr : &*found;
}

std::string target_of(const EndpointReport& endpoint) {
  return fmt::format("{}:{}", endpoint.host, endpoint.port);
}

void add_unique(std::vector<std::string>& list, std::string text) {
  if (std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
}

class Collector {
 public:
  Collector(const Report& report, const Plan& plan, const Workspace& workspace)
      : report_(report), plan_(plan), workspace_(workspace), index_(index_of(report)) {}

  void take(const RequirementReport& row) {
    const auto planned = std::ranges::find(plan_.requirements, row.id, &PlannedRequirement::id);
    std::set<const EndpointReport*> seen;
    if (planned != plan_.requirements.end() && planned->applies) take_planned(row, *planned, seen);
    for (const EndpointReport& endpoint : row.endpoints) {
      if (endpoint.status == Status::fail && !seen.contains(&endpoint))
        by_hand(row, endpoint,
                "the catalog here does not ask for this host; --catalog FILE adds your organization's");
    }
  }

  Remedies result() {
    Remedies result;
    result.rules = std::move(rules_);
    name_rules(result.rules);
    result.by_hand = std::move(by_hand_);
    return result;
  }

 private:
  void take_planned(const RequirementReport& row, const PlannedRequirement& planned,
                    std::set<const EndpointReport*>& seen) {
    std::set<std::string> mended;  // groups of alternatives, of which one is enough
    for (const EndpointUse& use : planned.uses) {
      if (use.endpoint >= plan_.endpoints.size()) continue;
      const Endpoint& endpoint = plan_.endpoints[use.endpoint];
      const EndpointReport* failed = failure_of(row, endpoint);
      if (failed == nullptr || !seen.insert(failed).second || mended.contains(use.group)) continue;
      if (take_endpoint(row, planned, endpoint, *failed) && !use.group.empty()) mended.insert(use.group);
    }
  }

  /// Whether a rule mends it.
  bool take_endpoint(const RequirementReport& row, const PlannedRequirement& planned,
                     const Endpoint& endpoint, const EndpointReport& failed) {
    const Finding* finding = finding_of(report_, failed, index_);
    if (finding == nullptr) return by_hand(row, failed, "the report has no finding for it"), false;
    if (finding->severity == Severity::info)
      return false;  // one of several names, and nothing follows from it
    const auto mended = mend({endpoint, *finding, probes_of(failed, index_), workspace_});
    if (const auto* none = std::get_if<NoRule>(&mended)) return by_hand(row, failed, none->reason), false;
    for (const RuleKind& kind : std::get<std::vector<RuleKind>>(mended)) {
      add_rule(rules_, kind,
               {finding->id, finding->cause, finding->confidence, planned.id, planned.level, planned.docs});
    }
    return true;
  }

  void by_hand(const RequirementReport& row, const EndpointReport& endpoint, const std::string& reason) {
    const Finding* finding = finding_of(report_, endpoint, index_);
    if (finding && finding->severity == Severity::info) return;
    const std::string id = finding ? finding->id : "";
    auto found = std::ranges::find_if(
        by_hand_, [&](const ByHand& one) { return one.finding == id && one.reason == reason; });
    if (found == by_hand_.end()) {
      by_hand_.push_back({id,
                          finding ? finding->cause : "",
                          finding ? finding->title : row.title,
                          reason,
                          {},
                          {},
                          finding ? finding->fix : Fix{}});
      found = std::prev(by_hand_.end());
    }
    add_unique(found->requirements, row.id);
    add_unique(found->endpoints, target_of(endpoint));
  }

  const Report& report_;
  const Plan& plan_;
  const Workspace& workspace_;
  const ReportIndex index_;
  std::vector<Rule> rules_;
  std::vector<ByHand> by_hand_;
};

KnownResources known_names_of(const Workspace& workspace) {
  KnownResources known;
  const auto& facts = workspace.workspace;
  if (facts.subscription && is_guid(*facts.subscription)) known.subscription = *facts.subscription;
  if (facts.resource_group && is_resource_group(*facts.resource_group)) known.group = *facts.resource_group;
  if (facts.name && is_workspace_name(*facts.name)) known.workspace = *facts.name;
  return known;
}

template <class Kind>
bool has(const Remedies& found) {
  return std::ranges::any_of(found.rules,
                             [](const Rule& rule) { return std::holds_alternative<Kind>(rule.kind); });
}

void add_notes(Remedies& found, const Report& report, const Workspace& workspace) {
  const bool firewall = has<ApplicationRule>(found) || has<NetworkRule>(found);
  const auto& device = workspace.network.firewall;
  found.foreign_firewall = device == "other";
  if (firewall && !device)
    found.notes.emplace_back(
        "The report does not say which firewall stands on the way; these rules are for Azure Firewall. For "
        "another, or "
        "a network security group alone, set network.firewall to \"other\" or \"none\" in the workspace file "
        "and check "
        "again.");
  if (has<NetworkRule>(found) && !found.foreign_firewall)
    found.notes.emplace_back(
        "Azure Firewall takes host names in network rules only with its DNS proxy on, and clients that ask "
        "it: "
        "https://learn.microsoft.com/azure/firewall/fqdn-filtering-network-rules");
  if (has<ZoneRecord>(found))
    found.notes.emplace_back(
        "A DNS zone group of the private endpoint writes and keeps its records; one written by hand must be "
        "changed by "
        "hand when the endpoint's address changes.");
  if (report.summary.verdict == Verdict::incomplete || !report.run.complete)
    found.notes.emplace_back("The run is incomplete: what it did not finish may need rules too.");
}

}  // namespace

Remedies remedies(const Report& report, const Plan& plan, const Workspace& workspace) {
  Collector collector(report, plan, workspace);
  for (const RequirementReport& row : report.requirements) {
    if (row.status == Status::fail) collector.take(row);
  }
  Remedies found = collector.result();
  found.known = known_names_of(workspace);
  found.started = report.run.started;
  found.hostname = report.node.hostname;
  add_notes(found, report, workspace);
  return found;
}

}  // namespace amlnet
