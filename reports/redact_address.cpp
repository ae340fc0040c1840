// Addresses are mapped bit by bit, each flipped or not by a keyed function of the bits before it, so that two
// addresses that share a prefix share one as long afterwards (Xu, Fan, Ammar, Moon: Prefix-preserving IP
// address anonymization, ICNP 2002). The bits that say which kind an address is are kept.
#include "reports/redact_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <optional>

namespace amlnet {
namespace {

bool has_prefix(const std::string& bytes, std::initializer_list<unsigned> prefix, unsigned last_mask = 0xff) {
  std::size_t at = 0;
  for (const unsigned byte : prefix) {
    const unsigned mask = at + 1 == prefix.size() ? last_mask : 0xff;
    if ((static_cast<unsigned char>(bytes[at++]) & mask) != byte) return false;
  }
  return true;
}

/// How many leading bits of an IPv4 address are kept, all 32 of one that is the same everywhere (RFC 6890).
std::size_t kept_bits4(const std::string& ip) {
  const bool everywhere = has_prefix(ip, {0}) || has_prefix(ip, {127}) || has_prefix(ip, {169, 254}) ||
                          has_prefix(ip, {192, 0, 2}) || has_prefix(ip, {198, 51, 100}) ||
                          has_prefix(ip, {203, 0, 113}) || has_prefix(ip, {224}, 0xe0) ||
                          has_prefix(ip, {168, 63, 129, 16});
  if (everywhere) return 32;
  if (has_prefix(ip, {192, 0}) || has_prefix(ip, {198, 51}) || has_prefix(ip, {203, 0})) return 24;
  if (has_prefix(ip, {172, 16}, 0xf0)) return 12;
  if (has_prefix(ip, {100, 64}, 0xc0)) return 10;
  // Their first byte has private, shared and special ranges among public ones.
  for (const unsigned mixed : {100U, 168U, 169U, 172U, 192U, 198U, 203U})
    if (has_prefix(ip, {mixed})) return 16;
  return 8;
}

std::size_t kept_bits6(const std::string& ip) {
  const bool everywhere = has_prefix(ip, {0}) || has_prefix(ip, {0xfe, 0x80}, 0xc0) ||
                          has_prefix(ip, {0xff}) || has_prefix(ip, {0x20, 0x01, 0x0d, 0xb8});
  if (everywhere) return 128;
  return has_prefix(ip, {0xfc}, 0xfe) ? 8 : 16;
}

std::size_t kept_bits(const std::string& ip) {
  return ip.size() == 4 ? kept_bits4(ip) : kept_bits6(ip);
}

/// The number behind "/", where there is one.
std::optional<std::size_t> prefix_length(std::string_view after) {
  if (!after.starts_with('/')) return std::nullopt;
  std::size_t length = 0;
  const char* end = after.data() + std::min<std::size_t>(after.size(), 4);
  const auto [stop, error] = std::from_chars(after.data() + 1, end, length);
  if (error != std::errc()) return std::nullopt;
  return length;
}

bool bit_of(const std::string& bytes, std::size_t at) {
  return (static_cast<unsigned char>(bytes[at / 8]) >> (7 - at % 8) & 1U) != 0;
}

void flip(std::string& bytes, std::size_t at) {
  bytes[at / 8] = static_cast<char>(bytes[at / 8] ^ (0x80 >> at % 8));
}

bool is_zero_from(const std::string& bytes, std::size_t bit) {
  for (; bit < 8 * bytes.size(); ++bit)
    if (bit_of(bytes, bit)) return false;
  return true;
}

}  // namespace

std::string address_text(const std::string& bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

bool is_same_everywhere(const std::string& ip) {
  return kept_bits(ip) == 8 * ip.size();
}

std::string mapped_address(const std::string& ip, const KeyedFunction& keyed) {
  std::string out = ip, prefix = ip;
  const std::size_t kept = kept_bits(ip);
  for (std::size_t bit = 8 * ip.size(); bit-- > kept;) {
    // all bits from here on are cleared, and what is hashed says how many there were
    if (bit_of(prefix, bit)) flip(prefix, bit);
    if (bit_of(keyed(fmt::format("{}/", bit) + prefix), 0)) flip(out, bit);
  }
  return out;
}

std::string without_host_part(std::string mapped, const std::string& ip, std::string_view after) {
  const auto length = prefix_length(after);
  if (!length || *length >= 8 * mapped.size() || !is_zero_from(ip, *length)) return mapped;
  for (std::size_t bit = *length; bit < 8 * mapped.size(); ++bit)
    if (bit_of(mapped, bit)) flip(mapped, bit);
  return mapped;
}

}  // namespace amlnet
