#include "reports/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace amlnet {
namespace {

struct Range {
  char32_t first, last;
};

bool within(char32_t value, const auto& ranges) {
  return std::ranges::any_of(ranges, [value](Range r) { return value >= r.first && value <= r.last; });
}

// Control characters, and what changes direction, hides or breaks lines: a host name must look like what it
// is.
constexpr std::array kUnsafe{
    Range{0x00, 0x1f},     Range{0x7f, 0x9f},     Range{0xad, 0xad},     Range{0x61c, 0x61c},
    Range{0x115f, 0x1160}, Range{0x180b, 0x180f}, Range{0x200b, 0x200f}, Range{0x2028, 0x202e},
    Range{0x2060, 0x206f}, Range{0x3164, 0x3164}, Range{0xfe00, 0xfe0f}, Range{0xfeff, 0xfeff},
    Range{0xffa0, 0xffa0}, Range{0xfff0, 0xfffb}, Range{0xfffe, 0xffff}, Range{0xe0000, 0xe0fff},
};

// Combining marks of the common scripts (Unicode general category Mn, by block).
constexpr std::array kZeroWidth{
    Range{0x300, 0x36f},   Range{0x483, 0x489},   Range{0x591, 0x5bd},   Range{0x610, 0x61a},
    Range{0x64b, 0x65f},   Range{0x900, 0x902},   Range{0xe31, 0xe31},   Range{0xe34, 0xe3a},
    Range{0x1ab0, 0x1aff}, Range{0x1dc0, 0x1dff}, Range{0x20d0, 0x20ff}, Range{0xfe20, 0xfe2f},
};

constexpr std::array kWide{
    Range{0x1100, 0x115f},   Range{0x2e80, 0x303e},   Range{0x3041, 0xa4cf},   Range{0xac00, 0xd7a3},
    Range{0xf900, 0xfaff},   Range{0xfe30, 0xfe6f},   Range{0xff00, 0xff60},   Range{0xffe0, 0xffe6},
    Range{0x1f300, 0x1f64f}, Range{0x1f680, 0x1f6ff}, Range{0x1f900, 0x1f9ff}, Range{0x20000, 0x3fffd},
};

// What our own texts use beyond ASCII, and what stands for it on a terminal without UTF-8.
constexpr std::array kPlain{
    std::pair{U'\u2192', "->"}, std::pair{U'\u00b7', "|"},  std::pair{U'\u2026', "..."},
    std::pair{U'\u2713', "+"},  std::pair{U'\u2717', "x"},  std::pair{U'\u2013', "-"},
    std::pair{U'\u2014', "-"},  std::pair{U'\u2018', "'"},  std::pair{U'\u2019', "'"},
    std::pair{U'\u201c', "\""}, std::pair{U'\u201d', "\""},
};

int width_of(char32_t value) {
  if (within(value, kZeroWidth)) return 0;
  return within(value, kWide) ? 2 : 1;
}

/// How many bytes of `text` fit into `width` columns, at least one code point.
std::size_t fitting(std::string_view text, int width) {
  std::size_t end = 0;
  for (int used = 0; end < text.size();) {
    const CodePoint point = code_point_at(text, end);
    used += width_of(point.value);
    if (used > width && end > 0) break;
    end += point.size;
  }
  return end;
}

/// Where to break a word that is too long for a line.
std::size_t break_point(std::string_view word, int width) {
  const std::size_t fits = fitting(word, width);
  const std::size_t mark = word.substr(0, fits).find_last_of("./-,_:");
  return mark == std::string_view::npos || mark < fits / 2 ? fits : mark + 1;
}

}  // namespace

CodePoint code_point_at(std::string_view text, std::size_t position) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[position + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const CodePoint invalid{lead, 1, false};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || position + size > text.size()) return invalid;
  char32_t value = lead & (0x7f >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return invalid;
    value = (value << 6) | (byte(i) & 0x3f);
  }
  const bool overlong = value < (size == 2 ? 0x80u : size == 3 ? 0x800u : 0x10000u);
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (overlong || surrogate || value > 0x10ffff) return invalid;
  return {value, size, true};
}

std::string lossy_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    out += point.valid ? text.substr(at, point.size) : std::string_view("\xef\xbf\xbd");
    at += point.size;
  }
  return out;
}

std::string escaped(std::string_view text, bool utf8) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    const std::string_view bytes = text.substr(at, point.size);
    at += point.size;
    const auto* plain = std::ranges::find(kPlain, point.value, &std::pair<char32_t, const char*>::first);
    if (point.valid && !within(point.value, kUnsafe) && (utf8 || point.value < 0x80)) {
      out += bytes;
    } else if (point.valid && !utf8 && plain != kPlain.end()) {
      out += plain->second;
    } else {
      for (const char byte : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    }
  }
  return out;
}

int display_width(std::string_view text) {
  int width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    width += width_of(point.value);
    at += point.size;
  }
  return width;
}

std::vector<std::string> wrapped(std::string_view text, int width) {
  width = std::max(width, 1);
  std::vector<std::string> lines(1);
  int used = 0;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    if (word.empty()) continue;
    if (used > 0 && used + 1 + display_width(word) > width) {
      lines.emplace_back();
      used = 0;
    }
    const bool url = word.find("://") != std::string_view::npos;
    while (!url && used == 0 && display_width(word) > width) {
      const std::size_t cut = break_point(word, width);
      if (cut == word.size()) break;
      lines.back() = word.substr(0, cut);
      lines.emplace_back();
      word.remove_prefix(cut);
    }
    if (used > 0) lines.back() += ' ';
    used += (used > 0) + display_width(word);
    lines.back() += word;
  }
  return lines;
}

std::string shortened(std::string_view text, int width, std::string_view mark) {
  if (display_width(text) <= width) return std::string(text);
  const int room = width - display_width(mark);
  if (room <= 0) return std::string(mark.substr(0, fitting(mark, std::max(width, 1))));
  return std::string(text.substr(0, fitting(text, room))) + std::string(mark);
}

}  // namespace amlnet
