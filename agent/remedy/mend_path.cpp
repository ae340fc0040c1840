// Packets that do not pass: the narrowest rule of the device that the facts name. Host names where the device
// reads them; a service tag where it does not; addresses only where they are private ones, which stay.
//
// Managed networks take names on ports 80 and 443 only, and no storage accounts by name
// (how-to-managed-network).
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "agent/plan/scope.h"
#include "agent/remedy/mend.h"
#include "agent/workspace/fact_syntax.h"

namespace amlnet {
namespace {

using Mended = std::variant<std::vector<RuleKind>, NoRule>;

bool is_web(const Endpoint& endpoint) {
  switch (endpoint.protocol) {
    case Protocol::tls:
    case Protocol::https:
    case Protocol::wss:
      return endpoint.port == 443;
    case Protocol::http:
      return endpoint.port == 80;
    case Protocol::tcp:
    case Protocol::udp:
      break;
  }
  return false;
}

std::string transport_of(const Endpoint& endpoint) {
  return endpoint.protocol == Protocol::udp ? "UDP" : "TCP";
}

/// The requirement's tag with its region; "" where there is none or the region is not known. A tag of the
/// whole VNet says nothing of a host.
std::string tag_of(const FailedEndpoint& failed) {
  std::string tag = failed.endpoint.service_tag;
  constexpr std::string_view kRegion = "<region>";
  if (const auto at = tag.find(kRegion); at != std::string::npos) {
    if (!failed.workspace.region || !is_region(*failed.workspace.region)) return "";
    tag.replace(at, kRegion.size(), *failed.workspace.region);
  }
  const bool plain = std::ranges::all_of(tag, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.';
  });
  return plain && tag != "VirtualNetwork" ? tag : "";
}

/// Tags that the documentation asks for together: the registry's images come through Front Door
/// (how-to-access-azureml-behind-firewall).
std::vector<std::string> with_companion(const std::string& tag) {
  if (tag == "MicrosoftContainerRegistry") return {tag, "AzureFrontDoor.FirstParty"};
  return {tag};
}

/// The private addresses that the host has, where all of its addresses are private.
std::vector<std::string> private_addresses(const FailedEndpoint& failed) {
  std::set<std::string> found;
  for (const ProbeRecord* probe : failed.probes) {
    const auto* dns = detail_of<DnsDetail>(*probe);
    if (dns == nullptr) continue;
    for (const std::string& address : dns->addresses) {
      if (!is_address(address) || kind_of(address, failed.workspace) != AddressKind::private_) return {};
      found.insert(address);
    }
  }
  return {found.begin(), found.end()};
}

Mended through_managed_network(const FailedEndpoint& failed) {
  if (failed.workspace.network.mode == NetworkMode::managed_internet_outbound)
    return NoRule{
        "the managed network lets everything out to the internet already, and takes no rule for a name or "
        "tag"};
  if (failed.endpoint.origin == Origin::gateway_alias)
    return NoRule{"the alias is a name of the private endpoint rule that leads to the Application Gateway"};
  if (failed.endpoint.scope == Scope::private_)
    return NoRule{
        "it has a private endpoint: see that its rule in the managed network is active and approved"};
  const Mended endpoint = managed_endpoint(failed);
  const auto* kinds = std::get_if<std::vector<RuleKind>>(&endpoint);
  if (kinds && failed.endpoint.service_tag.starts_with("Storage")) return *kinds;
  if (is_web(failed.endpoint)) return std::vector<RuleKind>{OutboundHost{failed.endpoint.host}};
  if (const std::string tag = tag_of(failed); !tag.empty())
    return std::vector<RuleKind>{OutboundTag{tag, transport_of(failed.endpoint), failed.endpoint.port}};
  return NoRule{
      "a managed network takes names on ports 80 and 443 only, and no service tag covers this host"};
}

Mended through_security_group(const FailedEndpoint& failed, bool by_name) {
  if (by_name)
    return NoRule{
        "something reads names on the way, and network.firewall says that there is no firewall; a network "
        "security group reads no names"};
  const std::string protocol = transport_of(failed.endpoint);
  if (auto addresses = private_addresses(failed); !addresses.empty())
    return std::vector<RuleKind>{SecurityRule{protocol, failed.endpoint.port, std::move(addresses)}};
  const std::string tag = tag_of(failed);
  if (tag.empty())
    return NoRule{
        "no service tag covers this host, and a network security group takes no names: allow it in a "
        "firewall "
        "that does"};
  std::vector<RuleKind> kinds;
  for (std::string& one : with_companion(tag))
    kinds.emplace_back(SecurityRule{protocol, failed.endpoint.port, {std::move(one)}});
  return kinds;
}

Mended through_firewall(const Endpoint& endpoint) {
  const std::vector<std::string> hosts{endpoint.host};
  if (is_web(endpoint)) {
    const std::string scheme = endpoint.protocol == Protocol::http ? "Http" : "Https";
    return std::vector<RuleKind>{ApplicationRule{scheme, endpoint.port, hosts}};
  }
  return std::vector<RuleKind>{NetworkRule{transport_of(endpoint), endpoint.port, hosts}};
}

}  // namespace

Mended mend_path(const FailedEndpoint& failed, bool by_name) {
  if (is_address(failed.endpoint.host))
    return NoRule{"an address of the platform: no rule admits it, one that denies it must go"};
  if (!is_host_name(failed.endpoint.host)) return NoRule{"the host is no host name that a rule could hold"};
  if (is_managed(failed.workspace)) return through_managed_network(failed);
  if (failed.workspace.network.firewall == "none") return through_security_group(failed, by_name);
  return through_firewall(failed.endpoint);
}

}  // namespace amlnet
