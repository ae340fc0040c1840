#include "agent/run/responders.h"

#include <algorithm>
#include <asio/this_coro.hpp>

#include "agent/diagnosis/responders.h"
#include "agent/run/controls.h"
#include "agent/run/proxied.h"
#include "probes/cname_chain.h"

namespace amlnet {

namespace {

constexpr std::size_t kMostResponders = 8;  // a public leaf names two or three, and authorities share them
constexpr std::uint16_t kPort = 80;
constexpr std::size_t kBodyKept = 256;  // a firewall's words fit; a list may have megabytes

// Where no good connect says how long is long enough, a host that is silent shall not hold the run up either:
// the answer, and one repeated SYN (RFC 6298: after a second).
constexpr auto kPatience = Milliseconds(1500);

Deadline patience(Session& session, Milliseconds timeout) {
  session.last_control = Clock::now();
  return attempt_deadline(session, std::min(timeout, kPatience));
}

NameserverState* answering_server(Session& session) {
  const auto found = std::find_if(session.servers.begin(), session.servers.end(),
                                  [](const NameserverState& s) { return !s.control && s.answered > 0; });
  return found == session.servers.end() ? nullptr : &*found;
}

// Without EDNS, as the random labels; what does not fit is asked again over TCP.
asio::awaitable<void> ask_address(Session& session, NameserverState& server, ProbeRecord& record) {
  DnsDetail& detail = *detail_of<DnsDetail>(record);
  for (int attempt = 0; attempt < 2; ++attempt) {
    DnsSpec spec;
    spec.name = detail.name;
    spec.edns = false;
    spec.tcp = attempt > 0;
    const double start = ms_between(session.started, Clock::now());
    const Deadline until = patience(session, session.options.dns_timeout);
    DnsAnswer answer = co_await server.server->ask(std::move(spec), until);
    answer.start_ms = start;
    settle_silence(session, record, answer.error);
    detail.addresses = addresses_of(answer);
    const bool cut = answer.truncated && !answer.error;
    detail.answers.push_back(std::move(answer));
    if (!cut) co_return;
  }
}

// "" where the host has no address, or nobody can say.
asio::awaitable<std::string> responder_address(Session& session, std::string host) {
  if (const auto pinned = session.node.hosts.find(host); pinned != session.node.hosts.end())
    co_return pinned->second.empty() ? std::string() : pinned->second.front();
  NameserverState* server = answering_server(session);
  if (!server) co_return std::string();
  ProbeRecord& record = begin_probe(session, ProbeKind::dns, host, Purpose::control);
  record.control = kRevocation;
  DnsDetail& detail = record.detail.emplace<DnsDetail>();
  detail.name = std::move(host);
  detail.answered_by = server->server->name();
  co_await ask_address(session, *server, record);
  std::string first = detail.addresses.empty() ? std::string() : detail.addresses.front();
  const ProbeStatus status = status_of(detail.answers.back());
  end_probe(session, record, status);
  co_return first;
}

asio::awaitable<void> ask_responder(Session& session, Responder responder) {
  co_await asio::this_coro::throw_if_cancelled(false);
  HttpSpec spec;
  spec.url = responder.url;
  spec.port = kPort;
  spec.body_limit = kBodyKept;
  spec.proxy = proxy_for("http", responder.host, session.options.proxies);
  const bool direct = spec.proxy.empty();
  ProxyAddress at;
  if (!direct && !parse_proxy(spec.proxy, at)) co_return;
  if (!direct) spec.port = at.port;
  if (direct)
    spec.address = co_await responder_address(session, responder.host);
  else
    spec.address = co_await proxy_address(session, at.host);
  if (!direct) trust_node_roots(session, spec);
  if (spec.address.empty()) co_return;
  ProbeRecord& record =
      begin_probe(session, ProbeKind::http, host_port(responder.host, kPort), Purpose::control);
  record.control = kRevocation;
  const bool admitted = co_await session.connections.acquire();
  if (!admitted) co_return;
  const Slot slot(session.connections);
  start_clock(session, record);
  const Deadline until = patience(session, session.options.timeout);
  HttpDetail detail = co_await ask_http(session.http, std::move(spec), until);
  // What a proxy takes to resolve and connect is not to be measured by our own connects.
  if (direct) settle_silence(session, record, detail.error);
  const ProbeStatus status = status_of(detail.error);
  record.detail = std::move(detail);
  end_probe(session, record, status);
}

bool is_trusted(const TlsDetail& tls) {
  return !tls.error && tls.name_matches && !tls.chain.empty() && !tls.verdicts.empty() &&
         tls.verdicts.front().code == 0;
}

// A host of the plan is asked there.
bool is_planned(const Session& session, const std::string& host) {
  return std::any_of(session.endpoints.begin(), session.endpoints.end(),
                     [&](const Endpoint* e) { return e->port == kPort && e->host == host; });
}

}  // namespace

void ask_responders(Session& session, const ProbeRecord& record) {
  const auto* tls = detail_of<TlsDetail>(record);
  if (record.purpose != Purpose::requirement || !tls || !is_trusted(*tls)) return;
  const auto leaf = session.evidence.certificates.find(tls->chain.front());
  if (leaf == session.evidence.certificates.end()) return;
  for (Responder& responder : responders_of(leaf->second)) {
    if (session.responders.size() >= kMostResponders || is_planned(session, responder.host)) continue;
    if (session.responders.insert(responder.host).second)
      session.controls.spawn(ask_responder(session, std::move(responder)));
  }
}

}  // namespace amlnet
