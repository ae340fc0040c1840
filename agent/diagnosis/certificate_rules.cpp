// Who signed the certificates. Inspection is told by an issuer that no public service uses and that vouches
// for hosts of unrelated vendors; an old trust store by public issuers that this node does not know.
#include <fmt/format.h>

#include <set>

#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/handshakes.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"
#include "agent/diagnosis/verified.h"

namespace amlnet {
namespace {

std::string say_chain(const Trail& trail, const TlsDetail& tls, const Issuer& issuer) {
  const auto verdict =
      tls.verdicts.empty() ? std::string("no trust store could judge it")
      : tls.verdicts.front().code == 0
          ? fmt::format("{} trusts it", tls.verdicts.front().store)
          : fmt::format("{} says: {}", tls.verdicts.front().store, tls.verdicts.front().text);
  return fmt::format("{} shows a certificate under {}; {}", trail.target,
                     issuer.name.empty() ? "no issuer" : issuer.name, verdict);
}

/// An unknown issuer of a documented host is inspection once it signs unrelated vendors, bears an inspection
/// product's name, or is not trusted. Trusted, of one vendor and of no known name, it may be a public
/// authority that is new.
bool inspects(const SignedHosts& row) {
  if (row.issuer.known_public || row.documented.empty()) return false;
  return row.vendors.size() >= 2 || !row.issuer.vendor.empty() || row.distrusted;
}

Draft& inspection_draft(Case& c, const SignedHosts& row) {
  auto& draft = c.draft("tls.intercepted", row.issuer.name);
  const auto by = row.issuer.vendor.empty() ? std::string() : fmt::format(" ({})", row.issuer.vendor);
  draft.title =
      fmt::format("TLS is intercepted: {}{} signs the certificates of public services", row.issuer.name, by);
  if (row.vendors.size() >= 2) {
    draft.confidence = Confidence::certain;
    const std::vector<std::string> vendors(row.vendors.begin(), row.vendors.end());
    draft.say(fmt::format("{} signs hosts of unrelated owners: {}", row.issuer.name, joined(vendors)));
  } else {
    draft.confidence = Confidence::likely;
    draft.or_else(
        "tls.ca-bundle",
        "A public authority that is newer than this program and this node's store would look the same: see "
        "whether hosts of another owner show the same issuer.");
  }
  return draft;
}

std::set<std::string> verified_issuers(const Case& c) {
  std::set<std::string> result;
  for (const auto& trail : c.trails) {
    const auto* tls = finished_handshake(trail);
    if (tls && verify_code(*tls) == 0)
      result.insert(issuer_of(tls->chain, c.facts.evidence.certificates).name);
  }
  return result;
}

}  // namespace

void rule_intercepted(Case& c) {
  for (const auto& [name, row] : signed_hosts(c)) {
    if (!inspects(row)) continue;
    for (auto& trail : c.trails) {
      const auto* tls = trail.endpoint->origin == Origin::gateway_alias ? nullptr : finished_handshake(trail);
      // a host that a wrong name led astray may meet any certificate
      if (tls == nullptr || (trail.progress == Progress::failed && !fails_verification(trail))) continue;
      const auto issuer = issuer_of(tls->chain, c.facts.evidence.certificates);
      if (issuer.name != name) continue;
      auto& draft = inspection_draft(c, row);
      draft.say(say_chain(trail, *tls, issuer), finished_record(trail));
      c.claim(draft, trail);
      c.touch(draft, trail);
    }
  }
}

void rule_ca_bundle(Case& c) {
  const auto verified = verified_issuers(c);
  std::set<std::string> missing;
  for (auto& trail : c.trails) {
    if (!fails_verification(trail)) continue;
    const auto& tls = *finished_handshake(trail);
    const auto issuer = issuer_of(tls.chain, c.facts.evidence.certificates);
    if (!is_distrust(verify_code(tls)) || !(issuer.known_public || tls.verdicts.empty())) continue;
    if (verified.contains(issuer.name)) continue;  // the store knows it: the chain itself is at fault
    if (lone_leaf(tls, c.facts.evidence.certificates) && !verified.empty()) continue;
    auto& draft = c.draft("tls.ca-bundle", "node");
    missing.insert(issuer.name);
    draft.confidence = verified.empty() && missing.size() >= 2 ? Confidence::certain : Confidence::likely;
    draft.title = "The node's trust store does not know the public authorities that sign these services";
    draft.say(say_chain(trail, tls, issuer), finished_record(trail));
    draft.or_else("tls.intercepted",
                  "Somebody could sign under a borrowed name: the fingerprints of the chain against the "
                  "authority's published ones would tell.");
    c.claim(draft, trail);
  }
}

void rule_untrusted_issuer(Case& c) {
  for (auto& trail : c.trails) {
    if (!fails_verification(trail) || trail.endpoint->origin == Origin::documented) continue;
    const auto& tls = *finished_handshake(trail);
    const auto issuer = issuer_of(tls.chain, c.facts.evidence.certificates);
    if (!is_distrust(verify_code(tls)) || issuer.known_public) continue;
    const bool root_is_given = !trail.endpoint->ca_file.empty();
    if (root_is_given && lone_leaf(tls, c.facts.evidence.certificates)) continue;
    auto& draft = c.draft("tls.untrusted-issuer", issuer.name.empty() ? trail.endpoint->host : issuer.name);
    draft.confidence = Confidence::certain;
    draft.title =
        fmt::format("The node does not trust {}, which signs {}", draft.subject, trail.endpoint->host);
    draft.say(say_chain(trail, tls, issuer), finished_record(trail));
    if (root_is_given)
      draft.say(fmt::format("the root in {} did not sign this chain", trail.endpoint->ca_file));
    c.claim(draft, trail);
  }
}

void rule_incomplete_chain(Case& c) {
  for (auto& trail : c.trails) {
    if (!fails_verification(trail)) continue;
    const auto& tls = *finished_handshake(trail);
    if (!tls.name_matches || !is_distrust(verify_code(tls))) continue;
    if (!lone_leaf(tls, c.facts.evidence.certificates)) continue;
    const auto issuer = issuer_of(tls.chain, c.facts.evidence.certificates);
    auto& draft = c.draft("tls.incomplete-chain", trail.endpoint->host);
    draft.confidence = Confidence::likely;
    draft.title = fmt::format("{} does not send the intermediate certificate", trail.endpoint->host);
    draft.say(say_chain(trail, tls, issuer) + "; it sends this one certificate only", finished_record(trail));
    draft.or_else("tls.ca-bundle", "Where the issuer is itself a root, the node's store lacks it.");
    c.claim(draft, trail);
  }
}

}  // namespace amlnet
