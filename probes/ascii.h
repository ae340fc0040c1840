// Letters without regard to case, as protocols mean it: host names (RFC 4343), header fields (RFC 9110
// section 5.1), tags. Bytes beyond ASCII stay as they are, whatever the locale.
#pragma once

#include <string>
#include <string_view>

namespace amlnet {

/// `text` with A to Z as a to z.
std::string lower_case(std::string_view text);

/// Whether it could end a line, or do worse to who reads it: a byte below the blank, or 127.
bool has_control_byte(std::string_view text);

}  // namespace amlnet
