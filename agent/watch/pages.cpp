#include "agent/watch/pages.h"

#include <arpa/inet.h>

namespace amlnet {
namespace {

constexpr const char* kJson = "application/json";
constexpr const char* kHtml = "text/html; charset=utf-8";
constexpr const char* kMetrics = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view kIndex =
    "amlnet watch\n"
    "/metrics      for Prometheus\n"
    "/report       the last report, as JSON or, for a browser, as a page\n"
    "/report.json\n"
    "/report.html\n"
    "/healthz      200 while the rounds go on, 503 when they do not\n";

bool is_ip(std::string_view host) {
  in6_addr bytes{};
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  const std::string ip(bracketed ? host.substr(1, host.size() - 2) : host);
  return inet_pton(bracketed ? AF_INET6 : AF_INET, ip.c_str(), &bytes) == 1;
}

bool is_own_host(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && !host.ends_with(']');
  const std::string_view name = has_port ? host.substr(0, colon) : host;
  return name.empty() || name == "localhost" || is_ip(name);
}

/// Browsers name text/html first; what asks for JSON names that, and curl takes anything.
bool wants_html(std::string_view accept) {
  const std::size_t html = accept.find("text/html");
  return html != std::string_view::npos && html < accept.find("application/json");
}

PageAnswer report_page(const std::string& text, const char* type) {
  if (text.empty()) return {503, "text/plain; charset=utf-8", nullptr, "the first round has not ended\n"};
  return {200, type, nullptr, text};
}

}  // namespace

PageAnswer answer_page(const WatchPages& pages, const PageRequest& request, bool alive, bool any_host) {
  PageAnswer answer;
  if (request.method != "GET" && request.method != "HEAD")
    return {405, answer.type, "GET, HEAD", "only GET and HEAD\n"};
  if (!any_host && !is_own_host(request.host))
    return {421, answer.type, nullptr, "the Host header must be an address or localhost\n"};
  if (request.path == "/metrics") return {200, kMetrics, nullptr, pages.metrics};
  if (request.path == "/report.json") return report_page(pages.json, kJson);
  if (request.path == "/report.html") return report_page(pages.html, kHtml);
  if (request.path == "/report")
    return wants_html(request.accept) ? report_page(pages.html, kHtml) : report_page(pages.json, kJson);
  if (request.path == "/healthz")
    return alive ? PageAnswer{200, answer.type, nullptr, "ok\n"}
                 : PageAnswer{503, answer.type, nullptr, "the rounds stand still\n"};
  if (request.path == "/") return {200, answer.type, nullptr, kIndex};
  return {404, answer.type, nullptr, "there are /metrics, /report and /healthz\n"};
}

}  // namespace amlnet
