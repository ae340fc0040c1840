// The TLS probe: OpenSSL straight on a connected, non-blocking socket, so that we know exactly how far a
// handshake came and what the peer sent. Verification is recorded for each trust store, never skipped and
// never fatal.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <vector>

#include "probes/record.h"
#include "probes/spec.h"
#include "probes/time.h"

namespace amlnet {

struct ProgramVerdicts;  // probes/program_stores.h

/// The client context and the trust stores that judge chains, loaded once for a run. Not copyable; single
/// thread.
class TlsClient {
 public:
  /// The stores in the order that decides: `ca_file` if not empty, else SSL_CERT_FILE, SSL_CERT_DIR, else the
  /// first well-known system path that exists (a static OpenSSL knows only its own). `root` prefixes the
  /// well-known paths (tests). A store that cannot be read is kept as a store without roots, and says so in
  /// `problems()`.
  explicit TlsClient(const std::string& ca_file, const std::string& root = "/");
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  /// Adds a store that judges only hosts that ask for it by path (a private root of a gateway alias).
  /// False and a line in problems() when the file cannot be read.
  bool add_store(const std::string& ca_file);

  /// The stores' names, in the order of TlsDetail::verdicts, and what went wrong when loading them.
  std::vector<std::string> stores() const;
  std::vector<std::string> problems() const;

  /// What the stores of other programs say of each issuer seen since the last call: blocks until their files
  /// are read, `until` at most.
  std::vector<ProgramVerdicts> ask_programs(Deadline until);

  struct Impl;
  Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// Handshakes on `socket` (connected) until done or `deadline`; then the socket is left open only if the
/// handshake finished, and is reset-closed otherwise. Certificates seen go into `certificates`. `extra_store`
/// names a store added with add_store() that decides for this host; empty for none. All references must
/// outlive the call.
asio::awaitable<TlsDetail> handshake_tls(asio::ip::tcp::socket& socket, const TlsClient& client, TlsSpec spec,
                                         std::string extra_store, Deadline deadline,
                                         Certificates& certificates);

}  // namespace amlnet
