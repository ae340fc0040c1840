#include "reports/markdown.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/cells.h"
#include "reports/headline.h"
#include "reports/lookup.h"
#include "reports/markup.h"
#include "reports/stages.h"
#include "reports/text.h"

namespace amlnet {
namespace {

constexpr std::size_t kMostRows = 200;

/// Any text as running text: nothing in it is taken for markup, a link, a mention or HTML.
std::string plain(std::string_view text) {
  constexpr std::string_view kSpecial = "\\`*_[]<>#|~&@$";
  std::string out;
  for (const char c : escaped(text)) {
    if (kSpecial.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// The longest run of backticks in `text`.
std::size_t backticks(std::string_view text) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

/// A name or an address. In a table a pipe would end the cell even here.
std::string code(std::string_view text) {
  std::string safe = escaped(text);
  for (std::size_t at = 0; (at = safe.find('|', at)) != std::string::npos; at += 4)
    safe.replace(at, 1, "\\x7c");
  if (safe.empty()) return "";
  const std::string fence(backticks(safe) + 1, '`');
  const std::string_view gap = fence.size() > 1 ? " " : "";  // else a backtick at an end would join the fence
  return fmt::format("{0}{1}{2}{1}{0}", fence, gap, safe);
}

std::string block(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += escaped(line) + '\n';
  const std::string fence(std::max<std::size_t>(backticks(text) + 1, 3), '`');
  return fmt::format("{0}text\n{1}{0}\n", fence, text);
}

std::string link(const std::string& title, const std::string& url) {
  return is_web_address(url) ? fmt::format("[{}](<{}>)", plain(title.empty() ? url : title), url)
                             : plain(title + " " + url);
}

std::string parts_line(const std::vector<std::string>& parts) {
  std::vector<std::string> shown;
  for (const std::string& part : parts) {
    if (!part.empty()) shown.push_back(plain(part));
  }
  return joined(shown, " · ");
}

std::string finding_section(const Finding& finding, std::size_t number) {
  std::string out = fmt::format("### {}. {}\n\n", number, plain(finding.title));
  out += fmt::format("**{}**, {} · {}", name_of(finding.severity), name_of(finding.confidence),
                     code(finding.cause));
  std::vector<std::string> ids;
  for (const std::string& id : finding.requirements) ids.push_back(code(id));
  if (!ids.empty()) {
    out += finding.severity == Severity::blocking ? " · breaks " : " · concerns ";
    out += joined(ids, ", ");
  }
  out += "\n\n";
  std::vector<std::string> facts;
  for (const EvidenceLine& line : finding.evidence) facts.push_back(line.text);
  if (!facts.empty()) out += block(facts) + '\n';
  for (const Alternative& other : finding.alternatives)
    out += fmt::format("Or {}: {}\n\n", code(other.cause), plain(other.text));
  if (!finding.fix.summary.empty()) out += fmt::format("**Fix:** {}\n\n", plain(finding.fix.summary));
  for (const std::string& step : finding.fix.steps) out += "- " + plain(step) + '\n';
  if (!finding.fix.steps.empty()) out += '\n';
  std::vector<std::string> docs;
  for (const DocLink& doc : finding.fix.docs) docs.push_back(link(doc.title, doc.url));
  if (!docs.empty()) out += fmt::format("**Docs:** {}\n\n", joined(docs, "; "));
  return out;
}

/// What one table of the requirements needs.
struct Table {
  const Report& report;
  const ReportIndex& index;
  bool all;
  std::string rows;
  std::size_t count = 0, left_out = 0;

  void add(std::string row) {
    if (++count > kMostRows && !all)
      ++left_out;
    else
      rows += std::move(row);
  }
};

std::string status_words(Status status, std::optional<Unknown> because) {
  if (status == Status::fail) return "**fail**";
  return because ? fmt::format("{}", name_of(*because)) : std::string(name_of(status));
}

std::string endpoint_row(const Table& table, const RequirementReport& requirement,
                         const EndpointReport& endpoint) {
  const std::vector<const ProbeRecord*> probes = probes_of(endpoint, table.index);
  const Finding* finding = finding_of(table.report, endpoint, table.index);
  std::string row = fmt::format(
      "| {} | {} | {} | {} |", status_words(endpoint.status, endpoint.unknown_because), code(requirement.id),
      name_of(requirement.level), code(endpoint_name(endpoint.host, endpoint.port)));
  for (const Cell& cell : cells_of(probes, finding ? std::string_view(finding->cause) : ""))
    row += fmt::format(" {} |", plain(cell.text));
  return row + fmt::format(" {} |\n", finding ? std::to_string(number_of(table.report, *finding)) : "");
}

std::string reason_row(const RequirementReport& requirement) {
  return fmt::format("| {} | {} | {} | {} | | | | | |\n",
                     status_words(requirement.status, requirement.unknown_because), code(requirement.id),
                     name_of(requirement.level), plain(requirement.because));
}

void add_rows(Table& table, const RequirementReport& requirement) {
  const auto wanted = [&](Status status, std::optional<Unknown> because) {
    return table.all || stands_out(status, because);
  };
  if (!wanted(requirement.status, requirement.unknown_because)) return;
  bool any = false;
  for (const EndpointReport& endpoint : requirement.endpoints) {
    if (!table.all && is_spare(table.report, endpoint, table.index)) continue;
    if (!wanted(endpoint.status, endpoint.unknown_because)) continue;
    table.add(endpoint_row(table, requirement, endpoint));
    any = true;
  }
  if (!any) table.add(reason_row(requirement));
}

std::string table_section(const Report& report, bool all) {
  const ReportIndex index = index_of(report);
  Table table{report, index, all, "", 0, 0};
  for (const RequirementReport& requirement : report.requirements) add_rows(table, requirement);
  if (table.rows.empty()) return "";
  std::string out =
      fmt::format("<details><summary>{}</summary>\n\n", all ? "All that was checked" : "What did not pass");
  out += "| status | requirement | level | endpoint | dns | tcp | tls | http | finding |\n";
  out += "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n" + table.rows;
  if (table.left_out > 0) out += fmt::format("\n{} more rows in the JSON report.\n", table.left_out);
  return out + "\n</details>\n\n";
}

std::string live_section(const Report& report) {
  std::string out;
  for (const std::string& line : live_lines(report, true)) out += "- " + plain(line) + "\n";
  return out.empty() ? "" : "### The workspace's own list\n\n" + out + "\n";
}

std::string node_section(const Report& report) {
  std::vector<std::string> lines{"host        " + report.node.hostname, "system      " + report.node.os,
                                 "kernel      " + report.node.kernel, "region      " + report.node.region,
                                 "size        " + report.node.vm_size};
  lines.push_back("addresses   " + joined(report.node.interfaces, ", "));
  lines.push_back("resolvers   " + joined(report.node.resolvers, ", "));
  lines.push_back("search      " + joined(report.node.search_domains, ", "));
  for (const auto& [variable, value] : report.node.proxy) lines.push_back(variable + "=" + value);
  lines.push_back("run         " + report.run.id + ", began " + report.run.started);
  lines.push_back("amlnet      " + report.tool.version + ", catalog " + report.tool.catalog_version);
  return "<details><summary>Node and run</summary>\n\n" + block(lines) + "\n</details>\n";
}

}  // namespace

std::string markdown_report(const Report& report, bool all) {
  std::string out = fmt::format("## {}: amlnet on {}\n\n", verdict_word(report.summary.verdict),
                                plain(report.node.hostname.empty() ? "a node" : report.node.hostname));
  out += parts_line(verdict_parts(report)) + "\n\n";
  out += parts_line(place_parts(report)) + "  \n" + parts_line(workspace_parts(report)) + "  \n";
  out += fmt::format("amlnet {} · documentation of {} · {}\n\n", plain(report.tool.version),
                     plain(report.tool.catalog_date), plain(report.run.started));
  std::size_t number = 0;
  for (const Finding& finding : report.findings) {
    ++number;
    if (all || !is_of_spares(report, finding)) out += finding_section(finding, number);
  }
  return out + table_section(report, all) + live_section(report) + node_section(report);
}

}  // namespace amlnet
