// Reading what a token service says. The answer is hostile: it may be anybody's, and may repeat what was
// sent.
#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "agent/identity/token_request.h"
#include "probes/http_answer.h"

namespace amlnet {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestToken = std::size_t{32} * 1024;

// Printable ASCII without spaces, so that it can stand in a header.
std::string secret_of(const Json& answer, const char* name) {
  const auto found = answer.find(name);
  if (found == answer.end() || !found->is_string()) return "";
  const std::string& text = found->get_ref<const std::string&>();
  const bool clean = std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c < 127; });
  return clean && text.size() <= kLongestToken ? text : "";
}

std::string text_in(const Json& answer, const char* name) {
  const auto found = answer.find(name);
  return found != answer.end() && found->is_string() ? found->get<std::string>() : "";
}

// A number, or its digits as text: token services write both.
std::optional<std::int64_t> number_in(const Json& answer, const char* name) {
  const auto found = answer.find(name);
  if (found == answer.end()) return std::nullopt;
  if (found->is_number_integer()) return found->get<std::int64_t>();
  const std::string text = text_in(answer, name);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
  return whole ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> expiry_of(const Json& answer, std::int64_t now) {
  constexpr std::int64_t kYear = 366LL * 86400;
  if (const auto at = number_in(answer, "expires_on"); at && *at > 0 && *at < now + kYear) return at;
  if (const auto in = number_in(answer, "expires_in"); in && *in > 0 && *in < kYear) return now + *in;
  return std::nullopt;
}

// "AADSTS53003" out of any text: the letters and at most nine digits.
std::string code_in(std::string_view text) {
  constexpr std::string_view kMark = "AADSTS";
  const std::size_t at = text.find(kMark);
  if (at == std::string_view::npos) return "";
  std::size_t end = at + kMark.size();
  while (end < text.size() && end < at + kMark.size() + 9 && text[end] >= '0' && text[end] <= '9') ++end;
  return end == at + kMark.size() ? "" : std::string(text.substr(at, end - at));
}

std::string code_of(const Json& answer) {
  std::string code = code_in(text_in(answer, "error_description"));
  const auto numbers = answer.find("error_codes");
  const bool listed = numbers != answer.end() && numbers->is_array() && !numbers->empty() &&
                      numbers->front().is_number_unsigned();
  if (!code.empty() || !listed) return code;
  const auto number = numbers->front().get<std::uint64_t>();
  return number < 1'000'000'000 ? "AADSTS" + std::to_string(number) : "";
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

bool is_entra(IdentityMethod method) {
  return method == IdentityMethod::secret || method == IdentityMethod::certificate ||
         method == IdentityMethod::device_code;
}

// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#error-handling
TokenProblem metadata_problem(const HttpDetail& answer, const Json& body) {
  const std::string words =
      body.is_object() ? text_in(body, "error_description") + text_in(body, "error") : "";
  if (contains(words, "Required metadata header not specified") || contains(words, "bad_request_102"))
    return TokenProblem::proxied;  // we sent it
  if (contains(words, "Multiple user assigned identities")) return TokenProblem::several_identities;
  if (contains(words, "Identity not found")) return TokenProblem::no_identity;
  const bool answered_by_proxy = std::ranges::any_of(answer.headers, [](const auto& header) {
    return header.first == "via" || header.first == "x-squid-error";
  });
  if (answered_by_proxy) return TokenProblem::proxied;
  return body.is_object() && body.contains("error") ? TokenProblem::refused : TokenProblem::not_the_service;
}

TokenProblem problem_of(IdentityMethod method, const HttpDetail& answer, const Json& body,
                        const std::string& code) {
  if (answer.status == 429) return TokenProblem::throttled;
  if (is_entra(method)) {
    const bool known = body.is_object() && (!code.empty() || body.contains("error"));
    return answer.status / 100 == 5 ? TokenProblem::busy
           : known                  ? TokenProblem::refused
                                    : TokenProblem::not_the_service;
  }
  const bool metadata = method == IdentityMethod::metadata;
  if (metadata && (answer.status == 404 || answer.status == 410)) return TokenProblem::busy;
  if (answer.status / 100 == 5) return TokenProblem::busy;
  if (metadata) return metadata_problem(answer, body);
  return !code.empty() || answer.status / 100 == 4 ? TokenProblem::refused : TokenProblem::not_the_service;
}

}  // namespace

std::string_view name_of(TokenProblem problem) {
  constexpr std::array<std::string_view, 11> kNames{
      "",        "no-answer", "no-identity",     "several-identities", "throttled",    "busy",
      "refused", "proxied",   "not-the-service", "unusable",           "not-signed-in"};
  return kNames[static_cast<std::size_t>(problem)];
}

TokenAnswer read_token_answer(IdentityMethod method, const HttpDetail& answer, std::int64_t now) {
  TokenAnswer read;
  if (answer.status == 0) {
    read.problem = TokenProblem::no_answer;
    return read;
  }
  const Json body = Json::parse(answer.body.data, nullptr, false);
  if (answer.status == 200 && body.is_object() && !answer.body_truncated) {
    read.token = secret_of(body, "access_token");
    read.refresh_token = secret_of(body, "refresh_token");
    read.expires = expiry_of(body, now);
    if (!read.token.empty()) read.problem = TokenProblem::none;
    return read;
  }
  if (body.is_object()) {
    read.code = code_of(body);
    const std::string error = text_in(body, "error");
    read.slower = error == "slow_down";
    read.pending = read.slower || error == "authorization_pending";
  }
  read.problem = problem_of(method, answer, body, read.code);
  return read;
}

TokenAnswer read_cli_answer(int status, std::string_view output, std::string_view errors) {
  TokenAnswer read;
  const Json body = Json::parse(output, nullptr, false);
  if (status == 0 && body.is_object()) {
    read.token = secret_of(body, "accessToken");
    read.expires = number_in(body, "expires_on");
    if (!read.token.empty()) read.problem = TokenProblem::none;
    return read;
  }
  read.code = code_in(errors);
  read.problem = !read.code.empty() ? TokenProblem::refused : TokenProblem::not_signed_in;
  return read;
}

std::optional<DeviceCode> read_device_code(const HttpDetail& answer) {
  const Json body = Json::parse(answer.body.data, nullptr, false);
  if (answer.status != 200 || !body.is_object()) return std::nullopt;
  DeviceCode code;
  code.device_code = secret_of(body, "device_code");
  code.user_code = secret_of(body, "user_code");
  code.url = secret_of(body, "verification_uri");
  const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-'; };
  const bool usable = !code.device_code.empty() && !code.user_code.empty() && code.user_code.size() <= 32 &&
                      std::ranges::all_of(code.user_code, plain) && code.url.starts_with("https://") &&
                      code.url.size() <= 200;
  if (!usable) return std::nullopt;
  code.interval_s =
      static_cast<int>(std::clamp<std::int64_t>(number_in(body, "interval").value_or(5), 1, 60));
  code.expires_s =
      static_cast<int>(std::clamp<std::int64_t>(number_in(body, "expires_in").value_or(900), 1, 1800));
  return code;
}

std::string_view meaning_of(std::string_view code) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kMeanings{{
      {"AADSTS50034", "the account does not exist in this tenant"},
      {"AADSTS50057", "the account is disabled"},
      {"AADSTS50076", "multifactor authentication is required"},
      {"AADSTS50079", "multifactor authentication must be set up"},
      {"AADSTS50105", "the application is not assigned to this account"},
      {"AADSTS53000", "Conditional Access requires a compliant device"},
      {"AADSTS53001", "Conditional Access requires a domain-joined device"},
      {"AADSTS53003", "Conditional Access blocks the token"},
      {"AADSTS500011", "the service is not known in this tenant"},
      {"AADSTS65001", "consent is missing"},
      {"AADSTS70011", "the scope is not valid"},
      {"AADSTS700016", "the application is not in this tenant"},
      {"AADSTS700027", "the certificate is not registered with the application, or its signature is wrong"},
      {"AADSTS700082", "the session has expired"},
      {"AADSTS7000112", "the application is disabled"},
      {"AADSTS7000215", "the client secret is wrong"},
      {"AADSTS7000222", "the client secret has expired"},
      {"AADSTS90002", "the tenant does not exist in this cloud"},
  }};
  const auto found =
      std::ranges::find(kMeanings, code, &std::pair<std::string_view, std::string_view>::first);
  return found == kMeanings.end() ? "" : found->second;
}

}  // namespace amlnet
