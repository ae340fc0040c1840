#include "agent/workspace/earlier_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "probes/ascii.h"

namespace amlnet {
namespace {

constexpr std::string_view kEarlier = " (an earlier round)";

template <class T>
bool is_absent(const std::optional<T>& fact) {
  return !fact.has_value();
}
template <class T>
bool is_absent(const std::vector<T>& facts) {
  return facts.empty();
}

/// Whether there was something to copy, and room for it.
template <class T>
bool fill(T& to, const T& from) {
  if (!is_absent(to) || is_absent(from)) return false;
  to = from;
  return true;
}

struct RecalledFact {
  std::string_view path;
  bool (*fill)(Workspace& to, const Workspace& from);
};

template <auto Fact>
bool fill_fact(Workspace& to, const Workspace& from) {
  return fill(Fact(to), Fact(from));
}

/// A fact of each storage account, by their names.
template <auto Fact>
bool fill_accounts(Workspace& to, const Workspace& from) {
  bool any = false;
  for (StorageAccount& account : to.storage_accounts) {
    const auto same = std::ranges::find(from.storage_accounts, account.name, &StorageAccount::name);
    if (same != from.storage_accounts.end()) any = fill(account.*Fact, (*same).*Fact) || any;
  }
  return any;
}

/// A fact of the one key vault or registry, if it is still that one.
template <auto Whole, auto Fact>
bool fill_part(Workspace& to, const Workspace& from) {
  auto& part = Whole(to);
  const auto& earlier = Whole(from);
  if (!part || !earlier || lower_case(part->name) != lower_case(earlier->name)) return false;
  return fill((*part).*Fact, (*earlier).*Fact);
}

constexpr auto kVault = [](auto& w) -> auto& {
  return w.key_vault;
};
constexpr auto kRegistry = [](auto& w) -> auto& {
  return w.container_registry;
};

/// Everything that metadata.cpp and resource_manager.cpp give; a whole before its parts.
constexpr std::array kFacts{RecalledFact{"cloud", fill_fact < [](auto& w) -> auto& {return w.cloud;
}  // namespace
>
}  // namespace amlnet
, RecalledFact{"region", fill_fact < [](auto& w) -> auto& {return w.region;
}
>
}
, RecalledFact{"workspace.id", fill_fact < [](auto& w) -> auto& {return w.workspace.id;
}
>
}
, RecalledFact{"workspace.access", fill_fact < [](auto& w) -> auto& {return w.workspace.access;
}
>
}
, RecalledFact{"workspace.hbi", fill_fact < [](auto& w) -> auto& {return w.workspace.hbi;
}
>
}
, RecalledFact{"compute.kind", fill_fact < [](auto& w) -> auto& {return w.compute.kind;
}
>
}
, RecalledFact{"compute.public_ip", fill_fact < [](auto& w) -> auto& {return w.compute.public_ip;
}
>
}
, RecalledFact{"network.mode", fill_fact < [](auto& w) -> auto& {return w.network.mode;
}
>
}
, RecalledFact{"app_gateway.aliases", fill_fact < [](auto& w) -> auto& {return w.app_gateway.aliases;
}
>
}
, RecalledFact{"storage_accounts", fill_fact < [](auto& w) -> auto& {return w.storage_accounts;
}
>
}
, RecalledFact{"storage_accounts.access", fill_accounts<&StorageAccount::access>},
    RecalledFact{"storage_accounts.services", fill_accounts<&StorageAccount::services>},
    RecalledFact{"key_vault", fill_fact<kVault>},
    RecalledFact{"key_vault.access", fill_part<kVault, &KeyVault::access>},
    RecalledFact{"container_registry", fill_fact<kRegistry>},
    RecalledFact{"container_registry.access", fill_part<kRegistry, &ContainerRegistry::access>},
    RecalledFact {
  "container_registry.regions", fill_part<kRegistry, &ContainerRegistry::regions>
}
}
;

/// Parts of what has been copied whole have come with it.
bool came_along(std::string_view path, const std::vector<std::string_view>& copied) {
  return std::ranges::find(copied, path.substr(0, path.find('.'))) != copied.end();
}

}  // namespace

void recall_facts(Workspace& workspace, const Workspace& earlier, FactService service) {
  const std::string_view word = service == FactService::metadata ? "metadata" : "resource-manager";
  std::vector<std::string_view> copied;
  for (const RecalledFact& fact : kFacts) {
    const auto source = earlier.sources.find(std::string(fact.path));
    if (source == earlier.sources.end() || !source->second.starts_with(word)) continue;
    if (!fact.fill(workspace, earlier) && !came_along(fact.path, copied)) continue;
    copied.push_back(fact.path);
    workspace.sources[source->first] = fmt::format("{}{}", word, kEarlier);
  }
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
