#include "agent/diagnosis/responders.h"

#include <algorithm>

#include "agent/workspace/fact_syntax.h"
#include "probes/ascii.h"

namespace amlnet {
namespace {

constexpr std::size_t kLongestName = 253, kLongestUrl = 512;  // RFC 1035, section 2.3.4; our own

bool is_dns_name(std::string_view host) {
  const bool letters = std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
  const bool labels = host.find('.') != std::string_view::npos && host.find("..") == std::string_view::npos;
  return letters && labels && host.size() <= kLongestName && host.front() != '.' && host.back() != '.';
}

bool is_printable(std::string_view url) {
  return std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7F && c != '\\'; });
}

void add(std::vector<Responder>& found, const std::vector<std::string>& urls, bool ocsp) {
  for (const auto& url : urls) {
    auto host = responder_host(url);
    const bool known = std::any_of(found.begin(), found.end(), [&](const auto& r) { return r.host == host; });
    if (!host.empty() && !known) found.push_back({std::move(host), url, ocsp});
  }
}

}  // namespace

std::string responder_host(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (url.size() > kLongestUrl || !is_printable(url)) return {};
  if (lower_case(url.substr(0, kScheme.size())) != kScheme) return {};
  url.remove_prefix(kScheme.size());
  auto authority = lower_case(url.substr(0, url.find_first_of("/?#")));
  if (authority.ends_with(":80")) authority.resize(authority.size() - 3);
  return !authority.empty() && is_dns_name(authority) && !is_address(authority) ? authority : std::string();
}

std::vector<Responder> responders_of(const Certificate& leaf) {
  std::vector<Responder> found;
  add(found, leaf.ocsp, true);
  add(found, leaf.crl, false);
  return found;
}

}  // namespace amlnet
