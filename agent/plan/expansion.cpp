#include "agent/plan/expansion.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/catalog/host_pattern.h"
#include "agent/plan/conditions.h"

namespace amlnet {
namespace {

/// What fills one instance of a pattern.
struct Binding {
  std::map<std::string, std::string> values;
  const StorageAccount* account = nullptr;
  const GatewayAlias* alias = nullptr;
};

using Bindings = std::vector<Binding>;

/// The bindings that one placeholder allows, or the fact it lacks.
struct Choice {
  Bindings bindings;
  std::string missing;
  std::string left_out;
};

Choice one(const std::string& name, const std::optional<std::string>& value, std::string_view fact) {
  if (!value) return {{}, std::string(fact), ""};
  return {{Binding{{{name, *value}}, nullptr, nullptr}}, "", ""};
}

Choice each(const std::string& name, const std::vector<std::string>& values, std::string_view fact) {
  Choice choice;
  for (const std::string& value : values) choice.bindings.push_back({{{name, value}}, nullptr, nullptr});
  if (values.empty()) choice.missing = fact;
  return choice;
}

/// "<storage>.blob.core.windows.net" -> "blob"
std::string storage_service(std::string_view pattern) {
  const std::size_t start = pattern.find('.') + 1;
  return std::string(pattern.substr(start, pattern.find('.', start) - start));
}

/// Where the file names the services, those. Else the default account has them all, since the documentation
/// asks for them by its name; of further accounts, which hold data, blob and dfs.
bool has_service(const StorageAccount& account, const std::string& service, bool some_default) {
  const auto& services = account.services;
  if (!services.empty()) return std::find(services.begin(), services.end(), service) != services.end();
  return account.is_default || !some_default || service == "blob" || service == "dfs";
}

Choice accounts(const std::string& pattern, const Workspace& workspace) {
  if (workspace.storage_accounts.empty()) return {{}, "storage_accounts", ""};
  const std::string service = storage_service(pattern);
  const bool some_default = std::any_of(workspace.storage_accounts.begin(), workspace.storage_accounts.end(),
                                        [](const StorageAccount& account) { return account.is_default; });
  Choice choice;
  for (const StorageAccount& account : workspace.storage_accounts) {
    if (has_service(account, service, some_default))
      choice.bindings.push_back({{{"storage", account.name}}, &account, nullptr});
  }
  if (choice.bindings.empty())
    choice.left_out = fmt::format("no storage account has the service {}", service);
  return choice;
}

/// The workspace, and the projects of a hub: each has names of its own.
Choice workspaces(bool by_name, const Workspace& workspace) {
  const auto& facts = workspace.workspace;
  if (!facts.id) return {{}, "workspace.id", ""};
  if (by_name && !facts.name) return {{}, "workspace.name", ""};
  Choice choice;
  choice.bindings.push_back(
      {{{"workspace-id", *facts.id}, {"workspace", facts.name.value_or("")}}, nullptr, nullptr});
  for (const HubProject& project : facts.hub_projects) {
    choice.bindings.push_back(
        {{{"workspace-id", project.id}, {"workspace", project.name}}, nullptr, nullptr});
  }
  return choice;
}

Choice aliases(const Workspace& workspace) {
  Choice choice;
  for (const GatewayAlias& alias : workspace.app_gateway.aliases) {
    choice.bindings.push_back({{{"alias", alias.fqdn}}, nullptr, &alias});
  }
  if (choice.bindings.empty()) choice.missing = "app_gateway.aliases";
  return choice;
}

std::vector<std::string> registry_regions(const Workspace& workspace) {
  const auto& registry = workspace.container_registry;
  if (registry && !registry->regions.empty()) return registry->regions;
  return workspace.region ? std::vector<std::string>{*workspace.region} : std::vector<std::string>{};
}

Choice choices_for(const std::string& name, const std::string& pattern, const Workspace& workspace) {
  const auto vault = workspace.key_vault ? std::optional(workspace.key_vault->name) : std::nullopt;
  const auto registry =
      workspace.container_registry ? std::optional(workspace.container_registry->name) : std::nullopt;
  if (name == "region") return one(name, workspace.region, "region");
  if (name == "compute") return one(name, workspace.compute.name, "compute.name");
  if (name == "batch-account") return one(name, workspace.workspace.batch_account, "workspace.batch_account");
  if (name == "vault") return one(name, vault, "key_vault");
  if (name == "registry") return one(name, registry, "container_registry");
  if (name == "registry-region") return each(name, registry_regions(workspace), "region");
  if (name == "endpoint")
    return each(name, workspace.workspace.online_endpoints, "workspace.online_endpoints");
  if (name == "storage") return accounts(pattern, workspace);
  if (name == "alias") return aliases(workspace);
  return workspaces(pattern.find("<workspace>") != std::string::npos, workspace);
}

Bindings product(const Bindings& left, const Bindings& right) {
  Bindings all;
  for (const Binding& a : left) {
    for (const Binding& b : right) {
      Binding both = a;
      both.values.insert(b.values.begin(), b.values.end());
      if (b.account) both.account = b.account;
      if (b.alias) both.alias = b.alias;
      all.push_back(std::move(both));
    }
  }
  return all;
}

std::optional<Access> access_of(const EndpointPattern& endpoint, const Workspace& workspace,
                                const Binding& binding) {
  if (endpoint.access == "workspace") return workspace.workspace.access;
  if (endpoint.access == "storage") return binding.account ? binding.account->access : std::nullopt;
  if (endpoint.access == "key-vault") return workspace.key_vault ? workspace.key_vault->access : std::nullopt;
  if (endpoint.access == "registry")
    return workspace.container_registry ? workspace.container_registry->access : std::nullopt;
  if (endpoint.access == "gateway") return Access::private_;
  return std::nullopt;
}

std::string expected_address(const std::string& pattern, const EndpointPattern& endpoint,
                             const Workspace& workspace, const Binding& binding) {
  if (endpoint.access == "key-vault" && workspace.key_vault) return workspace.key_vault->address.value_or("");
  if (!binding.account) return "";
  const auto found = binding.account->addresses.find(storage_service(pattern));
  return found == binding.account->addresses.end() ? "" : found->second;
}

}  // namespace

Expansion expand(const std::string& pattern, const EndpointPattern& endpoint, const Workspace& workspace) {
  Expansion out;
  Bindings bindings{Binding{}};
  const std::vector<std::string> names =
      is_wildcard(pattern) ? std::vector<std::string>{} : placeholders_of(pattern);
  for (const std::string& name : names) {
    // <workspace> and <workspace-id> are bound together, by the first of them.
    if (!bindings.empty() && bindings.front().values.contains(name)) continue;
    const Choice choice = choices_for(name, pattern, workspace);
    if (!choice.missing.empty()) out.missing.push_back(choice.missing);
    if (!choice.left_out.empty()) out.left_out = choice.left_out;
    if (choice.missing.empty()) bindings = product(bindings, choice.bindings);
  }
  bool applies = false;
  const bool complete = out.missing.empty();
  for (const Binding& binding : bindings) {
    const Decision decision = decide(endpoint.when, workspace, binding.account);
    if (decision.answer == Decision::Answer::no) {
      out.left_out = decision.because;
      continue;
    }
    applies = true;
    out.missing.insert(out.missing.end(), decision.missing.begin(), decision.missing.end());
    if (decision.answer != Decision::Answer::yes) continue;
    if (out.because.empty()) out.because = decision.because;
    if (is_wildcard(pattern)) {
      out.wildcard = true;
    } else if (complete) {
      out.hosts.push_back({fill_pattern(pattern, binding.values), access_of(endpoint, workspace, binding),
                           expected_address(pattern, endpoint, workspace, binding), binding.alias});
    }
  }
  if (!applies) out.missing.clear();  // what does not apply waits for no fact
  return out;
}

}  // namespace amlnet
