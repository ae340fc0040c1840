#include "probes/digest.h"

#include <openssl/evp.h>

#include <array>

namespace amlnet {

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0xf];
  }
  return out;
}

std::string sha256_bytes(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) return "";
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string sha256_hex(std::string_view text) {
  return hex_of(sha256_bytes(text));
}

}  // namespace amlnet
