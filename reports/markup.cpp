#include "reports/markup.h"

#include <algorithm>

#include "reports/text.h"

namespace amlnet {

std::string markup(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : escaped(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

bool is_web_address(std::string_view url) {
  if (!url.starts_with("https://") && !url.starts_with("http://")) return false;
  // RFC 3986 section 2: what is none of its characters must be percent-encoded.
  constexpr std::string_view kOther = "-._~:/?#[]@!$&'()*+,;=%";
  return std::ranges::all_of(url, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOther.find(c) != std::string_view::npos;
  });
}

}  // namespace amlnet
