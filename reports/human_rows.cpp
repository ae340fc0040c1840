// The table of what was checked: a row for each endpoint that did not pass, with what each stage saw and the
// requirements that need it, and counts of the rest. Nothing is cut: where a row does not fit the terminal,
// what it is needed for moves to the next line, then the times of passing stages go, then the host gets a
// line of its own.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "reports/human_parts.h"
#include "reports/lookup.h"
#include "reports/stages.h"
#include "reports/text.h"

namespace amlnet {
namespace {

constexpr std::array kStages{ProbeKind::dns, ProbeKind::tcp, ProbeKind::tls, ProbeKind::http};
constexpr std::size_t kMostRows = 25;  // of a level, unless all are asked for
constexpr std::size_t kMostUses = 5;   // of a row
constexpr int kMark = 3;               // columns before a row's text
constexpr int kGap = 2;

struct Row {
  Status status = Status::unknown;
  std::string endpoint;  // the host, with the port where it is not 443
  std::array<Cell, kStages.size()> cells;
  std::string finding;                                         // "1"
  std::vector<std::pair<std::string, std::string>> needed_by;  // ids and titles of requirements
  std::string note;                                            // in place of endpoint and cells
};

/// Where the requirements of a row stand, and how much its cells say; from the widest to the narrowest.
struct Layout {
  bool beside;  // before the endpoint; else on lines below it
  bool titles;
  bool times;  // of stages that pass
};
constexpr std::array kLayouts{Layout{true, true, true}, Layout{true, false, true}, Layout{false, true, true},
                              Layout{false, true, false}};

struct Widths {
  int label = 0, endpoint = 0;
  std::array<int, kStages.size()> cells{};

  int cells_and_finding() const {
    int sum = 2;  // the finding's number
    for (const int cell : cells) sum += cell;
    return sum;
  }
  int total() const { return kMark + label + endpoint + cells_and_finding(); }
};

/// A failed alternative that fails no requirement.
bool is_spare(const Report& report, const EndpointReport& endpoint, const ReportIndex& index) {
  const Finding* finding = finding_of(report, endpoint, index);
  return endpoint.status == Status::fail && finding && finding->severity == Severity::info;
}

Row endpoint_row(const Report& report, const EndpointReport& endpoint, const ReportIndex& index,
                 const Style& style) {
  Row row;
  row.status = endpoint.status;
  row.endpoint =
      style.safe(endpoint.port == 443 ? endpoint.host : endpoint_name(endpoint.host, endpoint.port));
  const std::vector<const ProbeRecord*> probes = probes_of(endpoint, index);
  std::string_view cause;
  if (const Finding* finding = finding_of(report, endpoint, index)) {
    row.finding = std::to_string(finding - report.findings.data() + 1);
    cause = finding->cause;
  }
  for (std::size_t i = 0; i < kStages.size(); ++i) row.cells[i] = cell_of(probes, kStages[i], cause);
  if (row.cells[1].text.empty()) row.cells[1] = cell_of(probes, ProbeKind::udp, cause);
  return row;
}

bool wanted(Status status, std::optional<Unknown> because, bool all) {
  if (all) return true;
  return status == Status::fail || (status == Status::unknown && because != Unknown::not_testable);
}

/// Nothing of it could be probed; a finding lists the facts and what waits for them.
bool waits_for_facts(const RequirementReport& requirement) {
  return requirement.unknown_because == Unknown::not_known && requirement.endpoints.empty();
}

Row reason_row(const RequirementReport& requirement) {
  Row row;
  row.status = requirement.status;
  row.note = requirement.title.empty() ? "" : requirement.title + ": ";
  if (requirement.unknown_because) row.note += fmt::format("{}: ", name_of(*requirement.unknown_because));
  row.note += requirement.because;
  return row;
}

/// The rows of one requirement; a requirement without endpoints to show has one with its reason.
std::vector<Row> rows_of(const Report& report, const RequirementReport& requirement, const ReportIndex& index,
                         const Style& style) {
  if (!wanted(requirement.status, requirement.unknown_because, style.options.all)) return {};
  if (waits_for_facts(requirement) && !style.options.all) return {};
  std::vector<Row> rows;
  for (const EndpointReport& endpoint : requirement.endpoints) {
    if (!style.options.all && is_spare(report, endpoint, index)) continue;
    if (wanted(endpoint.status, endpoint.unknown_because, style.options.all)) {
      rows.push_back(endpoint_row(report, endpoint, index, style));
    }
  }
  if (rows.empty() || requirement.status == Status::skipped) rows.assign(1, reason_row(requirement));
  for (Row& row : rows) row.needed_by.emplace_back(style.safe(requirement.id), style.safe(requirement.title));
  return rows;
}

bool same_endpoint(const Row& one, const Row& other) {
  return one.note.empty() && other.note.empty() && one.endpoint == other.endpoint &&
         one.status == other.status && one.finding == other.finding &&
         std::ranges::equal(one.cells, other.cells, {}, &Cell::text, &Cell::text);
}

/// Adds `row`; what several requirements need is one row.
void add_row(std::vector<Row>& rows, Row row) {
  const auto same = std::ranges::find_if(rows, [&](const Row& other) { return same_endpoint(row, other); });
  if (same == rows.end())
    rows.push_back(std::move(row));
  else
    std::ranges::move(row.needed_by, std::back_inserter(same->needed_by));
}

std::string label_of(const Row& row, const Layout& layout) {
  std::vector<std::string> labels;
  for (const auto& [id, title] : row.needed_by)
    labels.push_back(layout.titles && !title.empty() ? fmt::format("{}  {}", id, title) : id);
  return joined(labels, ", ");
}

std::string cell_text(const Cell& cell, const Layout& layout, const Style& style) {
  if (cell.status != Status::pass) return cell.text;
  std::string text(style.mark(Status::pass));
  if (layout.times) text += ' ' + cell.text;
  return text;
}

Widths widths_of(const std::vector<Row>& rows, const Layout& layout, const Style& style) {
  Widths widths;
  for (std::size_t i = 0; i < kStages.size(); ++i) {
    widths.cells[i] = display_width(name_of(kStages[i])) + kGap;
    for (const Row& row : rows)
      widths.cells[i] =
          std::max(widths.cells[i], display_width(cell_text(row.cells[i], layout, style)) + kGap);
  }
  for (const Row& row : rows) {
    if (!row.note.empty()) continue;
    if (layout.beside) widths.label = std::max(widths.label, display_width(label_of(row, layout)) + kGap);
    widths.endpoint = std::max(widths.endpoint, display_width(row.endpoint) + kGap);
  }
  return widths;
}

/// The first layout that fits; in the last one a host that is too long is given its own line.
std::pair<Layout, Widths> fitted(const std::vector<Row>& rows, const Style& style) {
  const int width = style.options.width;
  for (const Layout& layout : kLayouts) {
    const Widths widths = widths_of(rows, layout, style);
    if (widths.total() <= width) return {layout, widths};
  }
  Widths widths = widths_of(rows, kLayouts.back(), style);
  const int room = std::max(width - kMark - widths.cells_and_finding(), 0);
  widths.endpoint = 0;
  for (const Row& row : rows) {
    const int needed = display_width(row.endpoint) + kGap;
    if (needed <= room) widths.endpoint = std::max(widths.endpoint, needed);
  }
  return {kLayouts.back(), widths};
}

std::string without_end(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::string row_lines(const Row& row, const Layout& layout, const Widths& widths, const Style& style) {
  std::string line = fmt::format(" {} ", style.paint(color_of(row.status), style.mark(row.status)));
  if (!row.note.empty()) {
    const std::string first(kMark, ' ');
    return line + style.paragraph(first + row.needed_by.front().first + "  ", row.note, style.prose())
                      .substr(first.size());
  }
  if (layout.beside) line += padded(label_of(row, layout), widths.label);
  if (display_width(row.endpoint) + kGap <= widths.endpoint)
    line += padded(row.endpoint, widths.endpoint);
  else
    line += row.endpoint + '\n' + std::string(static_cast<std::size_t>(kMark + widths.endpoint), ' ');
  for (std::size_t i = 0; i < kStages.size(); ++i) {
    const std::string cell = padded(cell_text(row.cells[i], layout, style), widths.cells[i]);
    line += style.paint(row.cells[i].status == Status::fail ? Color::red : Color::none, cell);
  }
  line = without_end(line + row.finding);
  if (layout.beside) return line;
  const std::size_t shown =
      style.options.all ? row.needed_by.size() : std::min(row.needed_by.size(), kMostUses);
  for (const auto& [id, title] : std::span(row.needed_by).first(shown))
    line += style.paragraph("     " + id + "  ", title, style.prose());
  if (shown < row.needed_by.size()) line += fmt::format("     and {} more\n", row.needed_by.size() - shown);
  return line;
}

std::string head_line(Level level, const Widths& widths, bool stages, const Style& style) {
  std::string line = fmt::format(" {}", name_of(level));
  if (stages) line = padded(line, kMark + widths.label + widths.endpoint);
  for (std::size_t i = 0; stages && i < kStages.size(); ++i)
    line += padded(name_of(kStages[i]), widths.cells[i]);
  line.erase(line.find_last_not_of(' ') + 1);
  return style.paint(Color::dim, line) + '\n';
}

/// " ✓ 38 more pass · 3 not testable from here · 1 skipped", of what has no row.
std::string rest_line(const Report& report, bool rows_shown, const Style& style) {
  std::size_t pass = 0, lacking = 0, untestable = 0, skipped = 0;
  for (const RequirementReport& row : report.requirements) {
    pass += row.status == Status::pass;
    untestable += row.status == Status::unknown && row.unknown_because == Unknown::not_testable;
    skipped += row.status == Status::skipped;
    lacking += waits_for_facts(row);
  }
  std::vector<std::string> parts;
  if (pass > 0) parts.push_back(fmt::format("{} {}pass", pass, rows_shown ? "more " : ""));
  if (lacking > 0) parts.push_back(fmt::format("{} unknown for want of facts", lacking));
  if (untestable > 0) parts.push_back(fmt::format("{} not testable from here", untestable));
  if (skipped > 0) parts.push_back(fmt::format("{} skipped", skipped));
  if (parts.empty()) return "";
  const Status status = pass > 0 ? Status::pass : lacking > 0 ? Status::unknown : Status::skipped;
  const std::string mark(style.mark(status));
  const std::string line = style.list(' ' + mark + ' ', parts, style.prose());
  return ' ' + style.paint(color_of(status), mark) + line.substr(1 + mark.size());
}

}  // namespace

std::string human_rows(const Report& report, const Style& style) {
  const ReportIndex index = index_of(report);
  std::array<std::vector<Row>, 3> levels;
  for (const RequirementReport& requirement : report.requirements) {
    for (Row& row : rows_of(report, requirement, index, style))
      add_row(levels[static_cast<std::size_t>(requirement.level)], std::move(row));
  }
  std::array<std::size_t, 3> left_out{};
  std::vector<Row> shown;
  for (std::size_t level = 0; level < levels.size(); ++level) {
    std::vector<Row>& rows = levels[level];
    if (!style.options.all && rows.size() > kMostRows) {
      left_out[level] = rows.size() - kMostRows;
      rows.resize(kMostRows);
    }
    shown.insert(shown.end(), rows.begin(), rows.end());
  }
  const auto& [layout, widths] = fitted(shown, style);
  const bool stages = std::ranges::any_of(shown, [](const Row& row) { return row.note.empty(); });
  std::string out;
  for (std::size_t level = 0; level < levels.size(); ++level) {
    if (levels[level].empty()) continue;
    out += head_line(static_cast<Level>(level), widths, out.empty() && stages, style);
    for (const Row& row : levels[level]) out += row_lines(row, layout, widths, style);
    if (left_out[level] > 0) out += fmt::format("   {} more rows in the JSON report\n", left_out[level]);
  }
  if (!style.options.all) out += rest_line(report, !out.empty(), style);
  return out;
}

}  // namespace amlnet
