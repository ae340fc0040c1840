// The service or the gateway was reached, and refuses: its own words are the evidence.
#include <fmt/format.h>

#include "agent/diagnosis/answers.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {
namespace {

/// One finding a host for answers of this kind; `title` follows the host's name.
void blame(Case& c, std::string_view cause, AnswerKind kind, std::string_view title) {
  for (auto& trail : c.trails) {
    const auto* http = trail.open_at(TrailStage::answer) ? trail.http() : nullptr;
    if (http == nullptr || judge_answer(*http, *trail.endpoint) != kind) continue;
    auto& draft = c.draft(cause, trail.endpoint->host);
    draft.confidence = Confidence::certain;
    draft.title = fmt::format("{} {}", trail.endpoint->host, title);
    draft.say(describe_trail(c, trail), probe_of(trail));
    if (const auto client = client_address_in(http->body.data); !client.empty()) {
      draft.say(fmt::format("the service saw the client address {}", client), probe_of(trail));
    }
    if (!trail.endpoint->scope_known) {
      draft.or_else("dns.private-zone-not-linked",
                    "Whether this resource is meant to be reached by private endpoint is not known: with "
                    "\"access\" in the "
                    "workspace file the name's address could be judged.");
    }
    if (trail.proxied)
      draft.or_else("proxy.private-traffic",
                    "The service saw the proxy, not this node: no_proxy for this host would change that.");
    c.claim(draft, trail);
  }
}

/// What Application Gateway means by a status (its page of HTTP response codes).
std::string meaning_of_gateway(long status) {
  switch (status) {
    case 400:
      return "400: plain HTTP at an HTTPS listener, a client certificate that is asked for, or a Host that "
             "is none";
    case 403:
      return "403: the web application firewall, or the back end, refuses";
    case 404:
      return "404: no listener, or no rule of it, has this host name and path";
    case 504:
      return "504: the back end did not answer within the time of the gateway's back-end setting";
    default:
      return "502: the gateway has no healthy back end, cannot reach it, or does not trust its certificate";
  }
}

/// The login server of a dedicated data endpoint: acrws1.azurecr.io of acrws1.eastus2.data.azurecr.io; ""
/// for other hosts.
std::string login_server_of(const std::string& host) {
  const auto data = host.find(".data.azurecr.");
  if (data == std::string::npos) return {};
  return host.substr(0, host.find('.')) + host.substr(data + std::string_view(".data").size());
}

const Trail* passed(const Case& c, const std::string& host) {
  for (const auto& trail : c.trails) {
    if (trail.endpoint->host == host && trail.progress == Progress::passed) return &trail;
  }
  return nullptr;
}

/// An answer at the data endpoint that keeps layers from being fetched; a device's own deny answers and pages
/// have causes of their own.
bool denies_data(const Trail& trail) {
  const auto* http = trail.open_at(TrailStage::answer) ? trail.http() : nullptr;
  if (http == nullptr) return false;
  const auto kind = judge_answer(*http, *trail.endpoint);
  return kind == AnswerKind::registry_firewall || kind == AnswerKind::storage_firewall ||
         (kind == AnswerKind::unexpected && http->status >= 400);
}

void hedge_gateway(Case& c) {
  for (auto& trail : c.trails) {
    const auto* http = trail.finding >= 0 ? trail.http() : nullptr;
    if (http == nullptr) continue;
    auto& draft = c.drafts[static_cast<std::size_t>(trail.finding)];
    const bool gateway = draft.cause == "gateway.backend" || draft.cause == "gateway.rejected";
    if (!gateway) continue;
    draft.say(meaning_of_gateway(http->status), probe_of(trail));
    if (names_gateway(*http)) continue;
    draft.confidence = Confidence::likely;
    draft.or_else("http.unexpected",
                  "The answer does not name the gateway: the server behind it may have given it.");
  }
}

}  // namespace

void rule_storage_firewall(Case& c) {
  blame(c, "service.storage-firewall", AnswerKind::storage_firewall,
        "refuses this node by its network rules");
}

void rule_keyvault_firewall(Case& c) {
  blame(c, "service.keyvault-firewall", AnswerKind::keyvault_firewall,
        "refuses this node's address by its firewall");
}

void rule_keyvault_private_only(Case& c) {
  blame(c, "service.keyvault-private-only", AnswerKind::keyvault_private_only,
        "admits private endpoints only");
}

void rule_registry_data_blocked(Case& c) {
  for (auto& trail : c.trails) {
    const auto login = login_server_of(trail.endpoint->host);
    const auto* other = login.empty() ? nullptr : passed(c, login);
    if (other == nullptr || !denies_data(trail)) continue;
    auto& draft = c.draft("service.registry-data-blocked", trail.endpoint->host);
    draft.confidence = Confidence::certain;
    draft.title = fmt::format("{} passes, its data endpoint {} is denied", login, trail.endpoint->host);
    draft.say(describe_trail(c, trail), probe_of(trail));
    draft.say(fmt::format("{} answers as it should", other->target),
              other->addresses.empty() ? nullptr : other->addresses.front().last());
    if (const auto client = client_address_in(trail.http()->body.data); !client.empty())
      draft.say(fmt::format("the service saw the client address {}", client), probe_of(trail));
    c.claim(draft, trail);
  }
}

void rule_registry_firewall(Case& c) {
  blame(c, "service.registry-firewall", AnswerKind::registry_firewall,
        "refuses this node's address by its firewall");
}

void rule_workspace_private_only(Case& c) {
  blame(c, "service.workspace-private-only", AnswerKind::workspace_private_only,
        "admits the workspace's private endpoint only");
}

void rule_service_tls_version(Case& c) {
  blame(c, "service.tls-version", AnswerKind::tls_version, "demands a newer TLS version");
}

/// Never a failure of the network: the service was reached, and says who lacks what.
void rule_permission_denied(Case& c) {
  for (auto& trail : c.trails) {
    const auto* http = trail.progress == Progress::passed ? trail.http() : nullptr;
    const auto code = http ? missing_role_in(*http) : std::string_view();
    if (code.empty()) continue;
    auto& draft = c.draft("service.permission-denied", trail.endpoint->host);
    draft.confidence = Confidence::certain;
    draft.title = fmt::format("{} is reached, and the caller lacks a role there", trail.endpoint->host);
    draft.say(fmt::format("{}: HTTP {} with the code {}, which is about roles and not about the network",
                          trail.target, http->status, code),
              trail.addresses[trail.decisive].answer);
    c.touch(draft, trail);
  }
}

void rule_gateway_backend(Case& c) {
  blame(c, "gateway.backend", AnswerKind::gateway_backend,
        "is reached through the gateway, whose back end fails");
  hedge_gateway(c);
}

void rule_gateway_rejected(Case& c) {
  blame(c, "gateway.rejected", AnswerKind::gateway_rejected,
        "is reached, and the gateway rejects the request");
  hedge_gateway(c);
}

}  // namespace amlnet
