#include "agent/watch/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>

namespace amlnet {
namespace {

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

std::optional<ListenAddress> with_ip(std::string_view ip, bool ipv6, std::uint16_t port) {
  in6_addr bytes{};
  ListenAddress address{std::string(ip), port, ipv6, false};
  if (ip.find('\0') != std::string_view::npos) return std::nullopt;
  if (inet_pton(ipv6 ? AF_INET6 : AF_INET, address.ip.c_str(), &bytes) != 1) return std::nullopt;
  address.loopback = ipv6 ? IN6_IS_ADDR_LOOPBACK(&bytes) : bytes.s6_addr[0] == 127;
  return address;
}

}  // namespace

std::optional<ListenAddress> listen_address_of(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::string_view last = colon == std::string_view::npos ? text : text.substr(colon + 1);
  const std::optional<std::uint16_t> port = port_of(last);
  if (!port) return std::nullopt;
  if (colon == std::string_view::npos) return ListenAddress{.port = *port};
  const std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']'))
    return with_ip(host.substr(1, host.size() - 2), true, *port);
  return with_ip(host, false, *port);
}

std::string url_of(const ListenAddress& address) {
  return address.ipv6 ? fmt::format("http://[{}]:{}", address.ip, address.port)
                      : fmt::format("http://{}:{}", address.ip, address.port);
}

}  // namespace amlnet
