#include "agent/workspace/live_list.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/workspace/fact_syntax.h"
#include "agent/workspace/json_members.h"
#include "agent/workspace/resource_manager.h"
#include "probes/ascii.h"

namespace amlnet {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostHosts = 1000;
constexpr std::size_t kLongestCategory = 100;

/// The elements of a member that is an array; none where it is anything else.
const Json& elements(const Json& object, const char* name) {
  static const Json none = Json::array();
  const Json& value = member_of(object, name);
  return value.is_array() ? value : none;
}

std::vector<std::uint16_t> ports_of(const Json& endpoint) {
  std::vector<std::uint16_t> ports;
  for (const Json& detail : elements(endpoint, "endpointDetails")) {
    const Json& port = member_of(detail, "port");
    if (!port.is_number_unsigned()) continue;
    const auto number = port.get<std::uint64_t>();
    if (number >= 1 && number <= 65535) ports.push_back(static_cast<std::uint16_t>(number));
  }
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  return ports;
}

bool is_listed_name(std::string_view host) {
  return is_host_name(host.starts_with("*.") ? host.substr(2) : host);
}

}  // namespace

std::string live_list_path(const Workspace& workspace) {
  std::string path = workspace_query(workspace).path;
  const std::size_t query = path.find('?');
  return query == std::string::npos ? "" : path.insert(query, "/outboundNetworkDependenciesEndpoints");
}

std::optional<std::vector<ListedHost>> read_live_list(const std::string& json) {
  const Json answer = Json::parse(json, nullptr, false);
  std::vector<ListedHost> hosts;
  for (const Json& group : elements(answer, "value")) {
    const Json& properties = member_of(group, "properties");
    const std::string category = text_member(properties, "category").substr(0, kLongestCategory);
    for (const Json& endpoint : elements(properties, "endpoints")) {
      ListedHost one{category, lower_case(text_member(endpoint, "domainName")), ports_of(endpoint)};
      if (is_listed_name(one.host) && !one.ports.empty() && hosts.size() < kMostHosts)
        hosts.push_back(std::move(one));
    }
  }
  return hosts.empty() ? std::nullopt : std::optional(std::move(hosts));
}

}  // namespace amlnet
