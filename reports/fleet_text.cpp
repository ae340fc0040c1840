// The fleet on the terminal: how many nodes are how, then each cause with what separates the nodes it hits.
#include <fmt/format.h>

#include "reports/fleet.h"
#include "reports/human_parts.h"

namespace amlnet {
namespace {

constexpr std::size_t kFewNodes = 12, kFewSubjects = 8, kFewFiles = 20;

Color color_of_severity(Severity severity) {
  if (severity == Severity::blocking) return Color::red;
  return severity == Severity::warning ? Color::yellow : Color::dim;
}

std::string counts_text(const Fleet& fleet, const Style& style) {
  constexpr Verdict kOrder[] = {Verdict::fail, Verdict::incomplete, Verdict::warn, Verdict::pass};
  std::vector<std::string> parts;
  for (const Verdict verdict : kOrder) {
    if (const std::size_t count = fleet.verdicts[static_cast<std::size_t>(verdict)])
      parts.push_back(fmt::format("{} {}", verdict_word(verdict), count));
  }
  if (fleet.repeated > 0) parts.push_back(counted(fleet.repeated, "older report") + " of them left out");
  return style.list(counted(fleet.nodes.size(), "node") + "   ", parts, style.prose());
}

std::string separators_text(const std::vector<Separator>& separators, std::string_view indent,
                            const Style& style) {
  std::string out;
  for (const Separator& one : separators)
    out += style.paragraph(indent, separator_text(one), style.prose(), 2);
  return out;
}

std::string names_text(const Fleet& fleet, const FleetGroup& group, const Style& style) {
  std::vector<std::string> names;
  const std::size_t most = style.options.all ? group.nodes.size() : kFewNodes;
  for (const std::uint32_t place : group.nodes) {
    if (names.size() == most) break;
    names.push_back(fleet.nodes[place].name);
  }
  if (group.nodes.size() > most)
    names.push_back(fmt::format("and {} more, with --all", group.nodes.size() - most));
  return style.paragraph("   on  ", joined(names, ", "), style.prose());
}

std::string subjects_text(const FleetGroup& cause, const Style& style) {
  std::string out;
  std::size_t told = 0;
  for (const FleetGroup& subject : cause.subjects) {
    if (!style.options.all && told == kFewSubjects) {
      const std::string rest = fmt::format("and {} more, with --all", cause.subjects.size() - told);
      return out + style.paragraph("   - ", rest, style.prose());
    }
    ++told;
    out += style.paragraph("   - ",
                           fmt::format("{}: {}", subject.subject, counted(subject.nodes.size(), "node")),
                           style.prose(), 2);
    out += separators_text(subject.separators, "     ", style);
  }
  return out;
}

std::string cause_text(const Fleet& fleet, const FleetGroup& cause, const Style& style) {
  const std::string of = fmt::format("{} of {}", cause.nodes.size(), counted(fleet.nodes.size(), "node"));
  std::string out = '\n' + style.paint(Color::bold, style.safe(cause.cause)) + style.safe(style.dot()) +
                    style.paint(color_of_severity(cause.severity), name_of(cause.severity)) +
                    style.safe(style.dot()) + of + '\n';
  out += style.paragraph("   ", (cause.subjects.empty() ? "" : "as ") + cause.title, style.prose(), 2);
  out += separators_text(cause.separators, "   ", style);
  return out + subjects_text(cause, style) + names_text(fleet, cause, style);
}

/// Findings that break nothing, a line each, unless all is asked for.
std::string notes_text(const Fleet& fleet, const Style& style) {
  std::string out;
  for (const FleetGroup& cause : fleet.causes) {
    if (cause.severity == Severity::info)
      out += style.paragraph("   ", fmt::format("{}: {}", cause.cause, counted(cause.nodes.size(), "node")),
                             style.prose(), 2);
  }
  return out.empty() ? "" : '\n' + style.paint(Color::dim, "breaks nothing") + '\n' + out;
}

std::string unread_text(const Fleet& fleet, const Style& style) {
  if (fleet.unread_count == 0) return "";
  std::string out =
      '\n' + style.paint(Color::bold, counted(fleet.unread_count, "report") + " could not be read") + '\n';
  std::size_t told = 0;
  for (const UnreadReport& one : fleet.unread) {
    if (!style.options.all && told == kFewFiles) break;
    ++told;
    out += style.paragraph("   ", one.file + ": " + one.problem, style.prose(), 2);
  }
  if (told < fleet.unread_count)
    out += style.paragraph("   ", fmt::format("and {} more", fleet.unread_count - told), style.prose());
  return out;
}

}  // namespace

std::string human_fleet(const Fleet& fleet, const HumanOptions& options) {
  const Style style{options};
  std::string out;
  if (options.verbosity >= 0) {
    out += counts_text(fleet, style);
    if (fleet.causes.size() > 1) out += separators_text(fleet.separators, "FAIL   ", style);
    for (const FleetGroup& cause : fleet.causes) {
      if (options.all || cause.severity != Severity::info) out += cause_text(fleet, cause, style);
    }
    if (!options.all) out += notes_text(fleet, style);
    if (fleet.left_out > 0)
      out += '\n' +
             style.paragraph("", counted(fleet.left_out, "fact or finding") + " beyond the bounds left out",
                             style.prose());
    out += unread_text(fleet, style) + '\n';
  }
  std::size_t causes = 0;
  for (const FleetGroup& cause : fleet.causes) causes += cause.severity == Severity::blocking ? 1 : 0;
  return out + fmt::format("amlnet: FLEET nodes={} fail={} causes={} unread={}\n", fleet.nodes.size(),
                           fleet.verdicts[static_cast<std::size_t>(Verdict::fail)], causes,
                           fleet.unread_count);
}

}  // namespace amlnet
