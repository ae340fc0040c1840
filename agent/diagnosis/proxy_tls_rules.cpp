// A proxy whose URL begins with https:// and whose TLS is not right: it does not speak it, or the node cannot
// verify it. Nothing goes through then, since curl and other clients verify such a proxy, and so does this
// program.
#include <fmt/format.h>

#include <algorithm>

#include "agent/diagnosis/handshakes.h"
#include "agent/diagnosis/issuers.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/proxy_tls.h"
#include "agent/diagnosis/rules.h"
#include "agent/diagnosis/verified.h"

namespace amlnet {
namespace {

constexpr std::string_view kScheme = "https://";

const HttpDetail* tunnel_of(const Trail& trail) {
  return detail_of<HttpDetail>(trail.tunnel);
}

std::string_view cause_of_chain(const TlsDetail& tls, const Certificates& certificates) {
  const int code = verify_code(tls);
  if (is_expired(code)) return "tls.expired";
  if (is_not_yet_valid(code)) return "tls.not-yet-valid";
  if (!is_distrust(code)) return "tls.name-mismatch";
  if (issuer_of(tls.chain, certificates).known_public && !lone_leaf(tls, certificates))
    return "tls.ca-bundle";
  return lone_leaf(tls, certificates) ? "tls.incomplete-chain" : "tls.untrusted-issuer";
}

std::string_view cause_of(const TlsDetail& tls, const Certificates& certificates) {
  switch (kind_of(tls)) {
    case HandshakeKind::not_tls:
      return "tls.not-tls";
    case HandshakeKind::version:
      return "tls.version-refused";
    case HandshakeKind::alert:
      return "tls.alert";
    case HandshakeKind::not_verified:
      return cause_of_chain(tls, certificates);
    default:
      return "tls.no-answer";
  }
}

std::string title_of(std::string_view cause, const std::string& proxy, const std::string& issuer) {
  if (cause == "tls.not-tls") return fmt::format("The proxy {} does not speak TLS there", proxy);
  if (cause == "tls.untrusted-issuer")
    return fmt::format("The node does not trust {}, which signs the proxy {}", issuer, proxy);
  if (cause == "tls.ca-bundle")
    return fmt::format("The node's trust store does not know the public authority of the proxy {}", proxy);
  if (cause == "tls.name-mismatch")
    return fmt::format("The certificate of the proxy {} is for other names", proxy);
  if (cause == "tls.incomplete-chain")
    return fmt::format("The proxy {} does not send the intermediate certificate", proxy);
  if (cause == "tls.expired") return fmt::format("The certificate of the proxy {} has expired", proxy);
  if (cause == "tls.not-yet-valid")
    return fmt::format("The certificate of the proxy {} is not valid yet", proxy);
  return fmt::format("TLS to the proxy {} does not come about", proxy);
}

/// As the rows of these causes are grouped (contract section 4).
std::string subject_of(std::string_view cause, const std::string& proxy, const std::string& issuer) {
  if (cause == "tls.ca-bundle") return "node";
  return cause == "tls.untrusted-issuer" && !issuer.empty() ? issuer : proxy;
}

void write(Draft& draft, const ProbeRecord& look, const std::string& proxy, std::string issuer) {
  const auto& tls = *detail_of<TlsDetail>(look);
  if (issuer.empty()) issuer = "no issuer";
  draft.title = title_of(draft.cause, proxy, issuer);
  draft.confidence = Confidence::certain;
  draft.say(describe_handshake(tls), &look);
  if (!tls.verdicts.empty() && tls.verdicts.front().code != 0)
    draft.say(fmt::format("signed under {}; {} says: {}", issuer, tls.verdicts.front().store,
                          tls.verdicts.front().text),
              &look);
  if (draft.cause == "tls.not-tls") {
    draft.steps = {"Write http:// in place of https:// in the proxy's URL, where its port is a plain one."};
    return;
  }
  if (draft.cause == "tls.untrusted-issuer")
    draft.steps = {
        "Put the proxy's root into the node's trust store, or give a store that has it by --ca-file."};
  draft.steps.emplace_back(
      "Nothing was sent through the proxy, and no credentials: clients that verify it do the same.");
}

void judge(Case& c, std::string_view cause) {
  for (auto& trail : c.trails) {
    const auto* tunnel = trail.open_at(TrailStage::tunnel) ? tunnel_of(trail) : nullptr;
    const auto* look = tunnel ? faulty_proxy_tls(c, *tunnel) : nullptr;
    if (look == nullptr) continue;
    const auto& tls = *detail_of<TlsDetail>(*look);
    if (cause_of(tls, c.facts.evidence.certificates) != cause) continue;
    const auto issuer = issuer_of(tls.chain, c.facts.evidence.certificates).name;
    auto& draft = c.draft(cause, subject_of(cause, tunnel->proxy, issuer));
    if (draft.evidence.empty()) write(draft, *look, tunnel->proxy, issuer);
    c.claim(draft, trail);
  }
}

}  // namespace

const ProbeRecord* faulty_proxy_tls(const Case& c, const HttpDetail& tunnel) {
  const auto looks = c.controls.find("proxy-tls");
  if (looks == c.controls.end() || !tunnel.proxy.starts_with(kScheme)) return nullptr;
  if (tunnel.proxy_status != 0 || tunnel.status != 0) return nullptr;
  const std::string_view target = std::string_view(tunnel.proxy).substr(kScheme.size());
  const auto found = std::ranges::find_if(looks->second, [&](const ProbeRecord* record) {
    const auto* tls = detail_of<TlsDetail>(*record);
    if (tls == nullptr || record->status == ProbeStatus::unfinished || record->target != target) return false;
    return kind_of(*tls) != HandshakeKind::good && kind_of(*tls) != HandshakeKind::local;
  });
  return found == looks->second.end() ? nullptr : *found;
}

void rule_proxy_not_tls(Case& c) {
  judge(c, "tls.not-tls");
}
void rule_proxy_version_refused(Case& c) {
  judge(c, "tls.version-refused");
}
void rule_proxy_alert(Case& c) {
  judge(c, "tls.alert");
}
void rule_proxy_tls_no_answer(Case& c) {
  judge(c, "tls.no-answer");
}
void rule_proxy_ca_bundle(Case& c) {
  judge(c, "tls.ca-bundle");
}
void rule_proxy_untrusted_issuer(Case& c) {
  judge(c, "tls.untrusted-issuer");
}
void rule_proxy_name_mismatch(Case& c) {
  judge(c, "tls.name-mismatch");
}
void rule_proxy_incomplete_chain(Case& c) {
  judge(c, "tls.incomplete-chain");
}
void rule_proxy_expired(Case& c) {
  judge(c, "tls.expired");
}
void rule_proxy_not_yet_valid(Case& c) {
  judge(c, "tls.not-yet-valid");
}

}  // namespace amlnet
