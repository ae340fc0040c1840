#include "agent/identity/token_request.h"

#include <fmt/format.h>

#include <cctype>

#include "agent/plan/scope.h"
#include "agent/workspace/platform.h"
#include "probes/curl_url.h"

namespace amlnet {
namespace {

constexpr std::size_t kLargestAnswer = std::size_t{64} * 1024;

// A plain-text secret may go to this node, and to the networks that only its own host can be on.
bool is_near(const std::string& host) {
  const AddressKind kind = kind_of(host, Workspace{});
  return host == "localhost" || kind == AddressKind::loopback || kind == AddressKind::link_local ||
         kind == AddressKind::private_;
}

TokenRequest cannot_use(std::string why) {
  TokenRequest request;
  request.unusable = std::move(why);
  return request;
}

std::string managed_query(const Credentials& credentials, const char* version, const char* client_key,
                          std::string_view resource) {
  std::string query = fmt::format("api-version={}&resource={}", version, percent_encoded(resource));
  if (!credentials.managed_client_id.empty())
    query += fmt::format("&{}={}", client_key, credentials.managed_client_id);
  return query;
}

TokenRequest post_to_entra(Cloud cloud, const std::string& url, std::string form) {
  TokenRequest request;
  request.host = login_host(cloud);
  request.port = 443;
  request.http.method = "POST";
  request.http.url = url;
  request.http.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                          {"Accept", "application/json"}};
  request.http.body = std::move(form);
  request.http.body_limit = kLargestAnswer;
  request.http.verified = true;
  return request;
}

// The v2.0 endpoint asks for scopes: all that is granted for the resource.
std::string scope_of(std::string_view resource) {
  return percent_encoded(fmt::format("{}{}.default", resource, resource.ends_with('/') ? "" : "/"));
}

// Where no service principal is configured, people sign in with the client of Azure's developer tools, as
// azure-identity's DeviceCodeCredential does.
constexpr std::string_view kDeveloperTools = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

std::string person_client(const Credentials& credentials) {
  return credentials.client_id.empty() ? std::string(kDeveloperTools) : credentials.client_id;
}

std::string person_tenant(const Credentials& credentials) {
  return credentials.tenant.empty() ? "organizations" : credentials.tenant;
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte < 0x80 && std::isalnum(byte)) || c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

TokenRequest ask_managed_endpoint(const Credentials& credentials, std::string_view resource) {
  const ParsedUrl url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, credentials.msi_endpoint.c_str(), 0) != CURLUE_OK)
    return cannot_use("MSI_ENDPOINT is not a URL");
  const std::string scheme = url_part(url, CURLUPART_SCHEME);
  TokenRequest request;
  request.host = url_part(url, CURLUPART_HOST);
  if (request.host.starts_with('[')) request.host = request.host.substr(1, request.host.size() - 2);
  if (scheme != "http" && scheme != "https") return cannot_use("MSI_ENDPOINT is neither http nor https");
  if (scheme == "http" && !is_near(request.host))
    return cannot_use(
        "MSI_ENDPOINT is plain HTTP to an address beyond this node: its secret is not sent there");
  request.port = static_cast<std::uint16_t>(std::stoi(url_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT)));
  curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
  const bool has_query = !url_part(url, CURLUPART_QUERY).empty();
  request.http.url = url_part(url, CURLUPART_URL) + (has_query ? '&' : '?') +
                     managed_query(credentials, "2017-09-01", "clientid", resource);
  request.http.headers = {{"secret", credentials.msi_secret}};
  request.http.body_limit = kLargestAnswer;
  request.http.verified = scheme == "https";
  request.direct = true;
  request.client_id = credentials.managed_client_id;
  return request;
}

TokenRequest ask_metadata_token(const Credentials& credentials, std::string_view resource) {
  TokenRequest request;
  request.host = kMetadata;
  request.port = 80;
  request.http.url = fmt::format("http://{}/metadata/identity/oauth2/token?{}", kMetadata,
                                 managed_query(credentials, "2018-02-01", "client_id", resource));
  request.http.headers = {{"Metadata", "true"}};
  request.http.body_limit = kLargestAnswer;
  request.direct = true;
  request.client_id = credentials.managed_client_id;
  return request;
}

std::string token_url(Cloud cloud, const std::string& tenant) {
  return fmt::format("https://{}/{}/oauth2/v2.0/token", login_host(cloud), tenant);
}

TokenRequest ask_as_service_principal(const Credentials& credentials, Cloud cloud, std::string_view resource,
                                      const std::string& assertion) {
  std::string form = fmt::format("grant_type=client_credentials&client_id={}&scope={}", credentials.client_id,
                                 scope_of(resource));
  form += assertion.empty() ? "&client_secret=" + percent_encoded(credentials.client_secret)
                            : "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3A"
                              "jwt-bearer&client_assertion=" +
                                  percent_encoded(assertion);
  TokenRequest request = post_to_entra(cloud, token_url(cloud, credentials.tenant), std::move(form));
  request.client_id = credentials.client_id;
  return request;
}

TokenRequest ask_device_code(const Credentials& credentials, Cloud cloud, std::string_view resource) {
  return post_to_entra(
      cloud,
      fmt::format("https://{}/{}/oauth2/v2.0/devicecode", login_host(cloud), person_tenant(credentials)),
      fmt::format("client_id={}&scope={}%20offline_access", person_client(credentials), scope_of(resource)));
}

TokenRequest ask_with_device_code(const Credentials& credentials, Cloud cloud,
                                  const std::string& device_code) {
  return post_to_entra(cloud, token_url(cloud, person_tenant(credentials)),
                       fmt::format("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"
                                   "&client_id={}&device_code={}",
                                   person_client(credentials), percent_encoded(device_code)));
}

TokenRequest ask_with_refresh_token(const Credentials& credentials, Cloud cloud, std::string_view resource,
                                    const std::string& refresh_token) {
  return post_to_entra(
      cloud, token_url(cloud, person_tenant(credentials)),
      fmt::format("grant_type=refresh_token&client_id={}&scope={}&refresh_token={}",
                  person_client(credentials), scope_of(resource), percent_encoded(refresh_token)));
}

}  // namespace amlnet
