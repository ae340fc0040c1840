#include "agent/commands/replay.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "agent/plan/inbound.h"
#include "agent/workspace/workspace_file.h"

namespace amlnet {

namespace {

// "eth0 10.0.1.7/24", as assemble_report() writes it.
std::optional<Interface> interface_of(const std::string& text) {
  const auto space = text.find(' '), slash = text.rfind('/');
  if (space == std::string::npos || slash == std::string::npos || slash < space) return std::nullopt;
  Interface interface { text.substr(0, space), text.substr(space + 1, slash - space - 1), 0 };
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, interface.prefix);
  if (error != std::errc() || stop != end) return std::nullopt;
  return interface;
}

Node node_of(const Report::Node& seen) {
  Node node;
  node.hostname = seen.hostname;
  node.os = seen.os;
  node.kernel = seen.kernel;
  for (const std::string& text : seen.interfaces)
    if (auto interface = interface_of(text)) node.interfaces.push_back(std::move(*interface));
  node.resolver.nameservers = seen.resolvers;
  node.resolver.search = seen.search_domains;
  node.resolver.defaulted = seen.resolver_defaulted.value_or(false);
  node.proxies.insert(seen.proxy.begin(), seen.proxy.end());
  node.default_route = seen.default_route.value_or(true);
  node.conntrack_count = seen.conntrack_count;
  node.conntrack_max = seen.conntrack_max;
  return node;
}

// Every row that the report has, and no other: --only and --skip have chosen once.
PlanFilter filter_of(const Report& report, const Catalog& catalog) {
  PlanFilter filter;
  for (const RequirementReport& row : report.requirements) filter.only.push_back(row.id);
  if (report.tool.catalog_date != catalog.date) filter.as_of = report.tool.catalog_date;
  return filter;
}

/// What `reach` tested: rows with endpoints that come in. The catalog's own have none.
bool is_reached(const RequirementReport& row) {
  return row.direction == "inbound" && !row.endpoints.empty();
}

/// The plan of `reach` again, at the levels that it had.
Plan inbound_plan(const Report& report, const Catalog& catalog) {
  std::vector<std::uint16_t> ports;
  std::string host;
  for (const RequirementReport& row : report.requirements) {
    for (const EndpointReport& endpoint : row.endpoints) {
      host = endpoint.host;
      ports.push_back(static_cast<std::uint16_t>(endpoint.port));
    }
  }
  Plan plan = plan_inbound(catalog, host, ports, true);
  for (PlannedRequirement& planned : plan.requirements) {
    const auto same = std::ranges::find(report.requirements, planned.id, &RequirementReport::id);
    if (same != report.requirements.end()) planned.level = same->level;
  }
  return plan;
}

}  // namespace

std::variant<Workspace, ConfigError> saved_workspace(const Report& report) {
  nlohmann::ordered_json facts = *report.workspace;
  nlohmann::ordered_json sources = nlohmann::ordered_json::object();
  if (const auto found = facts.find("sources"); found != facts.end()) {
    sources = std::move(*found);
    facts.erase(found);
  }
  auto read = read_workspace_file(facts.dump(), "the report's workspace");
  if (auto* workspace = std::get_if<Workspace>(&read)) {
    workspace->sources.clear();
    for (const auto& [fact, source] : sources.items())
      if (source.is_string()) workspace->sources[fact] = source.get<std::string>();
    apply_defaults(*workspace);
    workspace->on_azure = report.node.on_azure.value_or(workspace->on_azure);
  }
  return read;
}

std::variant<Replay, ConfigError> replay(const Report& report, const Catalog& catalog) {
  auto workspace = saved_workspace(report);
  if (auto* error = std::get_if<ConfigError>(&workspace)) return *error;
  Replay result{node_of(report.node), std::get<Workspace>(std::move(workspace)), {}, {}};
  const bool reached = std::ranges::any_of(report.requirements, is_reached);
  result.plan = reached ? inbound_plan(report, catalog)
                        : make_plan(catalog, result.workspace, filter_of(report, catalog));
  std::set<std::string_view> known;
  for (const PlannedRequirement& row : result.plan.requirements) known.insert(row.id);
  for (const RequirementReport& row : report.requirements)
    if (!known.contains(row.id)) result.strange.push_back(row.id);
  return result;
}

}  // namespace amlnet
