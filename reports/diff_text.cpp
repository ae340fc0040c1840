// Differences on the terminal and as JSON.
#include <fmt/format.h>

#include <array>

#include "reports/diff.h"
#include "reports/human_parts.h"
#include "reports/model/codec.h"
#include "reports/model/document.h"

namespace amlnet {
namespace {

std::string_view word_of(std::optional<Status> status) {
  return status ? name_of(*status) : "absent";
}

std::string heading(std::string_view text, const Style& style) {
  return '\n' + style.paint(Color::dim, text) + '\n';
}

std::string requirement_text(const RequirementChange& change, const Style& style) {
  const Status status = change.after.value_or(Status::skipped);
  const std::string mark = style.paint(color_of(status), style.mark(status));
  const std::string text = fmt::format("{}  {} ({}): {} -> {}", change.id, change.title,
                                       name_of(change.level), word_of(change.before), word_of(change.after));
  std::string out = ' ' + mark + style.paragraph("   ", text, style.prose(), 2).substr(2);
  for (const std::string& endpoint : change.now_fail)
    out += style.paragraph("     ", endpoint + " now fails", style.prose(), 2);
  for (const std::string& endpoint : change.now_pass)
    out += style.paragraph("     ", endpoint + " now passes", style.prose(), 2);
  return out;
}

std::string requirements_text(std::string_view title, const std::vector<RequirementChange>& changes,
                              const Style& style) {
  if (changes.empty()) return "";
  std::string out = heading(title, style);
  for (const RequirementChange& change : changes) out += requirement_text(change, style);
  return out;
}

std::string cause_text(const CauseChange& change, const Style& style) {
  constexpr std::array kSigns{" + ", " - ", " ~ "};
  const std::string_view sign = kSigns[static_cast<std::size_t>(change.kind)];
  std::string out =
      style.paragraph(sign, fmt::format("{} ({}): {}", change.cause, name_of(change.severity), change.title),
                      style.prose(), 2);
  for (const std::string& note : change.notes) out += style.paragraph("     ", note, style.prose(), 2);
  return out;
}

std::string facts_text(const std::vector<FactChange>& facts, const Style& style) {
  if (facts.empty()) return "";
  std::string out = heading("facts that are others", style);
  for (const FactChange& fact : facts) {
    out += style.paragraph("   ",
                           fmt::format("{}: {} -> {}", fact.name, fact.before.empty() ? "none" : fact.before,
                                       fact.after.empty() ? "none" : fact.after),
                           style.prose(), 2);
  }
  return out;
}

std::string report_line(std::string_view label, const Report& report, const Style& style) {
  return style.list(label, {report.node.hostname, report.run.started, verdict_word(report.summary.verdict)},
                    style.prose());
}

using Json = nlohmann::ordered_json;

Json requirement_json(const RequirementChange& change) {
  return {{"id", change.id},
          {"title", change.title},
          {"level", name_of(change.level)},
          {"before", change.before ? Json(name_of(*change.before)) : Json()},
          {"after", change.after ? Json(name_of(*change.after)) : Json()},
          {"now_failing", change.now_fail},
          {"now_passing", change.now_pass}};
}

Json requirements_json(const std::vector<RequirementChange>& changes) {
  Json list = Json::array();
  for (const RequirementChange& change : changes) list.push_back(requirement_json(change));
  return list;
}

Json run_json(const Report& report) {
  return {{"id", report.run.id},
          {"started", report.run.started},
          {"hostname", report.node.hostname},
          {"verdict", name_of(report.summary.verdict)}};
}

}  // namespace

std::string human_diff(const ReportDiff& diff, const Report& before, const Report& after,
                       const HumanOptions& options) {
  const Style style{options};
  std::vector<std::string> parts;
  if (!diff.failing.empty()) parts.push_back(fmt::format("{} newly failing", diff.failing.size()));
  if (!diff.passing.empty()) parts.push_back(fmt::format("{} newly passing", diff.passing.size()));
  if (!diff.causes.empty()) parts.push_back(counted(diff.causes.size(), "cause") + " changed");
  if (parts.empty()) parts.emplace_back("the same requirements fail, by the same causes");
  const std::string verdicts = diff.before == diff.after ? verdict_word(diff.after)
                                                         : fmt::format("{} -> {}", verdict_word(diff.before),
                                                                       verdict_word(diff.after));
  std::string out = style.list(verdicts + "   ", parts, style.prose());
  if (options.verbosity < 0) return out;
  out += report_line("old  ", before, style) + report_line("new  ", after, style);
  if (!diff.causes.empty()) out += heading("causes", style);
  for (const CauseChange& change : diff.causes) out += cause_text(change, style);
  out += requirements_text("newly failing", diff.failing, style);
  out += requirements_text("newly passing", diff.passing, style);
  out += requirements_text("other changes of status", diff.other, style);
  return out + facts_text(diff.facts, style);
}

std::string diff_json(const ReportDiff& diff, const Report& before, const Report& after) {
  constexpr std::array kKinds{"appeared", "gone", "changed"};
  Json causes = Json::array(), facts = Json::array();
  for (const CauseChange& change : diff.causes) {
    causes.push_back({{"change", kKinds[static_cast<std::size_t>(change.kind)]},
                      {"cause", change.cause},
                      {"subject", change.subject},
                      {"severity", name_of(change.severity)},
                      {"title", change.title},
                      {"notes", change.notes}});
  }
  for (const FactChange& fact : diff.facts)
    facts.push_back({{"name", fact.name}, {"before", fact.before}, {"after", fact.after}});
  const Json whole{{"schema", "amlnet.diff/1"},
                   {"old", run_json(before)},
                   {"new", run_json(after)},
                   {"newly_failing", requirements_json(diff.failing)},
                   {"newly_passing", requirements_json(diff.passing)},
                   {"other", requirements_json(diff.other)},
                   {"causes", causes},
                   {"facts", facts}};
  std::string out;
  print(out, compact(whole), 0);
  return out + '\n';
}

}  // namespace amlnet
