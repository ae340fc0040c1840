// Answers of devices in the way, and answers that nobody should give.
#include <fmt/format.h>

#include <set>

#include "agent/diagnosis/answers.h"
#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/handshakes.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {
namespace {

bool answered_as(const Trail& trail, AnswerKind kind) {
  const auto* http = trail.open_at(TrailStage::answer) ? trail.http() : nullptr;
  return http && judge_answer(*http, *trail.endpoint) == kind;
}

Draft& blame(Case& c, std::string_view cause, Trail& trail, std::string title, Confidence confidence) {
  auto& draft = c.draft(cause, trail.endpoint->host);
  draft.confidence = confidence;
  draft.title = std::move(title);
  draft.say(describe_trail(c, trail), probe_of(trail));
  c.claim(draft, trail);
  return draft;
}

/// A handshake that was cut, where plain HTTP to the same host read a denial: the same rule at work. One that
/// passes in small packets was cut by their size.
bool cut_handshake(const Case& c, const Trail& trail) {
  const auto* tls = trail.open_at(TrailStage::handshake) ? trail.tls() : nullptr;
  if (tls == nullptr || passes_in_small_segments(c, trail)) return false;
  const auto kind = kind_of(*tls);
  return kind == HandshakeKind::no_answer || kind == HandshakeKind::stalled;
}

}  // namespace

void rule_firewall_denied(Case& c) {
  std::set<std::string> denied;
  for (auto& trail : c.trails) {
    if (!answered_as(trail, AnswerKind::firewall_denied)) continue;
    denied.insert(trail.endpoint->host);
    blame(c, "http.firewall-denied", trail,
          fmt::format("A firewall denies {} and says so", trail.endpoint->host), Confidence::certain);
  }
  for (auto& trail : c.trails) {
    if (!denied.contains(trail.endpoint->host) || !cut_handshake(c, trail)) continue;
    auto& draft = c.draft("http.firewall-denied", trail.endpoint->host);
    draft.say(describe_trail(c, trail), probe_of(trail));
    c.claim(draft, trail);
  }
}

void rule_block_page(Case& c) {
  for (auto& trail : c.trails) {
    if (!answered_as(trail, AnswerKind::block_page)) continue;
    auto& draft = blame(c, "http.block-page", trail,
                        fmt::format("Something on the way answers in place of {}", trail.endpoint->host),
                        Confidence::likely);
    draft.or_else("http.unexpected",
                  "The service itself may show a page that this program does not know: its headers, in the "
                  "evidence, would name it.");
  }
}

/// Plain HTTP that ends without an answer, while another Host header at the same address gets one.
void rule_host_filtered(Case& c) {
  for (auto& trail : c.trails) {
    const auto* http = trail.open_at(TrailStage::answer) && !trail.proxied ? trail.http() : nullptr;
    const auto* record = c.follow_up_of(trail, "neutral-host");
    const auto* neutral = detail_of<HttpDetail>(record);
    const auto* again = c.follow_up_of(trail, "host-again");  // a request that was only unlucky passes now
    const auto* repeated = detail_of<HttpDetail>(again);
    const bool alike = repeated && repeated->status == 0;
    if (http == nullptr || http->status != 0 || !alike || neutral == nullptr || neutral->status == 0)
      continue;
    auto& draft = c.draft("http.host-filtered", registered_domain(trail.endpoint->host));
    draft.confidence = Confidence::certain;
    draft.title = fmt::format("Plain HTTP to {} is cut off by its Host header", draft.subject);
    draft.say(describe_trail(c, trail), probe_of(trail));
    draft.say_also(
        fmt::format("the same address {} answers HTTP {} to {}", host_port(neutral->address, neutral->port),
                    neutral->status, excerpt_of(neutral->url)),
        record);
    c.claim(draft, trail);
  }
}

void rule_instance_unhealthy(Case& c) {
  for (auto& trail : c.trails) {
    if (!answered_as(trail, AnswerKind::instance_unhealthy)) continue;
    auto& draft =
        blame(c, "http.instance-unhealthy", trail,
              fmt::format("{} is reached, and the instance behind it does not answer", trail.endpoint->host),
              Confidence::likely);
    draft.or_else("proxy.cannot-reach",
                  "A proxy on the user's side gives the same words where it blocks ports: try from this "
                  "node's own network.");
  }
}

void rule_http_unexpected(Case& c) {
  for (auto& trail : c.trails) {
    if (!trail.open_at(TrailStage::answer) || trail.http() == nullptr) continue;
    auto& draft = blame(c, "http.unexpected", trail,
                        fmt::format("{} does not answer HTTP as its service would", trail.endpoint->host),
                        Confidence::candidate);
    if (trail.http()->status == 0) {
      draft.or_else("http.host-filtered",
                    "A device that reads the Host header may cut the request off: another Host at the same "
                    "address would tell.");
    } else {
      draft.or_else("http.block-page", "A device on the way may answer in the service's place.");
    }
  }
}

}  // namespace amlnet
