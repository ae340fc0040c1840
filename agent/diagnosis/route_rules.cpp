// No way out: one finding for what takes many hosts down at once. Silence of a single host is not judged
// here.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/hops.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"
#include "agent/plan/scope.h"

namespace amlnet {
namespace {

constexpr std::size_t kFewest = 3;  // hosts that must be dead before "every" means anything

bool is_platform(const std::string& address) {
  return address == kAzureDns || address == kMetadata;
}

bool is_loopback(const std::string& address) {
  return in_prefix(address, "127.0.0.0/8") || address == "::1";
}

/// The servers' address without a port.
std::string bare(const std::string& server) {
  const auto colon = server.find(':');
  return server.rfind(':') == colon ? server.substr(0, colon) : server;
}

const WireError* connect_error(const Trail& trail) {
  const auto* row = trail.shown();
  if (row == nullptr || row->connect == nullptr) return nullptr;
  if (const auto* tcp = detail_of<TcpDetail>(*row->connect)) return &tcp->error;
  if (const auto* udp = detail_of<UdpDetail>(*row->connect)) return &udp->error;
  return nullptr;
}

bool has_icmp(const Trail& trail) {
  const auto* tcp = trail.tcp();
  const auto* udp =
      trail.shown() && trail.shown()->connect ? detail_of<UdpDetail>(*trail.shown()->connect) : nullptr;
  return (tcp && tcp->icmp) || (udp && udp->icmp);
}

/// A name without an address, since every nameserver lies beyond a default route that is not there.
bool unresolved_for_want_of_route(const Case& c, const Trail& trail) {
  if (!trail.open_at(TrailStage::name) || trail.name_fault != NameFault::no_address ||
      c.facts.node.default_route)
    return false;
  const auto views = c.configured_views(trail);
  return !views.empty() && std::all_of(views.begin(), views.end(), [&](const NameView& view) {
    const auto address = bare(view.server);
    const bool silent =
        view.reply == Reply::silent || view.reply == Reply::port_refused || view.reply == Reply::unreachable;
    return silent && !c.on_link(address) && !is_loopback(address);
  });
}

bool locally_blocked(const Trail& trail, const Case& c) {
  const auto* error = connect_error(trail);
  if (error == nullptr || has_icmp(trail)) return false;
  switch (error->failure) {
    case Failure::local_blackhole:
    case Failure::local_prohibited:
    case Failure::local_reject:
      return true;
    case Failure::host_unreachable:
      return !c.on_link(trail.shown()->address);  // on-link: nobody owns the address
    case Failure::net_unreachable:
      return c.facts.node.default_route;  // a route exists, this prefix is excluded
    default:
      return false;
  }
}

/// The prefix that a group of IPv4 addresses is shown as: /32 for one, /24, /16 or everything.
std::string common_prefix(const std::set<std::string>& addresses) {
  if (addresses.size() == 1) return *addresses.begin();
  for (const auto* bits : {"24", "16", "8"}) {
    const auto prefix = fmt::format("{}/{}", *addresses.begin(), bits);
    if (!std::all_of(addresses.begin(), addresses.end(), [&](const auto& a) { return in_prefix(a, prefix); }))
      continue;
    const int kept = bits[0] == '2' ? 3 : bits[0] == '1' ? 2 : 1;
    std::string head;
    std::size_t at = 0;
    for (int i = 0; i < kept; ++i) at = addresses.begin()->find('.', at) + 1;
    head = addresses.begin()->substr(0, at);
    for (int i = kept; i < 4; ++i) head += i == 3 ? "0" : "0.";
    return head + "/" + bits;
  }
  return "all addresses";
}

/// Who answered a connection attempt, by where the address lies. A refusal is an answer too.
struct Reach {
  std::set<std::string> public_dead, far_dead;  // hosts; far: ours, beyond the subnet
  int public_alive = 0, far_alive = 0, near_alive = 0, far_planned = 0, private_alive = 0;
  std::string alive;  // one private address that answered
  const ProbeRecord* alive_at = nullptr;
};

void weigh(const Case& c, Reach& reach, const std::string& host, const AddressTrail& row) {
  const auto* tcp = detail_of<TcpDetail>(row.connect);
  if (tcp == nullptr || row.ipv6() || is_platform(row.address) ||
      row.connect->status == ProbeStatus::unfinished)
    return;
  const bool alive = tcp->error.failure != Failure::timeout;
  const auto place = c.place(row.address);
  if (place == Whereabouts::sink) return;
  const bool near = c.on_link(row.address);
  if (place != Whereabouts::internet && alive) {
    ++reach.private_alive;
    reach.alive = host_port(tcp->address, tcp->port);
    reach.alive_at = row.connect;
  }
  if (near) {
    reach.near_alive += alive;
  } else if (place == Whereabouts::internet) {
    alive ? void(++reach.public_alive) : void(reach.public_dead.insert(host));
  } else {
    ++reach.far_planned;
    alive ? void(++reach.far_alive) : void(reach.far_dead.insert(host));
  }
}

/// Another port of a silent host that answers: then it is the port, and not the way.
bool sibling_answers(const Case& c) {
  const auto siblings = c.follow_ups_named("sibling-port");
  return std::any_of(siblings.begin(), siblings.end(), [&](const ProbeRecord* record) {
    const auto* tcp = detail_of<TcpDetail>(*record);
    return tcp && accepts_or_refuses(*tcp) && c.place(tcp->address) == Whereabouts::internet;
  });
}

Reach weigh_all(const Case& c) {
  Reach reach;
  reach.public_alive += sibling_answers(c);
  for (const auto& trail : c.trails) {
    for (const auto& row : trail.addresses) {
      if (!trail.proxied) weigh(c, reach, trail.endpoint->host, row);
    }
  }
  return reach;
}

bool silent_at_connect(const Trail& trail) {
  const auto* error = trail.open_at(TrailStage::connect) ? connect_error(trail) : nullptr;
  return error && error->failure == Failure::timeout && trail.tcp() && !is_platform(trail.shown()->address);
}

bool is_beyond(const Case& c, const Trail& trail, bool public_only) {
  if (!silent_at_connect(trail) || c.on_link(trail.shown()->address)) return false;
  return !public_only || c.place(trail.shown()->address) == Whereabouts::internet;
}

bool any_beyond(const Case& c, bool public_only) {
  return std::any_of(c.trails.begin(), c.trails.end(),
                     [&](const Trail& t) { return is_beyond(c, t, public_only); });
}

void claim_beyond(Case& c, Draft& draft, bool public_only) {
  for (auto& trail : c.trails) {
    if (!is_beyond(c, trail, public_only)) continue;
    draft.say(describe_trail(c, trail), probe_of(trail));
    say_last_hop(c, draft, trail);
    c.claim(draft, trail);
  }
}

}  // namespace

void rule_no_route(Case& c) {
  for (auto& trail : c.trails) {
    const auto* error = trail.open_at(TrailStage::connect) ? connect_error(trail) : nullptr;
    const bool no_route = error && error->failure == Failure::net_unreachable && !has_icmp(trail) &&
                          !c.facts.node.default_route;
    const bool no_dns = unresolved_for_want_of_route(c, trail);
    if (!no_route && !no_dns) continue;
    auto& draft = c.draft("route.none", "node");
    draft.confidence = Confidence::certain;
    draft.title = "The node has no route to the network: there is no default route";
    if (draft.evidence.empty()) draft.say("the node's routing table has no default route");
    if (no_dns) {
      for (const auto& view : c.configured_views(trail)) {
        draft.say(
            fmt::format("nameserver {} is outside the node's own subnets and cannot be asked", view.server),
            trail.dns);
      }
    } else {
      draft.say(describe_trail(c, trail), probe_of(trail));
    }
    c.claim(draft, trail);
  }
}

void rule_local_block(Case& c) {
  std::map<Failure, std::vector<Trail*>> groups;
  for (auto& trail : c.trails) {
    if (trail.open_at(TrailStage::connect) && locally_blocked(trail, c))
      groups[connect_error(trail)->failure].push_back(&trail);
  }
  for (auto& [failure, trails] : groups) {
    std::set<std::string> addresses;
    for (const auto* trail : trails) addresses.insert(trail->shown()->address);
    auto& draft = c.draft("route.local-block", common_prefix(addresses));
    const bool proven = failure != Failure::host_unreachable && failure != Failure::net_unreachable;
    draft.confidence = proven ? Confidence::certain : Confidence::likely;
    draft.title = fmt::format("This node itself blocks {}: {}", draft.subject, words_of(failure));
    if (!proven) {
      draft.or_else("tcp.prohibited",
                    "A router on the way may have said so without leaving its address: ip route get ADDRESS "
                    "shows what this node does.");
    }
    for (auto* trail : trails) {
      draft.say(describe_trail(c, *trail), probe_of(*trail));
      c.claim(draft, *trail);
    }
  }
}

void rule_no_egress(Case& c) {
  const auto reach = weigh_all(c);
  const bool private_fine = reach.private_alive > 0 || reach.far_planned == 0;
  if (reach.public_alive > 0 || reach.public_dead.size() < kFewest || !private_fine || !any_beyond(c, true))
    return;
  auto& draft = c.draft("route.no-egress", "node");
  draft.confidence = reach.private_alive > 0 ? Confidence::certain : Confidence::likely;
  draft.title = fmt::format("The node has no way to the internet: all {} public hosts are silent",
                            reach.public_dead.size());
  if (reach.private_alive > 0) {
    draft.say(fmt::format("{}, a private address, answers", reach.alive), reach.alive_at);
  } else {
    draft.or_else(
        "route.all-dead",
        "No private endpoint is planned, so it is not known whether anything beyond the subnet answers.");
  }
  draft.or_else("tcp.filtered",
                "A firewall that drops every public destination looks the same from here; its log would show "
                "the drops.");
  claim_beyond(c, draft, true);
}

void rule_all_dead(Case& c) {
  const auto reach = weigh_all(c);
  if (reach.public_alive > 0 || reach.far_alive > 0 || reach.far_dead.empty()) return;
  if (reach.public_dead.size() + reach.far_dead.size() < kFewest || reach.public_dead.empty()) return;
  if (!any_beyond(c, false)) return;
  auto& draft = c.draft("route.all-dead", "node");
  draft.confidence = reach.near_alive > 0 ? Confidence::certain : Confidence::likely;
  draft.title =
      fmt::format("Nothing beyond the node's subnet answers: {} hosts are silent, public and private alike",
                  reach.public_dead.size() + reach.far_dead.size());
  if (reach.near_alive > 0)
    draft.say(fmt::format("{}, in the node's own subnet, answers", reach.alive), reach.alive_at);
  draft.or_else("tcp.filtered",
                "A network security group that drops everything looks the same: compare the effective routes "
                "and the effective rules of the network interface.");
  claim_beyond(c, draft, false);
}

}  // namespace amlnet
