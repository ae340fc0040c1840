#include "agent/run/proxied.h"

#include <asio/this_coro.hpp>

#include "agent/catalog/answerer.h"
#include "agent/run/authenticated.h"
#include "agent/run/endpoints.h"
#include "agent/run/names.h"
#include "agent/run/upgrade.h"
#include "probes/serve/greeting.h"
#include "probes/tcp.h"
#include "probes/trust.h"

namespace amlnet {

namespace {

// The endpoint's own request, sent by way of the proxy.
HttpSpec through(const HttpSpec& via, const Endpoint& endpoint) {
  HttpSpec spec = request_for(endpoint);
  spec.proxy = via.proxy;
  spec.address = via.address;
  spec.port = via.port;
  spec.ca_file = via.ca_file;
  spec.ca_path = via.ca_path;
  return spec;
}

// The certificate of a proxy that is spoken to over TLS, looked at once: curl only says whether it verifies.
asio::awaitable<void> look_at_proxy(Session& session, ProxyAddress proxy, std::string address) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const bool admitted = co_await session.connections.acquire();
  if (!admitted) co_return;
  const Slot slot(session.connections);
  TcpSpec where;
  where.address = std::move(address);
  where.port = proxy.port;
  asio::ip::tcp::socket socket(session.loop);
  const Deadline until = attempt_deadline(session, session.options.timeout);
  const TcpDetail connected = co_await connect_tcp(socket, std::move(where), until);
  if (connected.error) co_return;  // the tunnels say so
  ProbeRecord& record =
      begin_probe(session, ProbeKind::tls, host_port(proxy.host, proxy.port), Purpose::control);
  record.control = "proxy-tls";
  TlsSpec spec;
  spec.server_name = spec.verify_name = proxy.host;
  co_await handshake_recorded(session, socket, record, std::move(spec), std::string());
  end_handshake(session, record);
}

void prepare_for_tls(Session& session, const ProxyAddress& proxy, HttpSpec& via) {
  if (!proxy.shown.starts_with("https:")) return;
  trust_node_roots(session, via);
  if (session.proxies_looked_at.insert(proxy.shown).second)
    session.probes.spawn(look_at_proxy(session, proxy, via.address));
}

// A connection that curl carries has no address of its own.
void note_proxy_address(const HttpSpec& via, ProbeRecord& record) {
  auto* tls = detail_of<TlsDetail>(record);
  if (tls == nullptr) return;
  tls->address = via.address;
  tls->port = via.port;
}

asio::awaitable<bool> tunnel_recorded(Session& session, asio::ip::tcp::socket& socket,
                                      const Endpoint& endpoint, HttpSpec via, ProbeRecord& record) {
  const std::string target = host_port(endpoint.host, endpoint.port);
  HttpDetail detail;
  for (record.attempts = 1;; ++record.attempts) {
    HttpSpec spec = via;
    std::string host = endpoint.host;
    const Deadline until = attempt_deadline(session, session.options.timeout);
    detail =
        co_await open_tunnel(session.http, socket, std::move(spec), std::move(host), endpoint.port, until);
    if (!worth_retrying(session, detail.error, record.attempts)) break;
  }
  detail.method = "CONNECT";
  detail.url = target;
  const ProbeStatus status = status_of(detail.error);
  record.detail = std::move(detail);
  end_probe(session, record, status);
  co_return status == ProbeStatus::ok;
}

}  // namespace

asio::awaitable<std::string> proxy_address(Session& session, std::string host) {
  if (is_numeric(host)) co_return host;
  NameState& name = resolve(session, host, Purpose::requirement);
  const bool decided = co_await wait_for_addresses(name);
  if (!decided || name.detail.addresses.empty()) co_return std::string();
  co_return name.detail.addresses.front();
}

asio::awaitable<void> probe_through_proxy(Session& session, std::size_t index, std::string proxy) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const Endpoint& endpoint = *session.endpoints[index];
  const std::string target = host_port(endpoint.host, endpoint.port);
  ProbeRecord& record = begin_probe(session, ProbeKind::http, target, Purpose::requirement);
  ProxyAddress at;
  HttpSpec via;
  via.proxy = proxy;
  const bool readable = parse_proxy(proxy, at);
  if (readable) via.address = co_await proxy_address(session, at.host);
  via.port = at.port;
  if (via.address.empty()) {
    HttpDetail detail;
    detail.method = "CONNECT";
    detail.url = target;
    detail.proxy = at.shown;
    detail.error.failure = Failure::proxy_unresolved;
    detail.error.source = ErrorSource::amlnet;
    detail.error.text = readable ? "the proxy's name has no address" : "the proxy setting is not a URL";
    record.detail = std::move(detail);
    end_probe(session, record, ProbeStatus::failed);
    co_return;
  }
  prepare_for_tls(session, at, via);
  const bool admitted = co_await session.connections.acquire();
  if (!admitted) co_return;
  Slot slot(session.connections);
  start_clock(session, record);
  if (endpoint.protocol == Protocol::http) {
    HttpSpec request = through(via, endpoint);
    co_await ask_recorded(session, record, std::move(request));
    co_return;
  }
  asio::ip::tcp::socket socket(session.loop);
  HttpSpec again = via;
  const bool open = co_await tunnel_recorded(session, socket, endpoint, std::move(again), record);
  if (!open) co_return;
  ProbeRecord& tls = begin_probe(session, ProbeKind::tls, target, Purpose::requirement);
  tls.after.push_back(record.id);
  TlsSpec spec;
  spec.server_name = spec.verify_name = endpoint.host;
  std::string store = endpoint.ca_file;
  co_await handshake_recorded(session, socket, tls, std::move(spec), std::move(store));
  note_proxy_address(via, tls);
  const bool done = end_handshake(session, tls);
  socket.close();
  if (!done || endpoint.protocol == Protocol::tls) co_return;
  ProbeRecord& http = begin_probe(session, ProbeKind::http, target, Purpose::requirement);
  http.after.push_back(tls.id);
  HttpSpec request = through(via, endpoint);
  co_await ask_recorded(session, http, std::move(request));
  note_service(session, endpoint, http, via);
  const Endpoint* upgrade = upgrade_wanted(session, endpoint);
  if (upgrade && http.status == ProbeStatus::ok)
    co_await probe_upgrade(session, *upgrade, std::move(via), http.id, Purpose::requirement);
}

asio::awaitable<void> ask_recorded(Session& session, ProbeRecord& record, HttpSpec spec) {
  HttpDetail detail;
  for (record.attempts = 1;; ++record.attempts) {
    HttpSpec attempt = spec;
    const Deadline until = attempt_deadline(session, session.options.timeout);
    detail = co_await ask_http(session.http, std::move(attempt), until);
    if (!worth_retrying(session, detail.error, record.attempts)) break;
  }
  const ProbeStatus status = status_of(detail.error);
  record.detail = std::move(detail);
  end_probe(session, record, status);
}

void trust_node_roots(const Session& session, HttpSpec& spec) {
  const TrustSource trust = find_trust(session.options.ca_file, "/");
  spec.ca_file = trust.file;
  spec.ca_path = trust.directories;
}

HttpSpec request_for(const Endpoint& endpoint) {
  const Answerer* answerer = find_answerer(endpoint.answerer);
  const bool plain = endpoint.protocol == Protocol::http;
  const bool own_port = endpoint.port == (plain ? 80 : 443);
  const std::string where = host_port(endpoint.host, endpoint.port);
  const std::string authority = own_port ? where.substr(0, where.rfind(':')) : where;
  HttpSpec spec;
  spec.url = (plain ? "http://" : "https://") + authority + std::string(answerer ? answerer->path : "/");
  if (answerer && answerer->path == kGreetingPath) spec.url += new_greeting_nonce();
  if (answerer && !answerer->header.empty()) {
    const auto colon = answerer->header.find(": ");
    spec.headers.emplace_back(answerer->header.substr(0, colon), answerer->header.substr(colon + 2));
  }
  return spec;
}

}  // namespace amlnet
