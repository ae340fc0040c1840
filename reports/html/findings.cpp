// Findings, each whole: nothing is cut here.
#include <fmt/format.h>

#include "reports/headline.h"
#include "reports/html/page.h"
#include "reports/markup.h"

namespace amlnet {
namespace {

std::string list(const std::vector<std::string>& items, std::string_view kind) {
  if (items.empty()) return "";
  std::string out = fmt::format("<{}>", kind);
  for (const std::string& item : items) out += "<li>" + item + "</li>";
  return out + fmt::format("</{}>\n", kind);
}

std::string evidence(const Page& page, const Finding& finding) {
  std::vector<std::string> lines;
  for (const EvidenceLine& line : finding.evidence) {
    std::string text = markup(line.text);
    if (const std::string anchor = probe_anchor(page, line.probe); !anchor.empty())
      text += fmt::format(" <a class=\"probe\" href=\"{}\">{}</a>", anchor, markup(line.probe));
    lines.push_back(std::move(text));
  }
  return lines.empty() ? "" : "<h4>What was seen</h4>\n" + list(lines, "ul");
}

std::string alternatives(const Finding& finding) {
  std::vector<std::string> lines;
  for (const Alternative& other : finding.alternatives)
    lines.push_back(fmt::format("<code>{}</code>: {}", markup(other.cause), markup(other.text)));
  return lines.empty() ? "" : "<h4>What else it could be</h4>\n" + list(lines, "ul");
}

std::string fix(const Finding& finding) {
  std::vector<std::string> steps, docs;
  for (const std::string& step : finding.fix.steps) steps.push_back(markup(step));
  for (const DocLink& doc : finding.fix.docs) docs.push_back(web_link(doc.title, doc.url));
  std::string out;
  if (!finding.fix.summary.empty() || !steps.empty())
    out += fmt::format("<h4>Fix</h4>\n<p>{}</p>\n", markup(finding.fix.summary)) + list(steps, "ul");
  if (!docs.empty()) out += "<h4>Documentation</h4>\n" + list(docs, "ul");
  return out;
}

std::string hits(const Finding& finding) {
  std::vector<std::string> requirements, endpoints;
  for (const std::string& id : finding.requirements)
    requirements.push_back("<code>" + markup(id) + "</code>");
  for (const std::string& name : finding.endpoints) endpoints.push_back("<code>" + markup(name) + "</code>");
  std::string out;
  if (!requirements.empty()) {
    out += fmt::format("<h4>{}</h4>\n", finding.severity == Severity::blocking ? "Breaks" : "Concerns");
    out += list(requirements, "ul class=\"chips\"");
  }
  if (endpoints.size() > 6) {
    return out + fmt::format("<details><summary>{}</summary>\n{}</details>\n",
                             counted(endpoints.size(), "endpoint"), list(endpoints, "ul class=\"chips\""));
  }
  return out + (endpoints.empty() ? "" : "<h4>Endpoints</h4>\n" + list(endpoints, "ul class=\"chips\""));
}

}  // namespace

std::string html_findings(const Page& page) {
  std::string out = "<section id=\"findings\">\n<h2>Findings</h2>\n";
  if (page.report.findings.empty()) out += "<p>Nothing is broken as far as could be tested.</p>\n";
  std::size_t number = 0;
  for (const Finding& finding : page.report.findings) {
    out += fmt::format("<article id=\"f{0}\" class=\"finding {1}\" aria-labelledby=\"t{0}\">\n", ++number,
                       name_of(finding.severity));
    out += fmt::format("<h3 id=\"t{0}\"><span class=\"number\">{0}</span> {1}</h3>\n", number,
                       markup(finding.title));
    out += fmt::format(
        "<p class=\"tags\"><span class=\"tag {0}\">{0}</span> <span class=\"tag\">{1}</span> "
        "<code>{2}</code></p>\n",
        name_of(finding.severity), name_of(finding.confidence), markup(finding.cause));
    out += evidence(page, finding) + fix(finding) + alternatives(finding) + hits(finding) + "</article>\n";
  }
  return out + "</section>\n";
}

}  // namespace amlnet
