// The documentation map: which section of which document asks for what, and how that ended; and what the node
// is.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

#include "reports/headline.h"
#include "reports/html/page.h"
#include "reports/markup.h"

namespace amlnet {
namespace {

using Rows = std::vector<const RequirementReport*>;

struct Section {
  std::string name, url;
  Rows rows;
};

struct Document {
  std::string title, date, url;
  std::vector<Section> sections;
};

/// Documents and sections in the order in which requirements name them.
std::vector<Document> documents_of(const Report& report) {
  std::vector<Document> documents;
  std::map<std::string, std::size_t> places;
  std::map<std::pair<std::size_t, std::string>, std::size_t> sections;
  for (const RequirementReport& requirement : report.requirements) {
    for (const DocReference& doc : requirement.docs) {
      const auto [found, fresh] = places.emplace(doc.document, documents.size());
      if (fresh) documents.push_back({doc.document, doc.date, doc.url, {}});
      Document& document = documents[found->second];
      document.date = std::max(document.date, doc.date);
      const auto [section, first] =
          sections.emplace(std::pair(found->second, doc.section), document.sections.size());
      if (first) document.sections.push_back({doc.section, doc.url, {}});
      document.sections[section->second].rows.push_back(&requirement);
    }
  }
  return documents;
}

std::string tally(const Document& document) {
  std::size_t count = 0, pass = 0, fail = 0;
  for (const Section& section : document.sections) {
    for (const RequirementReport* row : section.rows) {
      ++count;
      pass += row->status == Status::pass;
      fail += row->status == Status::fail;
    }
  }
  std::string out = fmt::format("{}: {} pass", counted(count, "requirement"), pass);
  return fail > 0 ? out + fmt::format(", <span class=\"bad\">{} fail</span>", fail) : out;
}

std::string chip(const RequirementReport& row) {
  const std::string_view word = row.unknown_because ? name_of(*row.unknown_because) : name_of(row.status);
  return fmt::format("<li>{} <code>{}</code></li>", status_badge(row.status, word), markup(row.id));
}

std::string document_html(const Document& document) {
  const bool failing = std::ranges::any_of(document.sections, [](const Section& section) {
    return std::ranges::any_of(section.rows, [](const auto* row) { return row->status == Status::fail; });
  });
  std::string out =
      fmt::format("<details{}><summary>{}{}, {}</summary>\n", failing ? " open" : "",
                  markup(document.title.empty() ? "no document" : document.title),
                  document.date.empty() ? "" : markup(" (" + document.date + ")"), tally(document));
  for (const Section& section : document.sections) {
    out += fmt::format("<h3>{}</h3>\n<ul class=\"chips\">",
                       web_link(section.name.empty() ? "The document" : section.name, section.url));
    for (const RequirementReport* row : section.rows) out += chip(*row);
    out += "</ul>\n";
  }
  return out + "</details>\n";
}

std::string fact(std::string_view label, const std::string& value) {
  return value.empty() ? "" : fmt::format("<dt>{}</dt><dd>{}</dd>", markup(label), markup(value));
}

}  // namespace

std::string html_documents(const Page& page) {
  std::string out = "<section id=\"documentation\">\n<h2>Documentation</h2>\n";
  for (const Document& document : documents_of(page.report)) out += document_html(document);
  std::string live;
  for (const std::string& line : live_lines(page.report, true)) live += "<li>" + markup(line) + "</li>\n";
  if (!live.empty()) out += "<h3>The workspace's own list</h3>\n<ul>\n" + live + "</ul>\n";
  return out + "</section>\n";
}

std::string html_node(const Page& page) {
  const Report& report = page.report;
  std::string out = "<section id=\"node\">\n<h2>Node and run</h2>\n<dl>";
  out += fact("host", report.node.hostname) + fact("system", report.node.os) +
         fact("kernel", report.node.kernel);
  out += fact("region", report.node.region) + fact("size", report.node.vm_size);
  out += fact("addresses", joined(report.node.interfaces, ", "));
  out += fact("nameservers", joined(report.node.resolvers, ", "));
  out += fact("search domains", joined(report.node.search_domains, ", "));
  for (const auto& [variable, value] : report.node.proxy) out += fact(variable, value);
  if (report.node.clock_offset_ms)
    out += fact("clock", fmt::format("{:.1f} s ahead", *report.node.clock_offset_ms / 1000));
  out += fact("run", report.run.id + ", " + report.run.started + " to " + report.run.finished);
  out += fact("catalog", report.tool.catalog_version + ", " + report.tool.catalog_sha256);
  out += "</dl>\n<details><summary>The workspace as used</summary>\n<pre>";
  std::string workspace =
      report.workspace->dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  for (std::size_t from = 0; from <= workspace.size();) {
    const std::size_t end = std::min(workspace.find('\n', from), workspace.size());
    out += markup(std::string_view(workspace).substr(from, end - from)) + '\n';
    from = end + 1;
  }
  return out + "</pre></details>\n</section>\n";
}

}  // namespace amlnet
