// What is behind TlsClient: the OpenSSL context and the loaded trust stores. Included by the TLS probe's own
// files.
#pragma once

#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "probes/program_stores.h"
#include "probes/tls.h"
#include "probes/trust.h"

namespace amlnet {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

struct TlsClient::Impl {
  std::unique_ptr<SSL_CTX, FreeContext> context;  // empty when OpenSSL could not make one
  TrustStore base;
  std::map<std::string, TrustStore> extra;  // by path
  ProgramStores programs;
};

/// Judges `chain` with the extra store named (if there is one) and then with the base store, and notes it for
/// the stores of other programs. `fingerprints` and `key` identify it.
std::vector<StoreVerdict> judge_chain(TlsClient::Impl& client, const std::string& extra_store,
                                      STACK_OF(X509) * chain, const std::vector<std::string>& fingerprints,
                                      const std::string& key);

}  // namespace amlnet
