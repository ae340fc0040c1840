// Base64 as RFC 4648 section 4 writes it, with padding. Used by the report's codec for bytes from the
// network.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace amlnet {

std::string base64_encoded(std::string_view bytes);

/// Nothing for text that base64_encoded() would not write.
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace amlnet
