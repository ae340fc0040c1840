#include "probes/http_answer.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "probes/ascii.h"

namespace amlnet {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(kBlank);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kBlank) - start + 1);
}

// RFC 9110 section 5.6.2.
bool is_token_byte(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kMarks.find(c) != std::string_view::npos;
}

std::string header_name(std::string_view text) {
  std::string out;
  for (const char c : lower_case(text)) {
    if (is_token_byte(c))
      out += c;
    else
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return out;
}

// "HTTP/1.1 403 Forbidden": 403; 0 when there is no number.
long status_of(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return 0;
  const std::string_view digits = trimmed(line.substr(space)).substr(0, 3);
  long status = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), status);
  return status;
}

void start_block(HttpAnswer& answer, std::string_view status_line) {
  answer.in_block = answer.is_http = true;
  answer.detail.headers.clear();
  answer.detail.date.reset();
  const long status = status_of(status_line);
  if (!answer.proxy_first) {
    answer.detail.status = status;
    return;
  }
  answer.detail.proxy_status = status;
  if (status / 100 == 2) answer.proxy_first = false;
}

void add_header(HttpDetail& detail, std::string_view line) {
  const bool continues = line.front() == ' ' || line.front() == '\t';  // obs-fold, RFC 9112 section 5.2
  if (continues && !detail.headers.empty()) {
    std::string& value = detail.headers.back().second.data;
    value.append(" ").append(trimmed(line));
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;  // curl itself refuses the answer for it
  detail.headers.emplace_back(header_name(trimmed(line.substr(0, colon))),
                              Bytes{std::string(trimmed(line.substr(colon + 1)))});
}

// The service's own clock; a proxy's says nothing about the service.
void note_date(HttpDetail& detail) {
  if (detail.status == 0 || detail.date || detail.headers.back().first != "date") return;
  const time_t seconds = curl_getdate(detail.headers.back().second.data.c_str(), nullptr);
  if (seconds > 0) detail.date = seconds;
}

}  // namespace

bool take_header_line(HttpAnswer& answer, std::string_view line) {
  answer.header_bytes += line.size();
  if (answer.header_bytes > kMaxHeaderBytes) {
    answer.headers_over = true;
    return false;
  }
  if (!answer.in_block && line.starts_with("HTTP/")) {
    start_block(answer, line);
  } else if (trimmed(line).empty()) {
    answer.in_block = false;
  } else {
    add_header(answer.detail, line);
    note_date(answer.detail);
  }
  return true;
}

bool has_switched(const HttpAnswer& answer) {
  return answer.detail.status == 101 && !answer.in_block;
}

bool take_body(HttpAnswer& answer, std::string_view piece) {
  std::string& body = answer.detail.body.data;
  const std::size_t room = answer.body_limit - body.size();
  body.append(piece.substr(0, room));
  if (piece.size() <= room) return true;
  answer.detail.body_truncated = true;
  return false;
}

bool has_header(const HttpDetail& detail, std::string_view name, std::string_view value) {
  return std::any_of(detail.headers.begin(), detail.headers.end(), [&](const auto& header) {
    return header.first == name && lower_case(header.second.data) == value;
  });
}

}  // namespace amlnet
