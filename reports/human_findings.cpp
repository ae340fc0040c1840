// A finding on the terminal: what is wrong on the left, how bad and how sure on the right, then facts, fix,
// documents.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "reports/human_parts.h"
#include "reports/text.h"

namespace amlnet {
namespace {

constexpr int kIndent = 3;
constexpr int kRight = 11;  // "candidate" and a gap of two
constexpr std::size_t kShownEndpoints = 4;
constexpr std::size_t kShownEvidence = 8;
constexpr std::size_t kShownDocs = 3;  // the first are the nearest

Color color_of(Severity severity) {
  if (severity == Severity::blocking) return Color::red;
  return severity == Severity::warning ? Color::yellow : Color::dim;
}

std::string evidence_text(const EvidenceLine& line, const Style& style) {
  const bool named = style.options.verbosity > 0 && !line.probe.empty();
  return named ? fmt::format("{} ({})", line.text, line.probe) : line.text;
}

/// The evidence from the one at `first` on.
std::string facts(const Finding& finding, std::size_t first, const Style& style) {
  const bool everything = style.options.verbosity > 0 || style.options.all;
  const std::size_t shown =
      everything ? finding.evidence.size() : std::min(finding.evidence.size(), kShownEvidence);
  std::string out;
  for (std::size_t i = first; i < shown; ++i) {
    out += style.paragraph("     ", evidence_text(finding.evidence[i], style), style.prose(), 2);
  }
  if (shown < finding.evidence.size()) {
    out += style.paragraph(
        "     ", fmt::format("{} more in the JSON report", finding.evidence.size() - shown), style.prose());
  }
  return out;
}

/// The title and the facts, with severity and confidence beside the first two lines.
std::string head(const Finding& finding, std::size_t number, const Style& style) {
  const int width = style.prose() - kIndent - kRight;
  const std::vector<std::string> title = wrapped(style.safe(finding.title), width);
  std::vector<std::string> lines = title;
  if (lines.size() < 2) {
    // The first fact stands beside the confidence, so it has less room than the others.
    const std::string fact = finding.evidence.empty() ? "" : evidence_text(finding.evidence.front(), style);
    std::string indent = "  ";
    for (const std::string& line : wrapped(style.safe(fact), width - 4)) {
      lines.push_back(indent + line);
      indent = "    ";
    }
  }
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out += i == 0 ? padded(std::to_string(number), kIndent) : std::string(kIndent, ' ');
    out += style.paint(i < title.size() ? Color::bold : Color::none, lines[i]);
    if (i < 2) {
      const std::string_view word = i == 0 ? name_of(finding.severity) : name_of(finding.confidence);
      const int gap = width + kRight - display_width(lines[i]) - display_width(word);
      out.append(static_cast<std::size_t>(std::max(gap, 2)), ' ');
      out += style.paint(i == 0 ? color_of(finding.severity) : Color::dim, word);
    }
    out += '\n';
  }
  const std::size_t told = title.size() < 2 ? 1 : 0;
  return out + facts(finding, told, style);
}

std::string endpoints(const Finding& finding, const Style& style) {
  if (finding.endpoints.size() < 2) return "";
  const bool everything = style.options.verbosity > 0 || style.options.all;
  std::vector<std::string> shown = finding.endpoints;
  if (!everything && shown.size() > kShownEndpoints + 1) shown.resize(kShownEndpoints);
  std::string text = counted(finding.endpoints.size(), "endpoint") + ": " + joined(shown, ", ");
  if (shown.size() < finding.endpoints.size()) {
    text += fmt::format(" and {} more", finding.endpoints.size() - shown.size());
  }
  return style.paragraph("   Hits  ", text, style.prose());
}

std::string remedy(const Finding& finding, const Style& style) {
  std::string out;
  for (const Alternative& other : finding.alternatives) {
    out += style.paragraph("   Or    ", other.cause + ": " + other.text, style.prose());
  }
  if (!finding.fix.summary.empty()) out += style.paragraph("   Fix   ", finding.fix.summary, style.prose());
  for (const std::string& step : finding.fix.steps)
    out += style.paragraph("         - ", step, style.prose());
  std::string_view label = "   Docs  ";
  const bool everything = style.options.verbosity > 0 || style.options.all;
  const std::size_t shown =
      everything ? finding.fix.docs.size() : std::min(finding.fix.docs.size(), kShownDocs);
  for (const DocLink& doc : std::span(finding.fix.docs).first(shown)) {
    out += style.paragraph(label, doc.title, style.prose());
    if (!doc.url.empty()) out += style.paragraph("         ", doc.url, style.prose());
    label = "         ";
  }
  return out;
}

}  // namespace

bool fails_nothing(const Finding& finding, const Report& report) {
  if (finding.severity != Severity::info) return false;
  for (const RequirementReport& requirement : report.requirements) {
    for (const EndpointReport& endpoint : requirement.endpoints) {
      if (endpoint.status == Status::fail && endpoint.finding == finding.id) return true;
    }
  }
  return false;
}

std::string human_finding(const Finding& finding, std::size_t number, const Style& style) {
  std::string code = finding.cause;
  const std::string_view relation = finding.severity == Severity::blocking ? "breaks " : "concerns ";
  if (!finding.requirements.empty()) {
    code += std::string(style.dot()).append(relation) + joined(finding.requirements, ", ");
  }
  return head(finding, number, style) + endpoints(finding, style) + remedy(finding, style) +
         style.paragraph("   Code  ", code, style.prose());
}

}  // namespace amlnet
