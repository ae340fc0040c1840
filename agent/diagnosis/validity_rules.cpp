// Certificates of a trusted issuer that are not right for this host or this day.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>

#include "agent/diagnosis/answers.h"
#include "agent/diagnosis/clock.h"
#include "agent/diagnosis/handshakes.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"
#include "agent/diagnosis/verified.h"

namespace amlnet {
namespace {

std::string day_of(std::int64_t seconds) {
  const auto when = static_cast<std::time_t>(seconds);
  std::tm parts{};
  if (gmtime_r(&when, &parts) == nullptr) return "an impossible date";
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

std::vector<std::string> names_in(const Certificate& leaf) {
  std::vector<std::string> names;
  for (const auto& name : leaf.names) names.push_back(excerpt_of(name, 100));
  if (names.empty() && !leaf.subject_cn.empty()) names.push_back(excerpt_of(leaf.subject_cn, 100));
  return names;
}

/// The certificate of the chain whose validity is over, or not begun: the one with the tightest date.
const Certificate* tightest(const Case& c, const TlsDetail& tls, bool end) {
  const Certificate* worst = nullptr;
  for (const auto& fingerprint : tls.chain) {
    const auto* one = certificate_of(fingerprint, c.facts.evidence.certificates);
    if (one == nullptr) continue;
    const bool tighter =
        worst == nullptr || (end ? one->not_after < worst->not_after : one->not_before > worst->not_before);
    if (tighter) worst = one;
  }
  return worst;
}

/// A wrong date is the certificate's where this clock is shown right. That other certificates are valid by it
/// shows little: they may run for longer.
void weigh_clock(const Case& c, Draft& draft) {
  for (const auto& [domain, offset] : clock_offsets(c)) {
    if (std::abs(offset.seconds) > kSkewSeconds) continue;
    draft.confidence = Confidence::certain;
    return draft.say(fmt::format("the Date header of {} agrees with this node's clock", offset.host),
                     offset.probe);
  }
  const bool others = std::any_of(c.trails.begin(), c.trails.end(), [](const Trail& other) {
    const auto* seen = finished_handshake(other);
    return seen && verify_code(*seen) == 0;
  });
  if (others) draft.say("certificates of other hosts are valid by the same clock");
  draft.or_else("node.clock-skew",
                "No answer of a service shows that this node's clock is right: compare it with another "
                "machine's.");
}

void blame_date(Case& c, std::string_view cause, bool end) {
  for (auto& trail : c.trails) {
    if (!fails_verification(trail)) continue;
    const auto& tls = *finished_handshake(trail);
    const auto code = verify_code(tls);
    if (end ? !is_expired(code) : !is_not_yet_valid(code)) continue;
    auto& draft = c.draft(cause, trail.endpoint->host);
    draft.confidence = Confidence::likely;
    draft.title = fmt::format("The certificate of {} {}", trail.endpoint->host,
                              end ? "has expired" : "is not valid yet");
    const auto* certificate = tightest(c, tls, end);
    if (certificate != nullptr) {
      draft.say(fmt::format("{} shows \"{}\", valid from {} to {}", trail.target,
                            excerpt_of(certificate->subject, 160), day_of(certificate->not_before),
                            day_of(certificate->not_after)),
                finished_record(trail));
    } else {
      draft.say(describe_trail(c, trail), finished_record(trail));
    }
    weigh_clock(c, draft);
    c.claim(draft, trail);
  }
}

}  // namespace

void rule_name_mismatch(Case& c) {
  for (auto& trail : c.trails) {
    if (!fails_verification(trail)) continue;
    const auto& tls = *finished_handshake(trail);
    if (tls.name_matches) continue;
    auto& draft = c.draft("tls.name-mismatch", trail.endpoint->host);
    const auto* leaf =
        tls.chain.empty() ? nullptr : certificate_of(tls.chain.front(), c.facts.evidence.certificates);
    const auto names = leaf ? names_in(*leaf) : std::vector<std::string>();
    draft.confidence = Confidence::certain;
    draft.title = fmt::format("The certificate behind {} is for {}", trail.endpoint->host,
                              names.empty() ? "no name" : joined(names, 2));
    draft.say(fmt::format("{} at {} shows a certificate for {}", trail.endpoint->host, tls.address,
                          names.empty() ? "no name" : joined(names, 6)),
              finished_record(trail));
    c.claim(draft, trail);
  }
}

void rule_expired(Case& c) {
  blame_date(c, "tls.expired", true);
}

void rule_not_yet_valid(Case& c) {
  blame_date(c, "tls.not-yet-valid", false);
}

}  // namespace amlnet
