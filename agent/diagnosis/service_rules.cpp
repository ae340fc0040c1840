// The service or the gateway was reached, and refuses: its own words are the evidence.
#include <fmt/format.h>

#include <optional>

#include "agent/diagnosis/answers.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/refusals.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {
namespace {

/// A service's refusal, as evidence: to whoever asks, or only to who shows a token.
struct Refused {
  bool with_token = false;
  std::string client;  // the address that the service saw, "" where it does not say
};

std::optional<Refused> refused_as(const Trail& trail, AnswerKind kind) {
  const auto* http = trail.open_at(TrailStage::answer) ? trail.http() : nullptr;
  if (http == nullptr) return std::nullopt;
  const auto anonymous = judge_answer(*http, *trail.endpoint);
  if (anonymous == kind) return Refused{false, client_address_in(http->body.data)};
  const auto* answer = trail.token_answer();
  if (anonymous != AnswerKind::good || answer == nullptr || judge_refusal(*answer) != kind)
    return std::nullopt;
  return Refused{true, answer->client_address};
}

std::string describe_refusal(const Trail& trail) {
  const auto& answer = *trail.token_answer();
  return fmt::format("{} answers HTTP {} to a request with a token: {}", trail.target, answer.status,
                     answer.refusal);
}

void say_refusal(Case& c, Draft& draft, const Trail& trail, const Refused& refused) {
  if (refused.with_token) draft.say(describe_refusal(trail), trail.with_token);
  draft.say(describe_trail(c, trail) + (refused.with_token ? ", which is what it says without one" : ""),
            probe_of(trail));
  const auto* probe = refused.with_token ? trail.with_token : probe_of(trail);
  if (!refused.client.empty())
    draft.say(fmt::format("the service saw the client address {}", refused.client), probe);
}

/// Files tell a role from a network rule less clearly than the others: they take tokens by a way of their
/// own.
void hedge_files(Draft& draft, const Trail& trail) {
  if (trail.endpoint->answerer != "azure-file") return;
  draft.confidence = Confidence::likely;
  draft.or_else(
      "service.permission-denied",
      "Files take a token only with a privileged role for them: the same account's blobs, which name a "
      "missing role by a code of its own, would tell.");
}

/// One finding a host for answers of this kind; `title` follows the host's name.
void blame(Case& c, std::string_view cause, AnswerKind kind, std::string_view title) {
  for (auto& trail : c.trails) {
    const auto refused = refused_as(trail, kind);
    if (!refused) continue;
    auto& draft = c.draft(cause, trail.endpoint->host);
    draft.confidence = Confidence::certain;
    draft.title = fmt::format("{} {}", trail.endpoint->host, title);
    say_refusal(c, draft, trail, *refused);
    if (refused->with_token) hedge_files(draft, trail);
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

/// Never a failure of the network: the service was reached, and says who lacks what. A registry refuses alike
/// whoever has no role and whoever is of another tenant.
void rule_permission_denied(Case& c) {
  for (auto& trail : c.trails) {
    const auto* answer = trail.progress == Progress::passed ? trail.token_answer() : nullptr;
    if (answer == nullptr || judge_refusal(*answer) != AnswerKind::role_missing) continue;
    auto& draft = c.draft("service.permission-denied", trail.endpoint->host);
    const bool plain = answer->status == 403;
    draft.confidence = plain ? Confidence::certain : Confidence::likely;
    draft.title = fmt::format("{} is reached, and the caller lacks a role there", trail.endpoint->host);
    draft.say(describe_refusal(trail) + ", which is about roles and not about the network", trail.with_token);
    if (!plain)
      draft.or_else(
          "identity.refused",
          "The registry may take no token of this kind or tenant: its own log of sign-ins says which.");
    c.touch(draft, trail);
  }
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
