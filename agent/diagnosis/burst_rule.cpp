// Outbound ports that run out: connections that are opened together die, and pass one after the other.
#include <fmt/format.h>

#include <algorithm>

#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/questions.h"
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

/// One that was tried by itself and is silent all the same: then not every silence is the crowd's.
bool any_died_alone(const Case& c) {
  const auto tried = c.follow_ups_named("one-by-one");
  return std::any_of(tried.begin(), tried.end(),
                     [](const ProbeRecord* record) { return record->status == ProbeStatus::failed; });
}

/// A silent request or connection to the internet that was not tried again, of which a run has only so many.
bool is_untried(const Case& c, const Trail& trail, bool connections) {
  if (!trail.open() || trail.proxied || c.follow_up_of(trail, "one-by-one")) return false;
  if (const auto* http = silent_request(trail)) return c.place(http->address) == Whereabouts::internet;
  const auto* tcp = connections && trail.stage == TrailStage::connect ? trail.tcp() : nullptr;
  return tcp && tcp->error.failure == Failure::timeout && c.place(tcp->address) == Whereabouts::internet;
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
  const bool all_by_the_crowd = hosts > 1 && !any_died_alone(c);
  for (auto& trail : c.trails) {
    if (!is_untried(c, trail, all_by_the_crowd)) continue;
    auto& draft = c.draft("tcp.snat-exhausted", "node");
    draft.say(describe_trail(c, trail), probe_of(trail));
    c.claim(draft, trail);
  }
}

}  // namespace amlnet
