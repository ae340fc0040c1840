// What an HTTP answer means: the service itself, its own network rules, a device in the way, a gateway.
// Judged by the signatures of failures.md's services and devices, never by the status alone. Used when trails
// are read, and by the HTTP, service and gateway rules.
#pragma once

#include <string>
#include <string_view>

#include "agent/plan/plan.h"
#include "probes/record.h"

namespace amlnet {

enum class AnswerKind {
  good,  // the service answered; a 4xx of its own proves the network
  firewall_denied,
  block_page,
  storage_firewall,
  keyvault_firewall,
  keyvault_private_only,
  registry_firewall,
  workspace_private_only,
  tls_version,
  gateway_backend,
  gateway_rejected,
  instance_unhealthy,
  role_missing,  // said to a request with a token
  unexpected,
  none,  // no HTTP answer at all
};

AnswerKind judge_answer(const HttpDetail& http, const Endpoint& endpoint);

/// Whether an answer says itself that Application Gateway gave it: in its Server header, at the foot of the
/// page (v2), or in the words of v1.
bool names_gateway(const HttpDetail& http);

/// Whether a proxy, not the server behind it, gave this answer to a plain HTTP request.
bool answered_by_proxy(const HttpDetail& http);

/// The value of the first header of that name (lower case), "" when absent.
std::string_view header_of(const HttpDetail& http, std::string_view name);

/// The code by which a service says that it knows the caller and that a role is missing, "" where it says no
/// such thing.
std::string_view missing_role_in(const HttpDetail& http);

/// The client address that a denial quotes, "" where it quotes none.
std::string client_address_in(std::string_view body);

/// At most `limit` characters of network text with everything but printable ASCII replaced.
std::string excerpt_of(std::string_view text, std::size_t limit = 120);

}  // namespace amlnet
