#include "agent/diagnosis/verified.h"

#include <algorithm>
#include <array>

#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/handshakes.h"

namespace amlnet {

bool is_distrust(int code) {
  // x509_vfy.h: issuer not found (2, 20, 21), self-signed (18, 19), not a CA (24), untrusted (27)
  constexpr std::array kCodes = {-1, 2, 18, 19, 20, 21, 24, 27};
  return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

bool is_expired(int code) {
  return code == 10 || code == 14;
}

bool is_not_yet_valid(int code) {
  return code == 9 || code == 13;
}

const ProbeRecord* finished_record(const Trail& trail) {
  for (const auto& row : trail.addresses) {
    const auto* tls = detail_of<TlsDetail>(row.handshake);
    const bool decides =
        trail.progress != Progress::failed || &row == trail.shown() || trail.stage == TrailStage::name;
    if (tls && decides && !tls->error && tls->reached == TlsReached::finished) return row.handshake;
  }
  return nullptr;
}

const TlsDetail* finished_handshake(const Trail& trail) {
  const auto* record = finished_record(trail);
  return detail_of<TlsDetail>(record);
}

bool fails_verification(const Trail& trail) {
  const auto* tls = trail.open_at(TrailStage::handshake) ? finished_handshake(trail) : nullptr;
  return tls && kind_of(*tls) == HandshakeKind::not_verified;
}

bool lone_leaf(const TlsDetail& tls, const Certificates& certificates) {
  if (tls.chain.size() != 1) return false;
  const auto* leaf = certificate_of(tls.chain.front(), certificates);
  return leaf && !leaf->self_signed;
}

std::map<std::string, SignedHosts> signed_hosts(const Case& c) {
  std::map<std::string, SignedHosts> result;
  for (const auto& trail : c.trails) {
    const auto* tls = trail.endpoint->origin == Origin::gateway_alias ? nullptr : finished_handshake(trail);
    if (tls == nullptr || !tls->name_matches || is_address(trail.endpoint->host)) continue;
    auto issuer = issuer_of(tls->chain, c.facts.evidence.certificates);
    if (issuer.name.empty()) continue;
    auto& row = result[issuer.name];
    row.issuer = issuer;
    row.vendors.insert(vendor_of(trail.endpoint->host));
    row.distrusted |= is_distrust(verify_code(*tls));
    if (trail.endpoint->origin == Origin::documented && row.documented.empty())
      row.documented = trail.endpoint->host;
  }
  return result;
}

}  // namespace amlnet
