// What no rule explains: one finding a host with everything that was seen of it.
#include <fmt/format.h>

#include "agent/diagnosis/answers.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {
namespace {

void say_verdicts(Draft& draft, const AddressTrail& row) {
  const auto* tls = detail_of<TlsDetail>(row.handshake);
  if (tls == nullptr) return;
  for (const auto& verdict : tls->verdicts) {
    if (verdict.code == 0) continue;
    draft.say_also(fmt::format("{} says {} ({})", verdict.store, excerpt_of(verdict.text), verdict.code),
                   row.handshake);
  }
}

}  // namespace

void rule_unknown(Case& c) {
  for (auto& trail : c.trails) {
    if (!trail.open()) continue;
    auto& draft = c.draft("unknown", trail.endpoint->host);
    draft.confidence = Confidence::candidate;
    draft.title = fmt::format("{} fails in a way that no rule explains", trail.endpoint->host);
    draft.say_also(describe_trail(c, trail), probe_of(trail));
    for (const auto& row : trail.addresses) {
      if (row.connect) draft.say_also(describe_connect(*row.connect), row.connect);
      if (const auto* tls = detail_of<TlsDetail>(row.handshake)) {
        draft.say_also(describe_handshake(*tls), row.handshake);
      }
      say_verdicts(draft, row);
      if (const auto* http = detail_of<HttpDetail>(row.answer)) {
        draft.say_also(describe_answer(*http), row.answer);
      }
    }
    c.claim(draft, trail);
  }
}

}  // namespace amlnet
