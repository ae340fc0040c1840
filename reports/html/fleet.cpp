// The page of a fleet: the causes as findings, then a table of the nodes with the filters of the report's
// own table; the style and the script are those of a report.
#include <fmt/format.h>

#include <set>

#include "reports/fleet.h"
#include "reports/headline.h"
#include "reports/html/assets.h"
#include "reports/html/page.h"
#include "reports/markup.h"

namespace amlnet {
namespace {

constexpr std::size_t kMostChoices = 50;  // causes to filter by
constexpr std::size_t kMostNames = 5000;  // nodes listed with a cause; the table has them all
constexpr std::size_t kPiece = std::size_t{64} * 1024;

std::string counts(const Fleet& fleet) {
  constexpr Verdict kOrder[] = {Verdict::fail, Verdict::incomplete, Verdict::warn, Verdict::pass};
  std::string out = fmt::format("<ul class=\"parts lead\"><li>{}</li>", counted(fleet.nodes.size(), "node"));
  for (const Verdict verdict : kOrder) {
    if (const std::size_t count = fleet.verdicts[static_cast<std::size_t>(verdict)])
      out += fmt::format("<li>{} {}</li>", verdict_word(verdict), count);
  }
  if (fleet.repeated > 0) out += fmt::format("<li>{} left out</li>", counted(fleet.repeated, "older report"));
  return out + "</ul>\n";
}

std::string banner(const Fleet& fleet) {
  const bool fails = fleet.verdicts[static_cast<std::size_t>(Verdict::fail)] > 0;
  const bool passes = fleet.verdicts[static_cast<std::size_t>(Verdict::pass)] == fleet.nodes.size();
  const std::string_view word = fails ? "fail" : passes ? "pass" : "warn";
  std::string out = "<a class=\"skip\" href=\"#findings\">Skip to the causes</a>\n";
  out += fmt::format("<header class=\"{}\">\n<h1>Fleet</h1>\n{}", word, counts(fleet));
  return out +
         fmt::format("<ul class=\"parts\"><li>amlnet {}</li></ul>\n</header>\n", markup(AMLNET_VERSION));
}

std::string separators_html(const std::vector<Separator>& separators) {
  if (separators.empty()) return "";
  std::string out = "<h4>What separates the nodes</h4>\n<ul>";
  for (const Separator& one : separators) out += "<li>" + markup(separator_text(one)) + "</li>";
  return out + "</ul>\n";
}

std::string names_html(const Fleet& fleet, const FleetGroup& group) {
  std::string out = fmt::format("<details><summary>{}</summary>\n<ul class=\"chips\">",
                                counted(group.nodes.size(), "node"));
  for (std::size_t at = 0; at < std::min(group.nodes.size(), kMostNames); ++at)
    out += "<li>" + markup(fleet.nodes[group.nodes[at]].name) + "</li>";
  return out + "</ul>\n</details>\n";
}

std::string subjects_html(const FleetGroup& cause) {
  if (cause.subjects.empty()) return "";
  std::string out = "<h4>Of what</h4>\n<ul>";
  for (const FleetGroup& subject : cause.subjects) {
    out += fmt::format("<li><code>{}</code> · {}", markup(subject.subject),
                       counted(subject.nodes.size(), "node"));
    for (const Separator& one : subject.separators) out += "<br>" + markup(separator_text(one));
    out += "</li>";
  }
  return out + "</ul>\n";
}

std::string cause_html(const Fleet& fleet, const FleetGroup& cause, std::size_t number) {
  std::string out = fmt::format(
      "<article id=\"f{0}\" class=\"finding {1}\" aria-labelledby=\"t{0}\">\n<h3 id=\"t{0}\"><span "
      "class=\"number\">{0}</span> <code>{2}</code></h3>\n",
      number, name_of(cause.severity), markup(cause.cause));
  out += fmt::format(
      "<p class=\"tags\"><span class=\"tag {0}\">{0}</span> <span class=\"tag\">{1} of {2}</span></p>\n",
      name_of(cause.severity), cause.nodes.size(), counted(fleet.nodes.size(), "node"));
  out += fmt::format("<p>{}{}</p>\n", cause.subjects.empty() ? "" : "As ", markup(cause.title));
  return out + separators_html(cause.separators) + subjects_html(cause) + names_html(fleet, cause) +
         "</article>\n";
}

std::string causes_html(const Fleet& fleet) {
  std::string out = "<section id=\"findings\">\n<h2>Causes</h2>\n";
  if (fleet.causes.empty()) out += "<p>Nothing is broken as far as could be tested.</p>\n";
  std::size_t number = 0;
  for (const FleetGroup& cause : fleet.causes) out += cause_html(fleet, cause, ++number);
  if (fleet.causes.size() > 1 && !fleet.separators.empty())
    out += "<p>Nodes that fail, by whatever cause:</p>\n" + separators_html(fleet.separators);
  return out + "</section>\n";
}

std::string unread_html(const Fleet& fleet) {
  if (fleet.unread_count == 0) return "";
  std::string out = fmt::format("<section id=\"unread\">\n<h2>{} could not be read</h2>\n<ul>",
                                counted(fleet.unread_count, "report"));
  for (const UnreadReport& one : fleet.unread)
    out += fmt::format("<li><code>{}</code>: {}</li>", markup(one.file), markup(one.problem));
  return out + "</ul>\n</section>\n";
}

/// The gravest cause of a node, by its place in Fleet::causes: it filters by it.
std::vector<std::size_t> gravest_causes(const Fleet& fleet) {
  std::vector<std::size_t> gravest(fleet.nodes.size(), fleet.causes.size());
  for (std::size_t place = fleet.causes.size(); place-- > 0;) {
    if (fleet.causes[place].severity == Severity::info) continue;
    for (const std::uint32_t node : fleet.causes[place].nodes) gravest[node] = place;
  }
  return gravest;
}

std::string tools(const Fleet& fleet) {
  std::string out =
      "<form id=\"tools\" hidden>\n"
      "<label>Search <input type=\"search\" id=\"search\" autocomplete=\"off\" "
      "spellcheck=\"false\"></label>\n"
      "<label>Gravest cause <select id=\"level\"><option value=\"\">all</option>";
  for (std::size_t place = 0; place < std::min(fleet.causes.size(), kMostChoices); ++place) {
    if (fleet.causes[place].severity != Severity::info)
      out += fmt::format("<option value=\"c{}\">{}</option>", place, markup(fleet.causes[place].cause));
  }
  return out +
         "</select></label>\n<fieldset><legend>Verdict</legend>"
         "<label><input type=\"checkbox\" name=\"status\" value=\"bad\" checked> fail</label> "
         "<label><input type=\"checkbox\" name=\"status\" value=\"open\" checked> incomplete, warn</label> "
         "<label><input type=\"checkbox\" name=\"status\" value=\"ok\" checked> pass</label></fieldset>\n"
         "<p id=\"shown\" role=\"status\"></p>\n</form>\n";
}

Status status_of(Verdict verdict) {
  if (verdict == Verdict::fail) return Status::fail;
  return verdict == Verdict::pass ? Status::pass : Status::unknown;
}

std::string node_row(const Fleet& fleet, const FleetNode& node, std::size_t gravest,
                     const std::vector<bool>& varying) {
  const Status status = status_of(node.verdict);
  std::string causes, facts;
  std::set<std::string_view> names;
  for (const std::uint32_t place : node.findings) {
    const FleetFinding& finding = fleet.findings[place];
    if (finding.severity != Severity::info && names.insert(finding.cause).second)
      causes += (causes.empty() ? "" : " · ") + markup(finding.cause);
  }
  for (const FactPlace place : node.facts) {
    if (varying[place])
      facts +=
          (facts.empty() ? "" : " · ") + markup(fleet.facts[place].name + ' ' + fleet.facts[place].value);
  }
  return fmt::format("<tr class={} data-level=c{}><td>{}<th scope=row>{}<td>{}<td>{}<td>{}\n",
                     class_of(status), gravest, status_badge(status, name_of(node.verdict)),
                     markup(node.name), markup(node.started), causes, facts);
}

}  // namespace

void write_fleet_html(const Fleet& fleet, const TextSink& sink) {
  std::string out = page_head("Fleet of " + counted(fleet.nodes.size(), "node"));
  out += "<body>\n" + banner(fleet);
  out +=
      "<nav aria-label=\"Contents\"><ul><li><a href=\"#findings\">Causes</a></li>"
      "<li><a href=\"#requirements\">Nodes</a></li></ul></nav>\n<main>\n";
  out += causes_html(fleet) + unread_html(fleet);
  out += "<section id=\"requirements\">\n<h2>Nodes</h2>\n" + tools(fleet);
  out +=
      "<div class=\"scroll tall\" tabindex=\"0\" role=\"region\" aria-label=\"Table of nodes\">\n"
      "<table id=\"matrix\"><thead><tr><th scope=col>Verdict<th scope=col>Node<th scope=col>Started<th "
      "scope=col>Causes"
      "<th scope=col>Facts that differ</thead>\n<tbody>\n";
  const std::vector<bool> varying = varying_facts(fleet);
  const std::vector<std::size_t> gravest = gravest_causes(fleet);
  for (std::size_t place = 0; place < fleet.nodes.size(); ++place) {
    out += node_row(fleet, fleet.nodes[place], gravest[place], varying);
    if (out.size() > kPiece) sink(std::exchange(out, {}));
  }
  sink(out +
       fmt::format("</tbody></table>\n</div>\n</section>\n</main>\n<script>{}</script>\n</body>\n</html>\n",
                   html_script()));
}

}  // namespace amlnet
