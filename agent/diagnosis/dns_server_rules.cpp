// Nameservers that do not work at all: one finding a server, however many names it takes down.
#include <fmt/format.h>

#include <algorithm>

#include "agent/diagnosis/held_up.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"
#include "probes/target.h"

namespace amlnet {
namespace {

constexpr double kSlowMs = 2000;    // contract section 4, dns.slow
constexpr double kDnsTryMs = 1000;  // contract section 1, --timeout: one DNS try
constexpr double kLibcPatienceMs = 5000;

bool is_silence(Reply reply) {
  return reply == Reply::silent || reply == Reply::port_refused || reply == Reply::unreachable;
}

std::string how_silent(const ServerState& server) {
  switch (server.silence) {
    case Reply::port_refused:
      return "refuses its port";
    case Reply::unreachable:
      return "cannot be reached from this node";
    default:
      return "gives no reply";
  }
}

std::vector<const ServerState*> faulty_servers(const Case& c) {
  std::vector<const ServerState*> result;
  for (const auto& [name, server] : c.servers) {
    if (server.configured && server.faulty()) result.push_back(&server);
  }
  return result;
}

/// What its port did over TCP, where the run asked (agent/run/nameserver_controls.h).
void say_port(const Case& c, Draft& draft, const ServerState& server) {
  const auto asked = c.controls.find("nameserver-port");
  if (asked == c.controls.end()) return;
  for (const auto* record : asked->second) {
    const auto* tcp = detail_of<TcpDetail>(*record);
    if (!tcp || record->status == ProbeStatus::unfinished) continue;
    const auto at = host_port(tcp->address, tcp->port);
    if (at == server.server || tcp->address == server.server)
      draft.say_also("over TCP " + describe_connect(*record), record);
  }
}

/// Silence is never more than what was waited for: libc gives a server five seconds (resolv.conf(5)).
void say_how_long(Draft& draft, const ServerState& server) {
  if (server.silence != Reply::silent || server.waited_ms >= kLibcPatienceMs) return;
  draft.confidence = Confidence::likely;
  const auto why =
      server.waited_ms > 0
          ? fmt::format("no question waited longer than {:.1f} s for it", server.waited_ms / 1000)
          : std::string("this program itself was kept from running while it waited");
  draft.or_else(
      "dns.slow",
      fmt::format("It may be only slow: {}. Ask it by itself, with more time (dig +time=10).", why));
}

void describe_server(const Case& c, Draft& draft, const ServerState& server) {
  draft.say_also(fmt::format("{} {} to {} of {} questions", server.server,
                             server.silence == Reply::port_refused ? "refuses its port" : "gives no reply",
                             server.asked - server.answered, server.asked),
                 server.silent_at);
  for (const auto& [name, other] : c.servers) {
    if (other.answered == 0) continue;
    draft.confidence = Confidence::certain;
    draft.say_also(
        fmt::format("{} answered {} of {} questions in the same run", name, other.answered, other.asked));
  }
  if (c.facts.node.resolver.defaulted) {
    draft.say_also("resolv.conf names no nameserver, so the node asks itself");
    draft.steps.emplace_back("Give the node a nameserver: the VNet's DNS setting, or /etc/resolv.conf.");
  }
  if (server.silence == Reply::port_refused) draft.confidence = Confidence::certain;
  say_port(c, draft, server);
}

/// Whether the name failed because of silence: some server should have answered, and none said anything of
/// the name.
bool failed_by_silence(const Case& c, const Trail& trail) {
  const auto views = c.configured_views(trail);
  const bool silent =
      std::any_of(views.begin(), views.end(), [](const auto& v) { return is_silence(v.reply); });
  return silent &&
         std::none_of(views.begin(), views.end(), [](const auto& v) { return definitive(v.reply); });
}

void blame_servers(Case& c, const std::vector<const ServerState*>& servers, std::string_view cause) {
  if (servers.empty()) return;
  for (const auto* server : servers) {
    auto& draft = c.draft(cause, server->server);
    draft.title = fmt::format("Nameserver {} {}", draft.subject, how_silent(*server));
    describe_server(c, draft, *server);
    if (draft.confidence != Confidence::certain) {
      draft.or_else(
          "tcp.filtered",
          "Nothing on the way is known to pass: port 53 may be filtered, or the server may be down. "
          "Ask it from another host of its own subnet.");
    }
    say_how_long(draft, *server);
    for (auto& trail : c.trails) {
      if (trail.open_at(TrailStage::name) && trail.name_fault == NameFault::no_address &&
          failed_by_silence(c, trail)) {
        c.claim(draft, trail);
      }
    }
  }
}

/// Where the node has no route or no room for connections, that explains the nameservers as well.
void leave_to_node(const Case& c, std::vector<const ServerState*>& servers) {
  if (c.has("route.none") || c.has("node.conntrack-full"))
    std::erase_if(servers, [](const auto* s) { return s->silence == Reply::unreachable; });
}

/// One finding for each server that gives `reply` for names that have no address because of it.
void blame_reply(Case& c, std::string_view cause, Reply reply, std::string_view word) {
  for (auto& trail : c.trails) {
    if (trail.proxied || !trail.names()) continue;
    for (const auto& view : c.configured_views(trail)) {
      if (view.reply != reply) continue;
      const bool fails = trail.open_at(TrailStage::name) && trail.name_fault == NameFault::no_address;
      if (trail.progress == Progress::failed && !fails) continue;
      auto& draft = c.draft(cause, view.server);
      draft.confidence = Confidence::certain;
      draft.title = fmt::format("Nameserver {} answers {}", view.server, word);
      const auto& why = view.answer->error.text;  // of a message that cannot be read
      draft.say(fmt::format("{} answers {} for {} ({}){}{}", view.server, word, trail.endpoint->host,
                            view.answer->type, why.empty() ? "" : ": ", why),
                trail.dns);
      c.claim(draft, trail);
      if (!fails) c.touch(draft, trail);
    }
  }
}

/// A server whose answers nobody waited for, since another was quicker: one question listened longer. One
/// late answer beside quick ones is that name's own, unless questions went unanswered, too.
void blame_late(Case& c, const ServerState& server) {
  const auto quickest_ms = server.quickest_ms.value_or(0);
  if (server.beaten == 0 && quickest_ms <= kSlowMs) return;
  auto& draft = c.draft("dns.slow", server.server);
  if (!draft.evidence.empty()) return;
  draft.confidence = quickest_ms > kSlowMs ? Confidence::certain : Confidence::likely;
  if (draft.confidence != Confidence::certain)
    draft.or_else(
        "unknown",
        fmt::format("Its quickest answer took {:.0f} ms: it may be late for some names only, and the "
                    "questions without an answer lost. Ask it by itself, several times.",
                    quickest_ms));
  draft.title = fmt::format("Nameserver {} takes over 2 s to answer", server.server);
  draft.say(fmt::format("{} took {:.0f} ms for {}", server.server, server.slowest_ms, server.slowest->target),
            server.slowest);
  if (server.beaten > 0)
    draft.say(fmt::format("{} had not answered {} of {} questions by the time they were given up",
                          server.server, server.beaten, server.asked),
              server.silent_at);
  say_port(c, draft, server);
  for (auto& trail : c.trails) {
    if (trail.proxied || trail.progress == Progress::failed) continue;
    const auto views = c.configured_views(trail);
    if (std::any_of(views.begin(), views.end(),
                    [&](const auto& v) { return v.server == server.server && v.reply == Reply::silent; }))
      c.touch(draft, trail);
  }
}

void add_azure_hint(Case& c, std::string_view cause) {
  for (auto& draft : c.drafts) {
    if (draft.cause != cause) continue;
    const auto server = c.servers.find(draft.subject);
    if (server == c.servers.end() || server->second.answered <= static_cast<int>(draft.failing.size()))
      continue;
    draft.or_else("dns.not-forwarded-to-azure",
                  "A server outside Azure that forwards to 168.63.129.16 fails in the same way, for Azure's "
                  "names only: that "
                  "address answers only inside a VNet.");
  }
}

}  // namespace

void rule_server_unreachable(Case& c) {
  auto servers = faulty_servers(c);
  std::erase_if(servers, [](const auto* s) { return s->server == kAzureDns; });
  leave_to_node(c, servers);
  blame_servers(c, servers, "dns.server-unreachable");
}

void rule_azure_dns_unreachable(Case& c) {
  auto servers = faulty_servers(c);
  std::erase_if(servers, [](const auto* s) { return s->server != kAzureDns; });
  leave_to_node(c, servers);
  blame_servers(c, servers, "dns.azure-dns-unreachable");
}

void rule_servfail(Case& c) {
  blame_reply(c, "dns.servfail", Reply::servfail, "SERVFAIL");
  add_azure_hint(c, "dns.servfail");
}

void rule_refused_by_server(Case& c) {
  blame_reply(c, "dns.refused", Reply::refused, "REFUSED");
}

void rule_malformed(Case& c) {
  blame_reply(c, "dns.malformed", Reply::malformed, "with no valid message");
}

void rule_dns_tcp_blocked(Case& c) {
  blame_reply(c, "dns.tcp-blocked", Reply::truncated, "more than UDP carries, and nothing over TCP");
}

/// A server that works, and stays silent about some names: its own upstream does not answer it.
void rule_server_silent_on_name(Case& c) {
  for (auto& trail : c.trails) {
    if (!trail.open_at(TrailStage::name) || trail.name_fault != NameFault::no_address ||
        !failed_by_silence(c, trail))
      continue;
    for (const auto& view : c.configured_views(trail)) {
      if (!is_silence(view.reply) || !trail.open()) continue;
      auto& draft = c.draft("dns.server-unreachable", view.server);
      if (draft.title.empty())
        draft.title = fmt::format("Nameserver {} gives no reply for some names", view.server);
      draft.confidence = Confidence::candidate;
      draft.say(fmt::format("{} is silent about {}, and answered {} other questions", view.server,
                            trail.endpoint->host, c.servers.at(view.server).answered),
                trail.dns);
      draft.or_else(
          "dns.servfail",
          "Its upstream for these names may be dead: ask the server's own log, or ask again with more time.");
      c.claim(draft, trail);
    }
  }
}

void rule_dns_slow(Case& c) {
  for (auto& trail : c.trails) {
    if (trail.proxied || trail.progress == Progress::failed || !trail.names()) continue;
    if (trail.dns->loop_lag_ms > kHeldUpMs) continue;  // the answer may have waited for us
    for (const auto& view : c.configured_views(trail)) {
      const auto ms = view.answer->duration_ms + kDnsTryMs * (view.answer->attempts - 1);
      if (view.reply != Reply::address || ms <= kSlowMs || c.servers.at(view.server).faulty()) continue;
      auto& draft = c.draft("dns.slow", view.server);
      const auto alone = view.answer->duration_ms;
      if (alone > kSlowMs || draft.evidence.empty())
        draft.confidence = alone > kSlowMs ? Confidence::certain : Confidence::likely;
      draft.title = fmt::format("Nameserver {} takes over 2 s to answer", view.server);
      const auto since = view.answer->attempts > 1
                             ? fmt::format(", {:.0f} ms after the question was repeated", alone)
                             : std::string();
      draft.say(fmt::format("{} took {:.0f} ms for {}{}", view.server, ms, trail.endpoint->host, since),
                trail.dns);
      if (draft.confidence != Confidence::certain)
        draft.or_else(
            "unknown",
            "The first question may have been lost, and only the second one answered: a question to "
            "the server by itself would tell.");
      c.touch(draft, trail);
    }
  }
  for (const auto& [name, server] : c.servers) {
    if (server.configured && !server.faulty() && server.slowest_ms > kSlowMs) blame_late(c, server);
  }
}

}  // namespace amlnet
