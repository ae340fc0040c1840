// The roots that other programs of this node judge by: what the environment names for them, Python's copies
// of certifi, Java's keystores. Used by the TLS client, which asks them about each issuer once.
#pragma once

#include <openssl/x509.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "probes/record.h"
#include "probes/trust.h"

namespace amlnet {

/// Those that exist, and those that the environment names, at most twelve, each file once. The name begins
/// with who reads it: "REQUESTS_CA_BUNDLE /x.pem", "certifi /opt/...", "Java /etc/...". `root` prefixes the
/// well-known paths (tests). Looks at some hundred well-known paths, and reads no file.
std::vector<TrustSource> find_program_trust(const std::string& root);

/// One of them. Nothing is read before the first question; a file that simply holds the root that another
/// store's verdict rests on is not parsed.
class ProgramTrust {
 public:
  explicit ProgramTrust(TrustSource source) : source_(std::move(source)) {}

  /// As TrustStore::judge. `anchor` is the DER of the root by which another store found the chain valid, or
  /// "". A store that cannot be read has the code -1 and says why.
  StoreVerdict judge(STACK_OF(X509) * chain, const std::string& key, const std::string& anchor);

  const TrustSource& source() const { return source_; }

 private:
  bool holds(const std::string& anchor);

  TrustSource source_;
  std::map<std::string, bool> held_;  // by DER
  std::unique_ptr<TrustStore> store_;
};

}  // namespace amlnet
