#include "agent/run/usual_bodies.h"

#include <map>
#include <string>

#include "agent/diagnosis/answers.h"
#include "probes/target.h"
#include "probes/websocket.h"

namespace amlnet {
namespace {

/// An answer with a body, and as it would be without.
struct Answer {
  HttpDetail& http;
  HttpDetail without;
  bool planned = false, needed = false;
};

/// Whether what the answer means rests on its body.
bool rests_on_body(const HttpDetail& http, const HttpDetail& without, const Endpoint& endpoint) {
  const bool good = judge_answer(http, endpoint) == AnswerKind::good;
  const bool good_without = judge_answer(without, endpoint) == AnswerKind::good;
  return !good || !good_without || missing_role_in(http) != missing_role_in(without);
}

}  // namespace

void leave_out_usual_bodies(const Plan& plan, Probes& probes) {
  std::multimap<std::string, Answer> answers;  // few have a body, of thousands of endpoints
  for (auto& record : probes) {
    auto* http = detail_of<HttpDetail>(record);
    if (http == nullptr || http->body.data.empty() || is_websocket_url(http->url)) continue;
    HttpDetail without = *http;
    without.body.data.clear();
    without.body_truncated = false;
    answers.emplace(record.target, Answer{*http, std::move(without)});
  }
  if (answers.empty()) return;
  for (const auto& endpoint : plan.endpoints) {
    const auto [first, last] = answers.equal_range(host_port(endpoint.host, endpoint.port));
    for (auto row = first; row != last; ++row) {
      auto& answer = row->second;
      answer.planned = true;
      answer.needed = answer.needed || rests_on_body(answer.http, answer.without, endpoint);
    }
  }
  for (auto& [target, answer] : answers) {
    if (answer.planned && !answer.needed) answer.http = std::move(answer.without);
  }
}

}  // namespace amlnet
