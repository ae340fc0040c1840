// How the terminal report writes: escaping, colour, marks and paragraphs.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/human_parts.h"
#include "reports/text.h"

namespace amlnet {

int Style::prose() const {
  return std::clamp(options.width, 40, 110);
}

std::string Style::safe(std::string_view text) const {
  return escaped(text, options.utf8);
}

std::string Style::paint(Color color, std::string_view text) const {
  if (!options.color || color == Color::none || text.empty()) return std::string(text);
  // ECMA-48 8.3.117, select graphic rendition
  constexpr std::array kCodes{"0", "1;31", "33", "32", "1", "2"};
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<std::size_t>(color)], text);
}

std::string_view Style::mark(Status status) const {
  switch (status) {
    case Status::pass:
      return options.utf8 ? "\u2713" : "+";
    case Status::fail:
      return options.utf8 ? "\u2717" : "x";
    case Status::unknown:
      return "?";
    case Status::skipped:
      return "-";
  }
  return "?";
}

std::string Style::paragraph(std::string_view first, std::string_view text, int width, int hang) const {
  const int indent = display_width(first) + hang;
  std::string out;
  std::string before(first);
  for (const std::string& line : wrapped(safe(text), width - indent)) {
    out += before + line + '\n';
    before.assign(static_cast<std::size_t>(indent), ' ');
  }
  return out;
}

std::string Style::list(std::string_view first, const std::vector<std::string>& parts, int width) const {
  std::string out, line;
  std::string before(first);
  const auto flush = [&] {
    if (line.empty()) return;
    out += paragraph(before, line, width);
    before.assign(static_cast<std::size_t>(display_width(first)), ' ');
    line.clear();
  };
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    const std::string piece = safe(part);
    const int needed =
        display_width(before) + display_width(line) + display_width(dot()) + display_width(piece);
    if (!line.empty() && needed > width) flush();
    if (!line.empty()) line += dot();
    line += piece;
  }
  flush();
  return out;
}

Color color_of(Status status) {
  switch (status) {
    case Status::pass:
      return Color::green;
    case Status::fail:
      return Color::red;
    case Status::unknown:
      return Color::yellow;
    case Status::skipped:
      return Color::dim;
  }
  return Color::none;
}

std::string padded(std::string_view text, int width) {
  const int missing = width - display_width(text);
  return std::string(text) + std::string(static_cast<std::size_t>(std::max(missing, 0)), ' ');
}

}  // namespace amlnet
