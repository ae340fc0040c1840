#include "agent/diagnosis/hops.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/observed.h"

namespace amlnet {
namespace {

/// ICMP "time to live exceeded in transit" (RFC 792 type 11, RFC 4443 type 3).
bool is_expiry(const IcmpError& icmp) {
  return icmp.code == 0 && icmp.type == (icmp.family == 6 ? 3 : 11);
}

struct Way {
  int furthest = 0, tried = 0;  // hops
  std::string router;
  const ProbeRecord* shown = nullptr;
  bool arrived = false;  // the address answered one of them
};

Way way_to(const Case& c, const Trail& trail) {
  Way way;
  for (const auto* record : c.follow_ups_at(trail.target, "hop")) {
    const auto* tcp = detail_of<TcpDetail>(*record);
    if (tcp == nullptr || !tcp->ttl || record->status == ProbeStatus::unfinished) continue;
    way.tried = std::max(way.tried, *tcp->ttl);
    way.arrived |= accepts_or_refuses(*tcp);
    if (way.shown == nullptr) way.shown = record;
    if (!tcp->icmp || !is_expiry(*tcp->icmp) || tcp->icmp->sender.empty() || *tcp->ttl <= way.furthest)
      continue;
    way.furthest = *tcp->ttl;
    way.router = tcp->icmp->sender;
    way.shown = record;
  }
  return way;
}

}  // namespace

void say_last_hop(const Case& c, Draft& draft, const Trail& trail) {
  const auto way = way_to(c, trail);
  if (way.tried == 0 || way.arrived) return;
  if (way.furthest == 0) {
    draft.say_also(
        fmt::format(
            "SYNs of limited life (1 to {} hops) to {}: no router on the way answers, so the place of "
            "the loss cannot be seen",
            way.tried, trail.target),
        way.shown);
    return;
  }
  draft.say_also(
      fmt::format(
          "SYNs of limited life to {}: the last router that answers is {}, {} {} away; what is lost is "
          "lost there or behind it",
          trail.target, way.router, way.furthest, way.furthest == 1 ? "hop" : "hops"),
      way.shown);
}

}  // namespace amlnet
