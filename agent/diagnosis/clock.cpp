#include "agent/diagnosis/clock.h"

#include <unordered_map>

#include "agent/diagnosis/answers.h"
#include "agent/diagnosis/domains.h"

namespace amlnet {

std::map<std::string, ClockOffset> clock_offsets(const Case& c) {
  std::map<std::string, ClockOffset> result;
  if (c.facts.started == 0) return result;
  std::unordered_map<std::string, const Endpoint*> endpoints;
  for (const auto& trail : c.trails) endpoints.try_emplace(trail.target, trail.endpoint);
  for (const auto& record : c.facts.evidence.probes) {
    const auto* http = detail_of<HttpDetail>(record);
    if (http == nullptr || !http->date || http->method == "CONNECT" || record.purpose == Purpose::follow_up)
      continue;
    const auto asked = endpoints.find(record.target);
    if (asked == endpoints.end() || answered_by_proxy(*http) ||
        judge_answer(*http, *asked->second) != AnswerKind::good)
      continue;
    const auto& host = asked->second->host;
    const auto ours = static_cast<double>(c.facts.started) + (record.start_ms + record.duration_ms) / 1000;
    result.try_emplace(registered_domain(host),
                       ClockOffset{host, static_cast<double>(*http->date) - ours, &record});
  }
  return result;
}

}  // namespace amlnet
