// What the trust stores of other programs say of the issuers that this run has seen: where one differs from
// the node's own, the same host works in one program and fails in the next.
#include <fmt/format.h>

#include <algorithm>

#include "agent/diagnosis/answers.h"
#include "agent/diagnosis/handshakes.h"
#include "agent/diagnosis/issuers.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/program_stores.h"
#include "agent/diagnosis/rules.h"
#include "agent/diagnosis/verified.h"

namespace amlnet {
namespace {

bool is_named(const StoreVerdict& verdict, std::string_view reader) {
  return verdict.store.starts_with(fmt::format("{} ", reader));
}

bool has_reader(const std::vector<StoreVerdict>& verdicts, std::string_view reader) {
  return std::any_of(verdicts.begin(), verdicts.end(), [&](const auto& v) { return is_named(v, reader); });
}

/// requests reads its own variable first, then curl's, and certifi's copy only where neither is set. Node.js
/// adds what its variable names to roots of its own.
bool counts(const StoreVerdict& verdict, const std::vector<StoreVerdict>& all, bool public_issuer) {
  // A variable that names no bundle stops its readers; a keystore may only be of a kind that we do not read.
  if (verdict.code == kUnreadableStore && (is_named(verdict, "certifi") || is_named(verdict, "Java")))
    return false;
  const bool set = has_reader(all, "REQUESTS_CA_BUNDLE") || has_reader(all, "CURL_CA_BUNDLE");
  if (is_named(verdict, "certifi")) return !set;
  if (is_named(verdict, "NODE_EXTRA_CA_CERTS")) return !public_issuer || verdict.code == kUnreadableStore;
  return true;
}

std::string_view step_for(const StoreVerdict& verdict) {
  if (is_named(verdict, "certifi"))
    return "Python: set REQUESTS_CA_BUNDLE and SSL_CERT_FILE to the node's own bundle, or update certifi.";
  if (is_named(verdict, "Java"))
    return "Java: add the root with keytool -importcert -cacerts, or let update-ca-certificates write its "
           "store.";
  if (is_named(verdict, "NODE_EXTRA_CA_CERTS"))
    return "Node.js: add the root to the file that NODE_EXTRA_CA_CERTS names.";
  return "Let the variable name a bundle that has the public authorities and your own, such as "
         "/etc/ssl/certs/ca-certificates.crt, or unset it.";
}

void add_step(Draft& draft, std::string_view step) {
  if (std::find(draft.steps.begin(), draft.steps.end(), step) == draft.steps.end())
    draft.steps.emplace_back(step);
}

/// Of an inspection that is known already, whom it hits; else a cause of its own.
Draft& draft_for(Case& c, const Issuer& issuer) {
  for (auto& draft : c.drafts)
    if (draft.cause == "tls.intercepted" && draft.subject == issuer.name) return draft;
  auto& draft =
      issuer.known_public ? c.draft("tls.ca-bundle", "node") : c.draft("tls.untrusted-issuer", issuer.name);
  if (draft.title.empty()) {
    draft.confidence = Confidence::certain;
    draft.title =
        issuer.known_public
            ? "Programs with a trust store of their own do not know authorities that the node trusts"
            : fmt::format("Programs with a trust store of their own do not trust {}", issuer.name);
  }
  return draft;
}

void touch_hosts_of(Case& c, Draft& draft, const Issuer& issuer) {
  for (auto& trail : c.trails) {
    const auto* tls = trail.progress == Progress::passed ? finished_handshake(trail) : nullptr;
    const bool same = tls && issuer_of(tls->chain, c.facts.evidence.certificates).name == issuer.name;
    const bool known =
        std::find(draft.touched.begin(), draft.touched.end(), trail.index) != draft.touched.end();
    if (same && !known) c.touch(draft, trail);
  }
}

/// The node's own store, and not only a root that the workspace file names for a host.
bool node_trusts(const TlsDetail& tls) {
  return std::none_of(tls.verdicts.begin(), tls.verdicts.end(),
                      [](const auto& v) { return v.code != 0 && !is_program_store(v.store); });
}

void judge_issuer(Case& c, const ProbeRecord& record, const TlsDetail& tls) {
  const auto issuer = issuer_of(tls.chain, c.facts.evidence.certificates);
  const auto others = program_verdicts(tls);
  if (issuer.name.empty() || verify_code(tls) != 0 || !node_trusts(tls)) return;
  for (const auto& verdict : others) {
    const bool distrusts = verdict.code != 0 && is_distrust(verdict.code);
    if (!distrusts || !counts(verdict, others, issuer.known_public)) continue;
    auto& draft = draft_for(c, issuer);
    draft.say_also(
        verdict.code == kUnreadableStore
            ? fmt::format("{} cannot be used: {}", verdict.store, excerpt_of(verdict.text, 120))
            : fmt::format("{} trusts {}; {} does not know who signs under it: {}", tls.verdicts.front().store,
                          issuer.name, verdict.store, excerpt_of(verdict.text, 120)),
        &record);
    add_step(draft, step_for(verdict));
    touch_hosts_of(c, draft, issuer);
  }
}

}  // namespace

void rule_program_stores(Case& c) {
  for (const auto& record : c.facts.evidence.probes) {
    const auto* tls = detail_of<TlsDetail>(record);
    if (tls && tls->verdicts.size() > 1) judge_issuer(c, record, *tls);
  }
}

}  // namespace amlnet
