#include "probes/target.h"

#include <arpa/inet.h>

#include <array>

namespace amlnet {

std::optional<std::string> address_bytes(std::string_view text) {
  const std::string copy(text);
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1) return std::string(bytes.data(), 4);
  if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return std::string(bytes.data(), 16);
  return std::nullopt;
}

std::string host_port(std::string_view host, unsigned port) {
  const bool v6 = host.find(':') != std::string_view::npos;
  std::string text(v6 ? "[" : "");
  return text.append(host).append(v6 ? "]:" : ":").append(std::to_string(port));
}

}  // namespace amlnet
