// Handshakes that never end in a certificate. Which of them the server name decides is shown by a follow-up
// that changes the name and nothing else; which the size of packets decides, by one that changes the segment
// size and nothing else.
#include <fmt/format.h>

#include <algorithm>

#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/handshakes.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {
namespace {

const TlsDetail* failed_as(const Trail& trail, HandshakeKind kind) {
  const auto* tls = trail.open_at(TrailStage::handshake) ? trail.tls() : nullptr;
  return tls && kind_of(*tls) == kind ? tls : nullptr;
}

/// No ServerHello came, whether nothing at all or a part of something.
const TlsDetail* unanswered(const Trail& trail) {
  const auto* tls = failed_as(trail, HandshakeKind::no_answer);
  return tls ? tls : failed_as(trail, HandshakeKind::stalled);
}

/// The same address asked with another server name, or with none where no name that passed was at hand.
const ProbeRecord* other_name(const Case& c, const Trail& trail) {
  const auto* named = c.follow_up_of(trail, "neutral-sni");
  return named ? named : c.follow_up_of(trail, "no-sni");
}

std::string words_of_name(const TlsDetail& tls) {
  return tls.server_name.empty() ? "no server name" : "the server name " + tls.server_name;
}

Draft& blame(Case& c, std::string_view cause, std::string subject, Trail& trail, std::string title,
             Confidence confidence) {
  auto& draft = c.draft(cause, std::move(subject));
  draft.confidence = confidence;
  draft.title = std::move(title);
  draft.say(describe_trail(c, trail), probe_of(trail));
  c.claim(draft, trail);
  return draft;
}

/// The hosts that a finding explains, each once, in the plan's order.
std::vector<std::string> failing_hosts(const Case& c, const Draft& draft) {
  std::vector<std::string> hosts;
  for (const auto index : draft.failing) {
    const auto& host = c.trails[index].endpoint->host;
    if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) hosts.push_back(host);
  }
  return hosts;
}

/// Failures of the same kind that were left out of the follow-ups, of which a run has only so many.
void claim_untried_stalls(Case& c) {
  if (!c.has("path.mtu-blackhole")) return;
  for (auto& trail : c.trails) {
    const auto* tls = unanswered(trail);
    if (tls == nullptr || tls->error.failure != Failure::timeout || c.follow_up_of(trail, "small-segments"))
      continue;
    auto& draft = c.draft("path.mtu-blackhole", "node");
    draft.say(describe_trail(c, trail), probe_of(trail));
    c.claim(draft, trail);
  }
}

void claim_untried_names(Case& c) {
  for (auto& trail : c.trails) {
    if (unanswered(trail) == nullptr || other_name(c, trail) != nullptr) continue;
    const auto domain = registered_domain(trail.endpoint->host);
    const auto known = std::find_if(c.drafts.begin(), c.drafts.end(), [&](const Draft& draft) {
      return draft.cause == "tls.sni-filtered" && draft.subject == domain;
    });
    if (known == c.drafts.end()) continue;
    known->say(describe_trail(c, trail), probe_of(trail));
    c.claim(*known, trail);
  }
}

}  // namespace

void rule_mtu_blackhole(Case& c) {
  for (auto& trail : c.trails) {
    const auto* tls = unanswered(trail);
    if (tls == nullptr || tls->error.failure != Failure::timeout || !passes_in_small_segments(c, trail))
      continue;
    auto& draft = blame(c, "path.mtu-blackhole", "node", trail,
                        "Large packets are lost on the way, and nothing says so", Confidence::certain);
    draft.say(fmt::format("with segments of 536 bytes the handshake with {} goes through", trail.target),
              c.follow_up_of(trail, "small-segments"));
  }
  claim_untried_stalls(c);
}

void rule_sni_filtered(Case& c) {
  for (auto& trail : c.trails) {
    const auto* tls = unanswered(trail);
    const auto* control = tls ? other_name(c, trail) : nullptr;
    const auto* neutral = detail_of<TlsDetail>(control);
    if (neutral == nullptr || !peer_spoke_tls(*neutral)) continue;
    const auto domain = registered_domain(trail.endpoint->host);
    auto& draft = blame(c, "tls.sni-filtered", domain, trail, "", Confidence::certain);
    draft.say_also(fmt::format("the same address {} answers TLS for {}",
                               host_port(neutral->address, neutral->port), words_of_name(*neutral)),
                   control);
    const auto hosts = failing_hosts(c, draft);
    draft.title = fmt::format("TLS to {} is cut off by {} server name", joined(hosts),
                              hosts.size() == 1 ? "its" : "their");
  }
  claim_untried_names(c);
}

void rule_tls_no_answer(Case& c) {
  for (auto& trail : c.trails) {
    if (unanswered(trail) == nullptr) continue;
    const auto* control = other_name(c, trail);
    const auto* neutral = detail_of<TlsDetail>(control);
    auto& draft = blame(c, "tls.no-answer", trail.endpoint->host, trail,
                        fmt::format("{} accepts connections and does not answer TLS", trail.endpoint->host),
                        neutral ? Confidence::likely : Confidence::candidate);
    if (neutral != nullptr) {
      draft.say(
          fmt::format("with {} it is no better: {}", words_of_name(*neutral), describe_handshake(*neutral)),
          control);
    }
    if (neutral == nullptr || neutral->server_name.empty()) {
      draft.or_else("tls.sni-filtered",
                    "Another server name at the same address would tell whether the name decides; no name "
                    "that passed was at hand to try.");
    }
    draft.or_else(
        "tcp.filtered",
        "A firewall that accepts connections itself, and denies the rest, looks like a server that is down.");
  }
}

void rule_not_tls(Case& c) {
  for (auto& trail : c.trails) {
    if (failed_as(trail, HandshakeKind::not_tls) == nullptr) continue;
    blame(c, "tls.not-tls", trail.endpoint->host, trail, fmt::format("{} does not speak TLS", trail.target),
          Confidence::certain);
  }
}

void rule_version_refused(Case& c) {
  for (auto& trail : c.trails) {
    const bool version = failed_as(trail, HandshakeKind::version) != nullptr;
    if (!version && failed_as(trail, HandshakeKind::protocol) == nullptr) continue;
    auto& draft = blame(c, "tls.version-refused", trail.endpoint->host, trail,
                        fmt::format("{} and this node share no TLS version or cipher", trail.endpoint->host),
                        version ? Confidence::certain : Confidence::candidate);
    if (!version)
      draft.or_else("tls.not-tls",
                    "The handshake broke without an alert: a device on the way may answer in broken TLS.");
  }
}

void rule_alert(Case& c) {
  constexpr int kUnrecognizedName = 112, kCertificateRequired = 116;  // RFC 8446 section 6
  for (auto& trail : c.trails) {
    const auto* tls = failed_as(trail, HandshakeKind::alert);
    if (tls == nullptr) continue;
    const auto* what = *tls->alert == kUnrecognizedName      ? "does not know this server name (alert 112)"
                       : *tls->alert == kCertificateRequired ? "asks for a client certificate (alert 116)"
                                                             : "ends the handshake with an alert";
    blame(c, "tls.alert", trail.endpoint->host, trail, fmt::format("{} {}", trail.endpoint->host, what),
          Confidence::certain);
  }
}

}  // namespace amlnet
