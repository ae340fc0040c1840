// Which further probes separate the candidates of what failed: each varies one thing of a probe that failed.
#include <algorithm>
#include <set>

#include "agent/diagnosis/case.h"
#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/handshakes.h"

namespace amlnet {
namespace {

constexpr std::size_t kMost = 64;   // follow-ups of one round
constexpr int kSmallSegment = 536;  // every IPv4 path carries 576-byte packets (RFC 9293 section 3.7.1)

const TlsDetail* cut_handshake(const Trail& trail) {
  if (trail.progress != Progress::failed || trail.stage != TrailStage::handshake || trail.proxied)
    return nullptr;
  const auto* tls = trail.tls();
  const bool cut =
      tls && (kind_of(*tls) == HandshakeKind::no_answer || kind_of(*tls) == HandshakeKind::stalled);
  return cut ? tls : nullptr;
}

/// A name of another domain that passed TLS directly in this run; "" when there is none.
std::string neutral_name(const Case& c, const std::string& host) {
  for (const auto& trail : c.trails) {
    if (trail.progress != Progress::passed || trail.proxied || is_address(trail.endpoint->host)) continue;
    const bool tls = trail.endpoint->protocol == Protocol::tls || trail.endpoint->protocol == Protocol::https;
    if (tls && registered_domain(trail.endpoint->host) != registered_domain(host))
      return trail.endpoint->host;
  }
  return {};
}

FollowUp handshake_follow_up(const Trail& trail, const TlsDetail& tls, std::string control,
                             const std::string& name) {
  FollowUp result;
  result.endpoint = trail.index;
  result.control = std::move(control);
  result.tcp.address = tls.address;
  result.tcp.port = tls.port;
  TlsSpec spec;
  spec.server_name = name;
  spec.verify_name = name;
  result.then = spec;
  return result;
}

}  // namespace

std::vector<FollowUp> follow_ups(const Facts& facts) {
  const auto c = open_case(facts);
  std::vector<FollowUp> result;
  std::set<std::string> asked;
  for (const auto& trail : c.trails) {
    const auto* tls = cut_handshake(trail);
    if (tls == nullptr || result.size() >= kMost || !asked.insert(trail.target).second) continue;
    const auto name = neutral_name(c, trail.endpoint->host);
    if (!name.empty() && !c.follow_up_of(trail, "neutral-sni")) {
      result.push_back(handshake_follow_up(trail, *tls, "neutral-sni", name));
    }
    if (tls->error.failure == Failure::timeout && !c.follow_up_of(trail, "small-segments")) {
      auto small = handshake_follow_up(trail, *tls, "small-segments", tls->server_name);
      small.tcp.segment_size = kSmallSegment;
      result.push_back(std::move(small));
    }
  }
  return result;
}

}  // namespace amlnet
