// How a probe's target is written: in records, in the names of endpoints, in reports.
#pragma once

#include <string>
#include <string_view>

namespace amlnet {

/// "host:port", with brackets round an IPv6 address.
std::string host_port(std::string_view host, unsigned port);

}  // namespace amlnet
