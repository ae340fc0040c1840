// The three readers side by side. curl's is that of our own probes, which its tests hold against libcurl. The
// sources of the others: requests/utils.py (should_bypass_proxies) with urllib's proxy_bypass_environment
// behind it, and httpproxy/proxy.go (useProxy, domainMatch).
#include "agent/diagnosis/no_proxy.h"

#include <algorithm>

#include "agent/diagnosis/domains.h"
#include "agent/plan/glob.h"
#include "agent/plan/scope.h"
#include "probes/ascii.h"

namespace amlnet {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

std::vector<std::string> split(std::string_view list, std::string_view separators) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = std::min(list.find_first_of(separators), list.size());
    if (const auto part = trimmed(list.substr(0, end)); !part.empty()) parts.push_back(lower_case(part));
    if (end == list.size()) return parts;
    list.remove_prefix(end + 1);
  }
}

/// The entry without its port, where it ends in one.
std::string_view without_port(std::string_view entry) {
  const auto colon = entry.rfind(':');
  if (colon == std::string_view::npos || entry.find(':') != colon || colon + 1 == entry.size()) return entry;
  const auto digits = entry.substr(colon + 1);
  const bool number = std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  return number ? entry.substr(0, colon) : entry;
}

std::string with_port(const std::string& host, std::uint16_t port) {
  return host + ":" + std::to_string(port);
}

/// Addresses and prefixes for a host that is an address, names for the rest; both readers end in the same
/// rule for names. A port counts only where the URL writes one, that is where it is not the scheme's own.
bool requests_direct(std::string_view list, const std::string& host, std::uint16_t port) {
  if (list == "*") return true;  // urllib's, which blanks beside it spoil
  std::string packed(list);
  std::erase(packed, ' ');
  const auto shown = port == 443 || port == 80 ? host : with_port(host, port);
  auto entries = split(packed, ",");
  for (auto& entry : split(list, ",")) entries.push_back(std::move(entry));
  for (auto& entry : entries) {
    if (is_address(host) && (host == entry || (is_prefix(entry) && in_prefix(host, entry)))) return true;
    entry.erase(0, std::min(entry.find_first_not_of('.'), entry.size()));
    const auto covers = [&](const std::string& name) { return name == entry || name.ends_with("." + entry); };
    if (!is_address(host) && !entry.empty() && (covers(host) || covers(shown))) return true;
  }
  return false;
}

bool go_direct(std::string_view list, const std::string& host, std::uint16_t port) {
  if (host == "localhost" || host == "::1" || in_prefix(host, "127.0.0.0/8")) return true;
  for (const auto& written : split(list, ",")) {
    if (written == "*") return true;
    if (is_prefix(written)) {
      if (is_address(host) && in_prefix(host, written)) return true;
      continue;
    }
    std::string entry(without_port(written));
    const bool port_fits = entry.size() == written.size() || written == with_port(entry, port);
    if (is_address(entry)) {
      if (port_fits && entry == host) return true;
      continue;
    }
    if (entry.starts_with("*.")) entry.erase(0, 1);
    const bool itself = !entry.starts_with('.');
    const auto suffix = itself ? "." + entry : entry;
    if (port_fits && (host.ends_with(suffix) || (itself && host == entry))) return true;
  }
  return false;
}

}  // namespace

std::string_view words_of(ProxyClient client) {
  switch (client) {
    case ProxyClient::curl:
      return "curl";
    case ProxyClient::requests:
      return "Python requests";
    case ProxyClient::go:
      return "Go";
  }
  return "";
}

std::string no_proxy_list(ProxyClient client, const ProxyEnvironment& environment) {
  const bool upper_first = client == ProxyClient::go;
  for (const auto* name : {upper_first ? "NO_PROXY" : "no_proxy", upper_first ? "no_proxy" : "NO_PROXY"}) {
    const auto found = environment.find(name);
    if (found != environment.end() && !found->second.empty()) return found->second;
  }
  return {};
}

bool goes_direct(ProxyClient client, std::string_view list, const std::string& host, std::uint16_t port) {
  switch (client) {
    case ProxyClient::curl:
      return proxy_for("https", host, {{"https_proxy", "http://proxy"}, {"no_proxy", std::string(list)}})
          .empty();
    case ProxyClient::requests:
      return requests_direct(list, host, port);
    case ProxyClient::go:
      return go_direct(list, host, port);
  }
  return false;
}

std::vector<std::string> no_proxy_entries(std::string_view list) {
  return split(list, ", \t");
}

bool is_meant_for(std::string_view entry, const std::string& host, std::uint16_t port,
                  const std::vector<std::string>& addresses) {
  if (is_prefix(entry)) {
    const std::string prefix(entry);
    return in_prefix(host, prefix) || std::any_of(addresses.begin(), addresses.end(),
                                                  [&](const auto& a) { return in_prefix(a, prefix); });
  }
  auto name = without_port(entry);
  if (name.size() != entry.size() && entry != with_port(std::string(name), port)) return false;
  if (name.find('*') != std::string_view::npos)  // the one wildcard that any dialect has
    return name != "*" && name.find('?') == std::string_view::npos && glob_matches(name, host);
  if (name.starts_with('.')) name.remove_prefix(1);
  return host == name || host.ends_with("." + std::string(name));
}

}  // namespace amlnet
