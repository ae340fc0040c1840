#include "agent/run/asked_again.h"

#include <algorithm>
#include <asio/this_coro.hpp>

#include "agent/diagnosis/responders.h"
#include "agent/run/endpoints.h"
#include "agent/run/pause.h"
#include "agent/run/proxied.h"
#include "probes/cname_chain.h"
#include "probes/tcp.h"

namespace amlnet {

namespace {

constexpr auto kBetweenTurns = Milliseconds(250);

asio::awaitable<void> ask_again(Session& session, const std::string& server_name, const std::string& control,
                                DnsSpec spec) {
  auto known = std::find_if(session.servers.begin(), session.servers.end(),
                            [&](const NameserverState& s) { return s.server->name() == server_name; });
  if (known == session.servers.end()) co_return;
  ProbeRecord& record = begin_probe(session, ProbeKind::dns, spec.name, Purpose::follow_up);
  record.control = control;
  DnsDetail detail;
  detail.name = spec.name;
  const Deadline until = attempt_deadline(session, session.options.dns_timeout);
  DnsAnswer answer = co_await known->server->ask(std::move(spec), until);
  answer.start_ms = record.start_ms;
  const ProbeStatus status = status_of(answer);
  detail.addresses = addresses_of(answer);
  detail.answers.push_back(std::move(answer));
  record.detail = std::move(detail);
  end_probe(session, record, status);
}

// Long enough for the answer and for one repeated SYN (RFC 6298: after a second).
Milliseconds brief_patience(const Session& session) {
  return std::min(session.options.timeout, Milliseconds(1500));
}

// A host of revocation is asked twice at once, so that no repeated SYN need be waited for: four times what
// the slowest host took, and what the far end of the internet takes.
Milliseconds revocation_patience(const Session& session) {
  const double patience = std::max(kFarMs, 4 * session.slowest_connect_ms);
  return std::min(brief_patience(session), Milliseconds(static_cast<std::int64_t>(patience)));
}

// A connection that asks yes or no: tried once.
asio::awaitable<void> connect_once(Session& session, FollowUp follow_up) {
  const Endpoint& endpoint = session.plan->endpoints[follow_up.endpoint];
  ProbeRecord& record =
      begin_probe(session, ProbeKind::tcp, host_port(endpoint.host, follow_up.tcp.port), Purpose::follow_up);
  record.control = follow_up.control;
  if (follow_up.turn > 0) {
    const bool going_on = co_await pause_for(session, follow_up.turn * kBetweenTurns);
    if (!going_on) co_return;
  }
  const bool admitted = co_await session.connections.acquire();
  if (!admitted) co_return;
  const Slot slot(session.connections);
  start_clock(session, record);
  asio::ip::tcp::socket socket(session.loop);
  TcpSpec where = follow_up.tcp;
  const Deadline until = attempt_deadline(session, brief_patience(session));
  TcpDetail detail = co_await connect_tcp(socket, std::move(where), until);
  const ProbeStatus status = status_of(detail.error);
  record.detail = std::move(detail);
  end_probe(session, record, status);
}

asio::awaitable<void> connect_again(Session& session, FollowUp follow_up) {
  const Endpoint& endpoint = session.plan->endpoints[follow_up.endpoint];
  const std::string target = host_port(endpoint.host, follow_up.tcp.port);
  ProbeRecord& tcp = begin_probe(session, ProbeKind::tcp, target, Purpose::follow_up);
  tcp.control = follow_up.control;
  const bool admitted = co_await session.connections.acquire();
  if (!admitted) co_return;
  const Slot slot(session.connections);
  start_clock(session, tcp);
  asio::ip::tcp::socket socket(session.loop);
  const bool connected = co_await connect_recorded(session, socket, tcp, follow_up.tcp);
  const auto* tls_spec = std::get_if<TlsSpec>(&follow_up.then);
  if (!connected || !tls_spec) co_return;
  ProbeRecord& tls = begin_probe(session, ProbeKind::tls, target, Purpose::follow_up);
  tls.control = follow_up.control;
  tls.after.push_back(tcp.id);
  TlsSpec spec = *tls_spec;
  std::string store = endpoint.ca_file;
  co_await handshake_recorded(session, socket, tls, std::move(spec), std::move(store));
  end_handshake(session, tls);
}

// One request to an address that is known already.
asio::awaitable<void> request_again(Session& session, FollowUp follow_up, HttpSpec spec) {
  const Endpoint& endpoint = session.plan->endpoints[follow_up.endpoint];
  ProbeRecord& record =
      begin_probe(session, ProbeKind::http, host_port(endpoint.host, endpoint.port), Purpose::follow_up);
  record.control = follow_up.control;
  const bool admitted = co_await session.connections.acquire();
  if (!admitted) co_return;
  const Slot slot(session.connections);
  start_clock(session, record);
  if (!follow_up.brief) {
    co_await ask_recorded(session, record, std::move(spec));
    co_return;
  }
  const bool revocation = follow_up.control == kRevocation;
  const Deadline until =
      attempt_deadline(session, revocation ? revocation_patience(session) : brief_patience(session));
  HttpDetail detail = co_await ask_http(session.http, std::move(spec), until);
  const ProbeStatus status = status_of(detail.error);
  record.detail = std::move(detail);
  end_probe(session, record, status);
}

}  // namespace

asio::awaitable<void> probe_again(Session& session, FollowUp follow_up) {
  co_await asio::this_coro::throw_if_cancelled(false);
  if (const auto* question = std::get_if<DnsSpec>(&follow_up.then)) {
    DnsSpec spec = *question;
    co_await ask_again(session, follow_up.server, follow_up.control, std::move(spec));
  } else if (const auto* request = std::get_if<HttpSpec>(&follow_up.then)) {
    HttpSpec spec = *request;
    co_await request_again(session, std::move(follow_up), std::move(spec));
  } else if (follow_up.brief) {
    co_await connect_once(session, std::move(follow_up));
  } else {
    co_await connect_again(session, std::move(follow_up));
  }
}

}  // namespace amlnet
