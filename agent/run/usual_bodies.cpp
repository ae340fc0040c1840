#include "agent/run/usual_bodies.h"

#include <map>
#include <string>
#include <vector>

#include "agent/diagnosis/answers.h"
#include "probes/target.h"
#include "probes/websocket.h"

namespace amlnet {
namespace {

/// Whether what the answer means rests on its body.
bool rests_on_body(const HttpDetail& http, const HttpDetail& without, const Endpoint& endpoint) {
  const bool good = judge_answer(http, endpoint) == AnswerKind::good;
  const bool good_without = judge_answer(without, endpoint) == AnswerKind::good;
  return !good || !good_without || missing_role_in(http) != missing_role_in(without);
}

}  // namespace

void leave_out_usual_bodies(const Plan& plan, std::deque<ProbeRecord>& records) {
  std::multimap<std::string, const Endpoint*> by_target;
  for (const auto& endpoint : plan.endpoints)
    by_target.emplace(host_port(endpoint.host, endpoint.port), &endpoint);
  for (auto& record : records) {
    auto* http = std::get_if<HttpDetail>(&record.detail);
    if (http == nullptr || http->body.data.empty() || is_websocket_url(http->url)) continue;
    HttpDetail without = *http;
    without.body.data.clear();
    without.body_truncated = false;
    const auto [first, last] = by_target.equal_range(record.target);
    bool needed = first == last;
    for (auto row = first; row != last; ++row) needed = needed || rests_on_body(*http, without, *row->second);
    if (!needed) *http = std::move(without);
  }
}

}  // namespace amlnet
