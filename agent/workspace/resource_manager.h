// Facts that Azure Resource Manager knows: the workspace's own resource, its compute, and the accounts it
// uses. Pure: which resources to read, and what their JSON says. The answers are hostile, so each value must
// look as such a value does. Shapes are those of the public API descriptions (azure-rest-api-specs) of the
// versions that are asked for.
#pragma once

#include <string>
#include <vector>

#include "agent/workspace/workspace.h"

namespace amlnet {

enum class ResourceKind { workspace, compute, storage, key_vault, registry };

/// A resource to read.
struct ResourceQuery {
  ResourceKind kind = ResourceKind::workspace;
  std::string path;  // with query: "/subscriptions/.../workspaces/ws1?api-version=2024-04-01"
};

/// The workspace's own resource; an empty path where subscription, resource group or name are not known.
ResourceQuery workspace_query(const Workspace& workspace);

/// Whether a fact is absent that Resource Manager could give.
bool resource_manager_could_help(const Workspace& workspace);

/// Whether an HTTP status says nothing of the resource that was asked for: 0 (none came), 401 (the asker is
/// unknown), 429 and 5xx. Every other is an answer, 403 and 404 too.
bool is_silence(long status);

/// Fills what is absent, source "resource-manager", from the JSON of one resource, and says which resources
/// to read next. Facts that are there stay. What is no such resource gives nothing.
std::vector<ResourceQuery> apply_resource(Workspace& workspace, const ResourceQuery& query,
                                          const std::string& json);

}  // namespace amlnet
