#include "agent/workspace/node.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/utsname.h>

#include <bit>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "agent/workspace/read_file.h"

namespace amlnet {
namespace {

/// PRETTY_NAME of os-release(5), quotes removed.
std::string os_name(const std::string& release) {
  std::istringstream lines(release);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("PRETTY_NAME=")) continue;
    std::string name = line.substr(std::strlen("PRETTY_NAME="));
    std::erase(name, '"');
    return name;
  }
  return "";
}

int prefix_length(const unsigned char* mask, std::size_t size) {
  int bits = 0;
  for (std::size_t i = 0; i < size; ++i) bits += std::popcount(mask[i]);
  return bits;
}

/// The address or mask bytes of a socket address; null for other families.
const unsigned char* bytes_of(const sockaddr* address) {
  if (address == nullptr) return nullptr;
  if (address->sa_family == AF_INET) {
    return reinterpret_cast<const unsigned char*>(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr);
  }
  if (address->sa_family == AF_INET6) {
    return reinterpret_cast<const unsigned char*>(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
  }
  return nullptr;
}

std::vector<Interface> interfaces() {
  std::vector<Interface> found;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return found;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    const unsigned char* address = bytes_of(entry->ifa_addr);
    const unsigned char* mask = bytes_of(entry->ifa_netmask);
    if (address == nullptr || mask == nullptr || (entry->ifa_flags & IFF_LOOPBACK) != 0) continue;
    char text[INET6_ADDRSTRLEN] = {};
    inet_ntop(entry->ifa_addr->sa_family, address, text, sizeof text);
    const std::size_t size = entry->ifa_addr->sa_family == AF_INET ? 4 : 16;
    found.push_back({entry->ifa_name, text, prefix_length(mask, size)});
  }
  freeifaddrs(list);
  return found;
}

ProxyEnvironment proxies() {
  static constexpr const char* names[] = {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                          "all_proxy",  "ALL_PROXY",  "no_proxy",    "NO_PROXY"};
  ProxyEnvironment found;
  for (const char* name : names) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') found[name] = value;
  }
  return found;
}

std::optional<long> read_number(const std::string& root, const std::string& path) {
  const std::string text = read_line(root, path);
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace

bool has_default_route(const std::string& route_table) {
  std::istringstream lines(route_table);
  std::string line;
  std::getline(lines, line);  // the header
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string name, destination, gateway, flags, skipped, mask;
    fields >> name >> destination >> gateway >> flags >> skipped >> skipped >> skipped >> mask;
    const long bits = std::strtol(flags.c_str(), nullptr, 16);
    static constexpr long up = 0x1, reject = 0x200;  // RTF_UP, RTF_REJECT of linux/route.h
    if (destination == "00000000" && mask == "00000000" && (bits & up) != 0 && (bits & reject) == 0)
      return true;
  }
  return false;
}

Node read_node(const std::string& root) {
  Node node;
  utsname kernel{};
  if (uname(&kernel) == 0) {
    node.hostname = kernel.nodename;
    node.kernel = std::string(kernel.sysname) + " " + kernel.release;
  }
  node.os = os_name(read_file(root, "etc/os-release"));
  node.interfaces = interfaces();
  node.resolver = parse_resolv_conf(read_file(root, "etc/resolv.conf"));
  node.hosts = parse_hosts(read_file(root, "etc/hosts"));
  node.proxies = proxies();
  node.default_route = has_default_route(read_file(root, "proc/net/route"));
  node.conntrack_count = read_number(root, "proc/sys/net/netfilter/nf_conntrack_count");
  node.conntrack_max = read_number(root, "proc/sys/net/netfilter/nf_conntrack_max");
  node.chassis_asset_tag = read_line(root, "sys/class/dmi/id/chassis_asset_tag");
  return node;
}

}  // namespace amlnet
