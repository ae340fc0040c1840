#include "agent/diagnosis/upgrades.h"

#include <algorithm>

#include "agent/catalog/answerer.h"
#include "agent/diagnosis/answers.h"
#include "agent/diagnosis/held_up.h"

namespace amlnet {
namespace {

/// What Tornado, on which Jupyter stands, answers at a WebSocket's page to a request whose Upgrade or
/// Connection header is missing; 426 is what others answer (RFC 9110 section 15.5.22).
bool says_no_upgrade_came(const HttpDetail& http) {
  const std::string_view body = http.body.data;
  return http.status == 426 || body.find("Can \"Upgrade\" only to") != std::string_view::npos ||
         body.find("\"Connection\" must be \"Upgrade\"") != std::string_view::npos;
}

/// Whoever is not signed in is refused before the upgrade (failures.md class 66).
bool refused_by_service(const HttpDetail& http, const Endpoint& endpoint) {
  const auto* answerer = find_answerer(endpoint.answerer);
  if (answerer == nullptr || !answerer->recognises(http)) return false;
  if (judge_answer(http, endpoint) != AnswerKind::good) return false;
  const bool marked = std::any_of(http.headers.begin(), http.headers.end(),
                                  [](const auto& header) { return header.first.starts_with("x-ms-"); });
  const bool client_error = http.status >= 400 && http.status < 500;
  const bool redirect = http.status >= 300 && http.status < 400;
  return redirect || http.status == 401 || http.status == 403 || http.status == 404 ||
         (client_error && marked);
}

bool same_answer(const HttpDetail& one, const HttpDetail& other) {
  return one.status == other.status && header_of(one, "location") == header_of(other, "location");
}

}  // namespace

UpgradeKind judge_upgrade(const HttpDetail& upgrade, const HttpDetail* plain, const Endpoint& endpoint) {
  if (upgrade.error || upgrade.status == 0) return UpgradeKind::broken;
  if (upgrade.status == 101) return UpgradeKind::good;
  if (says_no_upgrade_came(upgrade)) return UpgradeKind::stripped;
  const bool told = plain != nullptr && plain->status != 0;
  if (refused_by_service(upgrade, endpoint))
    return told && !same_answer(upgrade, *plain) ? UpgradeKind::good : UpgradeKind::not_shown;
  const bool as_plain = told && upgrade.status < 300 && same_answer(upgrade, *plain);
  return as_plain ? UpgradeKind::ignored : UpgradeKind::broken;
}

Progress progress_of_upgrade(const Case& c, const Endpoint& endpoint, const AddressTrail& row) {
  const auto* upgrade = detail_of<HttpDetail>(row.upgrade);
  const bool ended = row.upgrade && !slept_through(*row.upgrade) &&
                     (row.upgrade->status == ProbeStatus::ok || row.upgrade->status == ProbeStatus::failed);
  if (!ended || upgrade == nullptr) return Progress::unfinished;
  const auto* plain = plain_get_after(c, *row.upgrade);
  const auto* plainly = detail_of<HttpDetail>(plain);
  const auto kind = judge_upgrade(*upgrade, plainly, endpoint);
  return kind == UpgradeKind::good        ? Progress::passed
         : kind == UpgradeKind::not_shown ? Progress::undecided
                                          : Progress::failed;
}

const ProbeRecord* plain_get_after(const Case& c, const ProbeRecord& upgrade) {
  const auto found = c.controls.find("plain-get");
  if (found == c.controls.end()) return nullptr;
  const auto record = std::find_if(found->second.begin(), found->second.end(), [&](const ProbeRecord* r) {
    return std::find(r->after.begin(), r->after.end(), upgrade.id) != r->after.end();
  });
  return record == found->second.end() ? nullptr : *record;
}

}  // namespace amlnet
