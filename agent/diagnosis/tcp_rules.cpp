// Connections that fail for one host, one port or one router. A timeout never names a device: what is certain
// is which control passed.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/hops.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"
#include "agent/plan/inbound.h"
#include "agent/plan/scope.h"

namespace amlnet {
namespace {

constexpr std::string_view kAsymmetry =
    "Routes that differ between the two directions lose the answer in the same way (a stateful device sees "
    "half the "
    "connection): a capture at the other end would show the SYN arriving.";

const TcpDetail* tcp_of(const AddressTrail& row) {
  return detail_of<TcpDetail>(row.connect);
}

bool answers(const TcpDetail& tcp) {
  return accepts_or_refuses(tcp) || tcp.error.failure == Failure::reset;
}

/// Silence, or an on-link address that nobody owns.
bool silent(const Case& c, const TcpDetail& tcp) {
  const bool ownerless =
      tcp.error.failure == Failure::host_unreachable && !tcp.icmp && c.on_link(tcp.address);
  return tcp.error.failure == Failure::timeout || ownerless;
}

const TcpDetail* silent_tcp(const Case& c, const Trail& trail) {
  const bool foreign = trail.open_at(TrailStage::name) && trail.name_fault == NameFault::foreign_address;
  if (!foreign && !trail.open_at(TrailStage::connect)) return nullptr;
  const auto* tcp = trail.tcp();
  return tcp && silent(c, *tcp) ? tcp : nullptr;
}

/// Every connection of the run that got an answer, by address and by host.
struct Answered {
  std::map<std::string, const ProbeRecord*> by_address;
  std::map<std::string, const ProbeRecord*> by_network;  // the /24 of an address
  std::set<std::string> hosts;
  std::set<std::string> tags;
  std::map<std::uint16_t, std::string> host_on_port;
  std::set<std::uint16_t> public_ports;  // on which a public address answers
};

std::string network_of(const std::string& address) {
  const auto dot = address.rfind('.');
  return dot == std::string::npos ? address : address.substr(0, dot) + ".0/24";
}

Answered answered(const Case& c) {
  Answered result;
  for (const auto& trail : c.trails) {
    for (const auto& row : trail.addresses) {
      const auto* tcp = trail.proxied ? nullptr : tcp_of(row);
      if (tcp == nullptr || row.connect->status == ProbeStatus::unfinished || !answers(*tcp)) continue;
      result.by_address.try_emplace(row.address, row.connect);
      result.by_network.try_emplace(network_of(row.address), row.connect);
      result.hosts.insert(trail.endpoint->host);
      result.tags.insert(trail.endpoint->service_tag);
      result.host_on_port.try_emplace(trail.endpoint->port, trail.endpoint->host);
      if (c.place(row.address) == Whereabouts::internet) result.public_ports.insert(trail.endpoint->port);
    }
  }
  for (const auto* record : c.follow_ups_named("sibling-port")) {
    const auto* tcp = detail_of<TcpDetail>(*record);
    if (tcp && record->status != ProbeStatus::unfinished && answers(*tcp))
      result.by_address.try_emplace(tcp->address, record);
  }
  return result;
}

/// Ports on which some address that answers elsewhere is silent, and no public address answers: closed as a
/// whole.
std::set<std::uint16_t> closed_ports(const Case& c, const Answered& known) {
  std::set<std::uint16_t> ports;
  for (const auto& trail : c.trails) {
    const auto* tcp = silent_tcp(c, trail);
    const bool proven =
        tcp && known.by_address.contains(tcp->address) && c.place(tcp->address) == Whereabouts::internet;
    if (proven && !known.public_ports.contains(trail.endpoint->port)) ports.insert(trail.endpoint->port);
  }
  return ports;
}

/// A private address of this subnet that answers: the subnet as configured, else the /24.
const ProbeRecord* sibling(const Case& c, const Answered& known, const std::string& address) {
  for (const auto& subnet : c.facts.workspace.network.private_endpoint_subnets) {
    if (!in_prefix(address, subnet)) continue;
    for (const auto& [other, record] : known.by_address) {
      if (other != address && in_prefix(other, subnet)) return record;
    }
  }
  const auto found = known.by_network.find(network_of(address));
  return found == known.by_network.end() ? nullptr : found->second;
}

void claim_silent(Case& c, Draft& draft, Trail& trail) {
  draft.say(describe_trail(c, trail), trail.shown()->connect);
  say_last_hop(c, draft, trail);
  c.claim(draft, trail);
}

/// Service tag, network or host: what the silence covers as a whole. Tags are of public addresses.
std::string filtered_subject(const Case& c, const Answered& known,
                             const std::map<std::string, std::set<std::string>>& groups, const Trail& trail) {
  const auto& tag = trail.endpoint->service_tag;
  const auto covers = [&](const std::string& key) {
    return groups.contains(key) && groups.at(key).size() >= 2;
  };
  const bool is_public = c.place(trail.shown()->address) == Whereabouts::internet;
  if (is_public && !tag.empty() && !known.tags.contains(tag) && covers("tag " + tag)) return tag;
  std::string network = network_of(trail.shown()->address);
  if (!known.by_network.contains(network) && covers("net " + network)) return network;
  return trail.endpoint->host;
}

}  // namespace

void rule_private_endpoint_silent(Case& c) {
  const auto known = answered(c);
  for (auto& trail : c.trails) {
    const auto* tcp = silent_tcp(c, trail);
    const auto place = tcp ? c.place(tcp->address) : Whereabouts::internet;
    if (tcp == nullptr || (place != Whereabouts::ours && place != Whereabouts::foreign)) continue;
    const auto* other = sibling(c, known, tcp->address);
    if (known.by_address.contains(tcp->address) || (place == Whereabouts::ours && other == nullptr)) continue;
    auto& draft = c.draft("tcp.private-endpoint-silent", trail.endpoint->host);
    draft.confidence = Confidence::likely;
    draft.title =
        fmt::format("The private endpoint of {}, {}, is silent", trail.endpoint->host, tcp->address);
    if (place == Whereabouts::foreign) {
      draft.say(fmt::format("{} lies outside every prefix that the workspace file gives", tcp->address),
                trail.dns);
    } else {
      draft.say(describe_connect(*other) + ", in the same subnet", other);
    }
    draft.or_else("dns.wrong-private-address",
                  "The record may be stale, left by a private endpoint that was deleted: compare it with "
                  "the address of the private endpoint's network interface.");
    draft.or_else("tcp.filtered",
                  "A rule for this one address drops as silently: the network security group of the private "
                  "endpoint's subnet, or a route to a device that drops.");
    claim_silent(c, draft, trail);
  }
}

void rule_port_filtered(Case& c) {
  const auto known = answered(c);
  const auto closed = closed_ports(c, known);
  for (auto& trail : c.trails) {
    const auto* tcp = silent_tcp(c, trail);
    const auto other = tcp ? known.by_address.find(tcp->address) : known.by_address.end();
    const bool with_its_port =
        tcp && closed.contains(trail.endpoint->port) && c.place(tcp->address) == Whereabouts::internet;
    if (tcp == nullptr || (other == known.by_address.end() && !with_its_port)) continue;
    auto& draft = c.draft("tcp.port-filtered", std::to_string(trail.endpoint->port));
    draft.confidence = Confidence::certain;
    draft.title = fmt::format("Port {} is filtered on the way; other ports of the same addresses answer",
                              trail.endpoint->port);
    if (other != known.by_address.end())
      draft.say(describe_connect(*other->second) + ", the same address", other->second);
    draft.or_else("tcp.filtered",
                  "Which device drops is not visible from here: the node's or the target's network security "
                  "group, a firewall, or the "
                  "target's own filter.");
    claim_silent(c, draft, trail);
  }
}

void rule_prohibited(Case& c) {
  for (auto& trail : c.trails) {
    const auto* tcp = trail.open_at(TrailStage::connect) ? trail.tcp() : nullptr;
    if (tcp == nullptr || !tcp->icmp) continue;
    const auto& icmp = *tcp->icmp;
    const auto router = icmp.sender.empty() ? std::string("an unnamed router") : icmp.sender;
    auto& draft = c.draft("tcp.prohibited", router);
    draft.confidence = icmp.sender.empty() ? Confidence::likely : Confidence::certain;
    draft.title = fmt::format("Connections are rejected by {}", router);
    if (icmp.sender.empty()) {
      draft.say_also("this kernel does not tell which router sent the error (Linux 5.8 and later do)");
      draft.or_else(
          "tcp.refused",
          "The host itself may reject by its own filter, and no router: tcpdump icmp or icmp6 shows "
          "who sends the error.");
    }
    draft.say(describe_trail(c, trail), trail.shown()->connect);
    c.claim(draft, trail);
  }
}

void rule_refused(Case& c) {
  for (auto& trail : c.trails) {
    const auto* row = !trail.addresses.empty() && !trail.proxied ? &trail.addresses[trail.decisive] : nullptr;
    const auto* tcp = row ? tcp_of(*row) : nullptr;
    if (tcp == nullptr || tcp->icmp || tcp->error.failure != Failure::refused) continue;
    if (is_inbound(*trail.endpoint)) continue;  // judged by its own rules
    const bool fails = trail.open_at(TrailStage::connect);
    if (!fails && trail.progress != Progress::undecided) continue;
    auto& draft = c.draft("tcp.refused", trail.target);
    draft.confidence = Confidence::likely;
    draft.title =
        fmt::format("{} refuses connections on port {}", trail.endpoint->host, trail.endpoint->port);
    draft.say(describe_connect(*row->connect), row->connect);
    draft.or_else("tcp.filtered",
                  "A reset does not tell who sent it: nothing listens there, or a device on the way rejects. "
                  "Its round trip against that of an "
                  "open port of the same address would hint at which.");
    c.claim(draft, trail);
    c.touch(draft, trail);
  }
}

void rule_filtered(Case& c) {
  const auto known = answered(c);
  std::map<std::string, std::set<std::string>> groups;  // hosts that are silent, by tag and by network
  for (const auto& trail : c.trails) {
    if (silent_tcp(c, trail) == nullptr || known.hosts.contains(trail.endpoint->host)) continue;
    groups["tag " + trail.endpoint->service_tag].insert(trail.endpoint->host);
    groups["net " + network_of(trail.shown()->address)].insert(trail.endpoint->host);
  }
  for (auto& trail : c.trails) {
    if (silent_tcp(c, trail) == nullptr) continue;
    auto& draft = c.draft("tcp.filtered", filtered_subject(c, known, groups, trail));
    const auto control = known.host_on_port.find(trail.endpoint->port);
    draft.confidence = control == known.host_on_port.end() ? Confidence::candidate : Confidence::likely;
    draft.title = fmt::format("{} {} silent, nothing comes back", draft.subject,
                              draft.subject == trail.endpoint->host ? "is" : "as a whole is");
    if (control != known.host_on_port.end()) {
      draft.say(fmt::format("{} answers on port {} in the same run", control->second, trail.endpoint->port));
    }
    draft.or_else(
        "unknown",
        "The host itself may be down or gone; another network that reaches it would rule that out.");
    draft.or_else("route.all-dead", std::string(kAsymmetry));
    claim_silent(c, draft, trail);
  }
}

void rule_udp_rejected(Case& c) {
  for (auto& trail : c.trails) {
    if (!trail.open_at(TrailStage::connect) || trail.endpoint->protocol != Protocol::udp || !trail.shown())
      continue;
    auto& draft = c.draft("udp.rejected", std::to_string(trail.endpoint->port));
    draft.confidence = Confidence::certain;
    draft.title = fmt::format("UDP port {} is rejected", trail.endpoint->port);
    draft.say(describe_trail(c, trail), probe_of(trail));
    c.claim(draft, trail);
  }
}

void rule_imds_unreachable(Case& c) {
  for (auto& trail : c.trails) {
    if (!trail.open_at(TrailStage::connect) || trail.endpoint->host != kMetadata) continue;
    auto& draft = c.draft("identity.imds-unreachable", "node");
    draft.confidence = Confidence::likely;
    draft.title = "The instance metadata service gives no answer";
    draft.say(describe_trail(c, trail), probe_of(trail));
    draft.or_else(
        "route.local-block",
        "A route for 169.254.0.0/16 or a local firewall on the node hides it: ip route get 169.254.169.254.");
    c.claim(draft, trail);
  }
}

}  // namespace amlnet
