#include "agent/workspace/fact_values.h"

#include <fmt/format.h>

namespace amlnet {
namespace {

constexpr std::string_view flags[] = {"true", "false"};
constexpr std::string_view workspace_accesses[] = {"private", "public"};
constexpr std::string_view resource_accesses[] = {"private", "service-endpoint", "public"};
constexpr std::string_view modes[] = {"customer-vnet", "managed-internet-outbound",
                                      "managed-approved-outbound", "none"};
constexpr std::string_view firewalls[] = {"azure-firewall", "other", "none"};
constexpr std::string_view presence[] = {"given", "absent"};

constexpr FactKind kinds[] = {{"workspace.access", workspace_accesses},
                              {"workspace.hbi", flags},
                              {"workspace.online_endpoints", presence},
                              {"workspace.hub_projects", presence},
                              {"compute.public_ip", flags},
                              {"network.mode", modes},
                              {"network.firewall", firewalls},
                              {"network.storage_behind_firewall", flags},
                              {"network.forced_tunneling", flags},
                              {account_access_fact, resource_accesses},
                              {"key_vault", presence},
                              {"key_vault.access", resource_accesses},
                              {"container_registry", presence},
                              {"container_registry.access", resource_accesses},
                              {"app_gateway.aliases", presence},
                              {"synapse.workspace", presence}};

using Value = std::optional<std::string>;

Value flag(const std::optional<bool>& value) {
  return value ? Value(*value ? "true" : "false") : std::nullopt;
}

template <class Enum>
Value word(const std::optional<Enum>& value) {
  return value ? Value(name_of(*value)) : std::nullopt;
}

Value given(bool there) {
  return there ? "given" : "absent";
}

}  // namespace

std::span<const FactKind> fact_kinds() {
  return kinds;
}

const FactKind* find_fact(std::string_view path) {
  for (const FactKind& kind : kinds) {
    if (kind.path == path) return &kind;
  }
  return nullptr;
}

std::optional<std::string> fact_value(const Workspace& workspace, std::string_view path,
                                      const StorageAccount* account) {
  const auto& network = workspace.network;
  if (path == "workspace.access") return word(workspace.workspace.access);
  if (path == "workspace.hbi") return flag(workspace.workspace.hbi);
  if (path == "workspace.online_endpoints") return given(!workspace.workspace.online_endpoints.empty());
  if (path == "workspace.hub_projects") return given(!workspace.workspace.hub_projects.empty());
  if (path == "compute.public_ip") return flag(workspace.compute.public_ip);
  if (path == "network.mode") return word(network.mode);
  if (path == "network.firewall") return network.firewall;
  if (path == "network.storage_behind_firewall") return flag(network.storage_behind_firewall);
  if (path == "network.forced_tunneling") return flag(network.forced_tunneling);
  if (path == account_access_fact) return account ? word(account->access) : std::nullopt;
  if (path == "key_vault") return given(workspace.key_vault.has_value());
  if (path == "key_vault.access")
    return workspace.key_vault ? word(workspace.key_vault->access) : std::nullopt;
  if (path == "container_registry") return given(workspace.container_registry.has_value());
  if (path == "container_registry.access") {
    return workspace.container_registry ? word(workspace.container_registry->access) : std::nullopt;
  }
  if (path == "app_gateway.aliases") return given(!workspace.app_gateway.aliases.empty());
  if (path == "synapse.workspace") {
    // A node of Synapse Spark is in a Synapse workspace, whatever its name.
    const bool in_one = workspace.compute.kind == ComputeKind::synapse_spark;
    return given(in_one || workspace.synapse_workspace.has_value());
  }
  return std::nullopt;
}

std::string how_to_give(std::string_view path) {
  const std::string_view option = path == "region"         ? "--region R, or "
                                  : path == "compute.kind" ? "--compute KIND, or "
                                                           : "";
  return fmt::format("{}\"{}\" in the workspace file (--config FILE)", option, path);
}

}  // namespace amlnet
