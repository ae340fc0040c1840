// How clients read NO_PROXY: there is no standard, and each leaves other forms out. Used by the rule for
// entries that only some of them follow. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "probes/proxy.h"

namespace amlnet {

enum class ProxyClient { curl, requests, go };
inline constexpr std::array kProxyClients = {ProxyClient::curl, ProxyClient::requests, ProxyClient::go};

/// "curl", "Python requests", "Go".
std::string_view words_of(ProxyClient client);

/// The list that the client reads where NO_PROXY and no_proxy differ; "" where it finds none.
std::string no_proxy_list(ProxyClient client, const ProxyEnvironment& environment);

/// Whether the client goes direct to `host` (a name or an address, lower case) on `port` with this list.
/// As curl 7.86 and later, requests 2.34 (older ones also take an entry for the end of a name in the middle
/// of a label), golang.org/x/net/http/httpproxy; tests/clients asks the clients themselves.
bool goes_direct(ProxyClient client, std::string_view list, const std::string& host, std::uint16_t port);

/// The entries as a person would part them: by commas and blanks, lower case.
std::vector<std::string> no_proxy_entries(std::string_view list);

/// Whether whoever wrote `entry` meant `host` by it, in whichever dialect: wildcards, ports, prefixes of its
/// addresses.
bool is_meant_for(std::string_view entry, const std::string& host, std::uint16_t port,
                  const std::vector<std::string>& addresses);

}  // namespace amlnet
