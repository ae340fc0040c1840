// Trust stores: where this node's roots come from, and what one store says of a chain. Used by the TLS probe,
// which records a verdict for each store and lets none of them end a handshake.
#pragma once

#include <openssl/x509.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "probes/record.h"

namespace amlnet {

/// Where the roots of one store are. `name` is what reports show.
struct TrustSource {
  std::string name;
  std::string file;         // PEM, may hold many certificates; empty for none
  std::string directories;  // "a:b", with certificates named by subject hash (c_rehash); empty for none
};

/// The store that decides: `ca_file` if not empty, else SSL_CERT_FILE and SSL_CERT_DIR together as OpenSSL
/// reads them, else the first well-known system path under `root` that exists. Without any, a source with no
/// file.
TrustSource find_trust(const std::string& ca_file, const std::string& root);

/// One trust store. Roots are parsed when a chain first asks for them: a system bundle costs 1 ms, not 20.
class TrustStore {
 public:
  /// Reads and indexes the file (at most 16 MiB): PEM, or a keystore of Java's.
  explicit TrustStore(TrustSource source);
  /// A store of this content, which `problem()` does not name.
  TrustStore(std::string name, std::string_view content);
  ~TrustStore();
  TrustStore(TrustStore&&) noexcept;
  TrustStore& operator=(TrustStore&&) noexcept;

  const std::string& name() const { return source_.name; }
  /// Why the store has no roots, or empty.
  const std::string& problem() const { return problem_; }

  /// Verifies `chain` (leaf first, as the peer sent it) for a TLS server at this moment; names are not looked
  /// at. `key` identifies the chain: a chain once judged is not judged again.
  StoreVerdict judge(STACK_OF(X509) * chain, const std::string& key);
  /// The DER of the root by which the chain of `key` was found valid; "" for any other.
  std::string anchor_of(const std::string& key) const;

 private:
  struct Roots;
  struct Judged {
    StoreVerdict verdict;
    X509* anchor = nullptr;  // the store's own
  };
  static std::string load(std::string_view content, Roots& roots);

  TrustSource source_;
  std::string problem_;
  std::unique_ptr<Roots> roots_;
  std::map<std::string, Judged> judged_;
};

}  // namespace amlnet
