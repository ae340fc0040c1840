// Text for terminals: escaping of what came from the network, display width, wrapping. Used by the writers
// for people; all input may be hostile bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace amlnet {

/// One code point of UTF-8 text. Where the bytes are no valid UTF-8 (RFC 3629), `valid` is false, `size` is 1
/// and `value` is the byte.
struct CodePoint {
  char32_t value = 0;
  std::size_t size = 1;
  bool valid = true;
};
/// `position` must be inside `text`.
CodePoint code_point_at(std::string_view text, std::size_t position);

/// `text` with each invalid byte replaced by U+FFFD.
std::string lossy_utf8(std::string_view text);

/// `text` safe for a terminal: control characters, invisible and direction-changing ones (U+202E and its
/// like) and invalid bytes become \xHH, a byte each. Without `utf8` the punctuation that our own texts use
/// becomes ASCII ("->") and every other byte above 127 \xHH.
std::string escaped(std::string_view text, bool utf8 = true);

/// Columns that a terminal needs for escaped text: 2 for wide East Asian characters and emoji (Unicode annex
/// 11), 0 for combining marks.
int display_width(std::string_view text);

/// `text` in lines of at most `width` columns, broken at spaces. A word that is longer is broken after the
/// last of
/// ". / - , _ :" that fits, else anywhere; nothing is dropped. URLs are never broken: copying them matters
/// more. At least one line.
std::vector<std::string> wrapped(std::string_view text, int width);

/// `text` cut to `width` columns, the end replaced by `mark` where something was cut off.
std::string shortened(std::string_view text, int width, std::string_view mark);

}  // namespace amlnet
