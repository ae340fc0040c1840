// What an access token says of whom it is for. Nothing is verified: the token came from who made it, and is
// only quoted. Used for the report, which keeps these and never the token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace amlnet {

struct Claims {
  std::string tenant, object_id, client_id;  // GUIDs; empty where the token does not say
  std::optional<std::int64_t> expires;       // seconds since the epoch
};

/// Reads the payload of a JSON Web Token (RFC 7519), at most 32 KiB of it. Empty for anything else: a token
/// may be opaque.
Claims read_claims(std::string_view token);

/// Base64url without padding (RFC 7515 section 2).
std::string base64url_encoded(std::string_view bytes);
std::optional<std::string> base64url_decoded(std::string_view text);

}  // namespace amlnet
