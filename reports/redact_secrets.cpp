// Secrets are found by what stands before them. Plain scanning: regular expressions of the standard library
// recurse once a character, and the text may be hostile.
#include <algorithm>
#include <array>

#include "probes/ascii.h"
#include "reports/redact.h"

namespace amlnet {
namespace {

constexpr std::string_view kKeyBegin = "-----BEGIN ";
constexpr std::string_view kKeyEnd = "PRIVATE KEY-----";

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

std::size_t end_of_word(std::string_view text, std::size_t at) {
  while (at < text.size() && is_word(text[at])) ++at;
  return at;
}

/// A value ends at white space, at a quote and at what separates parameters.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  return std::min(text.find_first_of(" \t\r\n\"'<>&;,\\})", at), text.size());
}

/// Of headers that hold nothing but credentials: they end with the line or the quote.
bool is_header(std::string_view lower) {
  constexpr std::array<std::string_view, 4> kHeaders{"authorization", "proxy-authorization", "cookie",
                                                     "set-cookie"};
  return std::ranges::find(kHeaders, lower) != kHeaders.end();
}

/// Where the secret begins that the word [.., end) names, npos where it names none: after "=", or after ":"
/// where the word is quoted, as in JSON, or a header.
std::size_t secret_after(std::string_view text, std::string_view lower, std::size_t end) {
  if (!names_a_secret(lower)) return std::string_view::npos;
  std::size_t at = end;
  while (at < text.size() && (text[at] == '"' || text[at] == '\'' || text[at] == '\\')) ++at;
  const bool quoted = at > end;
  while (at < text.size() && text[at] == ' ') ++at;
  if (at == text.size()) return std::string_view::npos;
  // a challenge has authorization="https://..." that tells where to ask for a token
  const bool assigned = is_header(lower) ? text[at] == ':' : text[at] == '=' || (text[at] == ':' && quoted);
  if (!assigned) return std::string_view::npos;
  ++at;
  while (at < text.size() && (text[at] == ' ' || text[at] == '"' || text[at] == '\'' || text[at] == '\\'))
    ++at;
  return at;
}

/// Parameters of a challenge (RFC 7235, RFC 6750 section 3), which stand where credentials would.
bool is_challenge(std::string_view word) {
  constexpr std::array<std::string_view, 11> kParameters{
      "realm",    "scope",       "error",         "error_description",
      "charset",  "service",     "authorization", "authorization_uri",
      "resource", "resource_id", "client_id"};
  const std::size_t equals = word.find('=');
  return equals != std::string_view::npos &&
         std::ranges::find(kParameters, word.substr(0, equals)) != kParameters.end();
}

/// The end of what follows the scheme in "Bearer eyJ..." or "Basic dXNlcjpw...".
std::size_t end_of_scheme_value(std::string_view text, std::string_view lower, std::size_t end) {
  if ((lower != "bearer" && lower != "basic") || end >= text.size() || text[end] != ' ') return end;
  const std::size_t stop = end_of_value(text, end + 1);
  const std::string_view value = text.substr(end + 1, stop - end - 1);
  return value.size() >= 8 && !is_challenge(value) ? stop : end;
}

/// Header and payload of a JSON web token are objects, whose base64 begins like this (RFC 7519).
bool is_web_token(std::string_view word) {
  return word.starts_with("eyJ") && word.size() >= 12;
}

}  // namespace

bool names_a_secret(std::string_view name) {
  constexpr std::array<std::string_view, 25> kNames{"sig",
                                                    "token",
                                                    "access_token",
                                                    "refresh_token",
                                                    "id_token",
                                                    "client_secret",
                                                    "client_assertion",
                                                    "password",
                                                    "passwd",
                                                    "pwd",
                                                    "secret",
                                                    "api_key",
                                                    "apikey",
                                                    "api-key",
                                                    "accountkey",
                                                    "sharedaccesskey",
                                                    "sharedaccesssignature",
                                                    "x-identity-header",
                                                    "ocp-apim-subscription-key",
                                                    "authorization",
                                                    "proxy-authorization",
                                                    "cookie",
                                                    "set-cookie",
                                                    "device_code",
                                                    "assertion"};
  const std::string lower = lower_case(name);
  return std::ranges::find(kNames, lower) != kNames.end();
}

std::string Redactor::without_known_secrets(std::string_view text) {
  std::string out(text);
  for (const std::string& secret : known_secrets_) {
    for (std::size_t at = 0; (at = out.find(secret, at)) != std::string::npos; at += kRemoved.size()) {
      out.replace(at, secret.size(), kRemoved);
      ++secrets_;
    }
  }
  return out;
}

std::string Redactor::without_secrets(std::string_view text) {
  const std::string known = without_known_secrets(text);
  std::string_view rest = known;
  std::string out;
  std::size_t at = 0;
  const auto remove_to = [&](std::size_t end) {
    const bool before = rest.substr(at).starts_with(kRemoved);  // by an earlier pass
    if (before) end = at + kRemoved.size();
    if (end > at) out += kRemoved;
    if (end > at && !before) ++secrets_;
    at = end;
  };
  while (at < rest.size()) {
    if (rest.substr(at).starts_with(kKeyBegin) &&
        rest.substr(at, 60).find(kKeyEnd) != std::string_view::npos) {
      const std::size_t end = rest.find("-----END ", at);
      remove_to(end == std::string_view::npos ? rest.size() : end);
    } else if (rest.substr(at).starts_with("://")) {
      out += "://";
      at += 3;
      const std::size_t end = std::min(rest.find_first_of("/?# \t\r\n\"'<>\\", at), rest.size());
      const std::size_t sign = rest.substr(at, end - at).rfind('@');
      if (sign != std::string_view::npos) remove_to(at + sign);
    } else if (is_word(rest[at])) {
      const std::size_t end = end_of_word(rest, at);
      const std::string lower = lower_case(rest.substr(at, end - at));
      if (is_web_token(rest.substr(at, end - at))) {
        remove_to(end_of_value(rest, at));
        continue;
      }
      const std::size_t start = secret_after(rest, lower, end);
      const std::size_t stop = end_of_scheme_value(rest, lower, end);
      if (start != std::string_view::npos) {
        out += rest.substr(at, start - at);
        at = start;
        remove_to(is_header(lower) ? std::min(rest.find_first_of("\r\n\"", at), rest.size())
                                   : end_of_value(rest, at));
      } else if (stop > end) {
        out += rest.substr(at, end + 1 - at);
        at = end + 1;
        remove_to(stop);
      } else {
        out += rest.substr(at, end - at);
        at = end;
      }
    } else {
      out += rest[at++];
    }
  }
  return out;
}

}  // namespace amlnet
