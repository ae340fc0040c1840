// What `amlnet reach` found: ports of another node that are blocked, and ports where `amlnet listen` is not.
// A reset and an accepted connection look the same from both; what decides is the listener's own word, read
// at a port where it proved itself: which ports it holds.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "agent/diagnosis/answers.h"
#include "agent/diagnosis/canary.h"
#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/hops.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"
#include "agent/plan/inbound.h"
#include "probes/serve/greeting.h"

namespace amlnet {
namespace {

/// What each address has shown beside the port in question.
struct Shown {
  struct Word {
    Greeting greeting;
    const ProbeRecord* record = nullptr;
  };
  std::map<std::string, Word> words;                    // of the listener
  std::map<std::string, const ProbeRecord*> answering;  // some port that connects or refuses
};

Shown shown_by_addresses(const Case& c) {
  Shown shown;
  for (const auto& trail : c.trails) {
    if (!is_inbound(*trail.endpoint)) continue;
    for (const auto& row : trail.addresses) {
      const auto* tcp = detail_of<TcpDetail>(row.connect);
      if (tcp && row.connect->status != ProbeStatus::unfinished && accepts_or_refuses(*tcp))
        shown.answering.try_emplace(row.address, row.connect);
      const auto* http = detail_of<HttpDetail>(row.answer);
      auto greeting = http ? read_greeting(http->url, http->body.data) : std::nullopt;
      if (greeting) shown.words.try_emplace(row.address, Shown::Word{std::move(*greeting), row.answer});
    }
  }
  for (const auto* record : c.follow_ups_named("sibling-port")) {
    const auto* tcp = detail_of<TcpDetail>(*record);
    if (tcp && record->status != ProbeStatus::unfinished && accepts_or_refuses(*tcp))
      shown.answering.try_emplace(tcp->address, record);
  }
  return shown;
}

const Shown::Word* word_of(const Shown& shown, const Trail& trail) {
  const auto found = trail.shown() ? shown.words.find(trail.shown()->address) : shown.words.end();
  return found == shown.words.end() ? nullptr : &found->second;
}

bool says_open(const Shown::Word& word, const Trail& trail) {
  return std::ranges::find(word.greeting.open, trail.endpoint->port) != word.greeting.open.end();
}

void quote(Draft& draft, const Shown::Word& word, const Trail& trail) {
  draft.say_also(fmt::format("amlnet listen at {} says that it {} port {}", word.greeting.asked_at,
                             says_open(word, trail) ? "holds" : "does not hold", trail.endpoint->port),
                 word.record);
}

/// What came in place of the listener's answer.
std::string describe_other(const HttpDetail& http) {
  const auto where = host_port(http.address, http.port);
  if (http.status != 0) {
    const auto server = header_of(http, "server");
    return fmt::format("{} answers HTTP {}{}, without the proof that amlnet listen gives", where, http.status,
                       server.empty() ? "" : ", server " + excerpt_of(server, 60));
  }
  if (!http.body.data.empty()) return fmt::format("{} says: {}", where, excerpt_of(http.body.data, 80));
  const auto* how = http.error.failure == Failure::timeout  ? "says nothing"
                    : http.error.failure == Failure::reset  ? "resets the connection"
                    : http.error.failure == Failure::closed ? "closes the connection"
                                                            : "gives no answer";
  return fmt::format("{} accepts, and then {}", where, how);
}

std::string describe_failure(const Case& c, const Trail& trail) {
  const auto* http = trail.stage == TrailStage::answer ? trail.http() : nullptr;
  return http ? describe_other(*http) : describe_trail(c, trail);
}

/// Failed where the peer's side of the connection decides, not this node's own.
bool is_candidate(const Trail& trail) {
  return is_inbound(*trail.endpoint) && trail.shown() &&
         (trail.open_at(TrailStage::connect) || trail.open_at(TrailStage::answer));
}

Draft& blocked(Case& c, const Trail& trail, Confidence confidence, std::string_view how) {
  auto& draft = c.draft("inbound.blocked", std::to_string(trail.endpoint->port));
  draft.confidence = confidence;
  draft.title = fmt::format("Port {} of {} is blocked: {}", trail.endpoint->port, trail.endpoint->host, how);
  draft.say(describe_failure(c, trail), probe_of(trail));
  return draft;
}

void say_silent(Case& c, const Shown& shown, Trail& trail) {
  const auto other = shown.answering.find(trail.shown()->address);
  const bool alive = other != shown.answering.end();
  auto& draft = blocked(c, trail, alive ? Confidence::certain : Confidence::likely, "nothing comes back");
  if (alive) draft.say_also(describe_connect(*other->second) + ", the same address", other->second);
  if (const auto* word = word_of(shown, trail)) quote(draft, *word, trail);
  if (!alive) {
    draft.or_else("unknown",
                  "The host may be down, or the address another's: a port of it that answers would rule that "
                  "out.");
  }
  draft.or_else("tcp.filtered",
                "Which device drops is not visible from here: the network security group of either node, a "
                "firewall between, or the other node's own filter.");
  say_last_hop(c, draft, trail);
  c.claim(draft, trail);
}

void say_rejected(Case& c, Trail& trail, const IcmpError& icmp) {
  const bool named = !icmp.sender.empty();
  const std::string by = named ? icmp.sender : std::string("an unnamed router");
  const bool itself = icmp.sender == trail.shown()->address;
  auto& draft = blocked(c, trail, named ? Confidence::certain : Confidence::likely,
                        itself ? "the node itself rejects by its own filter" : by + " rejects");
  if (!named)
    draft.say_also("this kernel does not tell which router sent the error (Linux 5.8 and later do)");
  if (!named) {
    draft.or_else(
        "tcp.prohibited",
        "The node itself may reject by its own filter, or a router before it: tcpdump icmp or icmp6, "
        "on this node, shows who sends the error.");
  }
  c.claim(draft, trail);
}

/// Whether something answers in bytes, whatever it is.
bool speaks(const Trail& trail) {
  const auto* http = trail.http();
  return http && (http->status != 0 || !http->body.data.empty());
}

/// The connection ended before the listener, which says that it holds the port.
void say_intercepted(Case& c, const Shown::Word& word, Trail& trail) {
  const bool refused = trail.stage == TrailStage::connect;
  // A listener that has as many connections as it takes says nothing either, but does not accept for others.
  const bool shown = refused || speaks(trail) ||
                     canary_on(c, trail.endpoint->port, slowest_connect(c.facts.evidence)).connects;
  auto& draft = blocked(c, trail, shown ? Confidence::certain : Confidence::likely,
                        refused ? "something on the way refuses in the node's place"
                                : "something on the way accepts in the node's place");
  quote(draft, word, trail);
  if (!shown) {
    draft.or_else(
        "unknown",
        "The listener may be full: with as many connections as it takes it accepts, and says nothing. "
        "Reach it again when nobody else does; amlnet listen shows there who connected.");
  }
  c.claim(draft, trail);
}

/// Neither blocked nor open, as far as anybody knows.
void leave_undecided(Trail& trail) {
  trail.progress = Progress::undecided;
  trail.unknown = Unknown::not_finished;
}

std::string what_is_there(const Trail& trail) {
  const auto* tcp = trail.stage == TrailStage::connect ? trail.tcp() : nullptr;
  if (tcp && tcp->error.failure == Failure::host_unreachable)
    return fmt::format("No machine answers for {} in this node's own subnet", tcp->address);
  const auto where = fmt::format("port {} of {}", trail.endpoint->port, trail.endpoint->host);
  if (speaks(trail) && trail.stage == TrailStage::answer)
    return fmt::format("Another program than amlnet listen answers on {}", where);
  return trail.stage == TrailStage::answer
             ? fmt::format("Something accepts connections on {} and is not amlnet listen", where)
             : fmt::format("Nothing listens on {}", where);
}

void say_not_listening(Case& c, const Shown& shown, Trail& trail) {
  auto& draft = c.draft("inbound.not-listening", std::to_string(trail.endpoint->port));
  const auto* word = word_of(shown, trail);
  draft.confidence = word ? Confidence::certain : Confidence::likely;
  draft.title = what_is_there(trail);
  draft.say(describe_failure(c, trail), probe_of(trail));
  if (word) quote(draft, *word, trail);
  const bool refused = trail.stage == TrailStage::connect;
  if (!word) {
    draft.or_else("inbound.blocked",
                  refused
                      ? "A device on the way may refuse in the node's place: amlnet listen, while it runs "
                        "there, says which ports it holds."
                      : "A device on the way may accept in the node's place: amlnet listen shows there "
                        "who connects.");
  }
  leave_undecided(trail);
  c.touch(draft, trail);
}

}  // namespace

void rule_inbound_blocked(Case& c) {
  const Shown shown = shown_by_addresses(c);
  for (auto& trail : c.trails) {
    if (!is_candidate(trail)) continue;
    const auto* tcp = trail.stage == TrailStage::connect ? trail.tcp() : nullptr;
    const auto* word = word_of(shown, trail);
    const bool refused = tcp && tcp->error.failure == Failure::refused;
    if (tcp && tcp->icmp) {
      say_rejected(c, trail, *tcp->icmp);
    } else if (tcp && tcp->error.failure == Failure::timeout) {
      say_silent(c, shown, trail);
    } else if (word && says_open(*word, trail) && (refused || trail.stage == TrailStage::answer)) {
      say_intercepted(c, *word, trail);
    }
  }
}

/// A device that accepts for everybody: whether it would bring anything to the node is not shown.
void rule_inbound_swallowed(Case& c) {
  const double slowest = slowest_connect(c.facts.evidence);
  for (auto& trail : c.trails) {
    if (!is_candidate(trail) || trail.stage != TrailStage::answer) continue;
    if (!canary_on(c, trail.endpoint->port, slowest).connects) continue;
    auto& draft = c.draft("tcp.transparent-proxy", std::to_string(trail.endpoint->port));
    draft.say(describe_failure(c, trail), probe_of(trail));
    leave_undecided(trail);
  }
}

void rule_inbound_not_listening(Case& c) {
  const Shown shown = shown_by_addresses(c);
  for (auto& trail : c.trails) {
    if (!is_candidate(trail)) continue;
    if (trail.stage == TrailStage::connect) {
      const auto* tcp = trail.tcp();
      const auto failure = tcp ? tcp->error.failure : Failure::none;
      const bool theirs = failure == Failure::refused || failure == Failure::reset ||
                          (failure == Failure::host_unreachable && c.on_link(tcp->address));
      if (theirs) say_not_listening(c, shown, trail);
    } else {
      say_not_listening(c, shown, trail);
    }
  }
}

}  // namespace amlnet
