// Everything before the first probe: the catalog, the facts about workspace and node with their sources, and
// the plan. Shared by check, plan and bundle.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "agent/catalog/catalog.h"
#include "agent/commands/options.h"
#include "agent/identity/credentials.h"
#include "agent/plan/plan.h"
#include "agent/workspace/earlier_facts.h"
#include "agent/workspace/node.h"
#include "agent/workspace/workspace.h"

namespace amlnet {

struct Prepared {
  Catalog catalog;
  Node node;
  Workspace workspace;
  Credentials credentials;  // secret
  std::string vm_size;
  Plan plan;
  std::optional<Workspace> now_known;  // `workspace` less what an earlier round knows of Resource Manager
};

/// Finds out what can be known, in the contract's order: options, workspace file, environment and files,
/// metadata service (not with --offline), defaults. Errors are configuration errors, status 2. Of `earlier`
/// come the facts of services of the network that are to be asked and give none now; null where there is no
/// earlier round on this node.
std::variant<Prepared, ConfigError> prepare(const CheckOptions& options,
                                            const EarlierFacts* earlier = nullptr);

/// The proxies in force under --proxy.
ProxyEnvironment proxies_for(const CheckOptions& options, const Node& node);

}  // namespace amlnet
