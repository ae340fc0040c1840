#include "reports/model/head.h"

#include <algorithm>
#include <array>
#include <optional>

#include "reports/model/document.h"
#include "reports/model/report_json.h"

namespace amlnet {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;
constexpr std::array<std::string_view, 4> kSteppedOver{"requirements", "live_requirements", "certificates",
                                                       "probes"};

std::size_t after_space(std::string_view text, std::size_t at) {
  return text.find_first_not_of(" \t\r\n", at);
}

/// `at` is the opening quote; the place after the closing one.
std::size_t after_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;
  }
  return kNowhere;
}

/// The place after a value, kNowhere where it does not end. Brackets are counted, not matched.
std::size_t after_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = after_string(text, at);
      if (at == kNowhere || depth == 0) return at;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') {
      if (depth == 0) return at;
      if (--depth == 0) return at + 1;
    }
    if (depth == 0 && (c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t')) return at;
    ++at;
  }
  return kNowhere;
}

/// A document whose members are found one after the other.
struct Members {
  std::string_view text;
  std::size_t at = 0;  // kNowhere: the text has ended too early
  bool broken = false;

  bool stopped() const { return broken || at == kNowhere; }
  /// Steps over `c`, which must be next.
  void take(char c) {
    if (!stopped()) at = after_space(text, at);
    if (stopped()) return;
    broken = text[at] != c;
    ++at;
  }
  bool next_is(char c) {
    if (!stopped()) at = after_space(text, at);
    return !stopped() && text[at] == c;
  }
};

/// The document without the members that are stepped over; what is left is checked by who reads it.
std::string wanted_members(Members& members) {
  std::string wanted = "{";
  members.take('{');
  for (bool first = true; !members.stopped() && !members.next_is('}'); first = false) {
    if (!first) members.take(',');
    if (!members.next_is('"')) return members.broken = members.at != kNowhere, wanted;
    const std::size_t start = members.at;
    members.at = after_string(members.text, start);
    const std::size_t name_end = members.at;
    members.take(':');
    if (members.stopped()) return wanted;
    members.at = after_value(members.text, after_space(members.text, members.at));
    if (members.stopped()) return wanted;
    const std::string_view name = members.text.substr(start + 1, name_end - start - 2);
    if (std::ranges::find(kSteppedOver, name) != kSteppedOver.end()) continue;
    if (wanted.size() > 1) wanted += ',';
    wanted += members.text.substr(start, members.at - start);
  }
  members.take('}');
  return wanted + '}';
}

}  // namespace

std::variant<ReportHead, HeadError> read_report_head(std::string_view json) {
  Members members{json};
  const std::string wanted = wanted_members(members);
  if (members.broken) return HeadError{"not a JSON object"};
  if (members.at == kNowhere) return HeadError{"ends too early", true};
  const std::variant<Json, DocumentError> document = parse_document(wanted);
  if (const DocumentError* error = std::get_if<DocumentError>(&document)) {
    // Its line would be one of the shortened text.
    const bool lined = error->text.starts_with("line ");
    return HeadError{lined ? "not JSON" : error->text};
  }
  std::string error;
  ReportHead head{{}, members.at};
  const Place place{std::get<Json>(document), error};
  Decoder decoder(place);
  if (error.empty()) decode_head(decoder, head.report);
  if (error.empty()) decoder.finish();
  if (!error.empty()) return HeadError{error};
  return head;
}

}  // namespace amlnet
