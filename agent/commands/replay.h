// From a saved report back to what its diagnosis read: the node, the workspace and the plan. Used by
// diagnose and watch.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "agent/catalog/config_error.h"
#include "agent/catalog/requirement.h"
#include "agent/plan/plan.h"
#include "agent/workspace/node.h"
#include "agent/workspace/workspace.h"
#include "reports/model/report.h"

namespace amlnet {

struct Replay {
  Node node;
  Workspace workspace;
  Plan plan;
  std::vector<std::string> strange;  // ids of the report that the catalog does not have
};

/// The workspace that the report tells, with its sources. An error names the member that is no valid fact of
/// a workspace.
std::variant<Workspace, ConfigError> saved_workspace(const Report& report);

/// The plan has the rows that the report has, as `catalog` knows them. An error names the member of the
/// report that is no valid fact of a workspace.
std::variant<Replay, ConfigError> replay(const Report& report, const Catalog& catalog);

}  // namespace amlnet
