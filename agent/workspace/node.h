// What the node itself shows: its name, addresses, resolver, proxies, kernel tables. Read from files and the
// kernel, never from the network. Discovery and diagnosis use it; tests give another file-system root.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "probes/proxy.h"
#include "probes/resolver_config.h"

namespace amlnet {

struct Interface {
  std::string name;     // "eth0"
  std::string address;  // "10.0.1.7"
  int prefix = 0;       // 24
};

struct Node {
  std::string hostname, os, kernel;
  std::vector<Interface> interfaces;  // without loopback
  ResolverConfig resolver;
  HostsFile hosts;
  ProxyEnvironment proxies;
  bool default_route = false;  // an IPv4 default route exists
  std::optional<long> conntrack_count, conntrack_max;
  std::string chassis_asset_tag;  // Azure's is 7783-7084-3265-9085-8269-3286-77
};

/// Reads everything below `root` ("/" outside tests) and the kernel's interface list; what cannot be read
/// stays empty.
Node read_node(const std::string& root = "/");

/// Whether the kernel's IPv4 table (/proc/net/route) has a default route that is up and rejects nothing.
bool has_default_route(const std::string& route_table);

}  // namespace amlnet
