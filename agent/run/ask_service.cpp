#include "agent/run/ask_service.h"

#include <asio/this_coro.hpp>

#include "agent/run/names.h"
#include "agent/run/pause.h"
#include "agent/run/proxied.h"
#include "probes/proxy.h"

namespace amlnet {

namespace {

constexpr auto kLookAgain = Milliseconds(5);

// wait_for_addresses() with an end: others wait for the same name without one.
asio::awaitable<std::vector<std::string>> addresses_until(Session& session, std::string host,
                                                          Deadline until) {
  std::vector<std::string> addresses;
  if (is_numeric(host) || host == "localhost") {
    addresses.push_back(is_numeric(host) ? host : "127.0.0.1");
    co_return addresses;
  }
  NameState& name = resolve(session, host, Purpose::requirement);
  while (!name.decided && Clock::now() < until) {
    const bool going_on = co_await pause_for(session, kLookAgain);
    if (!going_on) break;
  }
  if (name.decided) addresses = name.detail.addresses;
  co_return addresses;
}

HttpDetail unresolved(bool proxied, const std::string& host) {
  HttpDetail detail;
  detail.error.failure = proxied ? Failure::proxy_unresolved : Failure::other;
  detail.error.source = ErrorSource::amlnet;
  detail.error.text = host + " has no address";
  return detail;
}

}  // namespace

asio::awaitable<HttpDetail> ask_service(Session& session, TokenRequest request, Deadline until) {
  co_await asio::this_coro::throw_if_cancelled(false);
  HttpSpec spec = std::move(request.http);
  const std::string scheme = spec.url.starts_with("https:") ? "https" : "http";
  if (!request.direct) spec.proxy = proxy_for(scheme, request.host, session.options.proxies);
  ProxyAddress proxy;
  const bool proxied = !spec.proxy.empty();
  if (proxied && !parse_proxy(spec.proxy, proxy)) co_return unresolved(true, "the proxy");
  spec.port = proxied ? proxy.port : request.port;
  if (spec.verified || proxied) trust_node_roots(session, spec);
  std::string host = proxied ? proxy.host : request.host;
  const std::vector<std::string> addresses = co_await addresses_until(session, host, until);
  HttpDetail detail = unresolved(proxied, host);
  for (const std::string& address : addresses) {
    HttpSpec attempt = spec;
    attempt.address = address;
    detail = co_await ask_http(session.http, std::move(attempt), until);
    const bool cancelled = detail.error.failure == Failure::cancelled;
    if (detail.status != 0 || detail.proxy_status != 0 || cancelled || Clock::now() >= until) break;
  }
  co_return detail;
}

WireError told_error(WireError error) {
  constexpr long kPeerNotVerified = 60;  // CURLE_PEER_FAILED_VERIFICATION; other words may quote the peer
  if (error.source == ErrorSource::curl && error.code != kPeerNotVerified) error.text.clear();
  return error;
}

void note_exchange(IdentityDetail& detail, const HttpDetail& http) {
  detail.address = http.address;
  detail.port = http.port;
  detail.proxy = http.proxy;
  detail.status = http.status;
  detail.error = told_error(http.error);
}

}  // namespace amlnet
