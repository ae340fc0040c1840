// What hides behind handshakes that pass: larger ones that would not, and ways that are only just wide
// enough.
#include <fmt/format.h>

#include <algorithm>

#include "agent/diagnosis/handshakes.h"
#include "agent/diagnosis/held_up.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {
namespace {

constexpr double kSlowMs = 2000;     // as for DNS (contract section 4, dns.slow)
constexpr double kSlowShare = 10;    // times the connect: a far host is slow at both
constexpr double kBusyLoopMs = 200;  // a lag of our own event loop that would explain a part of it

const TlsDetail* tls_of(const ProbeRecord* record) {
  return detail_of<TlsDetail>(record);
}

bool lost(const ProbeRecord* record) {
  const auto* tls = tls_of(record);
  return tls && record->status == ProbeStatus::failed && !peer_spoke_tls(*tls) && !slept_through(*record);
}

/// A host that passed with a small ClientHello, and what became of a large one there.
struct LargeHello {
  Trail* trail = nullptr;
  const ProbeRecord *control = nullptr, *again = nullptr, *in_pieces = nullptr;
};

std::vector<LargeHello> lost_hellos(Case& c) {
  std::vector<LargeHello> result;
  const auto controls = c.controls.find("large-hello");
  if (controls == c.controls.end()) return result;
  for (const auto* record : controls->second) {
    if (!lost(record)) continue;
    for (auto& trail : c.trails) {
      if (trail.target != record->target || trail.progress != Progress::passed) continue;
      const auto* again = c.follow_up_of(trail, "large-hello");
      if (again == nullptr || lost(again))
        result.push_back({&trail, record, again, c.follow_up_of(trail, "large-hello-small-segments")});
    }
  }
  // Which host was asked first is chance.
  std::sort(result.begin(), result.end(),
            [](const auto& a, const auto& b) { return a.trail->index < b.trail->index; });
  return result;
}

bool passes_in_pieces(const LargeHello& hello) {
  const auto* tls = tls_of(hello.in_pieces);
  return tls && peer_spoke_tls(*tls);
}

void say_lost(Draft& draft, const LargeHello& hello) {
  const auto* shown = hello.again ? hello.again : hello.control;
  const auto& tls = *tls_of(shown);
  draft.say(
      fmt::format(
          "{} finishes a TLS handshake that begins with a small ClientHello, and does not answer one of {} "
          "bytes ({})",
          hello.trail->target, tls.bytes_sent, words_of(tls.error.failure)),
      shown);
}

bool trickles(const AddressTrail& row, double& ms) {
  if (row.progress != Progress::passed || row.connect == nullptr || row.connect->kind != ProbeKind::tcp)
    return false;
  const auto* tls = tls_of(row.handshake);
  const auto* http = detail_of<HttpDetail>(row.answer);
  const bool busy = (row.handshake && row.handshake->loop_lag_ms > kBusyLoopMs) ||
                    (row.answer && row.answer->loop_lag_ms > kBusyLoopMs);
  const double rest = http && http->first_byte_ms > 0 ? row.answer->duration_ms - http->first_byte_ms : 0;
  ms = std::max(tls ? tls->handshake_ms : 0, rest);
  return !busy && ms > kSlowMs && ms > kSlowShare * row.connect->duration_ms;
}

}  // namespace

/// The direction that no answer of the run used: packets of full size from this node.
void rule_upload_blackhole(Case& c) {
  for (const auto& hello : lost_hellos(c)) {
    if (!passes_in_pieces(hello)) continue;
    auto& draft = c.draft("path.mtu-blackhole", "node");
    draft.confidence = Confidence::certain;
    if (draft.title.empty())
      draft.title = "Large packets from this node are lost on the way, and nothing says so";
    say_lost(draft, hello);
    draft.say("in segments of 536 bytes the same ClientHello is answered", hello.in_pieces);
    c.touch(draft, *hello.trail);
  }
}

void rule_large_hello_dropped(Case& c) {
  for (const auto& hello : lost_hellos(c)) {
    if (passes_in_pieces(hello)) continue;
    auto& draft = c.draft("path.large-hello-dropped", "node");
    draft.confidence = lost(hello.in_pieces) ? Confidence::certain : Confidence::likely;
    draft.title = "A ClientHello of more than one packet is lost, a small one passes";
    say_lost(draft, hello);
    if (lost(hello.in_pieces)) {
      draft.say("nor is it answered in segments of 536 bytes: its own size decides, not that of the packets",
                hello.in_pieces);
    } else {
      draft.or_else("path.mtu-blackhole",
                    "The size of the packets may decide, and not that of the ClientHello: the same one in "
                    "small segments "
                    "would tell.");
    }
    c.touch(draft, *hello.trail);
  }
}

void rule_path_slow(Case& c) {
  for (auto& trail : c.trails) {
    if (trail.progress != Progress::passed || trail.proxied) continue;
    for (const auto& row : trail.addresses) {
      double ms = 0;
      if (!trickles(row, ms)) continue;
      auto& draft = c.draft("path.slow", trail.endpoint->host);
      draft.confidence = Confidence::likely;
      draft.title = fmt::format("{} connects quickly, and then trickles", trail.endpoint->host);
      draft.say(
          fmt::format(
              "{}, and its {} takes {:.0f} ms", describe_connect(*row.connect),
              tls_of(row.handshake) && tls_of(row.handshake)->handshake_ms >= ms ? "TLS handshake" : "answer",
              ms),
          row.last());
      draft.or_else("unknown",
                    "The server itself may be overloaded: other hosts on the same way would be quick.");
      c.touch(draft, trail);
    }
  }
}

}  // namespace amlnet
