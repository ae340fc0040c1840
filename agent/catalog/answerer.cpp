// Signatures of services. Two kinds: services whose answers are documented or were read in public reports are
// known by their own headers and error bodies, and nothing else is theirs. Services whose anonymous answer
// nobody documents (the Azure ML API, instances, a registry's data endpoint) are taken for themselves unless
// the answer looks like a middlebox's: a page for people, a redirect elsewhere, a firewall's or proxy's own
// words.
#include "agent/catalog/answerer.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "probes/serve/greeting.h"

namespace amlnet {
namespace {

/// The value of a header, "" where it is absent. Names arrive in lower case.
std::string_view header(const HttpDetail& answer, std::string_view name) {
  for (const auto& [key, value] : answer.headers) {
    if (key == name) return value.data;
  }
  return "";
}

bool has_header(const HttpDetail& answer, std::string_view name) {
  return std::any_of(answer.headers.begin(), answer.headers.end(),
                     [&](const auto& entry) { return entry.first == name; });
}

bool has_header_prefix(const HttpDetail& answer, std::string_view prefix) {
  return std::any_of(answer.headers.begin(), answer.headers.end(),
                     [&](const auto& entry) { return entry.first.starts_with(prefix); });
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
bool body_has(const HttpDetail& answer, std::string_view part) {
  return contains(answer.body.data, part);
}

bool is_page(const HttpDetail& answer) {
  if (contains(header(answer, "content-type"), "text/html")) return true;
  std::string start = answer.body.data.substr(0, 256);
  std::transform(start.begin(), start.end(), start.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return contains(start, "<html") || contains(start, "<!doctype html");
}

/// The own words of Azure Firewall and squid (failures.md 4), and what only a proxy would say.
bool speaks_as_middlebox(const HttpDetail& answer) {
  return body_has(answer, "Action: Deny") || has_header(answer, "x-squid-error") || answer.status == 407;
}

bool is_sign_in(std::string_view location) {
  for (std::string_view host :
       {"https://login.microsoftonline.com/", "https://login.microsoftonline.us/",
        "https://login.chinacloudapi.cn/", "https://login.partner.microsoftonline.cn/"}) {
    if (location.starts_with(host)) return true;
  }
  return false;
}

/// For services without a documented anonymous answer.
bool nothing_against_it(const HttpDetail& answer) {
  if (answer.status < 200 || speaks_as_middlebox(answer)) return false;
  if (has_header_prefix(answer, "x-ms-")) return true;
  const bool redirect = answer.status >= 300 && answer.status < 400;
  if (redirect) return is_sign_in(header(answer, "location"));
  return !is_page(answer) && answer.status != 502 && answer.status != 503 && answer.status != 504;
}

/// What no other of Azure's services says. A name that leads to the wrong one may pass TLS where both share a
/// certificate.
bool says_storage(const HttpDetail& answer) {
  return (body_has(answer, "<Error><Code>") && body_has(answer, "<Message>")) ||
         body_has(answer, "odata.error") || has_header(answer, "x-ms-version");
}

bool says_vault(const HttpDetail& answer) {
  return has_header_prefix(answer, "x-ms-keyvault-") ||
         contains(header(answer, "www-authenticate"), "https://vault.") || body_has(answer, "AKV1") ||
         body_has(answer, "ForbiddenByConnection") || body_has(answer, "ForbiddenByFirewall") ||
         body_has(answer, "ForbiddenByRbac");
}

bool says_registry(const HttpDetail& answer) {
  return has_header(answer, "docker-distribution-api-version");
}

bool is_storage(const HttpDetail& answer) {
  const bool another = says_vault(answer) || says_registry(answer);
  return says_storage(answer) || (has_header(answer, "x-ms-request-id") && !another);
}

bool is_vault(const HttpDetail& answer) {
  const bool another = says_storage(answer) || says_registry(answer);
  return says_vault(answer) || (has_header(answer, "x-ms-request-id") && !another);
}

bool is_registry(const HttpDetail& answer) {
  return has_header(answer, "docker-distribution-api-version") ||
         contains(header(answer, "www-authenticate"), "/oauth2/token") ||
         (body_has(answer, "\"errors\"") && body_has(answer, "\"code\"") && !is_page(answer));
}

bool is_registry_data(const HttpDetail& answer) {
  return is_registry(answer) || nothing_against_it(answer);
}

bool is_microsoft_registry(const HttpDetail& answer) {
  return is_registry(answer) || has_header(answer, "x-msedge-ref") || has_header(answer, "x-azure-ref");
}

bool is_entra(const HttpDetail& answer) {
  if (has_header_prefix(answer, "x-ms-")) return true;
  if (body_has(answer, "\"token_endpoint\"") || body_has(answer, "\"issuer\"") || body_has(answer, "AADSTS"))
    return true;
  const bool redirect = answer.status >= 300 && answer.status < 400;
  return redirect && is_sign_in(header(answer, "location"));  // port 80
}

bool is_resource_manager(const HttpDetail& answer) {
  return has_header_prefix(answer, "x-ms-") ||
         contains(header(answer, "www-authenticate"), "authorization_uri=");
}

bool is_imds(const HttpDetail& answer) {
  return header(answer, "server").starts_with("IMDS/") || body_has(answer, "Required metadata header") ||
         (answer.status == 200 && body_has(answer, "\"compute\"") && body_has(answer, "\"azEnvironment\""));
}

bool is_listener(const HttpDetail& answer) {
  return answer.status == 200 && read_greeting(answer.url, answer.body.data).has_value();
}

// Since this version an anonymous listing is answered as one without credentials, and a token is taken.
constexpr std::string_view kStorageVersion = "x-ms-version: 2020-04-08";

// Storage is asked for a list: only such a question comes to the account's rules, where "/" may end before
// them as one that means nothing. Without a token nothing is listed.
constexpr Answerer answerers[] = {
    {"azure-blob", "Azure Blob Storage", "/?comp=list&maxresults=1", is_storage, kStorageVersion},
    {"azure-file", "Azure Files", "/?comp=list&maxresults=1", is_storage, kStorageVersion},
    {"azure-queue", "Azure Queue Storage", "/?comp=list&maxresults=1", is_storage, kStorageVersion},
    {"azure-table", "Azure Table Storage", "/Tables?$top=1", is_storage, kStorageVersion},
    {"azure-dfs", "Azure Data Lake Storage", "/?resource=account&maxResults=1", is_storage, kStorageVersion},
    {"key-vault", "Azure Key Vault", "/secrets?api-version=7.4", is_vault},
    {"container-registry", "Azure Container Registry", "/v2/", is_registry},
    {"container-registry-data", "the data endpoint of Azure Container Registry", "/", is_registry_data},
    {"microsoft-container-registry", "Microsoft Container Registry", "/v2/", is_microsoft_registry},
    {"entra", "Microsoft Entra ID", "/common/v2.0/.well-known/openid-configuration", is_entra},
    {"resource-manager", "Azure Resource Manager", "/subscriptions?api-version=2020-01-01",
     is_resource_manager},
    {"azureml-api", "Azure Machine Learning", "/discovery", nothing_against_it},
    {"azureml-instance", "the front end of compute instances", "/", nothing_against_it},
    {"imds", "the instance metadata service", "/metadata/instance?api-version=2021-02-01", is_imds,
     "Metadata: true"},
    {"amlnet-listen", "amlnet listen on another node", kGreetingPath, is_listener},
};

}  // namespace

const Answerer* find_answerer(std::string_view id) {
  for (const Answerer& answerer : answerers) {
    if (answerer.id == id) return &answerer;
  }
  return nullptr;
}

std::span<const Answerer> all_answerers() {
  return answerers;
}

}  // namespace amlnet
