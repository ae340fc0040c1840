#include "agent/diagnosis/refusals.h"

#include <algorithm>
#include <array>
#include <string>

namespace amlnet {
namespace {

struct Refusal {
  std::string_view service;  // its answerer begins so
  long status;               // 0 is any
  std::string_view words;    // in the body, or the header that names storage's error
  AnswerKind kind;
};

// The network's refusals are those of failures.md section 4. A vault with access policies says AccessDenied,
// one with roles ForbiddenByRbac; a registry that exchanges no token says UNAUTHORIZED.
constexpr std::array kRefusals{
    Refusal{"azureml-api", 0, "workspace private link configuration", AnswerKind::workspace_private_only},
    Refusal{"azureml-api", 403, "AuthorizationFailed", AnswerKind::role_missing},
    Refusal{"azure-", 0, "TlsVersionNotPermitted", AnswerKind::tls_version},
    Refusal{"azure-", 403, "AuthorizationPermissionMismatch", AnswerKind::role_missing},
    Refusal{"azure-", 403, "AuthorizationFailure", AnswerKind::storage_firewall},
    Refusal{"key-vault", 403, "ForbiddenByConnection", AnswerKind::keyvault_private_only},
    Refusal{"key-vault", 403, "ForbiddenByFirewall", AnswerKind::keyvault_firewall},
    Refusal{"key-vault", 403, "ForbiddenByRbac", AnswerKind::role_missing},
    Refusal{"key-vault", 403, "ForbiddenByPolicy", AnswerKind::role_missing},
    Refusal{"key-vault", 403, "AccessDenied", AnswerKind::role_missing},
    Refusal{"container-registry", 403, "aka.ms/acr/firewall", AnswerKind::registry_firewall},
    Refusal{"container-registry", 401, "UNAUTHORIZED", AnswerKind::role_missing},
};

bool says(const HttpDetail& answer, std::string_view words) {
  return answer.body.data.find(words) != std::string::npos || header_of(answer, "x-ms-error-code") == words;
}

}  // namespace

std::string_view refusal_in(const HttpDetail& answer, std::string_view answerer) {
  for (const Refusal& one : kRefusals) {
    const bool here = answerer.starts_with(one.service) && (one.status == 0 || answer.status == one.status);
    if (here && says(answer, one.words)) return one.words;
  }
  return {};
}

AnswerKind judge_refusal(const HttpDetail& kept) {
  if (kept.status == 0) return AnswerKind::none;
  const auto* found = std::ranges::find(kRefusals, kept.refusal, &Refusal::words);
  return found == kRefusals.end() ? AnswerKind::good : found->kind;
}

}  // namespace amlnet
