// Hosts that certificates name for their revocation and that cannot be reached: most programs go on without
// an answer, some fail, or wait for it first.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "agent/diagnosis/answers.h"
#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/held_up.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/questions.h"
#include "agent/diagnosis/responders.h"
#include "agent/diagnosis/rules.h"
#include "agent/diagnosis/verified.h"

namespace amlnet {
namespace {

constexpr std::uint16_t kResponderPort = 80;
constexpr double kEnoughMs = 1200;  // a repeated SYN (RFC 6298: after a second) has had its answer

/// Causes that stop any new connection of this node: what they stop is theirs.
constexpr std::array<std::string_view, 12> kWider = {
    "node.resource-limit", "node.conntrack-full", "route.none",         "route.local-block",
    "route.no-egress",     "route.all-dead",      "tcp.snat-exhausted", "dns.hijacked",
    "proxy.unreachable",   "proxy.auth-required", "path.mtu-blackhole", "dns.edns-blocked"};

/// A responder, who needs it, and what its last probe saw.
struct AskedResponder {
  Responder responder;
  std::vector<std::size_t> trails;
  const ProbeRecord* seen = nullptr;
  bool again = false;   // `seen` is a follow-up
  bool agreed = false;  // others are as silent: no packet that was lost explains that
};

const DnsAnswer* reply_in(const ProbeRecord& record) {
  const auto* dns = detail_of<DnsDetail>(record);
  return dns && !dns->answers.empty() ? &dns->answers.back() : nullptr;
}

bool is_lost(const WireError& error) {
  return error.failure == Failure::timeout;
}

/// Something on the way, and not this node, stopped it.
bool is_stopped(const WireError& error) {
  constexpr std::array kStopped = {Failure::timeout, Failure::refused, Failure::reset, Failure::closed,
                                   Failure::host_unreachable};
  return std::find(kStopped.begin(), kStopped.end(), error.failure) != kStopped.end();
}

bool is_denied(const HttpDetail& http) {
  return answered_by_proxy(http) || judge_answer(http, Endpoint{}) == AnswerKind::firewall_denied;
}

bool has_addresses(const ProbeRecord& record) {
  const auto* dns = detail_of<DnsDetail>(record);
  return dns && !dns->addresses.empty();
}

enum class Reached { yes, no, unsaid };

Reached reached_by(const ProbeRecord& record) {
  if (record.status == ProbeStatus::unfinished || slept_through(record)) return Reached::unsaid;
  if (const auto* reply = reply_in(record)) {
    const bool busy = record.loop_lag_ms > kHeldUpMs;  // the answer may have waited for us
    if (!reply->rcode) return is_lost(reply->error) && !busy ? Reached::no : Reached::unsaid;
    return has_addresses(record) ? Reached::unsaid : Reached::no;  // the request says it
  }
  const auto* http = detail_of<HttpDetail>(record);
  if (http == nullptr) return Reached::unsaid;
  if (http->status == 0) return is_stopped(http->error) ? Reached::no : Reached::unsaid;
  return is_denied(*http) ? Reached::no : Reached::yes;
}

/// No answer in the little time that a control has: to be asked again before anything is said.
bool needs_time(const ProbeRecord& record) {
  if (record.duration_ms >= kEnoughMs) return false;
  if (const auto* reply = reply_in(record)) return !reply->rcode && is_lost(reply->error);
  const auto* http = detail_of<HttpDetail>(record);
  return http && http->proxy.empty() && http->status == 0 && is_lost(http->error);
}

/// A follow-up stands under the endpoint that it is asked for: its URL says what it asks.
bool asks(const ProbeRecord& record, const Responder& responder) {
  if (const auto* http = detail_of<HttpDetail>(record)) return responder_host(http->url) == responder.host;
  const auto* dns = detail_of<DnsDetail>(record);
  return dns && dns->name == responder.host;
}

void take(AskedResponder& asked, const std::vector<const ProbeRecord*>& records, bool again) {
  for (const auto* record : records) {
    if (!asks(*record, asked.responder)) continue;
    const auto reached = reached_by(*record);
    const bool known = again && asked.again && asked.seen && reached_by(*asked.seen) == Reached::yes;
    if (reached != Reached::unsaid && !known)
      asked.seen = record, asked.again = again;
    else if (again && asked.seen && has_addresses(*record) && reply_in(*asked.seen))
      asked.seen = nullptr;  // its name was only slow
  }
}

/// How far away the internet is: the slowest connect to it that worked; 0 where none did.
double slowest_public(const Case& c) {
  double slowest = 0;
  for (const auto& trail : c.trails) {
    if (trail.proxied) continue;
    for (const auto& row : trail.addresses) {
      const auto* tcp = detail_of<TcpDetail>(row.connect);
      if (tcp && row.connect->status == ProbeStatus::ok && c.place(row.address) == Whereabouts::internet)
        slowest = std::max(slowest, row.connect->duration_ms);
    }
  }
  return slowest;
}

/// Several addresses that were silent for four times as long as the rest of the internet needs (contract
/// section 3, of canaries) and long enough for its far end, and none that answered: each lost its one packet,
/// or all are shut off.
bool agree(const Case& c, const std::map<std::string, AskedResponder>& all) {
  const double slowest = slowest_public(c);
  const double enough = std::max(4 * slowest, kFarMs);
  std::set<std::string> silent;
  for (const auto& [host, asked] : all) {
    const auto* http = detail_of<HttpDetail>(asked.seen);
    if (!http) continue;
    if (!http->proxy.empty() || http->status != 0 || !is_lost(http->error)) return false;
    if (asked.seen->duration_ms < enough) return false;
    silent.insert(http->address);
  }
  return slowest > 0 && silent.size() >= 2;
}

/// By host, as the certificates of endpoints that passed name them, with what is known of each.
std::map<std::string, AskedResponder> asked_responders(const Case& c) {
  std::map<std::string, AskedResponder> result;
  const auto controls = c.controls.find(std::string(kRevocation));
  if (controls == c.controls.end()) return result;
  for (const auto& trail : c.trails) {
    const auto* tls = trail.progress == Progress::passed ? finished_handshake(trail) : nullptr;
    const auto* leaf = tls && !tls->chain.empty()
                           ? certificate_of(tls->chain.front(), c.facts.evidence.certificates)
                           : nullptr;
    if (leaf == nullptr) continue;
    for (auto& responder : responders_of(*leaf)) {
      AskedResponder fresh;
      fresh.responder = responder;
      auto& row = result.try_emplace(responder.host, std::move(fresh)).first->second;
      row.trails.push_back(trail.index);
    }
  }
  for (auto& [host, asked] : result) {
    take(asked, controls->second, false);
    take(asked, c.follow_ups_named(kRevocation), true);
  }
  const bool agreed = agree(c, result);
  for (auto& [host, asked] : result) asked.agreed = agreed;
  return result;
}

bool is_blocked(const AskedResponder& asked) {
  return asked.seen && reached_by(*asked.seen) == Reached::no;
}

/// Something that answered over plain HTTP on port 80, by the same way; "" when nothing did.
std::string other_that_answers(const Case& c, const std::map<std::string, AskedResponder>& all) {
  for (const auto& [host, asked] : all) {
    const auto* http = detail_of<HttpDetail>(asked.seen);
    if (http && !is_blocked(asked)) return host;
  }
  for (const auto& trail : c.trails) {
    const bool public_one = trail.shown() && c.place(trail.shown()->address) == Whereabouts::internet;
    const bool plain = trail.endpoint->protocol == Protocol::http && trail.endpoint->port == kResponderPort;
    if (plain && public_one && !is_address(trail.endpoint->host) && trail.progress == Progress::passed)
      return trail.endpoint->host;
  }
  return {};
}

bool has_draft(const Case& c, std::string_view family, std::string_view subject) {
  return std::any_of(c.drafts.begin(), c.drafts.end(),
                     [&](const Draft& d) { return d.cause.starts_with(family) && d.subject == subject; });
}

/// Port 80 is broken for what the plan needs there, and nothing shows that it is not for the responders, too.
bool all_of_port_broken(const Case& c) {
  return std::any_of(c.trails.begin(), c.trails.end(), [](const Trail& trail) {
    return trail.endpoint->port == kResponderPort && trail.finding >= 0;
  });
}

bool is_explained(const Case& c, const AskedResponder& asked) {
  if (const auto* reply = reply_in(*asked.seen)) return has_draft(c, "dns.", reply->server);
  const auto* http = detail_of<HttpDetail>(*asked.seen);
  if (has_draft(c, "tcp.port-filtered", std::to_string(kResponderPort))) return true;
  if (http->error.failure == Failure::host_unreachable && c.has("tcp.prohibited")) return true;
  return std::any_of(
      c.trails.begin(), c.trails.end(), [&](const Trail& trail) {  // the address itself is dead
        const auto* tcp = trail.finding >= 0 && trail.stage == TrailStage::connect ? trail.tcp() : nullptr;
        return tcp && tcp->address == http->address;
      });
}

std::string describe(const ProbeRecord& record, const std::string& host) {
  if (const auto* reply = reply_in(record)) {
    const auto what = !reply->rcode        ? std::string("nothing")
                      : *reply->rcode == 3 ? std::string("that it does not exist (NXDOMAIN)")
                      : *reply->rcode == 0 ? std::string("no address")
                                           : fmt::format("the error {}", *reply->rcode);
    return fmt::format("{} answers {} for {}", reply->server, what, host);
  }
  const auto& http = *detail_of<HttpDetail>(record);
  const auto by = http.proxy.empty() ? host_port(http.address, http.port) : "the proxy " + http.proxy;
  return fmt::format("{}: {}", by, describe_answer(http));
}

void blame(Case& c, const AskedResponder& asked, const std::string& other) {
  const auto& host = asked.responder.host;
  auto& draft = c.draft("tls.revocation-blocked", host);
  const auto* http = detail_of<HttpDetail>(*asked.seen);
  const bool said = http ? is_denied(*http) : reply_in(*asked.seen)->rcode.has_value();
  const bool asked_once = needs_time(*asked.seen) && !asked.again && !asked.agreed;
  draft.confidence = asked_once               ? Confidence::candidate
                     : said || !other.empty() ? Confidence::certain
                                              : Confidence::likely;
  draft.title = fmt::format("{}, which says whether certificates are revoked, cannot be reached", host);
  std::vector<std::string> hosts;
  for (const auto index : asked.trails) {
    const auto& name = c.trails[index].endpoint->host;
    if (std::find(hosts.begin(), hosts.end(), name) == hosts.end()) hosts.push_back(name);
  }
  draft.say(fmt::format("the {} of {} {} {} as {}", hosts.size() == 1 ? "certificate" : "certificates",
                        joined(hosts, 3), hosts.size() == 1 ? "names" : "name",
                        excerpt_of(asked.responder.url, 200),
                        asked.responder.ocsp ? "OCSP responder" : "revocation list"));
  draft.say(describe(*asked.seen, host), asked.seen);
  if (!other.empty() && http) draft.say(fmt::format("{} answers over the same port 80", other));
  if (!said)
    draft.or_else("unknown",
                  "The responder itself may be down: a node with an open way to the internet would tell.");
  for (const auto index : asked.trails) c.touch(draft, c.trails[index]);
  for (const auto& requirement : c.facts.plan.requirements) {  // the documentation's own words on OCSP
    if (!requirement.applies || requirement.fix.find("OCSP") == std::string::npos) continue;
    draft.steps.push_back(requirement.fix);
    for (const auto& doc : requirement.docs) draft.docs.push_back({doc.document, doc.url});
  }
}

}  // namespace

void rule_revocation_blocked(Case& c) {
  if (std::any_of(kWider.begin(), kWider.end(), [&](auto cause) { return c.has(cause); })) return;
  const auto all = asked_responders(c);
  const auto other = other_that_answers(c, all);
  if (other.empty() && all_of_port_broken(c)) return;
  for (const auto& [host, asked] : all) {
    if (is_blocked(asked) && !is_explained(c, asked)) blame(c, asked, other);
  }
}

void ask_responders_again(const Case& c, std::vector<FollowUp>& asked) {
  if (!c.follow_ups_named(kRevocation).empty()) return;
  for (const auto& [host, row] : asked_responders(c)) {
    if (row.seen == nullptr || !needs_time(*row.seen) || row.agreed) continue;
    FollowUp again;
    again.endpoint = row.trails.front();
    again.control = kRevocation;
    again.brief = true;
    if (const auto* http = detail_of<HttpDetail>(*row.seen)) {
      HttpSpec spec;
      spec.url = row.responder.url;
      spec.address = http->address;
      spec.port = http->port;
      spec.body_limit = 256;
      again.then = spec;
      asked.push_back(again);  // twice at once: with the first, three packets would have to be lost
    } else {
      DnsSpec spec;
      spec.name = host;
      spec.edns = false;
      again.server = reply_in(*row.seen)->server;
      again.then = spec;
    }
    asked.push_back(std::move(again));
  }
}

}  // namespace amlnet
