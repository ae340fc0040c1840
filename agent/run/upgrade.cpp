#include "agent/run/upgrade.h"

#include <algorithm>
#include <asio/this_coro.hpp>

#include "agent/run/proxied.h"

namespace amlnet {

namespace {

// Where Jupyter's kernels talk to notebooks, for a kernel that does not exist: asking changes nothing, with
// or without a session.
constexpr const char* kPath = "/api/kernels/00000000-0000-0000-0000-000000000000/channels";

bool same_place(const Endpoint& one, const Endpoint& other) {
  return one.port == other.port && one.host == other.host;
}

HttpSpec request_at(const HttpSpec& where, const Endpoint& endpoint, const char* scheme) {
  HttpSpec spec = request_for(endpoint);
  const std::string origin = spec.url.substr(0, spec.url.find('/', std::string_view("https://").size()));
  spec.url = scheme + origin.substr(std::string_view("https").size()) + kPath;
  spec.address = where.address;
  spec.port = where.port;
  spec.proxy = where.proxy;
  spec.ca_file = where.ca_file;
  spec.ca_path = where.ca_path;
  return spec;
}

asio::awaitable<void> ask_plainly(Session& session, const Endpoint& endpoint, HttpSpec where,
                                  std::string after) {
  ProbeRecord& record =
      begin_probe(session, ProbeKind::http, host_port(endpoint.host, endpoint.port), Purpose::control);
  record.control = "plain-get";
  record.after.push_back(std::move(after));
  HttpSpec spec = request_at(where, endpoint, "https");
  co_await ask_recorded(session, record, std::move(spec));
}

}  // namespace

const Endpoint* upgrade_wanted(const Session& session, const Endpoint& endpoint) {
  if (endpoint.protocol == Protocol::wss) return &endpoint;
  if (endpoint.protocol != Protocol::https || endpoint.answerer != "azureml-instance") return nullptr;
  const auto found = std::find_if(session.endpoints.begin(), session.endpoints.end(), [&](const Endpoint* e) {
    return e->protocol == Protocol::wss && same_place(*e, endpoint);
  });
  return found == session.endpoints.end() ? nullptr : *found;
}

bool asked_by_another(const Session& session, const Endpoint& endpoint) {
  if (endpoint.protocol != Protocol::wss) return false;
  return std::any_of(session.endpoints.begin(), session.endpoints.end(), [&](const Endpoint* e) {
    return e != &endpoint && upgrade_wanted(session, *e) == &endpoint;
  });
}

asio::awaitable<void> probe_upgrade(Session& session, const Endpoint& endpoint, HttpSpec where,
                                    std::string after, Purpose purpose) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const bool admitted = co_await session.handshakes.acquire();
  if (!admitted) co_return;
  const Slot slot(session.handshakes);
  ProbeRecord& record =
      begin_probe(session, ProbeKind::http, host_port(endpoint.host, endpoint.port), purpose);
  record.after.push_back(std::move(after));
  HttpSpec spec = request_at(where, endpoint, "wss");
  co_await ask_recorded(session, record, std::move(spec));
  const auto* seen = detail_of<HttpDetail>(record);
  const bool switched = seen && seen->status == 101;
  if (switched || purpose == Purpose::control || record.status == ProbeStatus::unfinished) co_return;
  co_await ask_plainly(session, endpoint, std::move(where), record.id);
}

}  // namespace amlnet
