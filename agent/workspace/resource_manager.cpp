#include "agent/workspace/resource_manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "agent/workspace/fact_syntax.h"
#include "agent/workspace/json_members.h"
#include "probes/ascii.h"

namespace amlnet {
namespace {

using Json = nlohmann::json;

constexpr const char* kSource = "resource-manager";
constexpr std::string_view kWorkspaceVersion = "2024-04-01", kStorageVersion = "2023-01-01",
                           kVaultVersion = "2023-07-01", kRegistryVersion = "2023-07-01";
constexpr std::size_t kMostItems = 1000;  // of any list in an answer

const Json& properties(const Json& resource) {
  return member_of(resource, "properties");
}

template <class T>
void offer(Workspace& workspace, std::optional<T>& fact, const char* path, std::optional<T> value) {
  if (fact || !value) return;
  fact = std::move(value);
  workspace.sources[path] = kSource;
}

std::optional<std::string> if_valid(const std::string& text, bool (*valid)(std::string_view)) {
  return valid(text) ? std::optional(text) : std::nullopt;
}

std::optional<bool> flag_in(const Json& object, const char* name) {
  const Json& value = member_of(object, name);
  return value.is_boolean() ? std::optional(value.get<bool>()) : std::nullopt;
}

/// "/subscriptions/S/resourceGroups/G/providers/TYPE/NAME" taken apart; empty where it is none of that type.
/// The parts become part of a path that is asked for, so each has its alphabet.
struct ResourceId {
  std::string subscription, group, name;
};

std::optional<ResourceId> read_id(const std::string& text, std::string_view type) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size() && parts.size() < 16;) {
    const std::size_t slash = std::min(text.find('/', at), text.size());
    if (slash > at) parts.push_back(text.substr(at, slash - at));
    at = slash + 1;
  }
  if (parts.size() != 8 || lower_case(parts[0]) != "subscriptions" ||
      lower_case(parts[2]) != "resourcegroups" || lower_case(parts[4]) != "providers" ||
      lower_case(parts[5] + '/' + parts[6]) != type)
    return std::nullopt;
  const bool name_is_plain = std::ranges::all_of(
      parts[7], [](unsigned char c) { return (c < 0x80 && std::isalnum(c)) || c == '-' || c == '_'; });
  if (!is_guid(parts[1]) || !is_resource_group(parts[3]) || !name_is_plain) return std::nullopt;
  return ResourceId{parts[1], parts[3], parts[7]};
}

std::string path_of(const ResourceId& id, std::string_view type, std::string_view version) {
  return fmt::format("/subscriptions/{}/resourceGroups/{}/providers/{}/{}?api-version={}", id.subscription,
                     id.group, type, id.name, version);
}

constexpr std::string_view kStorageType = "microsoft.storage/storageaccounts",
                           kVaultType = "microsoft.keyvault/vaults",
                           kRegistryType = "microsoft.containerregistry/registries",
                           kGatewayType = "microsoft.network/applicationgateways";

bool has_approved_endpoint(const Json& resource) {
  const Json& connections = member_of(properties(resource), "privateEndpointConnections");
  return connections.is_array() && std::ranges::any_of(connections, [](const Json& connection) {
           const Json& inner = properties(connection);
           return text_member(member_of(inner, "privateLinkServiceConnectionState"), "status") == "Approved";
         });
}

/// How an account is reached, where its resource leaves no doubt: with a private endpoint and a public side
/// both open, a node may use either.
std::optional<Access> access_of(const Json& resource, const Json& rules) {
  const bool endpoint = has_approved_endpoint(resource);
  const bool closed = lower_case(text_member(properties(resource), "publicNetworkAccess")) == "disabled";
  const bool denies = lower_case(text_member(rules, "defaultAction")) == "deny";
  const Json& networks = member_of(rules, "virtualNetworkRules");
  const Json& addresses = member_of(rules, "ipRules");
  const bool admits_networks = networks.is_array() && !networks.empty();
  const bool admits_addresses = addresses.is_array() && !addresses.empty();
  if (endpoint && (closed || (denies && !admits_networks && !admits_addresses))) return Access::private_;
  if (endpoint || closed) return std::nullopt;
  if (denies) return admits_networks ? std::optional(Access::service_endpoint) : std::nullopt;
  return Access::public_;
}

std::optional<Access> workspace_access(const Json& resource) {
  const bool closed = lower_case(text_member(properties(resource), "publicNetworkAccess")) == "disabled";
  const bool endpoint = has_approved_endpoint(resource);
  if (closed) return Access::private_;
  return endpoint ? std::nullopt : std::optional(Access::public_);
}

/// A managed network holds every compute; without one, the compute's own subnet decides.
std::optional<NetworkMode> managed_mode(const Json& network) {
  const std::string mode = text_member(network, "isolationMode");
  if (mode == "AllowInternetOutbound") return NetworkMode::managed_internet_outbound;
  if (mode == "AllowOnlyApprovedOutbound") return NetworkMode::managed_approved_outbound;
  return std::nullopt;
}

std::vector<GatewayAlias> gateway_aliases(const Json& network) {
  std::vector<GatewayAlias> aliases;
  const Json& rules = member_of(network, "outboundRules");
  if (!rules.is_object()) return aliases;
  for (const Json& rule : rules) {
    const std::string target = text_member(member_of(rule, "destination"), "serviceResourceId");
    const Json& names = member_of(rule, "fqdns");
    if (text_member(rule, "type") != "PrivateEndpoint" || !read_id(target, kGatewayType) || !names.is_array())
      continue;
    for (const Json& name : names) {
      if (!name.is_string() || !is_host_name(name.get<std::string>()) || aliases.size() >= kMostItems)
        continue;
      aliases.emplace_back().fqdn = name.get<std::string>();
    }
  }
  return aliases;
}

void offer_storage(Workspace& workspace, const ResourceId& id) {
  if (!workspace.storage_accounts.empty() || !is_storage_account(id.name)) return;
  StorageAccount& account = workspace.storage_accounts.emplace_back();
  account.name = id.name;
  account.is_default = true;
  workspace.sources["storage_accounts"] = kSource;
}

/// The accounts of the workspace: each becomes a fact, and is read itself.
void offer_accounts(Workspace& workspace, const Json& inner, std::vector<ResourceQuery>& next) {
  if (const auto id = read_id(text_member(inner, "storageAccount"), kStorageType)) {
    offer_storage(workspace, *id);
    next.push_back(
        {ResourceKind::storage, path_of(*id, "Microsoft.Storage/storageAccounts", kStorageVersion)});
  }
  if (const auto id = read_id(text_member(inner, "keyVault"), kVaultType); id && is_vault_name(id->name)) {
    offer(workspace, workspace.key_vault, "key_vault", std::optional(KeyVault{id->name, {}, {}}));
    next.push_back({ResourceKind::key_vault, path_of(*id, "Microsoft.KeyVault/vaults", kVaultVersion)});
  }
  const auto id = read_id(text_member(inner, "containerRegistry"), kRegistryType);
  if (id && is_registry_name(id->name)) {
    offer(workspace, workspace.container_registry, "container_registry",
          std::optional(ContainerRegistry{id->name, {}, {}}));
    next.push_back(
        {ResourceKind::registry, path_of(*id, "Microsoft.ContainerRegistry/registries", kRegistryVersion)});
  }
}

std::vector<ResourceQuery> apply_workspace(Workspace& workspace, const Json& resource,
                                           const ResourceQuery& query) {
  const Json& inner = properties(resource);
  if (!inner.is_object()) return {};
  auto& facts = workspace.workspace;
  offer(workspace, workspace.region, "region",
        if_valid(lower_case(text_member(resource, "location")), is_region));
  offer(workspace, facts.id, "workspace.id", if_valid(text_member(inner, "workspaceId"), is_guid));
  offer(workspace, facts.access, "workspace.access", workspace_access(resource));
  offer(workspace, facts.hbi, "workspace.hbi", flag_in(inner, "hbiWorkspace"));
  const Json& network = member_of(inner, "managedNetwork");
  offer(workspace, workspace.network.mode, "network.mode", managed_mode(network));
  if (workspace.app_gateway.aliases.empty()) {
    workspace.app_gateway.aliases = gateway_aliases(network);
    if (!workspace.app_gateway.aliases.empty()) workspace.sources["app_gateway.aliases"] = kSource;
  }
  std::vector<ResourceQuery> next;
  offer_accounts(workspace, inner, next);
  if (const auto& name = workspace.compute.name; name && is_label(*name)) {
    const std::size_t end = query.path.find('?');
    next.push_back(
        {ResourceKind::compute, query.path.substr(0, end) + "/computes/" + *name + query.path.substr(end)});
  }
  return next;
}

void apply_compute(Workspace& workspace, const Json& resource) {
  const Json& outer = properties(resource);
  const Json& inner = properties(outer);
  const std::string type = text_member(outer, "computeType");
  std::optional<ComputeKind> kind;
  if (type == "ComputeInstance") kind = ComputeKind::instance;
  if (type == "AmlCompute") kind = ComputeKind::cluster;
  if (!kind || !inner.is_object()) return;
  offer(workspace, workspace.compute.kind, "compute.kind", kind);
  offer(workspace, workspace.compute.public_ip, "compute.public_ip", flag_in(inner, "enableNodePublicIp"));
  if (!text_member(member_of(inner, "subnet"), "id").empty())
    offer(workspace, workspace.network.mode, "network.mode", std::optional(NetworkMode::customer_vnet));
}

void apply_storage(Workspace& workspace, const Json& resource) {
  const std::string name = text_member(resource, "name");
  for (StorageAccount& account : workspace.storage_accounts) {
    if (account.name != name) continue;
    const Json& inner = properties(resource);
    offer(workspace, account.access, "storage_accounts.access",
          access_of(resource, member_of(inner, "networkAcls")));
    const Json& endpoints = member_of(inner, "primaryEndpoints");
    if (!account.services.empty() || !endpoints.is_object()) continue;
    for (const char* service : {"blob", "file", "dfs", "queue", "table"})
      if (endpoints.contains(service)) account.services.emplace_back(service);
    if (!account.services.empty()) workspace.sources["storage_accounts.services"] = kSource;
  }
}

void apply_vault(Workspace& workspace, const Json& resource) {
  if (!workspace.key_vault ||
      lower_case(workspace.key_vault->name) != lower_case(text_member(resource, "name")))
    return;
  offer(workspace, workspace.key_vault->access, "key_vault.access",
        access_of(resource, member_of(properties(resource), "networkAcls")));
}

void apply_registry(Workspace& workspace, const Json& resource) {
  auto& registry = workspace.container_registry;
  if (!registry || lower_case(registry->name) != lower_case(text_member(resource, "name"))) return;
  const Json& inner = properties(resource);
  offer(workspace, registry->access, "container_registry.access",
        access_of(resource, member_of(inner, "networkRuleSet")));
  const Json& hosts = member_of(inner, "dataEndpointHostNames");
  if (!registry->regions.empty() || !hosts.is_array()) return;
  for (const Json& host : hosts) {
    const std::string text = host.is_string() ? host.get<std::string>() : "";
    const std::size_t first = text.find('.');  // "acrws1.eastus2.data.azurecr.io"
    const std::size_t data = text.find(".data.");
    if (first == std::string::npos || data == std::string::npos || data <= first) continue;
    const std::string region = text.substr(first + 1, data - first - 1);
    if (is_region(region) && registry->regions.size() < kMostItems) registry->regions.push_back(region);
  }
  if (!registry->regions.empty()) workspace.sources["container_registry.regions"] = kSource;
}

}  // namespace

ResourceQuery workspace_query(const Workspace& workspace) {
  const auto& facts = workspace.workspace;
  if (!facts.subscription || !facts.resource_group || !facts.name) return {};
  const ResourceId id{*facts.subscription, *facts.resource_group, *facts.name};
  return {ResourceKind::workspace,
          path_of(id, "Microsoft.MachineLearningServices/workspaces", kWorkspaceVersion)};
}

bool resource_manager_could_help(const Workspace& workspace) {
  const auto& facts = workspace.workspace;
  const auto unknown = [](const StorageAccount& account) { return !account.access; };
  return !workspace.region || !facts.id || !facts.access || !facts.hbi || !workspace.compute.kind ||
         !workspace.compute.public_ip || !workspace.network.mode || workspace.storage_accounts.empty() ||
         std::ranges::any_of(workspace.storage_accounts, unknown) || !workspace.key_vault ||
         !workspace.key_vault->access || !workspace.container_registry ||
         !workspace.container_registry->access;
}

bool is_silence(long status) {
  return status == 0 || status == 401 || status == 429 || status >= 500;
}

std::vector<ResourceQuery> apply_resource(Workspace& workspace, const ResourceQuery& query,
                                          const std::string& json) {
  const Json resource = Json::parse(json, nullptr, false);
  if (!resource.is_object()) return {};
  switch (query.kind) {
    case ResourceKind::workspace:
      return apply_workspace(workspace, resource, query);
    case ResourceKind::compute:
      apply_compute(workspace, resource);
      break;
    case ResourceKind::storage:
      apply_storage(workspace, resource);
      break;
    case ResourceKind::key_vault:
      apply_vault(workspace, resource);
      break;
    case ResourceKind::registry:
      apply_registry(workspace, resource);
  }
  return {};
}

}  // namespace amlnet
