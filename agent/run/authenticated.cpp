#include "agent/run/authenticated.h"

#include <algorithm>
#include <asio/this_coro.hpp>
#include <charconv>

#include "agent/diagnosis/handshakes.h"
#include "agent/diagnosis/refusals.h"
#include "agent/identity/service_request.h"
#include "agent/run/ask_service.h"
#include "agent/run/proxied.h"
#include "agent/workspace/fact_syntax.h"

namespace amlnet {

namespace {

constexpr const char* kAuthenticated = "authenticated";
constexpr std::size_t kLongestRefusal = std::size_t{64} * 1024;

bool certificate_verified(const Session& session, const ProbeRecord& answer) {
  for (const std::string& id : answer.after) {
    std::size_t number = 0;  // "p12" is the twelfth record
    std::from_chars(id.data() + 1, id.data() + id.size(), number);
    if (number == 0 || number > session.evidence.probes.size()) continue;
    const auto* tls = detail_of<TlsDetail>(session.evidence.probes[number - 1]);
    if (tls && kind_of(*tls) == HandshakeKind::good) return true;
  }
  return false;
}

// The answer may repeat the token, and holds what only the caller may see.
void keep_the_outcome(HttpDetail& detail, std::string_view answerer) {
  detail.refusal = refusal_in(detail, answerer);
  const std::string client = client_address_in(detail.body.data);
  if (!detail.refusal.empty() && is_address(client)) detail.client_address = client;
  detail.body.data.clear();
  detail.body_truncated = false;
  detail.headers.clear();
  detail.date.reset();
  detail.error = told_error(detail.error);
}

ProbeRecord& begin_authenticated(Session& session, const NotedService& service) {
  const Endpoint& endpoint = *service.endpoint;
  ProbeRecord& record =
      begin_probe(session, ProbeKind::http, host_port(endpoint.host, endpoint.port), Purpose::control);
  record.control = kAuthenticated;
  record.after.push_back(service.after);
  return record;
}

asio::awaitable<void> ask_authenticated(Session& session, NotedService service, std::string token) {
  co_await asio::this_coro::throw_if_cancelled(false);
  ProbeRecord& record = begin_authenticated(session, service);
  const bool admitted = co_await session.handshakes.acquire();
  if (!admitted) co_return;
  const Slot slot(session.handshakes);
  start_clock(session, record);
  HttpSpec spec = ask_with_token(*service.endpoint, *session.workspace, token);
  spec.address = service.address;
  spec.port = service.port;
  spec.proxy = service.proxy;
  spec.body_limit = kLongestRefusal;
  trust_node_roots(session, spec);
  HttpDetail detail;
  for (record.attempts = 1;; ++record.attempts) {
    HttpSpec attempt = spec;
    const Deadline until = attempt_deadline(session, session.options.timeout);
    detail = co_await ask_http(session.http, std::move(attempt), until);
    if (!worth_retrying(session, detail.error, record.attempts)) break;
  }
  keep_the_outcome(detail, service.endpoint->answerer);
  const ProbeStatus status = status_of(detail.error);
  record.detail = std::move(detail);
  end_probe(session, record, status);
}

}  // namespace

void note_service(Session& session, const Endpoint& endpoint, const ProbeRecord& answer,
                  const HttpSpec& where) {
  const auto* http = detail_of<HttpDetail>(answer);
  if (answer.status != ProbeStatus::ok || !http || !audience_of(endpoint, *session.workspace)) return;
  if (judge_answer(*http, endpoint) != AnswerKind::good || !certificate_verified(session, answer)) return;
  if (!session.services_once_noted.insert(answer.target).second) return;  // at one address
  session.noted_services.push_back({&endpoint, where.address, where.port, where.proxy, answer.id});
  ask_noted_services(session);
}

void ask_noted_services(Session& session) {
  std::erase_if(session.noted_services, [&](const NotedService& service) {
    const auto audience = audience_of(*service.endpoint, *session.workspace);
    const auto token = audience ? session.tokens.find(*audience) : session.tokens.end();
    if (token == session.tokens.end()) return false;
    session.probes.spawn(ask_authenticated(session, service, token->second));
    return true;
  });
}

void leave_out_noted_services(Session& session) {
  for (const NotedService& service : session.noted_services) {
    ProbeRecord& record = begin_authenticated(session, service);
    const auto audience = audience_of(*service.endpoint, *session.workspace);
    const Cloud cloud = session.workspace->cloud.value_or(Cloud::public_);
    record.note = session.identity && audience ? "no token for " + std::string(resource_of(*audience, cloud))
                                               : session.no_token_because;
    end_probe(session, record, ProbeStatus::skipped);
  }
  session.noted_services.clear();
}

}  // namespace amlnet
