// The sections of the HTML report, each a piece of text, and what every page has. Used by page.cpp and, in
// part, by fleet.cpp; html.h and fleet.h are the ways in.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "reports/lookup.h"
#include "reports/model/report.h"

namespace amlnet {

/// A report with what the sections look up. Anchors are numbers, never ids: those come from a file.
struct Page {
  const Report& report;
  ReportIndex index;
  std::map<const ProbeRecord*, std::size_t> in_full;  // those whose evidence is on the page in full, numbered
};

Page page_of(const Report& report);

/// All before <body>: title, policy and style.
std::string page_head(std::string_view title);

/// "#p12" for a probe whose evidence is there in full, else "".
std::string probe_anchor(const Page& page, std::string_view id);
/// A link to a finding, its number as text; "" for null.
std::string finding_link(const Page& page, const Finding* finding);
/// `title` as a link where `url` may be one, else both as text.
std::string web_link(std::string_view title, std::string_view url);
/// The status as a word with its sign, in its colour.
std::string status_badge(Status status, std::string_view word);
/// "✓", "✗", "?" or "–".
std::string_view sign_of(Status status);
/// "ok", "bad", "open" or "none".
std::string_view class_of(Status status);
/// "3 ms", "<1 ms", "3.0 s".
std::string duration_text(double ms);

std::string html_path(const Page& page);
std::string html_findings(const Page& page);
std::string html_matrix(const Page& page);
std::string html_timeline(const Page& page);
std::string html_evidence(const Page& page);
std::string html_documents(const Page& page);
std::string html_node(const Page& page);

}  // namespace amlnet
