// The table of what was checked: a row for each endpoint that did not pass, with what each stage saw, and
// counts of the rest. Names are cut here to fit the terminal; findings have them whole.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "reports/human_parts.h"
#include "reports/text.h"

namespace amlnet {
namespace {

constexpr std::array kStages{ProbeKind::dns, ProbeKind::tcp, ProbeKind::tls, ProbeKind::http};
constexpr std::size_t kMostRows = 25;  // of a level, unless all are asked for

struct Row {
  Status status = Status::unknown;
  std::string title, host, port;  // the port only where it is not 443
  std::array<Cell, kStages.size()> cells;
  std::string finding;  // "1"
  std::string note;     // in place of endpoint and cells
};

struct Widths {
  int title = 0, endpoint = 0;
  std::array<int, kStages.size()> cells{};
};

/// What rows look up in the report.
struct Index {
  std::map<std::string_view, const ProbeRecord*> probes;
  std::map<std::string_view, std::pair<std::size_t, const Finding*>> findings;
};

Index index_of(const Report& report) {
  Index index;
  for (const ProbeRecord& probe : report.probes) index.probes.emplace(probe.id, &probe);
  std::size_t number = 0;
  for (const Finding& finding : report.findings)
    index.findings.emplace(finding.id, std::pair(++number, &finding));
  return index;
}

Row endpoint_row(const EndpointReport& endpoint, const Index& index, const Style& style) {
  Row row;
  row.status = endpoint.status;
  row.host = style.safe(endpoint.host);
  if (endpoint.port != 443) row.port = fmt::format(":{}", endpoint.port);
  std::vector<const ProbeRecord*> probes;
  for (const std::string& id : endpoint.probes) {
    if (const auto found = index.probes.find(id); found != index.probes.end())
      probes.push_back(found->second);
  }
  std::string_view cause;
  if (const auto found = index.findings.find(endpoint.finding); found != index.findings.end()) {
    row.finding = std::to_string(found->second.first);
    cause = found->second.second->cause;
  }
  for (std::size_t i = 0; i < kStages.size(); ++i) row.cells[i] = cell_of(probes, kStages[i], cause);
  if (row.cells[1].text.empty()) row.cells[1] = cell_of(probes, ProbeKind::udp, cause);
  for (Cell& cell : row.cells) {
    if (cell.status == Status::pass) cell.text = std::string(style.mark(Status::pass)) + ' ' + cell.text;
  }
  return row;
}

bool wanted(Status status, std::optional<Unknown> because, bool all) {
  if (all) return true;
  return status == Status::fail || (status == Status::unknown && because != Unknown::not_testable);
}

/// The rows of one requirement; a requirement without endpoints to show has one with its reason.
std::vector<Row> rows_of(const RequirementReport& requirement, const Index& index, const Style& style) {
  if (!wanted(requirement.status, requirement.unknown_because, style.options.all)) return {};
  std::vector<Row> rows;
  for (const EndpointReport& endpoint : requirement.endpoints) {
    if (wanted(endpoint.status, endpoint.unknown_because, style.options.all)) {
      rows.push_back(endpoint_row(endpoint, index, style));
    }
  }
  const bool bare = rows.empty() || requirement.status == Status::skipped;
  if (bare) {
    rows.assign(1, Row{});
    rows.front().status = requirement.status;
    rows.front().note = requirement.because;
    if (requirement.unknown_because) {
      rows.front().note = fmt::format("{}: {}", name_of(*requirement.unknown_because), requirement.because);
    }
  }
  rows.front().title = style.safe(requirement.title.empty() ? requirement.id : requirement.title);
  return rows;
}

Widths widths_of(const std::vector<Row>& rows, int width) {
  Widths widths;
  int cells = 3 + 4;  // the mark before, the finding after
  for (std::size_t i = 0; i < kStages.size(); ++i) {
    widths.cells[i] = display_width(name_of(kStages[i]));
    for (const Row& row : rows) widths.cells[i] = std::max(widths.cells[i], display_width(row.cells[i].text));
    widths.cells[i] += 2;
    cells += widths.cells[i];
  }
  for (const Row& row : rows) {
    widths.title = std::max(widths.title, display_width(row.title) + 2);
    widths.endpoint = std::max(widths.endpoint, display_width(row.host + row.port) + 2);
  }
  const int room = std::max(width - cells, 16);
  if (widths.title + widths.endpoint > room) {
    widths.title = std::min(widths.title, std::max(room * 2 / 5, room - widths.endpoint));
    widths.endpoint = std::min(widths.endpoint, room - widths.title);
  }
  return widths;
}

std::string fitted(std::string_view text, int width, const Style& style) {
  return padded(shortened(text, width - 2, style.ellipsis()), width);
}

std::string without_end(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::string row_line(const Row& row, const Widths& widths, const Style& style) {
  std::string line = fmt::format(" {} ", style.paint(color_of(row.status), style.mark(row.status)));
  if (!row.note.empty()) {
    const std::string first = "   " + row.title + "  ";
    return line + style.paragraph(first, row.note, style.prose()).substr(3);
  }
  const int host_width = widths.endpoint - display_width(row.port);
  const std::string host = shortened(row.host, host_width - 2, style.ellipsis());
  line += fitted(row.title, widths.title, style) + padded(host + row.port, widths.endpoint);
  for (std::size_t i = 0; i < kStages.size(); ++i) {
    const std::string cell = padded(row.cells[i].text, widths.cells[i]);
    line += style.paint(row.cells[i].status == Status::fail ? Color::red : Color::none, cell);
  }
  return without_end(line + row.finding);
}

std::string head_line(Level level, const Widths& widths, bool stages, const Style& style) {
  std::string line = fmt::format(" {}", name_of(level));
  if (stages) line = padded(line, 3 + widths.title + widths.endpoint);
  for (std::size_t i = 0; stages && i < kStages.size(); ++i)
    line += padded(name_of(kStages[i]), widths.cells[i]);
  line.erase(line.find_last_not_of(' ') + 1);
  return style.paint(Color::dim, line) + '\n';
}

/// " ✓ 38 more pass · 3 not testable from here · 1 skipped", of what has no row.
std::string rest_line(const Report& report, bool rows_shown, const Style& style) {
  std::size_t pass = 0, untestable = 0, skipped = 0;
  for (const RequirementReport& row : report.requirements) {
    pass += row.status == Status::pass;
    untestable += row.status == Status::unknown && row.unknown_because == Unknown::not_testable;
    skipped += row.status == Status::skipped;
  }
  std::vector<std::string> parts;
  if (pass > 0) parts.push_back(fmt::format("{} {}pass", pass, rows_shown ? "more " : ""));
  if (untestable > 0) parts.push_back(fmt::format("{} not testable from here", untestable));
  if (skipped > 0) parts.push_back(fmt::format("{} skipped", skipped));
  if (parts.empty()) return "";
  const Status status = pass > 0 ? Status::pass : Status::skipped;
  return fmt::format(" {} {}\n", style.paint(color_of(status), style.mark(status)),
                     joined(parts, style.dot()));
}

}  // namespace

std::string human_rows(const Report& report, const Style& style) {
  const Index index = index_of(report);
  std::array<std::vector<Row>, 3> levels;
  std::array<std::size_t, 3> left_out{};
  std::vector<Row> shown;
  for (const RequirementReport& requirement : report.requirements) {
    const auto level = static_cast<std::size_t>(requirement.level);
    for (Row& row : rows_of(requirement, index, style)) {
      if (!style.options.all && levels[level].size() == kMostRows) {
        ++left_out[level];
        continue;
      }
      shown.push_back(row);
      levels[level].push_back(std::move(row));
    }
  }
  const Widths widths = widths_of(shown, style.options.width);
  std::string out;
  for (std::size_t level = 0; level < levels.size(); ++level) {
    if (levels[level].empty()) continue;
    out += head_line(static_cast<Level>(level), widths, out.empty() && widths.endpoint > 2, style);
    for (const Row& row : levels[level]) out += row_line(row, widths, style);
    if (left_out[level] > 0) out += fmt::format("   {} more rows in the JSON report\n", left_out[level]);
  }
  if (!style.options.all) out += rest_line(report, !out.empty(), style);
  return out;
}

}  // namespace amlnet
