// What each nameserver did with all the questions of the run. A server is judged on every question, so that a
// dead one is one fact and not one for each name.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "agent/diagnosis/case.h"
#include "agent/diagnosis/held_up.h"

namespace amlnet {
namespace {

using Question = std::pair<std::string, std::string>;  // name, type

bool is_silence(Reply reply) {
  return reply == Reply::silent || reply == Reply::port_refused || reply == Reply::unreachable;
}

struct Replies {
  std::map<std::string, Reply> by_server;  // the best reply of each
};

std::map<Question, Replies> gather(const DnsDetail& detail) {
  std::map<Question, Replies> questions;
  for (const auto& answer : detail.answers) {
    const auto reply = reply_of(answer);
    if (reply == Reply::unasked) continue;
    auto& best = questions[{answer.name, answer.type}].by_server;
    const auto [row, fresh] = best.try_emplace(answer.server, reply);
    if (!fresh && is_silence(row->second) && !is_silence(reply)) row->second = reply;
  }
  return questions;
}

void count(Case& c, const ProbeRecord& record, const DnsDetail& detail) {
  for (const auto& [question, replies] : gather(detail)) {
    const bool answered = std::any_of(replies.by_server.begin(), replies.by_server.end(),
                                      [](const auto& r) { return !is_silence(r.second); });
    for (const auto& [name, reply] : replies.by_server) {
      auto& server = c.servers[name];
      ++server.asked;
      if (!is_silence(reply)) {
        ++server.answered;
        continue;
      }
      if (answered) ++server.beaten;
      if (server.silent_at == nullptr) {
        server.silent_at = &record;
        server.silence = reply;
      }
    }
  }
}

void note_times(Case& c, const ProbeRecord& record, const DnsDetail& detail) {
  if (record.loop_lag_ms > kHeldUpMs) return;  // its answers may have waited for us
  for (const auto& answer : detail.answers) {
    auto& server = c.servers[answer.server];
    const auto ms = answer.duration_ms;
    if (!answer.rcode) {
      if (reply_of(answer) == Reply::silent) server.waited_ms = std::max(server.waited_ms, ms);
      continue;
    }
    server.quickest_ms = server.quickest_ms ? std::min(*server.quickest_ms, ms) : ms;
    const bool right = definitive(reply_of(answer));  // a SERVFAIL says of its upstream that it is late
    if (right && ms > server.slowest_ms) {
      server.slowest = &record;
      server.slowest_ms = ms;
    }
  }
}

void note_random(Case& c, const ProbeRecord& record, const DnsDetail& detail) {
  for (const auto& answer : detail.answers) {
    auto& server = c.servers[answer.server];
    if (reply_of(answer) != Reply::address) continue;
    server.random = &record;
    for (const auto& r : answer.records) {
      if (r.type == answer.type) server.random_addresses.push_back(r.data);
    }
  }
}

}  // namespace

void read_servers(Case& c) {
  for (const auto& record : c.facts.evidence.probes) {
    const auto* detail = detail_of<DnsDetail>(record);
    if (detail == nullptr || record.purpose == Purpose::follow_up) continue;
    count(c, record, *detail);
    note_times(c, record, *detail);
    if (record.control == "random-label") note_random(c, record, *detail);
  }
  const auto& own = c.facts.node.resolver.nameservers;
  for (auto& [name, server] : c.servers) {
    server.server = name;
    server.configured = name != kAzureDns || std::find(own.begin(), own.end(), name) != own.end();
  }
}

}  // namespace amlnet
