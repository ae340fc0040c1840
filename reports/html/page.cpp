// The page is put together here. Its policy allows exactly this style and this script by their hashes, so
// that markup that slipped through escaping could still load and run nothing.
#include "reports/html/page.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>
#include <set>

#include "reports/headline.h"
#include "reports/html.h"
#include "reports/html/assets.h"
#include "reports/markup.h"
#include "reports/model/base64.h"

namespace amlnet {
namespace {

// Beyond it a probe has a row only: a page must open even where everything failed.
constexpr std::size_t kMostInFull = 400;

/// A source expression of Content Security Policy level 2.
std::string hash_source(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
  return "'sha256-" + base64_encoded(bytes) + "'";
}

std::string parts(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!word.empty()) out += fmt::format("<li>{}</li>", markup(word));
  }
  return out;
}

std::string banner(const Report& report) {
  std::vector<std::string> tool{"amlnet " + report.tool.version};
  if (!report.tool.catalog_date.empty()) tool.push_back("documentation of " + report.tool.catalog_date);
  tool.push_back(report.run.started);
  std::string out = "<a class=\"skip\" href=\"#findings\">Skip to the findings</a>\n";
  out += fmt::format("<header class=\"{}\">\n<h1><span class=\"verdict\">{}</span> {}</h1>\n",
                     name_of(report.summary.verdict), verdict_word(report.summary.verdict),
                     markup(report.node.hostname.empty() ? "this node" : report.node.hostname));
  out += fmt::format("<ul class=\"parts lead\">{}</ul>\n", parts(verdict_parts(report)));
  out += fmt::format("<ul class=\"parts\">{}{}</ul>\n", parts(place_parts(report)),
                     parts(workspace_parts(report)));
  return out + fmt::format("<ul class=\"parts\">{}</ul>\n</header>\n", parts(tool));
}

constexpr std::string_view kContents =
    "<nav aria-label=\"Contents\"><ul><li><a href=\"#path\">Path</a></li><li><a "
    "href=\"#findings\">Findings</a></li>"
    "<li><a href=\"#requirements\">Requirements</a></li><li><a href=\"#timeline\">Timeline</a></li>"
    "<li><a href=\"#evidence\">Evidence</a></li><li><a href=\"#documentation\">Documentation</a></li>"
    "<li><a href=\"#node\">Node</a></li></ul></nav>\n";

}  // namespace

std::string page_head(std::string_view title) {
  const std::string policy = "default-src 'none'; style-src " + hash_source(html_style()) + "; script-src " +
                             hash_source(html_script()) + "; base-uri 'none'; form-action 'none'";
  std::string out = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += fmt::format("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n", policy);
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += "<meta name=\"referrer\" content=\"no-referrer\">\n";
  out += fmt::format("<title>{} · amlnet</title>\n", markup(title));
  return out + fmt::format("<style>{}</style>\n</head>\n", html_style());
}

Page page_of(const Report& report) {
  Page page{report, index_of(report), {}};
  const auto take = [&](const std::string& id) {
    const auto found = page.index.probes.find(id);
    if (found != page.index.probes.end() && page.in_full.size() < kMostInFull)
      page.in_full.try_emplace(found->second, page.in_full.size());
  };
  for (const Finding& finding : report.findings) {
    for (const EvidenceLine& line : finding.evidence) take(line.probe);
  }
  for (const RequirementReport& requirement : report.requirements) {
    for (const EndpointReport& endpoint : requirement.endpoints) {
      if (endpoint.status != Status::fail) continue;
      for (const std::string& id : endpoint.probes) take(id);
    }
  }
  for (const ProbeRecord& probe : report.probes) {
    if (probe.status == ProbeStatus::failed || probe.status == ProbeStatus::unfinished) take(probe.id);
  }
  return page;
}

std::string probe_anchor(const Page& page, std::string_view id) {
  const auto found = page.index.probes.find(id);
  if (found == page.index.probes.end()) return "";
  const auto shown = page.in_full.find(found->second);
  return shown == page.in_full.end() ? "" : fmt::format("#p{}", shown->second);
}

std::string finding_link(const Page& page, const Finding* finding) {
  if (!finding) return "";
  return fmt::format("<a href=\"#f{0}\" aria-label=\"Finding {0}\">{0}</a>",
                     number_of(page.report, *finding));
}

std::string web_link(std::string_view title, std::string_view url) {
  if (!is_web_address(url)) return markup(std::string(title) + (url.empty() ? "" : " ") + std::string(url));
  return fmt::format("<a href=\"{}\" rel=\"noopener noreferrer\">{}</a>", markup(url),
                     markup(title.empty() ? url : title));
}

std::string status_badge(Status status, std::string_view word) {
  return fmt::format("<span class=\"badge {}\"><span aria-hidden=\"true\">{}</span> {}</span>",
                     class_of(status), sign_of(status), word);
}

std::string_view sign_of(Status status) {
  constexpr std::array kSigns{"✓", "✗", "?", "–"};
  return kSigns[static_cast<std::size_t>(status)];
}

std::string_view class_of(Status status) {
  constexpr std::array kClasses{"ok", "bad", "open", "none"};
  return kClasses[static_cast<std::size_t>(status)];
}

std::string duration_text(double ms) {
  if (ms < 1) return "<1 ms";
  return ms < 1000 ? fmt::format("{:.0f} ms", ms) : fmt::format("{:.1f} s", ms / 1000);
}

void write_html(const Report& report, const TextSink& sink) {
  const Page page = page_of(report);
  sink(page_head(verdict_word(report.summary.verdict) + " · " + report.node.hostname));
  sink("<body>\n" + banner(report));
  sink(kContents);
  sink("<main>\n");
  for (const auto section :
       {html_path, html_findings, html_matrix, html_timeline, html_evidence, html_documents, html_node})
    sink(section(page));
  sink(fmt::format("</main>\n<script>{}</script>\n</body>\n</html>\n", html_script()));
}

}  // namespace amlnet
