#include "agent/identity/claims.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/workspace/fact_syntax.h"
#include "reports/model/base64.h"

namespace amlnet {
namespace {

constexpr std::size_t kLongestToken = std::size_t{32} * 1024;
constexpr std::int64_t kLastMoment = 253402300799;  // the end of the year 9999

std::string guid_of(const nlohmann::json& payload, const char* name) {
  const auto found = payload.find(name);
  if (found == payload.end() || !found->is_string()) return "";
  const std::string text = found->get<std::string>();
  return is_guid(text) ? text : "";
}

std::optional<std::int64_t> moment_of(const nlohmann::json& payload, const char* name) {
  const auto found = payload.find(name);
  if (found == payload.end() || !found->is_number_integer()) return std::nullopt;
  const auto seconds = found->get<std::int64_t>();
  if (seconds <= 0 || seconds > kLastMoment) return std::nullopt;
  return seconds;
}

}  // namespace

std::string base64url_encoded(std::string_view bytes) {
  std::string text = base64_encoded(bytes);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  text.erase(std::min(text.find('='), text.size()));
  return text;
}

std::optional<std::string> base64url_decoded(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string padded(text);
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  return base64_decoded(padded);
}

Claims read_claims(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.size() > kLongestToken) return {};
  const auto text = base64url_decoded(token.substr(first + 1, second - first - 1));
  if (!text) return {};
  const nlohmann::json payload = nlohmann::json::parse(*text, nullptr, false);
  if (!payload.is_object()) return {};
  Claims claims;
  claims.tenant = guid_of(payload, "tid");
  claims.object_id = guid_of(payload, "oid");
  claims.client_id = guid_of(payload, "appid");
  if (claims.client_id.empty()) claims.client_id = guid_of(payload, "azp");
  claims.expires = moment_of(payload, "exp");
  return claims;
}

}  // namespace amlnet
