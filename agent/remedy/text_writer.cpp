// For people. Everything from the report passes Style, which escapes it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "agent/remedy/script.h"
#include "agent/remedy/writers.h"
#include "reports/human_parts.h"

namespace amlnet {
namespace {

std::string count(std::size_t number, std::string_view one, std::string_view more) {
  return fmt::format("{} {}", number, number == 1 ? one : more);
}

std::string verdict_of(const Remedies& found) {
  if (found.rules.empty() && found.by_hand.empty())
    return "Nothing failed in this report: there is nothing to change.";
  const std::string rules = found.rules.empty() ? "No rule mends what failed"
                                                : count(found.rules.size(), "rule", "rules") + " to apply";
  if (found.by_hand.empty()) return rules + ".";
  return fmt::format("{}, {} to mend by hand.", rules, count(found.by_hand.size(), "failure", "failures"));
}

std::string section(const Rule& rule, std::size_t number, const Style& style) {
  const int width = style.prose();
  std::string out = style.paragraph(fmt::format("{}  ", number), sentence_of(rule.kind) + ".", width);
  out += style.paragraph("   Name  ", rule.name, width);
  std::string_view label = "   For   ";
  for (const RuleSource& source : rule.sources) {
    out += style.paragraph(label,
                           fmt::format("{} ({}), {} {}, {}", source.requirement, name_of(source.level),
                                       source.finding, source.cause, name_of(source.confidence)),
                           width);
    label = "         ";
  }
  const std::vector<std::string> documents = document_lines(rule);
  label = "   Docs  ";
  for (const std::string& line : documents) {
    out += style.paragraph(label, line, width);
    label = "         ";
  }
  return out;
}

std::string section(const ByHand& one, const Style& style) {
  const int width = style.prose();
  std::string out = style.paragraph("-  ", one.title, width);
  out += style.paragraph("   Why   ", fmt::format("No rule, because {}.", one.reason), width);
  out += style.paragraph("   For   ",
                         fmt::format("{} {}: {}", one.finding, one.cause, fmt::join(one.requirements, ", ")),
                         width);
  if (!one.fix.summary.empty()) out += style.paragraph("   Fix   ", one.fix.summary, width);
  for (const std::string& step : one.fix.steps) out += style.paragraph("         - ", step, width);
  std::string_view label = "   Docs  ";
  for (const DocLink& doc : one.fix.docs) {
    out += style.paragraph(label, doc.title, width);
    out += style.paragraph("         ", doc.url, width);
    label = "         ";
  }
  return out;
}

}  // namespace

std::string remedies_text(const Remedies& found, const HumanOptions& options) {
  const Style style{options};
  std::string out = style.paragraph("", head_lines(found).front(), style.prose());
  out += style.paragraph("", verdict_of(found), style.prose());
  for (const std::string& note : found.notes) out += style.paragraph("Note  ", note, style.prose());
  std::size_t number = 0;
  for (const Rule& rule : found.rules) out += '\n' + section(rule, ++number, style);
  if (!found.by_hand.empty()) out += "\nBy hand\n";
  for (const ByHand& one : found.by_hand) out += '\n' + section(one, style);
  const bool written =
      std::ranges::any_of(found.rules, [&](const Rule& rule) { return !is_foreign(found, rule); });
  if (written) out += "\nnext   amlnet fix --format az-cli, bicep or terraform writes the rules to apply\n";
  return out;
}

}  // namespace amlnet
