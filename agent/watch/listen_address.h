// Where watch serves: the value of --listen. Used by its option and by its server; pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace amlnet {

struct ListenAddress {
  std::string ip = "127.0.0.1";
  std::uint16_t port = 0;  // 0: one that is free
  bool ipv6 = false;
  bool loopback = true;  // only this machine can connect
};

/// "9815" is loopback; "10.0.1.7:9815", "[fd00::7]:9815". Host names are none: they may come to mean another
/// address.
std::optional<ListenAddress> listen_address_of(std::string_view text);

/// "http://127.0.0.1:9815".
std::string url_of(const ListenAddress& address);

}  // namespace amlnet
