// Who the node is, as far as it could be found out: each failed question for a token is one piece of
// evidence, and each cause one finding for the node. No requirement fails by them, so they are warnings.
#include <fmt/format.h>

#include <algorithm>

#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"
#include "agent/identity/token_request.h"

namespace amlnet {
namespace {

struct Asked {
  const ProbeRecord* record;
  const IdentityDetail* identity;
};

/// The questions for tokens that failed.
std::vector<Asked> failed_questions(const Case& c) {
  std::vector<Asked> result;
  const auto found = c.controls.find("identity");
  if (found == c.controls.end()) return result;
  for (const auto* record : found->second) {
    const auto* identity = detail_of<IdentityDetail>(*record);
    if (identity != nullptr && record->status == ProbeStatus::failed) result.push_back({record, identity});
  }
  return result;
}

bool is(const Asked& asked, TokenProblem problem) {
  return asked.identity->problem == name_of(problem);
}

bool by(const Asked& asked, IdentityMethod method) {
  return asked.identity->method == name_of(method);
}

/// "169.254.169.254:80 answers 400 to the question for a token for https://management.azure.com/".
std::string describe_question(const Asked& asked) {
  const auto& identity = *asked.identity;
  auto text = identity.status != 0 ? fmt::format("{} answers HTTP {}", asked.record->target, identity.status)
              : identity.error
                  ? fmt::format("{} is {}", asked.record->target, words_of(identity.error.failure))
                  : asked.record->target;
  text += fmt::format(" to the question for a token for {}", identity.audience);
  if (!identity.client_id.empty()) text += ", as " + identity.client_id;
  if (asked.record->attempts > 1) text += fmt::format(", {} attempts", asked.record->attempts);
  if (!asked.record->note.empty()) text += ": " + asked.record->note;
  return text;
}

/// One finding for the node.
Draft& blame(Case& c, std::string_view cause, const Asked& asked, std::string title) {
  auto& draft = c.draft(cause, "node");
  draft.confidence = Confidence::certain;
  if (draft.title.empty()) draft.title = std::move(title);
  draft.say(describe_question(asked), asked.record);
  return draft;
}

void add_silent_question(Case& c, const Asked& asked) {
  auto& draft = c.draft("identity.imds-unreachable", "node");
  draft.say(describe_question(asked), asked.record);
  if (draft.confidence != Confidence::certain)
    draft.or_else("route.local-block",
                  "A route for 169.254.0.0/16 or a local firewall on the node hides it: "
                  "ip route get 169.254.169.254.");
}

bool metadata_is_planned(const Case& c) {
  return std::any_of(c.trails.begin(), c.trails.end(),
                     [](const Trail& trail) { return trail.endpoint->host == kMetadata; });
}

std::string refusal_title(const Asked& asked) {
  const auto& code = asked.identity->code;
  if (code.empty()) return "Entra ID refuses a token";
  const auto meaning = meaning_of(code);
  return meaning.empty() ? fmt::format("Entra ID refuses a token: {}", code)
                         : fmt::format("Entra ID refuses a token: {}, {}", code, meaning);
}

}  // namespace

/// Silence at the metadata service is found by its own endpoint, where that is planned; here it gets the
/// tokens as evidence. What answers in its place is found here alone.
void rule_no_metadata_token(Case& c) {
  for (const auto& asked : failed_questions(c)) {
    if (!by(asked, IdentityMethod::metadata)) continue;
    const bool other = is(asked, TokenProblem::not_the_service);
    const bool silent = is(asked, TokenProblem::no_answer);
    const bool told = c.has("identity.imds-unreachable");
    if (other)
      blame(c, "identity.imds-unreachable", asked,
            "Something else answers in place of the instance metadata service");
    else if (silent && (told || (c.facts.workspace.on_azure && !metadata_is_planned(c))))
      add_silent_question(c, asked);
  }
}

void rule_identity_none(Case& c) {
  bool expected = false;
  for (const auto& asked : failed_questions(c)) expected |= asked.identity->method == "none";
  for (const auto& asked : failed_questions(c)) {
    if (is(asked, TokenProblem::several_identities)) {
      auto& draft = blame(c, "identity.none", asked, "The node has several identities, and none is named");
      draft.steps.emplace_back(
          "Name one: set AZURE_CLIENT_ID (DEFAULT_IDENTITY_CLIENT_ID on a cluster) to its client id.");
      continue;
    }
    const bool unnamed_refusal = by(asked, IdentityMethod::metadata) && is(asked, TokenProblem::refused);
    if (!is(asked, TokenProblem::no_identity) && !unnamed_refusal) continue;
    const auto& named = asked.identity->client_id;
    if (!expected && named.empty()) continue;  // nobody asked for one
    blame(c, "identity.none", asked,
          named.empty() ? std::string("No managed identity is assigned to this node")
                        : fmt::format("The identity {} is not assigned to this node", named));
  }
}

void rule_identity_throttled(Case& c) {
  for (const auto& asked : failed_questions(c)) {
    const bool throttled = is(asked, TokenProblem::throttled);
    if (!throttled && !is(asked, TokenProblem::busy)) continue;
    blame(c, "identity.throttled", asked,
          throttled
              ? "The token service answers 429, too many questions, after the retries that are documented"
              : "The token service asks to be tried later, after the retries that are documented");
  }
}

void rule_identity_endpoint_failed(Case& c) {
  for (const auto& asked : failed_questions(c)) {
    const bool retried = is(asked, TokenProblem::throttled) || is(asked, TokenProblem::busy);
    if (!by(asked, IdentityMethod::managed_endpoint) || retried) continue;
    blame(c, "identity.endpoint-failed", asked,
          "The compute's own token endpoint, MSI_ENDPOINT, gives no token");
  }
}

void rule_identity_refused(Case& c) {
  for (const auto& asked : failed_questions(c)) {
    const bool managed = by(asked, IdentityMethod::metadata) || by(asked, IdentityMethod::managed_endpoint);
    if (managed) continue;
    if (is(asked, TokenProblem::refused)) {
      blame(c, "identity.refused", asked, refusal_title(asked));
      if (!asked.identity->code.empty())
        c.draft("identity.refused", "node").say("Entra ID's code is " + asked.identity->code, asked.record);
    } else if (is(asked, TokenProblem::unusable)) {
      blame(c, "identity.refused", asked, "The service principal's credential cannot be used");
    } else if (is(asked, TokenProblem::not_signed_in)) {
      blame(c, "identity.refused", asked, "The Azure CLI has no session that gives a token");
    }
  }
}

/// The metadata service says that the question did not come as it was sent.
void rule_metadata_by_proxy(Case& c) {
  for (const auto& asked : failed_questions(c)) {
    if (!is(asked, TokenProblem::proxied)) continue;
    auto& draft = blame(c, "proxy.imds", asked,
                        "Something on the way changes what is sent to the instance metadata service");
    if (draft.steps.empty())
      draft.steps.emplace_back(
          "Exempt 169.254.169.254 from the redirection: the service refuses questions that carry "
          "X-Forwarded-For "
          "or lack Metadata: true.");
  }
}

}  // namespace amlnet
