// Connections that are up, and cut off by what is said on them: the same address with another server name,
// with none, in small segments, with another Host header.
#include <algorithm>
#include <set>

#include "agent/diagnosis/answers.h"
#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/handshakes.h"
#include "agent/diagnosis/questions.h"

namespace amlnet {
namespace {

constexpr int kMostWithoutName = 8;  // where no name passed, all fail: some are enough to see by what
constexpr int kSmallSegment = 536;   // every IPv4 path carries 576-byte packets (RFC 9293 section 3.7.1)

const TlsDetail* cut_handshake(const Trail& trail) {
  if (!trail.open_at(TrailStage::handshake) || trail.proxied) return nullptr;
  const auto* tls = trail.tls();
  const bool cut =
      tls && (kind_of(*tls) == HandshakeKind::no_answer || kind_of(*tls) == HandshakeKind::stalled);
  return cut ? tls : nullptr;
}

bool speaks(const Trail& trail, bool plain) {
  const auto protocol = trail.endpoint->protocol;
  return plain ? protocol == Protocol::http : protocol == Protocol::tls || protocol == Protocol::https;
}

/// For plain HTTP a name does as well that finished a handshake with a certificate that is not right.
bool answered_at_all(const Trail& trail, bool plain) {
  if (trail.progress == Progress::passed) return true;
  const auto* tls = plain && trail.open_at(TrailStage::handshake) ? trail.tls() : nullptr;
  return tls && kind_of(*tls) == HandshakeKind::not_verified;
}

/// A name of another domain that passed directly in this run, of the same protocol where there is one; ""
/// when there is none.
std::string neutral_name(const Case& c, const std::string& host, bool plain) {
  std::string other;
  for (const auto& trail : c.trails) {
    if (!answered_at_all(trail, plain) || trail.proxied || is_address(trail.endpoint->host)) continue;
    if (registered_domain(trail.endpoint->host) == registered_domain(host)) continue;
    if (speaks(trail, plain)) return trail.endpoint->host;
    if (plain && other.empty() && speaks(trail, false)) other = trail.endpoint->host;
  }
  return other;
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
  spec.send_sni = !name.empty();
  result.then = spec;
  return result;
}

FollowUp plain_request(const Trail& trail, const HttpDetail& http, std::string control,
                       const std::string& name) {
  FollowUp result;
  result.endpoint = trail.index;
  result.control = std::move(control);
  HttpSpec spec;
  spec.url = "http://" + (http.port == 80 ? name : host_port(name, http.port)) + "/";
  spec.address = http.address;
  spec.port = http.port;
  result.then = spec;
  return result;
}

}  // namespace

void ask_other_server_names(const Case& c, std::vector<FollowUp>& asked) {
  std::set<std::string> targets;
  int without_name = 0;
  for (const auto& trail : c.trails) {
    const auto* tls = cut_handshake(trail);
    if (tls == nullptr || asked.size() >= kMostFollowUps || !targets.insert(trail.target).second) continue;
    const auto name = neutral_name(c, trail.endpoint->host, false);
    const auto* control = name.empty() ? "no-sni" : "neutral-sni";
    const bool enough = name.empty() && ++without_name > kMostWithoutName;
    if (!enough && !c.follow_up_of(trail, control))
      asked.push_back(handshake_follow_up(trail, *tls, control, name));
    if (tls->error.failure == Failure::timeout && !c.follow_up_of(trail, "small-segments")) {
      auto small = handshake_follow_up(trail, *tls, "small-segments", tls->server_name);
      small.tcp.segment_size = kSmallSegment;
      asked.push_back(std::move(small));
    }
  }
}

void ask_other_host_header(const Case& c, std::vector<FollowUp>& asked) {
  for (const auto& trail : c.trails) {
    const bool failed = trail.open_at(TrailStage::answer) && speaks(trail, true) && !trail.proxied;
    const auto* http = failed ? trail.http() : nullptr;
    if (http == nullptr || http->status != 0 || c.follow_up_of(trail, "neutral-host")) continue;
    const auto name = neutral_name(c, trail.endpoint->host, true);
    if (name.empty()) continue;
    asked.push_back(plain_request(trail, *http, "neutral-host", name));
    asked.push_back(plain_request(trail, *http, "host-again", trail.endpoint->host));
  }
}

void ask_large_hello_again(const Case& c, std::vector<FollowUp>& asked) {
  const auto controls = c.controls.find("large-hello");
  if (controls == c.controls.end()) return;
  for (const auto* record : controls->second) {
    const auto* tls = detail_of<TlsDetail>(*record);
    const auto trail = std::find_if(c.trails.begin(), c.trails.end(),
                                    [&](const Trail& t) { return t.target == record->target; });
    const bool lost = tls && record->status == ProbeStatus::failed && !peer_spoke_tls(*tls);
    if (!lost || trail == c.trails.end() || c.follow_up_of(*trail, "large-hello")) continue;
    for (const auto* control : {"large-hello", "large-hello-small-segments"}) {
      auto again = handshake_follow_up(*trail, *tls, control, trail->endpoint->host);
      std::get<TlsSpec>(again.then).pad_hello = true;
      if (control != std::string_view("large-hello")) again.tcp.segment_size = kSmallSegment;
      asked.push_back(std::move(again));
    }
  }
}

}  // namespace amlnet
