// The node's own network files as texts for a support bundle: what resolves names, and which addresses and
// routes there are. Read from files below a root, never from a program.
#pragma once

#include <string>
#include <string_view>

#include "agent/workspace/node.h"

namespace amlnet {

/// A file of the node without its comments ("#", ";" at the beginning of a line, "#" in it).
std::string without_comments(std::string_view text);

/// "10.0.2.0/24 via 10.0.1.1 dev eth0 metric 100", a line each: what /proc/net/route and
/// /proc/net/ipv6_route say.
std::string route_lines(std::string_view ipv4_table, std::string_view ipv6_table);

/// "eth0 10.0.1.7/24", a line each.
std::string address_lines(const Node& node);

}  // namespace amlnet
