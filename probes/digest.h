// SHA-256, and bytes in hexadecimal. Used by the proof of `amlnet listen`, the fingerprints of certificates
// and uploads.
#pragma once

#include <string>
#include <string_view>

namespace amlnet {

/// Two lower-case digits for each byte.
std::string hex_of(std::string_view bytes);

/// The 32 bytes of the digest; "" where OpenSSL has no SHA-256.
std::string sha256_bytes(std::string_view text);

/// The same in hexadecimal.
std::string sha256_hex(std::string_view text);

}  // namespace amlnet
