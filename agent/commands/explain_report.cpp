#include "agent/commands/explain_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/diagnosis/causes.h"
#include "reports/human_parts.h"

namespace amlnet {
namespace {

/// The fixes of the table name the finding's subject; here there is none yet.
std::string without_subject(std::string_view fix) {
  std::string text(fix);
  for (std::size_t at; (at = text.find("{}")) != std::string::npos;) text.replace(at, 2, "<subject>");
  return text;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string finding_id(std::string_view word) {
  if (word.starts_with('F') || word.starts_with('f')) word.remove_prefix(1);
  return all_digits(word) ? "F" + std::string(word) : "";
}

std::optional<std::string> cause_explanation(std::string_view code, const HumanOptions& options) {
  const Cause* cause = find_cause(code);
  if (!cause) return std::nullopt;
  const Style style{options};
  const int width = style.prose();
  std::string out = style.paint(Color::bold, style.safe(cause->code)) + '\n';
  out += style.paragraph("  means  ", cause->meaning, width);
  if (!cause->fix.empty()) out += style.paragraph("  fix    ", without_subject(cause->fix), width);
  for (const std::string_view step : cause->steps) out += style.paragraph("         - ", step, width);
  std::string_view label = "  docs   ";
  for (const CauseDoc& doc : cause->docs) {
    out += style.paragraph(label, doc.title, width);
    out += style.paragraph("         ", doc.url, width);
    label = "         ";
  }
  return out;
}

std::optional<std::string> finding_explanation(const Report& report, std::string_view id,
                                               const HumanOptions& options) {
  const auto found = std::ranges::find(report.findings, id, &Finding::id);
  if (found == report.findings.end()) return std::nullopt;
  const auto index = static_cast<std::size_t>(found - report.findings.begin());
  std::string out = human_finding_detail(report, index, options);
  if (const auto cause = cause_explanation(found->cause, options)) {
    // What its fix says has the finding in its own words already.
    out += '\n' + cause->substr(0, cause->find("  fix    "));
  }
  return out;
}

std::string requirement_in_report(const Report& report, std::string_view id, const HumanOptions& options) {
  const auto found = std::ranges::find(report.requirements, id, &RequirementReport::id);
  return found == report.requirements.end() ? "" : human_requirement_detail(report, *found, options);
}

}  // namespace amlnet
