#include "agent/upload/storage_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "agent/catalog/words.h"

namespace amlnet {
namespace {

constexpr long kPeerNotVerified = 60;  // CURLE_PEER_FAILED_VERIFICATION

struct Meaning {
  std::string_view code, of_sas, of_token;
};
constexpr std::string_view kRules =
    "the account's network rules refuse this node, or the SAS does not admit it";
constexpr std::array kMeanings{
    Meaning{"AuthenticationFailed", "the SAS is wrong or has expired (or this node's clock is wrong)",
            "the account does not take this identity's token (another tenant?)"},
    Meaning{"AuthorizationFailure", kRules, "the account's network rules refuse this node"},
    Meaning{"AuthorizationSourceIPMismatch", "the SAS is for other client addresses", ""},
    Meaning{"AuthorizationProtocolMismatch", "the SAS is for another protocol", ""},
    Meaning{"AuthorizationServiceMismatch", "the SAS is for another service than blobs", ""},
    Meaning{"AuthorizationResourceTypeMismatch", "the SAS does not cover blobs (srt=o)", ""},
    Meaning{"AuthorizationPermissionMismatch",
            "the SAS lacks a permission: it needs create (c) or write (w), and read (r) to resume",
            "the identity lacks a role: Storage Blob Data Contributor on the container"},
    Meaning{"NoAuthenticationInformation", "the URL's SAS was not recognized",
            "the token was not recognized"},
    Meaning{"InvalidAuthenticationInfo", "the SAS was not recognized", "the token was not recognized"},
    Meaning{"KeyBasedAuthenticationNotPermitted",
            "the account does not take a SAS made with its keys; use a user delegation SAS, or an identity",
            ""},
    Meaning{"PublicAccessNotPermitted", "the URL's SAS was not recognized", "the token was not recognized"},
    Meaning{"ContainerNotFound", "there is no such container", "there is no such container"},
    Meaning{"ContainerBeingDeleted", "the container is being deleted", "the container is being deleted"},
    Meaning{"ContainerDisabled", "the container is disabled", "the container is disabled"},
    Meaning{"AccountIsDisabled", "the account is disabled", "the account is disabled"},
    Meaning{"ResourceNotFound", "there is no such account or container",
            "there is no such account or container"},
    Meaning{"BlobImmutableDueToPolicy", "the container's policy keeps blobs from being changed",
            "the container's policy keeps blobs from being changed"},
};

std::string_view meaning_of(std::string_view code, bool with_sas) {
  const auto* found = std::ranges::find(kMeanings, code, &Meaning::code);
  if (found == kMeanings.end()) return "";
  return with_sas ? found->of_sas : found->of_token;
}

const Bytes* header(const HttpDetail& answer, std::string_view name) {
  const auto found = std::ranges::find(answer.headers, name, &std::pair<std::string, Bytes>::first);
  return found == answer.headers.end() ? nullptr : &found->second;
}

std::string words_of(const WireError& error) {
  if (error.source == ErrorSource::curl && error.code == kPeerNotVerified)
    return "its certificate does not verify by this node's roots" +
           (error.text.empty() ? "" : ": " + printable(error.text, 200));
  switch (error.failure) {
    case Failure::timeout:
      return "no answer in time";
    case Failure::refused:
      return "the connection is refused";
    case Failure::reset:
      return "the connection was reset";
    case Failure::closed:
      return "the connection was closed";
    case Failure::host_unreachable:
    case Failure::net_unreachable:
      return "the network is unreachable";
    case Failure::proxy_unresolved:
      return "the proxy's name has no address";
    default:
      if (error.source == ErrorSource::amlnet && !error.text.empty()) return printable(error.text, 200);
      return fmt::format("no answer ({})", name_of(error.failure));
  }
}

}  // namespace

std::string storage_code(const HttpDetail& answer) {
  const Bytes* code = header(answer, "x-ms-error-code");
  const auto letter = [](unsigned char c) { return c < 0x80 && std::isalnum(c); };
  const bool usable = code && code->data.size() <= 60 && std::ranges::all_of(code->data, letter);
  return usable ? code->data : "";
}

bool is_of_storage(const HttpDetail& answer) {
  return header(answer, "x-ms-request-id") != nullptr || header(answer, "x-ms-error-code") != nullptr;
}

bool is_passing_status(long status) {
  return status == 408 || status == 429 || status / 100 == 5;
}

bool is_final(const WireError& error) {
  return error.source == ErrorSource::curl && error.code == kPeerNotVerified;
}

std::string storage_problem(const HttpDetail& answer, bool with_sas) {
  if (answer.proxy_status >= 300)
    return fmt::format("the proxy refuses the connection (HTTP {})", answer.proxy_status);
  if (answer.status == 0) return words_of(answer.error);
  const std::string code = storage_code(answer);
  const std::string_view meaning = meaning_of(code, with_sas);
  return fmt::format("HTTP {}{}{}{}{}", answer.status, code.empty() ? "" : " ", code,
                     meaning.empty() ? "" : ": ", meaning);
}

}  // namespace amlnet
