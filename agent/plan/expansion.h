// Host patterns become host names: every placeholder is filled from the workspace, once for each storage
// account, project, online endpoint, alias or registry region there is. Pure; planning uses it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/catalog/requirement.h"
#include "agent/workspace/workspace.h"

namespace amlnet {

/// A name to probe and what the workspace says of it.
struct NamedHost {
  std::string host;
  std::optional<Access> access;         // of the resource behind the name, absent where not known
  std::string expected_address;         // declared by the user, "" if none
  const GatewayAlias* alias = nullptr;  // whose name it is
};

struct Expansion {
  std::vector<NamedHost> hosts;
  std::vector<std::string> missing;  // facts that the names, or the endpoint's own condition, wait for
  bool wildcard = false;             // a wildcard without a known name
  std::string because;               // what made the endpoint's own condition hold, "" without one
  std::string left_out;              // why nothing came of it, where nothing did
};

/// One pattern of one endpoint.
Expansion expand(const std::string& pattern, const EndpointPattern& endpoint, const Workspace& workspace);

}  // namespace amlnet
