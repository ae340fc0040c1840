// Every requirement with its endpoints and what each stage saw. What failed stands first; the filters above
// the table work with scripts only and are hidden without.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/cells.h"
#include "reports/headline.h"
#include "reports/html/page.h"
#include "reports/markup.h"
#include "reports/stages.h"

namespace amlnet {
namespace {

constexpr std::array kStages{ProbeKind::dns, ProbeKind::tcp, ProbeKind::tls, ProbeKind::http};

constexpr std::string_view kTools =
    "<form id=\"tools\" hidden>\n"
    "<label>Search <input type=\"search\" id=\"search\" autocomplete=\"off\" spellcheck=\"false\"></label>\n"
    "<label>Level <select id=\"level\"><option value=\"\">all</option><option>required</option>"
    "<option>recommended</option><option>optional</option></select></label>\n"
    "<fieldset><legend>Status</legend>"
    "<label><input type=\"checkbox\" name=\"status\" value=\"bad\" checked> fail</label> "
    "<label><input type=\"checkbox\" name=\"status\" value=\"open\" checked> unknown</label> "
    "<label><input type=\"checkbox\" name=\"status\" value=\"ok\" checked> pass</label> "
    "<label><input type=\"checkbox\" name=\"status\" value=\"none\" checked> skipped</label></fieldset>\n"
    "<p id=\"shown\" role=\"status\"></p>\n</form>\n";

std::string cell_html(const Cell& cell) {
  if (cell.text.empty()) return "<td>";
  return fmt::format("<td class={}>{}", class_of(cell.status), markup(cell.text));
}

std::string row_head(const RequirementReport& requirement, Status status, std::optional<Unknown> because) {
  const std::string_view word = because ? name_of(*because) : name_of(status);
  return fmt::format("<tr class={} data-level={}><td>{}<th scope=row><code>{}</code> {}<td>{}",
                     class_of(status), name_of(requirement.level), status_badge(status, word),
                     markup(requirement.id), markup(requirement.title), name_of(requirement.level));
}

std::string endpoint_row(const Page& page, const RequirementReport& requirement,
                         const EndpointReport& endpoint) {
  const std::vector<const ProbeRecord*> probes = probes_of(endpoint, page.index);
  const Finding* finding = finding_of(page.report, endpoint, page.index);
  const std::string_view cause = finding ? std::string_view(finding->cause) : "";
  std::string out = row_head(requirement, endpoint.status, endpoint.unknown_because);
  out += "<td>" + markup(endpoint_name(endpoint.host, endpoint.port));
  for (const ProbeKind stage : kStages) {
    Cell cell = cell_of(probes, stage, cause);
    if (stage == ProbeKind::tcp && cell.text.empty()) cell = cell_of(probes, ProbeKind::udp, cause);
    // Silence where silence is no verdict.
    if (endpoint.status == Status::unknown && cell.status == Status::fail) cell.status = Status::unknown;
    out += cell_html(cell);
  }
  return out + "<td>" + finding_link(page, finding) + "\n";
}

std::string reason_row(const RequirementReport& requirement) {
  return row_head(requirement, requirement.status, requirement.unknown_because) +
         fmt::format("<td colspan=5>{}<td>\n", markup(requirement.because));
}

/// Failures, then what is open, what passes, what cannot be tested, what does not apply.
int rank(Status status, std::optional<Unknown> because) {
  if (status == Status::fail) return 0;
  if (status == Status::unknown) return because == Unknown::not_testable ? 3 : 1;
  return status == Status::pass ? 2 : 4;
}

struct RankedRow {
  int rank;
  std::string text;
};

std::vector<RankedRow> rows_of(const Page& page) {
  std::vector<RankedRow> rows;
  for (const RequirementReport& requirement : page.report.requirements) {
    const int whole = rank(requirement.status, requirement.unknown_because);
    if (requirement.endpoints.empty() || requirement.status == Status::skipped) {
      rows.push_back({whole, reason_row(requirement)});
      continue;
    }
    for (const EndpointReport& endpoint : requirement.endpoints)
      rows.push_back(
          {rank(endpoint.status, endpoint.unknown_because), endpoint_row(page, requirement, endpoint)});
  }
  std::ranges::stable_sort(rows, {}, &RankedRow::rank);
  return rows;
}

}  // namespace

std::string html_matrix(const Page& page) {
  std::string out = "<section id=\"requirements\">\n<h2>Requirements</h2>\n";
  out += kTools;
  out += "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of requirements\">\n";
  out +=
      "<table id=\"matrix\"><thead><tr><th scope=col>Status<th scope=col>Requirement<th scope=col>Level"
      "<th scope=col>Endpoint<th scope=col>DNS<th scope=col>TCP, UDP<th scope=col>TLS<th scope=col>HTTP"
      "<th scope=col>Finding</thead>\n<tbody>\n";
  for (const RankedRow& row : rows_of(page)) out += row.text;
  return out + "</tbody></table>\n</div>\n</section>\n";
}

}  // namespace amlnet
