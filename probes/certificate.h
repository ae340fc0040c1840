// Turns OpenSSL's certificates into plain data. Everything in a certificate is hostile input: text is bounded
// and escaped here, once, so that nobody later has to. Used by the TLS probe and by tests.
#pragma once

#include <openssl/x509.h>

#include <string>
#include <string_view>

#include "probes/record.h"

namespace amlnet {

/// The SHA-256 of the certificate's DER form, in lower-case hex.
std::string fingerprint(X509* certificate);

/// Reads `certificate`, whose fingerprint is `sha256`. Every string is at most 1 KiB, `names` at most 100,
/// `ocsp` and `crl` at most 8 each; what is missing or unreadable is left empty.
Certificate read_certificate(X509* certificate, std::string sha256);

/// Valid UTF-8 of at most 1 KiB that is safe to show: control, formatting and invalid bytes are written as
/// \xHH.
std::string printable(std::string_view text);

}  // namespace amlnet
