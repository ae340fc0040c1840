// The wire below OpenSSL: a BIO that reads and writes a non-blocking socket and remembers what went over it.
// OpenSSL's own socket BIO raises SIGPIPE and forgets a peer's first bytes, its FIN and its errno. Used by
// the TLS probe alone.
#pragma once

#include <openssl/bio.h>

#include <cstdint>
#include <string>

namespace amlnet {

/// What passed over one connection. Must outlive the BIO.
struct Wire {
  int descriptor = -1;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::string first;         // the first bytes the peer sent, at most kFirstBytes
  bool peer_closed = false;  // a FIN was read
  int error = 0;             // errno of the read or write that failed, 0 if none did
};

/// Enough of a status line, a banner or a page to tell who speaks.
inline constexpr std::size_t kFirstBytes = 256;

/// A BIO over `wire`; nullptr when there is no memory. Owned by the caller (SSL_set_bio takes it).
BIO* make_wire_bio(Wire& wire);

/// Reads what is there of the first kFirstBytes without waiting; for a peer that does not speak TLS.
void read_first_bytes(Wire& wire);

/// True when the peer's first bytes cannot be the header of a TLS record: content type 20 to 23, major
/// version 3 (RFC 8446, section 5.1). False while nothing was received.
bool is_not_tls(const Wire& wire);

}  // namespace amlnet
