// What only several askings of one question show: answers that change, and questions that are lost in one
// form and answered in another.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/questions.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {
namespace {

constexpr int kFewestLost = 3;  // as many as make a server silent (contract section 4)

/// The follow-ups that ask a name again, as views of the server `server`.
std::vector<NameView> repeats(const Case& c, const std::string& name, const std::string& server) {
  std::vector<NameView> result;
  for (const auto* record : c.follow_ups_at(name, "repeat")) {
    const auto* detail = detail_of<DnsDetail>(*record);
    if (detail == nullptr) continue;
    for (auto& view : views_of(*detail, name)) {
      if (view.server == server) result.push_back(std::move(view));
    }
  }
  return result;
}

/// How often one server gave which kind of answer to one name, and one answer of each kind.
struct Sample {
  std::map<std::string_view, int> times;
  std::map<std::string_view, std::string> shown;
};

Sample sample(const Case& c, const Trail& trail, const NameView& first) {
  Sample result;
  auto views = repeats(c, trail.endpoint->host, first.server);
  views.push_back(first);
  for (const auto& view : views) {
    const auto scope = answer_scope(view, c.facts.workspace);
    if (scope.empty()) continue;
    ++result.times[scope];
    const auto words =
        view.reply == Reply::address ? view.addresses.front() : std::string(words_of(view.reply));
    result.shown.try_emplace(scope, words);
  }
  return result;
}

void blame_flapping(Case& c, Trail& trail, const std::string& server, const Sample& seen) {
  auto& draft = c.draft("dns.answers-flap", server);
  draft.confidence = Confidence::certain;
  draft.title = fmt::format("Nameserver {} changes its answers between one question and the next", server);
  std::string text = fmt::format("{} is asked for {} again and again:", server, trail.endpoint->host);
  for (const auto& [scope, times] : seen.times) {
    const auto& shown = seen.shown.at(scope);
    text += fmt::format("{} {} {} {}", text.back() == ':' ? "" : ",", times, times == 1 ? "time" : "times",
                        shown);
    if (shown.find(' ') == std::string::npos) text += fmt::format(" ({})", scope);
  }
  draft.say(std::move(text), trail.dns);
  c.claim(draft, trail);
}

/// Questions of one server that were lost with EDNS, and what became of them without.
struct EdnsCount {
  int lost = 0, answered = 0;  // lost: with EDNS only
  const ProbeRecord* shown = nullptr;
  std::string name;
};

bool is_lost(const DnsAnswer& answer) {
  return !answer.rcode && answer.error.failure == Failure::timeout;
}

void count_edns(std::map<std::string, EdnsCount>& servers, const ProbeRecord& record,
                const DnsDetail& detail) {
  for (const auto& answer : detail.answers) {
    if (!answer.edns || answer.transport != "udp") continue;
    auto& count = servers[answer.server];
    if (answer.rcode) ++count.answered;
    if (!is_lost(answer)) continue;
    // no sooner than the other was given up: a slow server, whatever it is asked
    const bool plain = std::any_of(detail.answers.begin(), detail.answers.end(), [&](const DnsAnswer& other) {
      return !other.edns && other.rcode && other.duration_ms <= answer.duration_ms &&
             other.server == answer.server && other.name == answer.name && other.type == answer.type;
    });
    if (!plain) continue;
    ++count.lost;
    if (count.shown == nullptr) {
      count.shown = &record;
      count.name = answer.name;
    }
  }
}

}  // namespace

void rule_answers_flap(Case& c) {
  std::set<std::string> flapping;
  for (auto& trail : c.trails) {
    if (!may_flap(trail)) continue;
    for (const auto& view : c.configured_views(trail)) {
      const auto seen = sample(c, trail, view);
      if (seen.times.size() < 2 || !trail.open()) continue;
      flapping.insert(view.server);
      blame_flapping(c, trail, view.server, seen);
    }
  }
  for (auto& trail : c.trails) {  // names that were not asked again: the same server, the same fault
    if (!may_flap(trail)) continue;
    for (const auto& view : c.configured_views(trail)) {
      const bool sampled = !repeats(c, trail.endpoint->host, view.server).empty();
      if (sampled || !flapping.contains(view.server) || answer_scope(view, c.facts.workspace).empty())
        continue;
      auto& draft = c.draft("dns.answers-flap", view.server);
      draft.say(describe_trail(c, trail), trail.dns);
      c.claim(draft, trail);
    }
  }
}

void rule_edns_blocked(Case& c) {
  std::map<std::string, EdnsCount> counts;
  for (const auto& record : c.facts.evidence.probes) {
    const auto* detail = detail_of<DnsDetail>(record);
    if (detail && record.purpose != Purpose::follow_up) count_edns(counts, record, *detail);
  }
  for (const auto& [server, count] : counts) {
    const auto state = c.servers.find(server);
    if (count.lost < kFewestLost || count.answered > 0 || state == c.servers.end() ||
        !state->second.configured)
      continue;
    auto& draft = c.draft("dns.edns-blocked", server);
    draft.confidence = Confidence::certain;
    draft.title = fmt::format("Questions with EDNS to nameserver {} are lost", server);
    draft.say(fmt::format(
                  "{} is silent on {} of {} questions with EDNS, and answers every one of them without, such "
                  "as {}",
                  server, count.lost, count.lost, count.name),
              count.shown);
    for (auto& trail : c.trails) {
      const auto views = c.configured_views(trail);
      const bool asked =
          std::any_of(views.begin(), views.end(), [&](const auto& v) { return v.server == server; });
      if (asked && !trail.proxied) c.touch(draft, trail);
    }
  }
}

}  // namespace amlnet
