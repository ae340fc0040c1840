// The plan of `amlnet reach`: the documented inbound ports of one host, or others, each an endpoint behind
// which `amlnet listen` must answer. Pure. Used by the command, and to diagnose its report again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/plan/plan.h"

namespace amlnet {

/// Who must answer there (agent/catalog/answerer).
inline constexpr std::string_view kListenAnswerer = "amlnet-listen";

bool is_inbound(const Endpoint& endpoint);

/// Every port that the documentation has asked for inbound since 2020, in the order of listening.
std::vector<std::uint16_t> documented_inbound_ports();

/// The requirement that documents a port inbound, "" where none does.
std::string inbound_requirement(std::uint16_t port);

/// `host` is a name or an address. A documented port is tested for its row of the catalog, at the row's
/// level, but optional once it is out of the documentation; ports that the user has `named` are required, and
/// those that no document has stand for traffic between nodes, which the documentation wants open on any port
/// within the VNet.
Plan plan_inbound(const Catalog& catalog, const std::string& host, const std::vector<std::uint16_t>& ports,
                  bool named);

}  // namespace amlnet
