// What a fact of the workspace may look like. Facts become host names and rules, so each has its exact
// alphabet; options, the workspace file and discovery all ask here. Azure's naming rules for resources are
// the source of the lengths.
#pragma once

#include <string_view>

namespace amlnet {

inline constexpr std::string_view region_form = "a region such as eastus2";
bool is_region(std::string_view text);  // lower-case letters and digits

bool is_guid(std::string_view text);
/// One label of a host name (RFC 1123): letters, digits, inner hyphens, at most 63.
bool is_label(std::string_view text);
/// A host name of at least two labels, at most 253 bytes, without trailing dot, not numeric.
bool is_host_name(std::string_view text);
/// An IPv4 or IPv6 address.
bool is_address(std::string_view text);
/// "10.0.0.0/16", "fd00::/8"; bits beyond the prefix are zero.
bool is_prefix(std::string_view text);

bool is_workspace_name(std::string_view text);   // 3 to 33 letters, digits, - and _
bool is_resource_group(std::string_view text);   // at most 90 letters, digits, . _ - ( )
bool is_storage_account(std::string_view text);  // 3 to 24 lower-case letters and digits; Batch accounts too
bool is_vault_name(std::string_view text);       // 3 to 24 letters, digits and -
bool is_registry_name(std::string_view text);    // 5 to 50 letters and digits

}  // namespace amlnet
