// Names that lead nowhere or to the public side: the zone's link or record. In a managed network both come
// with the private endpoint rule.
#include <fmt/format.h>

#include <algorithm>

#include "agent/diagnosis/domains.h"
#include "agent/plan/scope.h"
#include "agent/remedy/mend.h"
#include "agent/workspace/fact_syntax.h"
#include "probes/cname_chain.h"

namespace amlnet {
namespace {

using Mended = std::variant<std::vector<RuleKind>, NoRule>;

/// Whether the name may be a private zone of this host's service, and not one that a forged answer names.
bool is_zone_of(const std::string& zone, const std::string& host) {
  return is_host_name(zone) && private_zone_of(zone) == zone && vendor_of(zone) == vendor_of(host);
}

/// The name of the host in a private zone, as the answers' CNAME chains have it; "" where there is none.
std::string private_name(const FailedEndpoint& failed) {
  for (const ProbeRecord* probe : failed.probes) {
    const auto* dns = detail_of<DnsDetail>(*probe);
    if (dns == nullptr) continue;
    for (const DnsAnswer& answer : dns->answers) {
      for (const std::string& name : cname_chain(answer))
        if (!private_zone_of(name).empty()) return name;
    }
  }
  return "";
}

/// The service of a storage account that the host is: "blob" of "stws1.blob.core.windows.net".
std::string storage_service(const std::string& host, const std::string& account) {
  for (const char* service : {"blob", "file", "dfs", "queue", "table"}) {
    if (host.starts_with(fmt::format("{}.{}.", account, service))) return service;
  }
  return "";
}

/// Resource and sub-resource that the host belongs to, by the workspace's own facts; both "" for other hosts.
std::pair<std::string, std::string> resource_of(const std::string& host, const Workspace& workspace) {
  for (const StorageAccount& account : workspace.storage_accounts) {
    if (std::string service = storage_service(host, account.name); !service.empty())
      return {account.name, service};
  }
  if (workspace.key_vault && host.starts_with(workspace.key_vault->name + ".vault."))
    return {workspace.key_vault->name, "vault"};
  if (workspace.container_registry) {
    const std::string& name = workspace.container_registry->name;
    if (host.starts_with(name + ".") && host.find(".azurecr.") != std::string::npos)
      return {name, "registry"};
  }
  const std::string id = workspace.workspace.id.value_or("");
  if (!id.empty() && host.find(id) != std::string::npos)
    return {workspace.workspace.name.value_or("workspace"), "amlworkspace"};
  return {};
}

}  // namespace

Mended managed_endpoint(const FailedEndpoint& failed) {
  auto [resource, sub_resource] = resource_of(failed.endpoint.host, failed.workspace);
  if (resource.empty()) return NoRule{"the workspace file does not say which resource the host belongs to"};
  const bool spark = failed.workspace.compute.kind == ComputeKind::spark;
  return std::vector<RuleKind>{OutboundEndpoint{resource, sub_resource, spark}};
}

Mended mend_zone_link(const FailedEndpoint& failed) {
  if (is_managed(failed.workspace)) return managed_endpoint(failed);
  const std::string& zone = failed.finding.subject;
  if (!is_zone_of(zone, failed.endpoint.host))
    return NoRule{"the report names a zone that is no private zone of this host's service"};
  return std::vector<RuleKind>{ZoneLink{zone}};
}

Mended mend_zone_record(const FailedEndpoint& failed) {
  if (is_managed(failed.workspace)) return managed_endpoint(failed);
  const std::string name = private_name(failed);
  const std::string zone = private_zone_of(name);
  const bool below = is_host_name(name) && name.size() > zone.size() + 1;
  if (!below || !is_zone_of(zone, failed.endpoint.host))
    return NoRule{"the report's answers do not say which private zone lacks the record"};
  std::string address = failed.endpoint.expected_address;
  if (!is_address(address) || address.find(':') != std::string::npos ||
      kind_of(address, failed.workspace) != AddressKind::private_)
    address.clear();
  return std::vector<RuleKind>{ZoneRecord{zone, name.substr(0, name.size() - zone.size() - 1), address}};
}

Mended mend_without_endpoint(const FailedEndpoint& failed) {
  if (is_managed(failed.workspace)) return managed_endpoint(failed);
  return NoRule{
      "a private endpoint needs a subnet and an address, and somebody who approves it: create it first, then "
      "its "
      "zone and record follow"};
}

}  // namespace amlnet
