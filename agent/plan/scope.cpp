#include "agent/plan/scope.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <optional>

namespace amlnet {
namespace {

/// An address as bytes; `size` is 4 or 16.
struct Bytes16 {
  std::array<unsigned char, 16> bytes{};
  std::size_t size = 0;
};

std::optional<Bytes16> read_address(const std::string& text) {
  Bytes16 out;
  if (inet_pton(AF_INET, text.c_str(), out.bytes.data()) == 1) {
    out.size = 4;
    return out;
  }
  if (inet_pton(AF_INET6, text.c_str(), out.bytes.data()) != 1) return std::nullopt;
  out.size = 16;
  // An IPv4 address in IPv6 clothes (RFC 4291, 2.5.5.2) is judged as the IPv4 address it is.
  static constexpr std::array<unsigned char, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(mapped.begin(), mapped.end(), out.bytes.begin())) {
    std::copy(out.bytes.begin() + 12, out.bytes.end(), out.bytes.begin());
    out.size = 4;
  }
  return out;
}

bool covers(const Bytes16& prefix, std::size_t bits, const Bytes16& address) {
  if (prefix.size != address.size || bits > prefix.size * 8) return false;
  for (std::size_t bit = 0; bit < bits; ++bit) {
    const auto mask = static_cast<unsigned char>(0x80 >> bit % 8);
    if ((prefix.bytes[bit / 8] & mask) != (address.bytes[bit / 8] & mask)) return false;
  }
  return true;
}

bool inside(const Bytes16& address, const std::string& prefix) {
  const std::size_t slash = prefix.find('/');
  if (slash == std::string::npos) return false;
  const std::optional<Bytes16> base = read_address(prefix.substr(0, slash));
  std::size_t bits = 0;
  const char* const end = prefix.data() + prefix.size();
  const auto [last, error] = std::from_chars(prefix.data() + slash + 1, end, bits);
  return base && error == std::errc() && last == end && covers(*base, bits, address);
}

bool inside_any(const Bytes16& address, const std::vector<std::string>& prefixes) {
  for (const std::string& prefix : prefixes) {
    if (inside(address, prefix)) return true;
  }
  return false;
}

bool is_ours(const Bytes16& address, const Workspace& workspace) {
  const auto& vnet = workspace.network.vnet;
  const auto& subnets = workspace.network.private_endpoint_subnets;
  const auto& managed = workspace.app_gateway.managed_vnet;
  if (vnet.empty() && subnets.empty() && managed.empty()) {
    static const std::vector<std::string> usual = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                                                   "100.64.0.0/10", "fc00::/7"};
    return inside_any(address, usual);
  }
  return inside_any(address, vnet) || inside_any(address, subnets) || inside_any(address, managed);
}

}  // namespace

bool in_prefix(const std::string& address, const std::string& prefix) {
  const std::optional<Bytes16> bytes = read_address(address);
  return bytes && inside(*bytes, prefix);
}

AddressKind kind_of(const std::string& address, const Workspace& workspace) {
  const std::optional<Bytes16> bytes = read_address(address);
  if (!bytes) return AddressKind::invalid;
  if (inside(*bytes, "0.0.0.0/8") || inside(*bytes, "::/128")) return AddressKind::unspecified;
  if (inside(*bytes, "127.0.0.0/8") || inside(*bytes, "::1/128")) return AddressKind::loopback;
  if (inside(*bytes, "169.254.0.0/16") || inside(*bytes, "fe80::/10")) return AddressKind::link_local;
  return is_ours(*bytes, workspace) ? AddressKind::private_ : AddressKind::public_;
}

}  // namespace amlnet
