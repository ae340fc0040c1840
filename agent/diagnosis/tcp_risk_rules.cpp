// What connections show without failing an endpoint now: dead addresses beside living ones, broken IPv6, and
// devices that accept every connection.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/held_up.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"
#include "agent/plan/inbound.h"
#include "probes/serve/greeting.h"

namespace amlnet {
namespace {

bool has_ipv6_address(const Node& node) {
  return std::any_of(node.interfaces.begin(), node.interfaces.end(), [](const Interface& i) {
    return i.address.find(':') != std::string::npos && !i.address.starts_with("fe80");
  });
}

const TcpDetail* tcp_of(const AddressTrail& row) {
  return detail_of<TcpDetail>(row.connect);
}

using DeadIpv6 = std::vector<std::pair<Trail*, const AddressTrail*>>;

/// Hosts of one owner may have addresses that are dead for everybody; those of two have not, at once.
void weigh_ipv6(Draft& draft, const DeadIpv6& dead) {
  std::set<std::string> domains;
  bool no_way = false;  // the node itself says so
  for (const auto& [trail, row] : dead) {
    domains.insert(registered_domain(trail->endpoint->host));
    no_way = no_way || tcp_of(*row)->error.failure == Failure::net_unreachable;
  }
  draft.confidence = no_way || domains.size() >= 2 ? Confidence::certain : Confidence::likely;
  if (draft.confidence == Confidence::certain) return;
  draft.or_else("tcp.some-addresses-dead",
                "The IPv6 addresses of this one owner may be dead for everybody: one of another owner would "
                "tell (ping -6, or curl -6).");
}

/// Beyond a device that accepts for everybody the listener sees that device's address.
void say_whom_the_listener_saw(Draft& draft, const Trail& trail) {
  if (!is_inbound(*trail.endpoint)) return;
  for (const auto& row : trail.addresses) {
    const auto* http = detail_of<HttpDetail>(row.answer);
    const auto greeting = http ? read_greeting(http->url, http->body.data) : std::nullopt;
    if (greeting)
      draft.say(
          fmt::format("amlnet listen at {} answers all the same, and sees this node as {}",
                      greeting->asked_at, greeting->seen_from.substr(0, greeting->seen_from.rfind(':'))),
          row.answer);
  }
}

}  // namespace

void rule_some_addresses_dead(Case& c) {
  // which addresses a burst or a shortage loses is chance
  if (c.has("tcp.snat-exhausted") || c.has("node.resource-limit") || c.has("node.conntrack-full")) return;
  for (auto& trail : c.trails) {
    if (trail.progress != Progress::passed || trail.proxied) continue;
    std::vector<const AddressTrail*> dead;
    for (const auto& row : trail.addresses) {
      // stage `name` marks an address whose last stage was left to another one
      if (!row.ipv6() && row.progress == Progress::failed && row.stage != TrailStage::name)
        dead.push_back(&row);
    }
    if (dead.empty()) continue;
    auto& draft = c.draft("tcp.some-addresses-dead", trail.endpoint->host);
    draft.confidence = Confidence::certain;
    draft.title = fmt::format("{} of the {} addresses of {} do not work", dead.size(), trail.addresses.size(),
                              trail.endpoint->host);
    for (const auto* row : dead) {
      const auto* last = row->last();
      const auto* tls = detail_of<TlsDetail>(last);
      const auto* http = detail_of<HttpDetail>(last);
      if (last)
        draft.say(tls    ? describe_handshake(*tls)
                  : http ? describe_answer(*http)
                         : describe_connect(*last),
                  last);
    }
    c.touch(draft, trail);
  }
}

void rule_transparent_proxy(Case& c) {
  const auto canaries = c.controls.find("canary");
  if (canaries == c.controls.end()) return;
  for (const auto* record : canaries->second) {
    const auto* tcp = detail_of<TcpDetail>(*record);
    if (tcp == nullptr || record->status != ProbeStatus::ok) continue;
    auto& draft = c.draft("tcp.transparent-proxy", std::to_string(tcp->port));
    draft.info = true;
    draft.confidence = Confidence::certain;
    draft.title = fmt::format("A device on the way accepts every connection on port {}", tcp->port);
    draft.say(fmt::format("{} is an address that nobody has (RFC 5737), and connects",
                          host_port(tcp->address, tcp->port)),
              record);
    for (auto& trail : c.trails) {
      const bool tested = trail.endpoint->protocol == Protocol::tcp || is_inbound(*trail.endpoint);
      if (!tested || trail.endpoint->port != tcp->port) continue;
      say_whom_the_listener_saw(draft, trail);
      c.touch(draft, trail);
    }
  }
}

/// Only where this node has an IPv6 address of its own: without one, programs do not try IPv6 (RFC 6724, rule
/// 1).
void rule_ipv6_broken(Case& c) {
  if (!has_ipv6_address(c.facts.node)) return;
  int alive = 0, v4_alive = 0;
  DeadIpv6 dead;
  for (auto& trail : c.trails) {
    for (const auto& row : trail.addresses) {
      const auto* tcp = trail.proxied ? nullptr : tcp_of(row);
      if (tcp == nullptr || row.connect->status == ProbeStatus::unfinished || slept_through(*row.connect))
        continue;
      if (!row.ipv6()) {
        v4_alive += !tcp->error;
      } else if (accepts_or_refuses(*tcp)) {
        ++alive;
      } else {
        dead.emplace_back(&trail, &row);
      }
    }
  }
  if (alive > 0 || v4_alive == 0 || dead.empty()) return;
  auto& draft = c.draft("tcp.ipv6-broken", "node");
  weigh_ipv6(draft, dead);
  draft.title =
      fmt::format("IPv6 does not work: {} IPv6 addresses answer nothing, IPv4 is fine", dead.size());
  for (auto& [trail, row] : dead) {
    draft.say(fmt::format("{}: {}", trail->endpoint->host, describe_connect(*row->connect)), row->connect);
    c.touch(draft, *trail);
  }
}

}  // namespace amlnet
