// The workspace's own list of the hosts it needs, as Azure Resource Manager gives it: operation
// outboundNetworkDependenciesEndpoints of Microsoft.MachineLearningServices 2024-04-01
// (azure-rest-api-specs). Pure: what to ask, and what the answer says. The answer is hostile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/workspace/workspace.h"

namespace amlnet {

struct ListedHost {
  std::string category;              // the list's own word, "Azure Active Directory"; escape it
  std::string host;                  // lower case; "*." may stand before it
  std::vector<std::uint16_t> ports;  // the list says no protocol
};

/// Path and query; "" where subscription, resource group or name are not known.
std::string live_list_path(const Workspace& workspace);

/// The hosts of an answer, at most 1,000; what is no host with a port is left out. Nothing where it is no
/// such answer, or names no host at all.
std::optional<std::vector<ListedHost>> read_live_list(const std::string& json);

}  // namespace amlnet
