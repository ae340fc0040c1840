#include "agent/workspace/workspace_json.h"

namespace amlnet {
namespace {

using Json = nlohmann::ordered_json;

void put(Json& out, const char* key, const std::optional<std::string>& value) {
  if (value) out[key] = *value;
}
void put(Json& out, const char* key, const std::optional<bool>& value) {
  if (value) out[key] = *value;
}
void put(Json& out, const char* key, const std::vector<std::string>& values) {
  if (!values.empty()) out[key] = values;
}
void put(Json& out, const char* key, Json part) {
  if (!part.empty()) out[key] = std::move(part);
}
template <class Enum>
requires std::is_enum_v<Enum>
void put(Json& out, const char* key, const std::optional<Enum>& value) {
  if (value) out[key] = name_of(*value);
}

Json workspace_part(const Workspace& workspace) {
  const auto& facts = workspace.workspace;
  Json out = Json::object();
  put(out, "name", facts.name);
  put(out, "id", facts.id);
  put(out, "subscription", facts.subscription);
  put(out, "resource_group", facts.resource_group);
  put(out, "access", facts.access);
  put(out, "hbi", facts.hbi);
  Json projects = Json::array();
  for (const HubProject& project : facts.hub_projects)
    projects.push_back({{"name", project.name}, {"id", project.id}});
  put(out, "hub_projects", std::move(projects));
  put(out, "online_endpoints", facts.online_endpoints);
  put(out, "batch_account", facts.batch_account);
  return out;
}

Json compute_part(const Workspace& workspace) {
  Json out = Json::object();
  put(out, "kind", workspace.compute.kind);
  put(out, "name", workspace.compute.name);
  put(out, "public_ip", workspace.compute.public_ip);
  return out;
}

Json network_part(const Workspace& workspace) {
  const auto& network = workspace.network;
  Json out = Json::object();
  put(out, "mode", network.mode);
  put(out, "vnet", network.vnet);
  put(out, "private_endpoint_subnets", network.private_endpoint_subnets);
  put(out, "firewall", network.firewall);
  put(out, "storage_behind_firewall", network.storage_behind_firewall);
  put(out, "forced_tunneling", network.forced_tunneling);
  return out;
}

Json account_part(const StorageAccount& account) {
  Json out = {{"name", account.name}};
  if (account.is_default) out["default"] = true;
  put(out, "access", account.access);
  put(out, "services", account.services);
  if (!account.addresses.empty()) out["addresses"] = account.addresses;
  return out;
}

Json vault_part(const KeyVault& vault) {
  Json out = {{"name", vault.name}};
  put(out, "access", vault.access);
  put(out, "address", vault.address);
  return out;
}

Json registry_part(const ContainerRegistry& registry) {
  Json out = {{"name", registry.name}};
  put(out, "access", registry.access);
  put(out, "regions", registry.regions);
  return out;
}

Json gateway_part(const Workspace& workspace) {
  Json out = Json::object();
  Json aliases = Json::array();
  for (const GatewayAlias& alias : workspace.app_gateway.aliases) {
    Json part = {{"fqdn", alias.fqdn}, {"port", alias.port}, {"protocol", alias.protocol}};
    put(part, "ca_file", alias.ca_file);
    aliases.push_back(std::move(part));
  }
  put(out, "aliases", std::move(aliases));
  put(out, "managed_vnet", workspace.app_gateway.managed_vnet);
  return out;
}

Json custom_part(const Workspace& workspace) {
  Json out = Json::array();
  for (const CustomEndpoint& custom : workspace.custom) {
    Json part = {{"host", custom.host}, {"port", custom.port}, {"protocol", custom.protocol}};
    if (!custom.why.empty()) part["why"] = custom.why;
    out.push_back(std::move(part));
  }
  return out;
}

}  // namespace

Json workspace_json(const Workspace& workspace) {
  Json out = Json::object();
  put(out, "cloud", workspace.cloud);
  put(out, "region", workspace.region);
  put(out, "workspace", workspace_part(workspace));
  put(out, "compute", compute_part(workspace));
  put(out, "network", network_part(workspace));
  Json accounts = Json::array();
  for (const StorageAccount& account : workspace.storage_accounts) accounts.push_back(account_part(account));
  put(out, "storage_accounts", std::move(accounts));
  if (workspace.key_vault) out["key_vault"] = vault_part(*workspace.key_vault);
  if (workspace.container_registry) out["container_registry"] = registry_part(*workspace.container_registry);
  put(out, "app_gateway", gateway_part(workspace));
  if (workspace.synapse_workspace) out["synapse"] = {{"workspace", *workspace.synapse_workspace}};
  put(out, "features", workspace.features);
  put(out, "custom", custom_part(workspace));
  if (!workspace.sources.empty()) out["sources"] = workspace.sources;
  return out;
}

}  // namespace amlnet
