// Asking for a token: what is sent for each method, and what the answer means. Pure; the run sends it.
// Answers hold the token and may repeat what was sent, so of them only words of our own closed lists, numbers
// and GUIDs go any further.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/identity/audience.h"
#include "agent/identity/credentials.h"
#include "probes/record.h"
#include "probes/spec.h"

namespace amlnet {

/// Why no token came.
enum class TokenProblem {
  none,                // one came
  no_answer,           // the network: IdentityDetail::error says how
  no_identity,         // the service answers that this node has no identity (or not the one that was named)
  several_identities,  // it has several, and none was named
  throttled,           // 429
  busy,                // 404, 410 or 5xx: to be tried again, as documented
  refused,             // the service answers and refuses; `code` may say why
  proxied,             // something on the way changed the request to the metadata service
  not_the_service,     // an answer that the service would not give
  unusable,            // what is configured cannot be used: nothing was sent
  not_signed_in,       // the Azure CLI has no session
};
std::string_view name_of(TokenProblem problem);  // "no-answer", "several-identities", ...

/// Where a token is asked for over HTTP. `host` is what to resolve, a name or an address.
struct TokenRequest {
  HttpSpec http;  // without address
  std::string host;
  std::uint16_t port = 0;
  bool direct = false;    // never through a proxy
  std::string unusable;   // why nothing can be sent; then the rest is empty
  std::string client_id;  // of the identity that it names
};

/// For a query or a form (RFC 3986 section 2.3).
std::string percent_encoded(std::string_view text);

/// GET MSI_ENDPOINT with the secret in a header, as azure-identity does on Azure ML computes. Unusable where
/// the endpoint is no URL, or plain HTTP to an address beyond this node and its own networks.
TokenRequest ask_managed_endpoint(const Credentials& credentials, std::string_view resource);

/// GET of the metadata service.
/// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
TokenRequest ask_metadata_token(const Credentials& credentials, std::string_view resource);

/// POST to Entra ID, grant client_credentials; `assertion` instead of the secret where it is not empty.
/// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
TokenRequest ask_as_service_principal(const Credentials& credentials, Cloud cloud, std::string_view resource,
                                      const std::string& assertion);

/// "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token"
std::string token_url(Cloud cloud, const std::string& tenant);

/// The three requests of a sign-in by device code: for the code, for the first token, for further ones.
/// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
TokenRequest ask_device_code(const Credentials& credentials, Cloud cloud, std::string_view resource);
TokenRequest ask_with_device_code(const Credentials& credentials, Cloud cloud,
                                  const std::string& device_code);
TokenRequest ask_with_refresh_token(const Credentials& credentials, Cloud cloud, std::string_view resource,
                                    const std::string& refresh_token);

/// A token service's answer. The two secrets must go nowhere but into requests.
struct TokenAnswer {
  TokenProblem problem = TokenProblem::not_the_service;
  std::string token, refresh_token;
  std::optional<std::int64_t> expires;  // seconds since the epoch
  std::string code;                     // "AADSTS53003"
  bool pending = false;                 // device code: the person has not signed in yet
  bool slower = false;                  // and the questions come too often
};

TokenAnswer read_token_answer(IdentityMethod method, const HttpDetail& answer, std::int64_t now);

/// What `az account get-access-token` printed, and how it ended.
TokenAnswer read_cli_answer(int status, std::string_view output, std::string_view errors);

/// A device code, and what to tell the person.
struct DeviceCode {
  std::string device_code;  // secret
  std::string user_code;    // letters, digits and -
  std::string url;          // of Microsoft, https
  int interval_s = 5, expires_s = 900;
};
std::optional<DeviceCode> read_device_code(const HttpDetail& answer);

/// What an AADSTS code says in a few words, "" for one that is not known here.
/// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
std::string_view meaning_of(std::string_view code);

}  // namespace amlnet
