// What may tell one node from another: the facts of a report as names and values. Used by fleet.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/model/report.h"

namespace amlnet {

/// "subnet" and "10.0.1.0/24". A node may have several values of one name.
struct FleetFact {
  std::string name, value;
  bool operator==(const FleetFact&) const = default;
  auto operator<=>(const FleetFact&) const = default;
};

/// Node and program by names of their own, the workspace by the keys of the workspace file. What each node
/// has for itself alone (its name, its addresses, its clock) is left out. Sorted, each once.
std::vector<FleetFact> facts_of_node(const Report& report);

/// The network of "eth0 10.0.1.7/24": "10.0.1.0/24". "" where it is no address, or a loopback or link-local
/// one.
std::string subnet_of(std::string_view interface);

}  // namespace amlnet
