// Collects an HTTP answer as curl hands it over, line by line and piece by piece, within fixed bounds: all of
// it is hostile. Used by the HTTP probe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "probes/record.h"

namespace amlnet {

/// The most that is kept: all header blocks together (interim answers, the proxy's, trailers).
constexpr std::size_t kMaxHeaderBytes = std::size_t{16} * 1024;

/// What has come so far; the interesting part is in `detail`.
struct HttpAnswer {
  HttpDetail detail;
  std::size_t body_limit = 4096;  // HttpSpec::body_limit
  bool proxy_first = false;       // the next final answer is the proxy's, to CONNECT
  bool in_block = false;          // between a status line and the blank line after it
  bool is_http = false;           // a status line was seen
  bool headers_over = false;      // the peer sent more header bytes than we take
  std::size_t header_bytes = 0;
};

/// Takes one header line as curl gives it. A new status line starts afresh, so the last answer's headers
/// stay. Names become lower case, bytes that no name may hold become \xHH. False when the bound is met.
bool take_header_line(HttpAnswer& answer, std::string_view line);

/// Whether the last answer, 101 and no body, is complete.
bool has_switched(const HttpAnswer& answer);

/// Takes a piece of the body. False when there was more than we keep (body_truncated).
bool take_body(HttpAnswer& answer, std::string_view piece);

/// Whether a line of the last answer's headers says so, without regard to case: "transfer-encoding",
/// "chunked".
bool has_header(const HttpDetail& detail, std::string_view name, std::string_view value);

}  // namespace amlnet
