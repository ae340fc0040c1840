// What the trust stores of other programs say of the issuers that a run has seen. Their files are read by a
// thread of its own, since one may lie on a mount that answers no more, and judge at the run's end, since
// nothing waits for them. Used by the TLS client.
#pragma once

#include <openssl/x509.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "probes/certificate_file.h"
#include "probes/program_trust.h"
#include "probes/record.h"
#include "probes/time.h"

namespace amlnet {

/// One store as it was read. Stores at one path share its file.
struct ReadStore {
  std::string name;
  std::shared_ptr<const CertificateFile> file;
};

/// A PEM file, a keystore, or a folder made by c_rehash, of at most 4 MiB.
CertificateFile read_store(const std::string& path);

/// Reads in the background from its construction on. Where its file system does not answer, the thread is
/// left behind, and until it ends no other is started for the same places: `amlnet watch` reads again and
/// again.
class StoreReader {
 public:
  explicit StoreReader(ProgramPlaces places,
                       std::function<CertificateFile(const std::string&)> read = read_store);

  /// All of them; where they are not read by `until`, those that are, and the one that holds the others up as
  /// one that cannot be read.
  std::vector<ReadStore> wait(Deadline until) const;

 private:
  struct Reading;
  static std::shared_ptr<Reading> begin(ProgramPlaces places,
                                        std::function<CertificateFile(const std::string&)> read);
  std::shared_ptr<Reading> reading_;
};

/// The verdicts on one chain, which is the first that came from its issuer.
struct ProgramVerdicts {
  std::vector<std::string> chain;  // as TlsDetail::chain
  std::vector<StoreVerdict> verdicts;
};

/// What has been seen, and what the stores say of it. Single thread.
class ProgramStores {
 public:
  explicit ProgramStores(StoreReader reader) : reader_(std::move(reader)) {}

  /// True once for each issuer, of 64 at most.
  bool is_new_issuer(STACK_OF(X509) * chain);
  /// Remembers a chain. `fingerprints` is what identifies it in the report; `anchor`
  /// the DER of the root by which the node's own store found it valid, or "".
  void note(STACK_OF(X509) * chain, const std::vector<std::string>& fingerprints, const std::string& anchor);

  /// Judges what was noted, in that order, and waits until `until` at most for the files. A store that cannot
  /// be read has the code -1 and says why.
  std::vector<ProgramVerdicts> judge(Deadline until);

 private:
  struct FreeChain {
    void operator()(STACK_OF(X509) * chain) const { sk_X509_pop_free(chain, X509_free); }
  };
  struct Noted {
    std::unique_ptr<STACK_OF(X509), FreeChain> chain;
    std::vector<std::string> fingerprints;
    std::string anchor;
  };

  StoreReader reader_;
  std::set<std::string> issuers_;
  std::vector<Noted> noted_;
};

}  // namespace amlnet
