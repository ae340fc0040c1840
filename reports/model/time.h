// Moments as reports write them: RFC 3339, UTC. Used by the codec, and by who reads a report's times again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace amlnet {

/// "2026-03-19T08:15:30Z" for seconds since the epoch, held to the years 0 to 9999.
std::string rfc3339(std::int64_t seconds);

/// The seconds since the epoch of such a text; a fraction of a second is allowed and cut off.
std::optional<std::int64_t> from_rfc3339(std::string_view text);

}  // namespace amlnet
