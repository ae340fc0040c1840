// Which proxy, if any, covers a request: the environment's variables read as curl reads them. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace amlnet {

/// The proxy variables as found ("https_proxy", "HTTPS_PROXY", "no_proxy", ...), case kept.
using ProxyEnvironment = std::map<std::string, std::string>;

/// The proxy URL for `scheme` ("http" or "https") to `host`, or "" for direct. http_proxy is honoured in
/// lower case only, the others in both (curl's rules); NO_PROXY is matched by suffix, address and, as
/// curl 7.86 and later, CIDR.
std::string proxy_for(std::string_view scheme, std::string_view host, const ProxyEnvironment& environment);

/// The parts of a proxy URL. `shown` is the URL without credentials, for reports. Port defaults to 1080, as
/// curl's.
struct ProxyAddress {
  std::string host;
  std::uint16_t port = 0;
  std::string shown;
  bool credentials = false;  // the URL holds a name or a password
};
/// False when `url` cannot be read as a proxy URL.
bool parse_proxy(std::string_view url, ProxyAddress& out);

}  // namespace amlnet
