// What the probes saw: in full where something failed or a finding quotes it, a row for the rest.
#include <fmt/format.h>

#include <algorithm>

#include "reports/cells.h"
#include "reports/headline.h"
#include "reports/html/evidence_rows.h"
#include "reports/html/page.h"
#include "reports/markup.h"

namespace amlnet {
namespace {

/// A control is there to fail or not: how it ended is neither good nor bad.
std::string summary_text(const ProbeRecord& probe) {
  std::string out = fmt::format("{} {} {}", markup(probe.id), name_of(probe.kind), markup(probe.target));
  if (probe.purpose == Purpose::requirement) {
    out += fmt::format(" <span class=\"{}\">{}</span>", probe.status == ProbeStatus::ok ? "ok" : "bad",
                       name_of(probe.status));
  } else {
    out +=
        fmt::format(" {}, {}", name_of(probe.status),
                    markup(probe.control.empty() ? name_of(probe.purpose) : std::string_view(probe.control)));
  }
  return out + " " + markup(duration_text(probe.duration_ms));
}

std::string in_full(const Page& page, const ProbeRecord& probe, std::size_t number) {
  std::string out =
      fmt::format("<details id=\"p{}\"><summary>{}</summary>\n<dl>", number, summary_text(probe));
  for (const auto& [label, values] : evidence_rows(probe, page.report.certificates)) {
    out += fmt::format("<dt>{}</dt>", markup(label));
    for (const std::string& value : values) out += fmt::format("<dd>{}</dd>", markup(value));
  }
  return out + "</dl></details>\n";
}

std::string row(const Page& page, const ProbeRecord& probe) {
  return fmt::format("<tr><td>{}<td>{}<td>{}<td>{:.1f}<td>{:.1f}<td>{}<td>{}\n", markup(probe.id),
                     name_of(probe.kind), markup(probe.target), probe.start_ms, probe.duration_ms,
                     name_of(probe.status), markup(evidence_in_short(probe, page.report.certificates)));
}

}  // namespace

std::string html_evidence(const Page& page) {
  std::string full, rows;
  std::size_t count = 0;
  for (const ProbeRecord& probe : page.report.probes) {
    if (const auto shown = page.in_full.find(&probe); shown != page.in_full.end()) {
      full += in_full(page, probe, shown->second);
      continue;
    }
    rows += row(page, probe);
    ++count;
  }
  std::string out = "<section id=\"evidence\">\n<h2>Evidence</h2>\n";
  if (!full.empty()) out += "<p>Probes that failed, or that a finding quotes.</p>\n" + full;
  if (count == 0) return out + "</section>\n";
  out += fmt::format("<details class=\"rows\"><summary>{}</summary>\n",
                     counted(count, full.empty() ? "probe" : "other probe"));
  out +=
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of probes\"><table><thead><tr>"
      "<th scope=col>Probe<th scope=col>Kind<th scope=col>Target<th scope=col>Start, ms<th scope=col>Took, ms"
      "<th scope=col>Status<th scope=col>Saw</thead>\n<tbody>\n";
  return out + rows + "</tbody></table></div></details>\n</section>\n";
}

}  // namespace amlnet
