// The head of the terminal report: where we are, and the verdict.
#include "reports/human_parts.h"
#include "reports/text.h"

namespace amlnet {
namespace {

Color verdict_color(Verdict verdict) {
  if (verdict == Verdict::pass) return Color::green;
  return verdict == Verdict::fail ? Color::red : Color::yellow;
}

}  // namespace

std::string human_header(const Report& report, const Style& style) {
  std::vector<std::string> parts{"amlnet " + report.tool.version};
  if (!report.tool.catalog_date.empty()) parts.push_back("documentation of " + report.tool.catalog_date);
  const std::string left = style.safe(joined(parts, style.dot()));
  const std::vector<std::string> place = place_parts(report);
  const std::string right = style.safe(joined(place, style.dot()));
  const int width = style.prose();
  std::string out;
  if (display_width(left) + 4 + display_width(right) <= width) {
    out = padded(left, width - display_width(right)) + right + '\n';
  } else {
    out = style.list("", parts, width) + style.list("", place, width);
  }
  return out + style.list("", workspace_parts(report), width);
}

std::string human_verdict(const Report& report, const Style& style) {
  const std::string word = verdict_word(report.summary.verdict);
  std::string out = style.list(word + "   ", verdict_parts(report), style.prose());
  return style.paint(verdict_color(report.summary.verdict), word) + out.substr(word.size());
}

std::string human_live(const Report& report, const Style& style) {
  std::string out, label = "live   ";
  for (const std::string& line : live_lines(report, style.options.all)) {
    out += style.paragraph(label, line, style.prose());
    label.assign(label.size(), ' ');
  }
  return out;
}

}  // namespace amlnet
