#include "agent/upload/container.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "agent/catalog/words.h"
#include "agent/identity/token_request.h"
#include "agent/workspace/fact_syntax.h"
#include "probes/ascii.h"
#include "probes/curl_url.h"
#include "probes/target.h"

namespace amlnet {
namespace {

constexpr std::size_t kLongestUrl = 8192;
constexpr std::string_view kForm = "https://ACCOUNT.blob.core.windows.net/CONTAINER";

ConfigError wrong(std::string_view what) {
  return {fmt::format("{}; expected {} of a blob container, with its SAS or without", what, kForm)};
}

std::optional<Cloud> cloud_of_host(std::string_view host) {
  constexpr std::array<std::pair<std::string_view, Cloud>, 4> kDomains{
      {{".blob.core.windows.net", Cloud::public_},
       {".blob.storage.azure.net", Cloud::public_},  // accounts with a DNS zone of their own
       {".blob.core.usgovcloudapi.net", Cloud::usgov},
       {".blob.core.chinacloudapi.cn", Cloud::china}}};
  for (const auto& [domain, cloud] : kDomains)
    if (host.size() > domain.size() && host.ends_with(domain)) return cloud;
  return std::nullopt;
}

bool has_odd_byte(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c <= ' ' || c >= 127; });
}

// "/diagnostics/node7/" -> "diagnostics", "node7"
std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) segments.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return segments;
}

// A SAS that was joined by & or by an escaped ? would be taken for a part of the container's name, and shown.
bool holds_sas(const std::string& path) {
  const std::string lower = lower_case(path);
  return std::ranges::any_of(std::array{"sig=", "sig%3d", "%3f"},
                             [&](const char* sign) { return lower.find(sign) != std::string::npos; });
}

std::optional<ConfigError> read_host(const ParsedUrl& url, BlobContainer& container) {
  container.host = lower_case(url_part(url, CURLUPART_HOST));
  if (container.host.starts_with('[') && container.host.ends_with(']'))
    container.host = container.host.substr(1, container.host.size() - 2);
  const bool known =
      is_host_name(container.host) || is_address(container.host) || container.host == "localhost";
  if (!known) return wrong("the URL has no host name");
  const std::string port = url_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), container.port);
  container.cloud = cloud_of_host(container.host);
  return std::nullopt;
}

// An account is the first label of the host, or the first part of the path where the host is an address.
std::optional<ConfigError> read_path(const ParsedUrl& url, BlobContainer& container) {
  const std::string path = url_part(url, CURLUPART_PATH);
  if (holds_sas(path)) return wrong("the SAS belongs behind a ?, and the URL has it in its path");
  const std::vector<std::string> segments = segments_of(path);
  const bool in_path = is_address(container.host) || container.host == "localhost";
  if (segments.size() < (in_path ? 2U : 1U)) return wrong("the URL names no container");
  container.shown = "https://" + (container.port == 443 && container.host.find(':') == std::string::npos
                                      ? container.host
                                      : host_port(container.host, container.port));
  for (const std::string& segment : segments) container.shown += '/' + segment;
  return std::nullopt;
}

// Whether a parameter's name can begin there: behind whatever no name holds, escaped or not.
bool is_delimited(std::string_view lower, std::size_t at) {
  const auto is_alnum = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return at == 0 || !is_alnum(lower[at - 1]) || (at >= 3 && lower[at - 3] == '%');
}

void add_signature(std::vector<std::string>& secrets, const std::string& signature) {
  if (signature.empty()) return;
  int size = 0;
  char* decoded = curl_easy_unescape(nullptr, signature.c_str(), static_cast<int>(signature.size()), &size);
  secrets.push_back(signature);
  if (decoded != nullptr) secrets.emplace_back(decoded, static_cast<std::size_t>(size));
  curl_free(decoded);
}

}  // namespace

std::variant<BlobContainer, ConfigError> read_container_url(const std::string& text) {
  if (text.size() > kLongestUrl || has_odd_byte(text)) return wrong("not a URL");
  const ParsedUrl url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    return wrong("not a URL");
  if (url_part(url, CURLUPART_SCHEME) != "https") return wrong("the URL does not begin with https://");
  if (!url_part(url, CURLUPART_USER).empty() || !url_part(url, CURLUPART_PASSWORD).empty())
    return wrong("the URL holds a user name or a password");
  BlobContainer container;
  if (auto error = read_host(url, container)) return *error;
  if (auto error = read_path(url, container)) return *error;
  container.sas = url_part(url, CURLUPART_QUERY);
  if (!container.sas.empty() && ('&' + container.sas).find("&sig=") == std::string::npos)
    return wrong("what follows the ? is no shared access signature (there is no sig=)");
  if (container.sas.empty() && !container.cloud)
    return ConfigError{fmt::format(
        "without a SAS a token is sent, and only to hosts of *.blob.core.windows.net, "
        "*.blob.storage.azure.net, *.blob.core.usgovcloudapi.net and *.blob.core.chinacloudapi.cn; "
        "put a SAS into the URL to upload to \"{}\"",
        printable(container.host))};
  return container;
}

std::string blob_url(const BlobContainer& container, const std::string& name, const std::string& query) {
  std::string url = container.shown + '/' + percent_encoded(name);
  if (!query.empty()) url += '?' + query;
  if (!container.sas.empty()) url += (query.empty() ? '?' : '&') + container.sas;
  return url;
}

std::vector<std::string> secrets_in_url(const std::string& url) {
  std::vector<std::string> secrets;
  if (const std::size_t mark = url.find('?'); mark != std::string::npos)
    secrets.push_back(url.substr(mark + 1));
  const std::string lower = lower_case(url);
  for (std::size_t at = lower.find("sig"); at != std::string::npos; at = lower.find("sig", at + 3)) {
    const std::string_view rest = std::string_view(lower).substr(at + 3);
    const std::size_t sign = rest.starts_with("=") ? 1 : rest.starts_with("%3d") ? 3 : 0;
    if (sign == 0 || !is_delimited(lower, at)) continue;
    const std::size_t end = std::min(lower.find_first_of("&;#?", at), lower.find("%26", at));
    add_signature(secrets, url.substr(at + 3 + sign, end - at - 3 - sign));
  }
  return secrets;
}

}  // namespace amlnet
