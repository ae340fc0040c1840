// What verification said of a chain, in the terms of the certificate rules: who signed it, and in which way
// it is wrong.
#pragma once

#include <map>
#include <set>
#include <string>

#include "agent/diagnosis/case.h"
#include "agent/diagnosis/issuers.h"

namespace amlnet {

/// OpenSSL's X509_V_ERR numbers that say "no trusted root", and -1 for no store at all.
bool is_distrust(int code);
bool is_expired(int code);
bool is_not_yet_valid(int code);

/// A trail whose handshake finished at its decisive address, or at one that passed; null otherwise.
const TlsDetail* finished_handshake(const Trail& trail);
const ProbeRecord* finished_record(const Trail& trail);

/// Failing, unexplained, and because of the certificate.
bool fails_verification(const Trail& trail);

/// Only the leaf was sent, and it did not sign itself.
bool lone_leaf(const TlsDetail& tls, const Certificates& certificates);

/// Who signs what in this run: for each issuer the vendors whose names it vouches for.
struct SignedHosts {
  Issuer issuer;
  std::set<std::string> vendors;  // of documented and custom hosts whose names match
  std::string documented;         // one documented host among them, "" when there is none
  bool distrusted = false;        // by this node, for one of them
};
std::map<std::string, SignedHosts> signed_hosts(const Case& c);

}  // namespace amlnet
