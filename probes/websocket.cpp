#include "probes/websocket.h"

#include <algorithm>

namespace amlnet {
namespace {

// The pair that RFC 6455 section 1.3 works out. A key need not be secret: it only shows that the answer was
// not made for another request.
constexpr const char* kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

}  // namespace

bool is_websocket_url(std::string_view url) {
  return url.starts_with("wss://") || url.starts_with("ws://");
}

std::string http_url_of(std::string_view url) {
  return is_websocket_url(url) ? "http" + std::string(url.substr(2)) : std::string(url);
}

std::string websocket_url_of(std::string_view url) {
  return url.starts_with("http") ? "ws" + std::string(url.substr(4)) : "";
}

void add_upgrade_headers(std::vector<std::pair<std::string, std::string>>& headers) {
  headers.insert(headers.end(), {{"Connection", "Upgrade"},
                                 {"Upgrade", "websocket"},
                                 {"Sec-WebSocket-Version", "13"},
                                 {"Sec-WebSocket-Key", kKey}});
}

WireError error_of_switch(const HttpDetail& answer) {
  const bool right = std::any_of(answer.headers.begin(), answer.headers.end(), [](const auto& header) {
    return header.first == "sec-websocket-accept" && header.second.data == kAccept;
  });
  if (right) return {};
  return {Failure::http_malformed, ErrorSource::amlnet, 101,
          "the peer switches protocols, and not to WebSocket"};
}

}  // namespace amlnet
