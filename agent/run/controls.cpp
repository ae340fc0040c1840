#include "agent/run/controls.h"

#include <algorithm>
#include <asio/this_coro.hpp>

#include "agent/diagnosis/domains.h"
#include "agent/plan/inbound.h"
#include "probes/tcp.h"
#include "probes/tls.h"

namespace amlnet {

namespace {

constexpr const char* kTestNet = "192.0.2.1";
constexpr const char* kLargeHello = "large-hello";

// Below this a scheduler hiccup would decide: a loopback connect takes a tenth of a millisecond.
constexpr double kLeastPatienceMs = 20;

asio::awaitable<void> run_canary(Session& session, std::uint16_t port) {
  co_await asio::this_coro::throw_if_cancelled(false);
  ProbeRecord& record = begin_probe(session, ProbeKind::tcp, host_port(kTestNet, port), Purpose::control);
  record.control = "canary";
  const bool admitted = co_await session.connections.acquire();
  if (!admitted) co_return;
  const Slot slot(session.connections);
  start_clock(session, record);
  session.last_control = Clock::now();
  TcpSpec spec;
  spec.address = kTestNet;
  spec.port = port;
  asio::ip::tcp::socket socket(session.loop);
  const Deadline until = attempt_deadline(session, session.options.timeout);
  TcpDetail detail = co_await connect_tcp(socket, std::move(spec), until);
  settle_silence(session, record, detail.error);
  const ProbeStatus status = status_of(detail.error);
  record.detail = std::move(detail);
  end_probe(session, record, status);
}

// Written for the large ClientHello alone: its outcome is the handshake's, and a silent one is cut off.
asio::awaitable<void> run_large_hello(Session& session, const Endpoint& endpoint, TcpSpec where) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const bool admitted = co_await session.handshakes.acquire();
  if (!admitted) co_return;
  const Slot slot(session.handshakes);
  const std::string target = host_port(endpoint.host, endpoint.port);
  ProbeRecord& tcp = begin_probe(session, ProbeKind::tcp, target, Purpose::control);
  tcp.control = kLargeHello;
  asio::ip::tcp::socket socket(session.loop);
  Deadline until = attempt_deadline(session, session.options.timeout);
  TcpDetail connected = co_await connect_tcp(socket, std::move(where), until);
  const ProbeStatus up = status_of(connected.error);
  tcp.detail = std::move(connected);
  end_probe(session, tcp, up);
  if (up != ProbeStatus::ok) co_return;
  ProbeRecord& record = begin_probe(session, ProbeKind::tls, target, Purpose::control);
  record.control = kLargeHello;
  record.after.push_back(tcp.id);
  TlsSpec spec;
  spec.server_name = spec.verify_name = endpoint.host;
  spec.pad_hello = true;
  std::string store = endpoint.ca_file;
  session.last_large_hello = Clock::now();
  ++session.large_hellos_waiting;
  until = attempt_deadline(session, session.options.timeout);
  TlsDetail detail = co_await handshake_tls(socket, session.tls, std::move(spec), std::move(store), until,
                                            session.evidence.certificates);
  --session.large_hellos_waiting;
  settle_silence(session, record, detail.error);
  const ProbeStatus status = status_of(detail.error);
  record.detail = std::move(detail);
  end_probe(session, record, status);
}

// A loop that runs late itself waits longer: the answer may be there, and nobody has looked.
Clock::duration four_times(const Session& session, double slowest_ms, Clock::time_point since) {
  const double patience = 4 * std::max(slowest_ms, session.lag.since(since)) + kLeastPatienceMs;
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double, std::milli>(patience));
}

}  // namespace

void start_large_hello(Session& session, const Endpoint& endpoint, const TcpSpec& where) {
  constexpr std::size_t kMost = 2;  // one device between would lose both; one host that is odd, one
  auto& sent = session.large_hellos;
  std::string domain = registered_domain(endpoint.host);
  if (sent.size() >= kMost || std::find(sent.begin(), sent.end(), domain) != sent.end()) return;
  sent.push_back(std::move(domain));
  session.controls.spawn(run_large_hello(session, endpoint, where));
}

void start_canaries(Session& session) {
  for (const Endpoint* endpoint : session.endpoints)
    if ((endpoint->protocol == Protocol::tcp || is_inbound(*endpoint)) &&
        session.canary_ports.insert(endpoint->port).second)
      session.controls.spawn(run_canary(session, endpoint->port));
}

Deadline controls_until(const Session& session) {
  if (session.slowest_connect_ms <= 0) return session.deadline;
  const double slowest = std::max(session.slowest_connect_ms, session.slowest_answer_ms);
  Deadline until = session.last_control + four_times(session, slowest, session.last_control);
  if (session.large_hellos_waiting > 0)
    until =
        std::max<Deadline>(until, session.last_large_hello + four_times(session, session.slowest_handshake_ms,
                                                                        session.last_large_hello));
  for (const NameserverState& server : session.servers)
    if (server.up && server.answered == 0) until = std::max(until, server.late_until);
  return std::min<Deadline>(until, session.deadline);
}

void settle_silence(const Session& session, ProbeRecord& record, WireError& error) {
  const bool cut = error.failure == Failure::cancelled;
  if (!cut || session.slowest_connect_ms <= 0 || !session.incomplete_because.empty()) return;
  error = timed_out();
  record.note = "silent for four times the slowest good connect";
}

}  // namespace amlnet
