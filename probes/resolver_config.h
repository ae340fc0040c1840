// What libc would read before asking DNS: resolv.conf and the hosts file, parsed as glibc does
// (resolv.conf(5), hosts(5)), so that the probe asks what programs on the node would ask. Pure text in, plain
// data out.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace amlnet {

struct ResolverConfig {
  std::vector<std::string> nameservers;  // at most 3, as glibc; 127.0.0.1 when the file names none
  std::vector<std::string> search;       // lower case, at most 32
  int ndots = 1;                         // 0..15
  bool defaulted = false;                // the file named no nameserver
};

/// Never fails: what glibc ignores is ignored. The last of `domain` and `search` wins; `options ndots:n` is
/// capped at 15.
ResolverConfig parse_resolv_conf(std::string_view text);

/// Host name (lower case, no trailing dot) to addresses, in the file's order. Comments and lines without a
/// valid address are ignored.
using HostsFile = std::map<std::string, std::vector<std::string>>;
HostsFile parse_hosts(std::string_view text);

/// The absolute names that libc tries for `name`, in order (resolv.conf(5), search and ndots). A name with a
/// trailing dot is tried alone.
std::vector<std::string> names_to_try(std::string_view name, const ResolverConfig& config);

}  // namespace amlnet
