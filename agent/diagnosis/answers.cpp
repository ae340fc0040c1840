#include "agent/diagnosis/answers.h"

#include <algorithm>
#include <array>

#include "agent/catalog/answerer.h"
#include "agent/diagnosis/domains.h"
#include "probes/ascii.h"

namespace amlnet {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Azure Firewall's own words (failures.md section 4); 470 is the status that is often reported with them.
bool is_firewall_denial(const HttpDetail& http) {
  return http.status == 470 || contains(http.body.data, "Action: Deny.");
}

bool is_html(const HttpDetail& http) {
  const auto body = lower_case(std::string_view(http.body.data).substr(0, 256));
  return contains(lower_case(header_of(http, "content-type")), "text/html") || contains(body, "<html") ||
         contains(body, "<!doctype html");
}

/// The host of an absolute URL, "" for a relative one.
std::string_view host_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of(":/?#"));
}

bool leads_elsewhere(const HttpDetail& http, const Endpoint& endpoint) {
  if (http.status < 300 || http.status > 399) return false;
  const auto host = host_of(header_of(http, "location"));
  return !host.empty() && vendor_of(lower_case(host)) != vendor_of(endpoint.host);
}

/// Refusals by the service's own network rules, with the phrases that only it uses.
AnswerKind service_denial(const HttpDetail& http) {
  const std::string_view body = http.body.data;
  if (contains(body, "denied based on workspace private link configuration"))
    return AnswerKind::workspace_private_only;
  if (contains(body, "TlsVersionNotPermitted")) return AnswerKind::tls_version;
  if (http.status != 403) return AnswerKind::good;
  if (contains(body, "ForbiddenByConnection")) return AnswerKind::keyvault_private_only;
  if (contains(body, "ForbiddenByFirewall")) return AnswerKind::keyvault_firewall;
  if (contains(body, "aka.ms/acr/firewall") ||
      (contains(body, "DENIED") && contains(body, "client with IP"))) {
    return AnswerKind::registry_firewall;
  }
  // Azurite gives the same code, with other words, to whoever shows no credentials.
  const bool denied =
      contains(body, "AuthorizationFailure") || header_of(http, "x-ms-error-code") == "AuthorizationFailure";
  if (denied && !contains(body, "failed to authenticate")) return AnswerKind::storage_firewall;
  return AnswerKind::good;
}

/// What a gateway's own page does not have: another server's name, a challenge, a session, data.
bool application_speaks(const HttpDetail& http) {
  return !header_of(http, "server").empty() || !header_of(http, "www-authenticate").empty() ||
         !header_of(http, "x-powered-by").empty() || !header_of(http, "set-cookie").empty() ||
         contains(lower_case(header_of(http, "content-type")), "json");
}

AnswerKind gateway_answer(const HttpDetail& http) {
  if (http.status == 502 || http.status == 504) return AnswerKind::gateway_backend;
  const bool refused = http.status == 400 || http.status == 403 || http.status == 404;
  if (!refused) return AnswerKind::good;
  // A 4xx of what stands behind the gateway proves the way there.
  return !names_gateway(http) && application_speaks(http) ? AnswerKind::good : AnswerKind::gateway_rejected;
}

AnswerKind documented_answer(const HttpDetail& http, const Endpoint& endpoint) {
  if (http.status == 502 && contains(endpoint.host, ".instances.azureml."))
    return AnswerKind::instance_unhealthy;
  const auto* answerer = find_answerer(endpoint.answerer);
  if (answerer == nullptr || answerer->recognises(http)) return AnswerKind::good;
  if (leads_elsewhere(http, endpoint)) return AnswerKind::block_page;
  const bool redirect = http.status >= 300 && http.status <= 399;
  if (redirect && !header_of(http, "location").empty()) return AnswerKind::good;  // to itself: http to https
  return is_html(http) ? AnswerKind::block_page : AnswerKind::unexpected;
}

}  // namespace

std::string_view header_of(const HttpDetail& http, std::string_view name) {
  const auto found =
      std::find_if(http.headers.begin(), http.headers.end(), [&](const auto& h) { return h.first == name; });
  return found == http.headers.end() ? std::string_view() : std::string_view(found->second.data);
}

bool names_gateway(const HttpDetail& http) {
  return contains(header_of(http, "server"), "Application-Gateway") ||
         contains(http.body.data, "Microsoft-Azure-Application-Gateway") ||
         contains(http.body.data, "while acting as a gateway or proxy server");
}

bool answered_by_proxy(const HttpDetail& http) {
  if (http.proxy.empty()) return false;
  if (http.status == 407 || !header_of(http, "x-squid-error").empty()) return true;
  const auto server = lower_case(header_of(http, "server"));
  return http.status >= 400 && (contains(server, "squid") || contains(server, "tinyproxy"));
}

AnswerKind judge_answer(const HttpDetail& http, const Endpoint& endpoint) {
  if (http.status == 0) return AnswerKind::none;
  if (is_firewall_denial(http)) return AnswerKind::firewall_denied;
  if (endpoint.origin == Origin::gateway_alias) return gateway_answer(http);
  if (const auto denial = service_denial(http); denial != AnswerKind::good) return denial;
  return documented_answer(http, endpoint);
}

std::string_view missing_role_in(const HttpDetail& http) {
  if (http.status != 403) return {};
  for (const std::string_view code : {"AuthorizationPermissionMismatch", "ForbiddenByRbac"}) {
    if (contains(http.body.data, code) || header_of(http, "x-ms-error-code") == code) return code;
  }
  return {};
}

std::string client_address_in(std::string_view body) {
  constexpr std::array<std::string_view, 2> kBefore = {"Client address: ", "client with IP "};
  for (const auto before : kBefore) {
    const auto at = body.find(before);
    if (at == std::string_view::npos) continue;
    auto rest = body.substr(at + before.size());
    if (rest.starts_with("\\u0027")) rest.remove_prefix(6);
    if (rest.starts_with('\'')) rest.remove_prefix(1);
    const auto end = std::min<std::size_t>(rest.find_first_not_of("0123456789abcdefABCDEF.:"), 45);
    auto address = rest.substr(0, end);
    while (address.ends_with('.')) address.remove_suffix(1);
    return std::string(address);
  }
  return {};
}

std::string excerpt_of(std::string_view text, std::size_t limit) {
  std::string result;
  for (const char c : text.substr(0, limit)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool space = c == '\n' || c == '\r' || c == '\t';
    result += space ? ' ' : (byte >= 0x20 && byte < 0x7f ? c : '?');
  }
  return text.size() > limit ? result + "..." : result;
}

}  // namespace amlnet
