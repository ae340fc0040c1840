// Outbound ports that run out: connections that are opened together die, and pass one after the other.
#include <fmt/format.h>

#include <algorithm>

#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {
namespace {

/// The later connection to the same address and port, where it passed.
const ProbeRecord* passed_alone(const Case& c, const Trail& trail) {
  const auto* record = trail.open() && !trail.proxied ? c.follow_up_of(trail, "one-by-one") : nullptr;
  return record && record->status == ProbeStatus::ok ? record : nullptr;
}

/// Private addresses need no translated port: one that is silent speaks for another cause.
bool private_suffers(const Case& c) {
  return std::any_of(c.trails.begin(), c.trails.end(), [&](const Trail& trail) {
    const auto* tcp =
        trail.progress == Progress::failed && trail.stage == TrailStage::connect ? trail.tcp() : nullptr;
    return tcp && tcp->error.failure == Failure::timeout && c.place(tcp->address) != Whereabouts::internet;
  });
}

}  // namespace

void rule_snat_exhausted(Case& c) {
  if (private_suffers(c)) return;
  int hosts = 0;
  for (auto& trail : c.trails) {
    const auto* alone = passed_alone(c, trail);
    if (alone == nullptr) continue;
    auto& draft = c.draft("tcp.snat-exhausted", "node");
    draft.confidence = ++hosts > 1 ? Confidence::likely : Confidence::candidate;
    draft.title = "New connections to the internet die when many are opened at once, and pass one by one";
    draft.say(describe_trail(c, trail), probe_of(trail));
    draft.say(fmt::format("later and by itself, {}", describe_connect(*alone)), alone);
    draft.or_else("tcp.filtered",
                  "A link that loses packets, or a firewall that is overloaded, drops connections now and "
                  "then as well: "
                  "the counters of the NAT gateway or firewall tell.");
    c.claim(draft, trail);
  }
  if (hosts == 0) return;
  for (auto& trail : c.trails) {  // further requests of the same burst that were not tried again
    const auto* http = trail.open_at(TrailStage::answer) && !trail.proxied ? trail.http() : nullptr;
    const bool unconnected =
        http && http->status == 0 && http->error.failure == Failure::timeout && http->connect_ms <= 0;
    if (!unconnected || c.place(http->address) != Whereabouts::internet ||
        c.follow_up_of(trail, "one-by-one"))
      continue;
    auto& draft = c.draft("tcp.snat-exhausted", "node");
    draft.say(describe_trail(c, trail), probe_of(trail));
    c.claim(draft, trail);
  }
}

}  // namespace amlnet
