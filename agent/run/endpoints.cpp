#include "agent/run/endpoints.h"

#include <algorithm>
#include <asio/this_coro.hpp>

#include "agent/run/authenticated.h"
#include "agent/run/controls.h"
#include "agent/run/names.h"
#include "agent/run/proxied.h"
#include "agent/run/responders.h"
#include "agent/run/upgrade.h"
#include "probes/tcp.h"
#include "probes/udp.h"

namespace amlnet {

namespace {

// A timeout that the run's own deadline cut short proves nothing about the peer.
WireError unless_cut_short(const Session& session, Clock::time_point began, Milliseconds timeout,
                           WireError error) {
  const bool cut = error.failure == Failure::timeout && Clock::now() - began < timeout - Milliseconds(5) &&
                   Clock::now() >= session.deadline - Milliseconds(5);
  return cut ? was_cancelled() : error;
}

// Silence of a UDP port is no verdict, so nothing waits for it: the probe runs among the controls, and is cut
// off with them.
asio::awaitable<void> probe_udp(Session& session, const Endpoint& endpoint, std::string address,
                                std::string after) {
  co_await asio::this_coro::throw_if_cancelled(false);
  ProbeRecord& record =
      begin_probe(session, ProbeKind::udp, host_port(endpoint.host, endpoint.port), Purpose::requirement);
  if (!after.empty()) record.after.push_back(std::move(after));
  UdpSpec spec;
  spec.address = std::move(address);
  spec.port = endpoint.port;
  const auto began = session.last_control = Clock::now();
  const Deadline until = attempt_deadline(session, session.options.timeout);
  auto executor = co_await asio::this_coro::executor;
  UdpDetail detail = co_await send_udp(executor, std::move(spec), until);
  detail.error = unless_cut_short(session, began, session.options.timeout, detail.error);
  settle_silence(session, record, detail.error);
  const ProbeStatus status = status_of(detail.error);
  record.detail = std::move(detail);
  end_probe(session, record, status);
}

asio::awaitable<void> probe_http(Session& session, const Endpoint& endpoint, std::string address,
                                 std::string after, Purpose purpose) {
  HttpSpec spec = request_for(endpoint);
  spec.address = std::move(address);
  spec.port = endpoint.port;
  ProbeRecord& record =
      begin_probe(session, ProbeKind::http, host_port(endpoint.host, endpoint.port), purpose);
  record.after.push_back(std::move(after));
  Limit& limit = endpoint.protocol == Protocol::http ? session.connections : session.handshakes;
  const bool admitted = co_await limit.acquire();
  if (!admitted) co_return;
  Slot slot(limit);
  start_clock(session, record);
  HttpSpec where = spec;
  co_await ask_recorded(session, record, std::move(spec));
  slot.release();
  if (purpose == Purpose::requirement) note_service(session, endpoint, record, where);
  const Endpoint* upgrade = upgrade_wanted(session, endpoint);
  if (upgrade && record.status == ProbeStatus::ok)
    co_await probe_upgrade(session, *upgrade, std::move(where), record.id, purpose);
}

// The connection waits no longer once its handshake is admitted, so that the next one gets its slot.
asio::awaitable<bool> probe_tls(Session& session, asio::ip::tcp::socket& socket, Slot& slot,
                                const Endpoint& endpoint, const TcpSpec& where, ProbeRecord& tcp,
                                Purpose purpose, std::string& tls_id) {
  ProbeRecord& record = begin_probe(session, ProbeKind::tls, tcp.target, purpose);
  record.after.push_back(tcp.id);
  tls_id = record.id;
  TlsSpec spec;
  spec.server_name = spec.verify_name = endpoint.host;
  for (record.attempts = 1;; ++record.attempts) {
    TlsSpec attempt = spec;
    std::string store = endpoint.ca_file;
    const bool done =
        co_await handshake_recorded(session, socket, record, std::move(attempt), std::move(store), &slot);
    const auto* detail = detail_of<TlsDetail>(record);
    if (done || !detail || !worth_retrying(session, detail->error, record.attempts)) break;
    const bool admitted = co_await session.connections.acquire();
    if (!admitted) break;
    slot.hold_again();
    TcpSpec again = where;
    const Deadline until = attempt_deadline(session, session.options.timeout);
    TcpDetail reconnected = co_await connect_tcp(socket, std::move(again), until);
    if (reconnected.error) break;
  }
  co_return end_handshake(session, record);
}

// What follows a connection.
asio::awaitable<void> probe_connected(Session& session, asio::ip::tcp::socket& socket, Slot& slot,
                                      const Endpoint& endpoint, const TcpSpec& where, ProbeRecord& tcp,
                                      Purpose purpose) {
  std::string last = tcp.id;
  if (endpoint.protocol != Protocol::http) {
    const bool done = co_await probe_tls(session, socket, slot, endpoint, where, tcp, purpose, last);
    if (!done) co_return;
    if (purpose == Purpose::requirement) start_large_hello(session, endpoint, where);
  }
  socket.close();
  slot.release();
  std::string address = where.address;
  if (endpoint.protocol != Protocol::tls)
    co_await probe_http(session, endpoint, std::move(address), std::move(last), purpose);
}

// Thousands wait here for their connection: what they do not need until it is up stands in probe_connected().
asio::awaitable<void> probe_address(Session& session, std::size_t index, TcpSpec where,
                                    const ProbeRecord* dns, Purpose purpose) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const Endpoint& endpoint = *session.endpoints[index];
  if (endpoint.protocol == Protocol::udp) {
    session.controls.spawn(
        probe_udp(session, endpoint, std::move(where.address), dns ? dns->id : std::string()));
    co_return;
  }
  ProbeRecord& tcp = begin_probe(session, ProbeKind::tcp, host_port(endpoint.host, endpoint.port), purpose);
  if (dns) tcp.after.push_back(dns->id);
  const bool admitted = co_await session.connections.acquire();
  if (!admitted) co_return;
  Slot slot(session.connections);
  start_clock(session, tcp);
  asio::ip::tcp::socket socket(session.loop);
  const bool connected = co_await connect_recorded(session, socket, tcp, where);
  if (connected && endpoint.protocol != Protocol::tcp)
    co_await probe_connected(session, socket, slot, endpoint, where, tcp, purpose);
}

void probe_addresses(Session& session, std::size_t index, const NameState& name, Purpose purpose,
                     const std::vector<std::string>& begun) {
  for (const std::string& address : name.detail.addresses) {
    if (std::find(begun.begin(), begun.end(), address) != begun.end()) continue;
    TcpSpec where{address, session.endpoints[index]->port, std::nullopt, std::nullopt};
    session.probes.spawn(probe_address(session, index, std::move(where), &name.record, purpose));
  }
}

// What may still follow is probed when it does: no coroutine waits for it, of thousands of endpoints.
void probe_late_addresses(Session& session, std::size_t index, NameState& name, Purpose purpose) {
  if (name.late == nullptr) return;
  name.when_complete.emplace_back([&session, &name, index, purpose, begun = name.detail.addresses] {
    probe_addresses(session, index, name, purpose, begun);
  });
}

// The endpoint has its addresses, or needs none: the next one may resolve, and after the last the gate opens.
void end_resolving(Session& session, Slot& slot) {
  slot.release();
  if (session.next_endpoint == session.endpoints.size() && session.resolving.unused())
    session.cheap_first.open();
}

// Waits for the addresses, then probes all of them at once; this coroutine's frame is gone before theirs.
asio::awaitable<void> probe_direct(Session& session, std::size_t index, Purpose purpose) {
  co_await asio::this_coro::throw_if_cancelled(false);
  Slot resolving(session.resolving);  // acquired by who started this endpoint
  const std::string& host = session.endpoints[index]->host;
  if (is_numeric(host)) {
    end_resolving(session, resolving);
    TcpSpec where{host, session.endpoints[index]->port, std::nullopt, std::nullopt};
    co_await probe_address(session, index, std::move(where), nullptr, purpose);
    co_return;
  }
  NameState& name = resolve(session, host, purpose);
  const bool decided = co_await wait_for_addresses(name);
  if (decided && !name.detail.addresses.empty()) {
    probe_addresses(session, index, name, purpose, {});
    probe_late_addresses(session, index, name, purpose);
  }
  end_resolving(session, resolving);
}

}  // namespace

void probe_endpoint(Session& session, std::size_t index) {
  const Endpoint& endpoint = *session.endpoints[index];
  if (asked_by_another(session, endpoint)) {
    Slot resolving(session.resolving);
    end_resolving(session, resolving);
    return;
  }
  const bool web = endpoint.protocol != Protocol::tcp && endpoint.protocol != Protocol::udp;
  const std::string proxy = web ? proxy_for(endpoint.protocol == Protocol::http ? "http" : "https",
                                            endpoint.host, session.options.proxies)
                                : std::string();
  if (!proxy.empty()) session.probes.spawn(probe_through_proxy(session, index, proxy));
  session.probes.spawn(probe_direct(session, index, proxy.empty() ? Purpose::requirement : Purpose::control));
}

asio::awaitable<bool> connect_recorded(Session& session, asio::ip::tcp::socket& socket, ProbeRecord& record,
                                       const TcpSpec& spec) {
  TcpDetail* seen = nullptr;
  for (record.attempts = 1;; ++record.attempts) {
    TcpDetail& detail = record.detail.emplace<TcpDetail>();
    seen = &detail;
    const auto began = Clock::now();
    const Deadline until = attempt_deadline(session, session.options.timeout);
    co_await connect_tcp(socket, spec, until, detail);
    detail.error = unless_cut_short(session, began, session.options.timeout, detail.error);
    if (!detail.error)
      session.slowest_connect_ms = std::max(session.slowest_connect_ms, ms_between(began, Clock::now()));
    if (!worth_retrying(session, detail.error, record.attempts)) break;
  }
  const ProbeStatus status = status_of(seen->error);
  end_probe(session, record, status);
  co_return status == ProbeStatus::ok;
}

asio::awaitable<bool> handshake_recorded(Session& session, asio::ip::tcp::socket& socket, ProbeRecord& record,
                                         TlsSpec spec, std::string extra_store, Slot* connection) {
  const bool admitted = co_await session.handshakes.acquire();
  if (!admitted) co_return false;
  const Slot slot(session.handshakes);
  if (connection) connection->release();
  const bool passed = co_await session.cheap_first.pass();
  if (!passed) co_return false;
  if (record.attempts == 1) start_clock(session, record);
  const auto began = Clock::now();
  const Deadline until = attempt_deadline(session, session.options.timeout);
  TlsDetail detail = co_await handshake_tls(socket, session.tls, std::move(spec), std::move(extra_store),
                                            until, session.evidence.certificates);
  detail.error = unless_cut_short(session, began, session.options.timeout, detail.error);
  const bool done = !detail.error;
  if (done) session.slowest_handshake_ms = std::max(session.slowest_handshake_ms, detail.handshake_ms);
  record.detail = std::move(detail);
  co_return done;
}

bool end_handshake(Session& session, ProbeRecord& record) {
  const auto* detail = detail_of<TlsDetail>(record);
  const ProbeStatus status = detail ? status_of(detail->error) : ProbeStatus::unfinished;
  end_probe(session, record, status);
  if (status == ProbeStatus::ok) ask_responders(session, record);
  return status == ProbeStatus::ok;
}

}  // namespace amlnet
