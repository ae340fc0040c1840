// How a probe's target is written: in records, in the names of endpoints, in reports.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace amlnet {

/// The bytes of a numeric address, 4 or 16 of them (RFC 791, RFC 4291); nothing for anything else.
std::optional<std::string> address_bytes(std::string_view text);

/// "host:port", with brackets round an IPv6 address.
std::string host_port(std::string_view host, unsigned port);

}  // namespace amlnet
