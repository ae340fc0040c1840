// Whether an address is ours (private) or the internet's, for this workspace. Pure.
#pragma once

#include <string>
#include <vector>

#include "agent/workspace/workspace.h"

namespace amlnet {

enum class AddressKind { private_, public_, loopback, unspecified, link_local, invalid };

/// Private means inside network.vnet, network.private_endpoint_subnets or app_gateway.managed_vnet; where
/// none of them is given: RFC 1918, 100.64.0.0/10 (RFC 6598) or fc00::/7 (RFC 4193). Contract section 2.
AddressKind kind_of(const std::string& address, const Workspace& workspace);

/// Whether `address` lies in `prefix` ("10.0.0.0/16", "fd00::/8"). False for anything malformed.
bool in_prefix(const std::string& address, const std::string& prefix);

}  // namespace amlnet
