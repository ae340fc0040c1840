// Faults of the node itself: its clock, its kernel tables, the limits of this process.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "agent/diagnosis/clock.h"
#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {
namespace {

constexpr double kAgreeSeconds = 120;  // two honest servers differ by seconds
constexpr double kFullShare = 0.98;    // of nf_conntrack_max

bool is_shortage(Failure failure) {
  return failure == Failure::no_descriptors || failure == Failure::no_memory ||
         failure == Failure::no_local_port;
}

const UdpDetail* udp_of(const Trail& trail) {
  return trail.shown() && trail.shown()->connect ? detail_of<UdpDetail>(*trail.shown()->connect) : nullptr;
}

const WireError* error_of(const Trail& trail) {
  if (trail.stage == TrailStage::connect && trail.tcp()) return &trail.tcp()->error;
  if (trail.stage == TrailStage::connect && udp_of(trail)) return &udp_of(trail)->error;
  if (trail.stage == TrailStage::handshake && trail.tls()) return &trail.tls()->error;
  if (trail.stage == TrailStage::upgrade && trail.upgrade()) return &trail.upgrade()->error;
  const bool http = trail.stage == TrailStage::answer || trail.stage == TrailStage::tunnel;
  return http && trail.http() ? &trail.http()->error : nullptr;
}

/// Every question about the name was refused by the kernel itself, before it left the node.
bool never_asked(const Case& c, const Trail& trail) {
  if (trail.stage != TrailStage::name || !trail.names()) return false;
  bool refused = false;
  for (const auto& answer : trail.names()->answers) {
    const auto server = c.servers.find(answer.server);
    if (server == c.servers.end() || !server->second.configured) continue;
    if (answer.error.failure != Failure::local_reject) return false;
    refused = true;
  }
  return refused;
}

/// What a full table does: a SYN vanishes, a datagram is refused with EPERM.
bool dropped(const Case& c, const Trail& trail) {
  if (never_asked(c, trail)) return true;
  const auto* error = error_of(trail);
  if (error == nullptr || trail.stage == TrailStage::handshake) return false;
  if (error->failure == Failure::local_reject) return true;
  const bool unconnected =
      trail.stage == TrailStage::connect || (trail.http() && trail.http()->connect_ms <= 0);
  return error->failure == Failure::timeout && unconnected;
}

/// "no local port or address is left" of "not tried: no local port or address is left".
std::string_view shortage_words(Failure failure) {
  auto words = words_of(failure);
  if (const auto colon = words.find(": "); colon != std::string_view::npos) words.remove_prefix(colon + 2);
  return words;
}

bool has_date_fault(const Trail& trail) {
  constexpr int kNotYetValid = 9,
                kExpired = 10;  // X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
  const auto* tls = trail.stage == TrailStage::handshake ? trail.tls() : nullptr;
  return tls && !tls->error && !tls->verdicts.empty() && tls->name_matches &&
         (tls->verdicts.front().code == kNotYetValid || tls->verdicts.front().code == kExpired);
}

/// Two unrelated hosts that agree on how wrong this node is; empty when there are none.
std::vector<ClockOffset> agreeing(const Case& c) {
  const auto all = clock_offsets(c);
  for (auto a = all.begin(); a != all.end(); ++a) {
    if (std::abs(a->second.seconds) <= kSkewSeconds) continue;
    for (auto b = std::next(a); b != all.end(); ++b) {
      if (std::abs(a->second.seconds - b->second.seconds) <= kAgreeSeconds &&
          std::abs(b->second.seconds) > kSkewSeconds) {
        return {a->second, b->second};
      }
    }
  }
  return {};
}

}  // namespace

void rule_resource_limit(Case& c) {
  for (auto& trail : c.trails) {
    const auto* error = trail.open() ? error_of(trail) : nullptr;
    if (error == nullptr || !is_shortage(error->failure)) continue;
    auto& draft = c.draft("node.resource-limit", "node");
    draft.confidence = Confidence::certain;
    draft.title =
        fmt::format("This node ran out of what a connection needs: {}", shortage_words(error->failure));
    draft.say(fmt::format("{}: {}", trail.target, words_of(error->failure)), probe_of(trail));
    c.claim(draft, trail);
  }
}

void rule_conntrack_full(Case& c) {
  const auto& node = c.facts.node;
  if (!node.conntrack_count || !node.conntrack_max || *node.conntrack_max <= 0) return;
  if (static_cast<double>(*node.conntrack_count) < kFullShare * static_cast<double>(*node.conntrack_max))
    return;
  auto& draft = c.draft("node.conntrack-full", "node");
  draft.confidence = Confidence::likely;
  draft.title = "The kernel's connection table is full, new connections are dropped on the node";
  draft.say(fmt::format("nf_conntrack_count is {} of nf_conntrack_max {}", *node.conntrack_count,
                        *node.conntrack_max));
  draft.or_else(
      "tcp.filtered",
      "A filter on the way drops just as silently: empty the table or raise the limit, and check again.");
  for (auto& trail : c.trails) {
    if (!trail.open() || !dropped(c, trail)) continue;
    if (never_asked(c, trail)) {
      draft.say(fmt::format("{}: the kernel refuses to send any question about the name (EPERM)",
                            trail.endpoint->host),
                trail.dns);
      c.claim(draft, trail);
      continue;
    }
    draft.say(describe_trail(c, trail), probe_of(trail));
    c.claim(draft, trail);
  }
}

void rule_clock_skew(Case& c) {
  const auto hosts = agreeing(c);
  if (hosts.empty()) return;
  auto& draft = c.draft("node.clock-skew", "node");
  draft.confidence = Confidence::certain;
  const auto seconds = std::abs(hosts.front().seconds);
  const auto* side = hosts.front().seconds > 0 ? "behind" : "ahead";
  draft.title = fmt::format("The node's clock is {:.0f} s {}", seconds, side);
  for (const auto& host : hosts) {
    draft.say(fmt::format("the Date header of {} is {:.0f} s {} this node's clock", host.host,
                          std::abs(host.seconds), host.seconds > 0 ? "ahead of" : "behind"),
              host.probe);
  }
  for (auto& trail : c.trails) {
    if (!trail.open() || !has_date_fault(trail)) continue;
    draft.say(fmt::format("{}: {}", trail.target, trail.tls()->verdicts.front().text), probe_of(trail));
    c.claim(draft, trail);
  }
}

}  // namespace amlnet
