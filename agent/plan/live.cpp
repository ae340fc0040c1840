#include "agent/plan/live.h"

#include <algorithm>
#include <map>
#include <set>

#include "agent/plan/glob.h"
#include "agent/workspace/fact_syntax.h"

namespace amlnet {
namespace {

/// A host and port that the documentation wants probed, and for what.
struct Planned {
  std::string host, documented_as;
  std::uint16_t port = 0;
  std::vector<std::string> requirements;
};

std::vector<Planned> planned_of(const Plan& plan) {
  std::map<std::pair<std::string, std::uint16_t>, Planned> found;
  for (const auto& requirement : plan.requirements) {
    if (!requirement.applies || requirement.direction != "outbound") continue;
    for (const auto& use : requirement.uses) {
      const auto& endpoint = plan.endpoints.at(use.endpoint);
      if (endpoint.origin != Origin::documented || is_address(endpoint.host)) continue;
      auto& one = found[{endpoint.host, endpoint.port}];
      one = {endpoint.host, use.documented_as, endpoint.port, std::move(one.requirements)};
      one.requirements.push_back(requirement.id);
    }
  }
  std::vector<Planned> all;
  for (auto& [key, one] : found) all.push_back(std::move(one));
  return all;
}

bool covers(const std::string& listed, const Planned& planned) {
  return listed == planned.host || listed == planned.documented_as ||
         (listed.starts_with("*.") && glob_matches(listed, planned.host));
}

std::vector<int> ports_not_planned(const ListedHost& listed, const std::vector<Planned>& planned) {
  std::vector<int> missing;
  for (const auto port : listed.ports) {
    const bool known = std::any_of(planned.begin(), planned.end(), [&](const Planned& one) {
      return one.port == port && covers(listed.host, one);
    });
    if (!known) missing.push_back(port);
  }
  return missing;
}

}  // namespace

LiveRequirements compare_live(const std::vector<ListedHost>& listed, const Plan& plan) {
  LiveRequirements result;
  const auto planned = planned_of(plan);
  std::set<std::string> hosts;
  for (const auto& one : listed) {
    hosts.insert(one.host);
    auto ports = ports_not_planned(one, planned);
    if (!ports.empty()) result.only_listed.push_back({one.host, std::move(ports), {one.category}});
  }
  result.listed = static_cast<int>(hosts.size());
  for (const auto& one : planned) {
    const bool known = std::any_of(listed.begin(), listed.end(), [&](const ListedHost& host) {
      return covers(host.host, one) &&
             std::find(host.ports.begin(), host.ports.end(), one.port) != host.ports.end();
    });
    if (!known) result.only_planned.push_back({one.host, {one.port}, one.requirements});
  }
  return result;
}

}  // namespace amlnet
