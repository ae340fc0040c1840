// The parts of the terminal report, each a piece of text that ends in a newline. Used by human.cpp alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/cells.h"
#include "reports/headline.h"
#include "reports/human.h"
#include "reports/model/report.h"

namespace amlnet {

enum class Color { none, red, yellow, green, bold, dim };

/// How to write: the options with what follows from them.
struct Style {
  const HumanOptions& options;

  /// Columns for running text: the terminal's, but no more than can be read well.
  int prose() const;
  std::string safe(std::string_view text) const;
  /// `text` in `color` where colour is on; widths are counted before painting.
  std::string paint(Color color, std::string_view text) const;
  std::string_view dot() const { return options.utf8 ? " \u00b7 " : " | "; }
  std::string_view ellipsis() const { return options.utf8 ? "\u2026" : "..."; }
  std::string_view mark(Status status) const;
  /// `text` escaped and wrapped, the first line after `first`, the others after as many spaces and `hang`
  /// more.
  std::string paragraph(std::string_view first, std::string_view text, int width, int hang = 0) const;
  /// The same for `parts` with dots between them; lines break between parts. Empty parts are left out.
  std::string list(std::string_view first, const std::vector<std::string>& parts, int width) const;
};

Color color_of(Status status);

/// `text` with spaces up to `width` columns.
std::string padded(std::string_view text, int width);

/// Version, documentation date, node and workspace.
std::string human_header(const Report& report, const Style& style);
/// FAIL, and how many of what.
std::string human_verdict(const Report& report, const Style& style);
std::string human_finding(const Finding& finding, std::size_t number, const Style& style);
/// One row for each endpoint that did not pass (or for all), then counts of the rest.
std::string human_rows(const Report& report, const Style& style);
/// The plan beside the workspace's own list, "" where nobody asked.
std::string human_live(const Report& report, const Style& style);
/// What to run next; only commands that exist.
std::string human_hints(const Report& report, const Style& style);

}  // namespace amlnet
