// A host that answers ordinary requests, and where the upgrade to WebSocket does not arrive.
#include <fmt/format.h>

#include <algorithm>

#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"
#include "agent/diagnosis/upgrades.h"
#include "probes/websocket.h"

namespace amlnet {
namespace {

/// The upgrade that switched on the direct path, beside a proxied one.
const ProbeRecord* direct_switch(const Case& c, const Trail& trail) {
  const auto found = trail.proxied ? c.direct.find(trail.target) : c.direct.end();
  if (found == c.direct.end()) return nullptr;
  const auto record = std::find_if(found->second.begin(), found->second.end(), [](const ProbeRecord* r) {
    const auto* http = detail_of<HttpDetail>(*r);
    return http && is_websocket_url(http->url) && http->status == 101 && !http->error;
  });
  return record == found->second.end() ? nullptr : *record;
}

std::string meaning_of(UpgradeKind kind, const std::string& host) {
  switch (kind) {
    case UpgradeKind::stripped:
      return fmt::format("{} says that no upgrade reached it: it was taken out on the way", host);
    case UpgradeKind::ignored:
      return fmt::format("{} answers the upgrade just as it answers an ordinary request", host);
    default:
      return fmt::format("{} answers ordinary requests", host);
  }
}

void weigh(Draft& draft, const Case& c, const Trail& trail, UpgradeKind kind) {
  const auto* direct = direct_switch(c, trail);
  if (direct != nullptr) draft.say("without the proxy the same upgrade is answered 101", direct);
  if (kind == UpgradeKind::stripped || direct != nullptr) {
    draft.confidence = Confidence::certain;
    return;
  }
  draft.confidence = Confidence::likely;
  draft.or_else(
      "http.instance-unhealthy",
      "The instance itself may answer so: the same upgrade from the instance's own terminal, to the port "
      "that Jupyter listens on, would tell.");
}

}  // namespace

void rule_websocket_blocked(Case& c) {
  for (auto& trail : c.trails) {
    const auto* upgrade = trail.open_at(TrailStage::upgrade) ? trail.upgrade() : nullptr;
    if (upgrade == nullptr) continue;
    const auto* record = probe_of(trail);
    const auto* plain = plain_get_after(c, *record);
    const auto* plainly = detail_of<HttpDetail>(plain);
    const auto kind = judge_upgrade(*upgrade, plainly, *trail.endpoint);
    const auto& host = trail.endpoint->host;
    auto& draft = c.draft("http.websocket-blocked", host);
    draft.title = fmt::format("{} answers, and an upgrade to WebSocket does not get through", host);
    draft.say(describe_trail(c, trail), record);
    draft.say(meaning_of(kind, host), plain ? plain : trail.shown()->answer);
    weigh(draft, c, trail, kind);
    c.claim(draft, trail);
  }
}

}  // namespace amlnet
