#include "agent/workspace/earlier_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "probes/ascii.h"

namespace amlnet {
namespace {

constexpr std::string_view kFromMetadata = "metadata", kFromResourceManager = "resource-manager";
constexpr std::string_view kEarlier = " (an earlier round)";

/// Into what is known now, from what an earlier round knew, and which service had told it.
struct Recall {
  Workspace& to;
  const Workspace& from;
  std::string_view service;
};

bool was_told(const Recall& recall, const std::string& path) {
  const auto source = recall.from.sources.find(path);
  return source != recall.from.sources.end() && source->second.starts_with(recall.service);
}

void mark(const Recall& recall, const std::string& path) {
  recall.to.sources[path] = fmt::format("{}{}", recall.service, kEarlier);
}

template <class T>
bool is_absent(const std::optional<T>& fact) {
  return !fact.has_value();
}
template <class T>
bool is_absent(const std::vector<T>& facts) {
  return facts.empty();
}

/// Copies a fact that the service told, if there is room for it.
template <class T>
void keep(const Recall& recall, const std::string& path, T& to, const T& from) {
  if (!is_absent(to) || is_absent(from) || !was_told(recall, path)) return;
  to = from;
  mark(recall, path);
}

/// Only the names: the rest was told by resources of their own.
void keep_names(const Recall& recall) {
  auto& [to, from, service] = recall;
  if (to.storage_accounts.empty() && was_told(recall, "storage_accounts")) {
    for (const StorageAccount& account : from.storage_accounts) {
      StorageAccount& named = to.storage_accounts.emplace_back();
      named.name = account.name;
      named.is_default = account.is_default;
    }
    mark(recall, "storage_accounts");
  }
  if (!to.key_vault && from.key_vault && was_told(recall, "key_vault")) {
    to.key_vault = KeyVault{from.key_vault->name, {}, {}};
    mark(recall, "key_vault");
  }
  if (!to.container_registry && from.container_registry && was_told(recall, "container_registry")) {
    to.container_registry = ContainerRegistry{from.container_registry->name, {}, {}};
    mark(recall, "container_registry");
  }
}

/// Resource Manager tells this mode of a compute, and the others of the workspace.
bool is_mode_of_compute(const Workspace& workspace) {
  return workspace.network.mode == NetworkMode::customer_vnet;
}

void keep_workspace(const Recall& recall) {
  auto& [to, from, service] = recall;
  keep(recall, "region", to.region, from.region);
  keep(recall, "workspace.id", to.workspace.id, from.workspace.id);
  keep(recall, "workspace.access", to.workspace.access, from.workspace.access);
  keep(recall, "workspace.hbi", to.workspace.hbi, from.workspace.hbi);
  if (!is_mode_of_compute(from)) keep(recall, "network.mode", to.network.mode, from.network.mode);
  keep(recall, "app_gateway.aliases", to.app_gateway.aliases, from.app_gateway.aliases);
  keep_names(recall);
}

void keep_compute(const Recall& recall) {
  auto& [to, from, service] = recall;
  const auto& name = to.compute.name;
  if (!name || !from.compute.name || lower_case(*name) != lower_case(*from.compute.name)) return;
  keep(recall, "compute.kind", to.compute.kind, from.compute.kind);
  keep(recall, "compute.public_ip", to.compute.public_ip, from.compute.public_ip);
  if (is_mode_of_compute(from)) keep(recall, "network.mode", to.network.mode, from.network.mode);
}

void keep_storage(const Recall& recall) {
  const auto& accounts = recall.from.storage_accounts;
  for (StorageAccount& account : recall.to.storage_accounts) {
    const auto same = std::ranges::find(accounts, account.name, &StorageAccount::name);
    if (same == accounts.end()) continue;
    keep(recall, "storage_accounts.access", account.access, same->access);
    keep(recall, "storage_accounts.services", account.services, same->services);
  }
}

void keep_key_vault(const Recall& recall) {
  auto& to = recall.to.key_vault;
  const auto& from = recall.from.key_vault;
  if (!to || !from || lower_case(to->name) != lower_case(from->name)) return;
  keep(recall, "key_vault.access", to->access, from->access);
}

void keep_registry(const Recall& recall) {
  auto& to = recall.to.container_registry;
  const auto& from = recall.from.container_registry;
  if (!to || !from || lower_case(to->name) != lower_case(from->name)) return;
  keep(recall, "container_registry.access", to->access, from->access);
  keep(recall, "container_registry.regions", to->regions, from->regions);
}

/// By what Resource Manager is asked for; names in Azure have no case.
bool is_same_workspace(const Workspace& one, const Workspace& other) {
  const std::string path = workspace_query(one).path;
  return !path.empty() && lower_case(path) == lower_case(workspace_query(other).path);
}

}  // namespace

void recall_metadata_facts(Workspace& workspace, const Workspace& earlier) {
  const Recall recall{workspace, earlier, kFromMetadata};
  keep(recall, "cloud", workspace.cloud, earlier.cloud);
  keep(recall, "region", workspace.region, earlier.region);
}

void recall_resource_facts(Workspace& workspace, const Workspace& earlier,
                           const std::set<ResourceKind>& silent) {
  if (!is_same_workspace(workspace, earlier)) return;
  const Recall recall{workspace, earlier, kFromResourceManager};
  const bool all = silent.contains(ResourceKind::workspace);
  if (all) keep_workspace(recall);
  if (all || silent.contains(ResourceKind::compute)) keep_compute(recall);
  if (all || silent.contains(ResourceKind::storage)) keep_storage(recall);
  if (all || silent.contains(ResourceKind::key_vault)) keep_key_vault(recall);
  if (all || silent.contains(ResourceKind::registry)) keep_registry(recall);
}

std::vector<std::string> recalled_facts(const Workspace& workspace) {
  const auto is_recalled = [&](const std::string& path) {
    const auto found = workspace.sources.find(path);
    return found != workspace.sources.end() && found->second.ends_with(kEarlier);
  };
  std::vector<std::string> facts;
  for (const auto& [path, source] : workspace.sources) {
    const std::size_t dot = path.find('.');
    const bool of_whole = dot != std::string::npos && is_recalled(path.substr(0, dot));
    if (is_recalled(path) && !of_whole)
      facts.push_back(fmt::format("{} ({})", path, source.substr(0, source.size() - kEarlier.size())));
  }
  return facts;
}

}  // namespace amlnet
