// Where Azure's platform answers every node, whatever its network. Used wherever these are asked or judged.
#pragma once

#include <string_view>

namespace amlnet {

/// DNS, DHCP and health probes
/// (https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16).
inline constexpr std::string_view kAzureDns = "168.63.129.16";
/// The instance metadata service.
inline constexpr std::string_view kMetadata = "169.254.169.254";

}  // namespace amlnet
