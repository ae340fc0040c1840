// One row for each failure's name and one table for each library. Codes that say only "it went wrong" are
// `other`: the library's own words stay beside it as evidence.
#include "probes/failure.h"

#include <ares.h>
#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace amlnet {
namespace {

using Name = std::pair<Failure, std::string_view>;
constexpr std::array kNames{
    Name{Failure::none, "none"},
    Name{Failure::timeout, "timeout"},
    Name{Failure::refused, "refused"},
    Name{Failure::reset, "reset"},
    Name{Failure::closed, "closed"},
    Name{Failure::host_unreachable, "host_unreachable"},
    Name{Failure::net_unreachable, "net_unreachable"},
    Name{Failure::local_blackhole, "local_blackhole"},
    Name{Failure::local_prohibited, "local_prohibited"},
    Name{Failure::local_reject, "local_reject"},
    Name{Failure::no_descriptors, "no_descriptors"},
    Name{Failure::no_memory, "no_memory"},
    Name{Failure::no_local_port, "no_local_port"},
    Name{Failure::dns_malformed, "dns_malformed"},
    Name{Failure::dns_bad_name, "dns_bad_name"},
    Name{Failure::tls_alert, "tls_alert"},
    Name{Failure::tls_not_tls, "tls_not_tls"},
    Name{Failure::tls_protocol, "tls_protocol"},
    Name{Failure::http_malformed, "http_malformed"},
    Name{Failure::http_too_large, "http_too_large"},
    Name{Failure::proxy_refused, "proxy_refused"},
    Name{Failure::proxy_unresolved, "proxy_unresolved"},
    Name{Failure::cancelled, "cancelled"},
    Name{Failure::other, "other"},
};

Failure errno_failure(long code) {
  switch (code) {
    case 0:
      return Failure::none;
    case ETIMEDOUT:
      return Failure::timeout;
    case ECONNREFUSED:
      return Failure::refused;
    case ECONNRESET:
    case ECONNABORTED:
      return Failure::reset;
    case EPIPE:
    case ENOTCONN:
    case ESHUTDOWN:
      return Failure::closed;
    case EHOSTUNREACH:
    case EHOSTDOWN:
      return Failure::host_unreachable;
    case ENETUNREACH:
    case ENETDOWN:
    case EAFNOSUPPORT:
      return Failure::net_unreachable;  // a node without IPv6 has no route to any IPv6 address
    case EINVAL:
      return Failure::local_blackhole;
    case EACCES:
      return Failure::local_prohibited;
    case EPERM:
      return Failure::local_reject;
    case EMFILE:
    case ENFILE:
      return Failure::no_descriptors;
    case ENOMEM:
    case ENOBUFS:
      return Failure::no_memory;
    case EADDRNOTAVAIL:
    case EAGAIN:  // of connect(2), where a UDP socket finds no port (inet_autobind)
      return Failure::no_local_port;
    case ECANCELED:
      return Failure::cancelled;
    default:
      return Failure::other;
  }
}

Failure cares_failure(int status) {
  switch (status) {
    case ARES_SUCCESS:
      return Failure::none;
    case ARES_ETIMEOUT:
      return Failure::timeout;
    case ARES_ECONNREFUSED:
      return Failure::refused;
    case ARES_EOF:
      return Failure::closed;
    case ARES_EBADRESP:
    case ARES_EFORMERR:
      return Failure::dns_malformed;
    case ARES_EBADNAME:
    case ARES_EBADQUERY:
      return Failure::dns_bad_name;
    case ARES_ENOMEM:
      return Failure::no_memory;
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
      return Failure::cancelled;
    default:
      return Failure::other;
  }
}

// CURLE_TOO_LARGE, which headers older than curl 8.6 do not name.
constexpr int kCurlTooLarge = 100;

// What `code` means when the system's errno says nothing more.
Failure curl_failure(int code) {
  switch (code) {
    case CURLE_OK:
      return Failure::none;
    case CURLE_OPERATION_TIMEDOUT:
      return Failure::timeout;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:  // without an errno: the peer ended the stream, or TLS did without close_notify
    case CURLE_SEND_ERROR:
      return Failure::closed;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CLIENTCERT:
      return Failure::tls_protocol;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:  // an answer without a status line (HTTP/0.9)
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_BAD_CONTENT_ENCODING:
      return Failure::http_malformed;
    case CURLE_OUT_OF_MEMORY:  // what curl before 8.6 says of a header line beyond its bound
    case CURLE_WRITE_ERROR:    // our own callback met its bound
    case CURLE_FILESIZE_EXCEEDED:
    case kCurlTooLarge:
      return Failure::http_too_large;
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Failure::proxy_unresolved;
    case CURLE_PROXY:
      return Failure::proxy_refused;
    case CURLE_ABORTED_BY_CALLBACK:
      return Failure::cancelled;
    default:
      return Failure::other;
  }
}

// The codes of curl that stand for any system error, so that errno is the better witness.
bool curl_is_vague(int code) {
  return code == CURLE_COULDNT_CONNECT || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
         code == CURLE_SSL_CONNECT_ERROR || code == CURLE_OUT_OF_MEMORY || code == CURLE_INTERFACE_FAILED;
}

}  // namespace

std::string_view name_of(Failure failure) {
  for (const auto& [value, name] : kNames)
    if (value == failure) return name;
  return "other";
}

Failure failure_named(std::string_view text) {
  for (const auto& [value, name] : kNames)
    if (name == text) return value;
  return Failure::other;
}

std::string_view name_of(ErrorSource source) {
  switch (source) {
    case ErrorSource::none:
      return "";
    case ErrorSource::system:
      return "errno";
    case ErrorSource::cares:
      return "c-ares";
    case ErrorSource::openssl:
      return "openssl";
    case ErrorSource::curl:
      return "curl";
    case ErrorSource::amlnet:
      return "amlnet";
  }
  return "";
}

WireError from_errno(int code) {
  if (code == 0) return {};
  return {errno_failure(code), ErrorSource::system, code, std::system_category().message(code)};
}

WireError from_cares(int status) {
  if (status == ARES_SUCCESS) return {};
  return {cares_failure(status), ErrorSource::cares, status, ares_strerror(status)};
}

WireError from_openssl(unsigned long code) {
  if (ERR_SYSTEM_ERROR(code)) return from_errno(ERR_GET_REASON(code));
  WireError error{Failure::tls_protocol, ErrorSource::openssl, static_cast<long>(code), ""};
  if (code == 0) return error;
  const int reason = ERR_GET_REASON(code);
  if (ERR_GET_LIB(code) == ERR_LIB_SSL) {
    if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) error.failure = Failure::closed;
    // OpenSSL numbers an alert that the peer sent as this offset and the alert's number (at most 255).
    if (reason >= SSL_AD_REASON_OFFSET && reason <= SSL_AD_REASON_OFFSET + 255)
      error.failure = Failure::tls_alert;
  }
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  error.text = text.data();
  return error;
}

WireError from_curl(int code, long os_errno) {
  if (code == CURLE_OK) return {};
  WireError error{curl_failure(code), ErrorSource::curl, code,
                  curl_easy_strerror(static_cast<CURLcode>(code))};
  if (os_errno != 0 && curl_is_vague(code)) {
    error.failure = errno_failure(os_errno);
    error.text += ": " + std::system_category().message(static_cast<int>(os_errno));
  }
  return error;
}

WireError timed_out() {
  return {Failure::timeout, ErrorSource::amlnet, 0, "no answer before the deadline"};
}

WireError was_cancelled() {
  return {Failure::cancelled, ErrorSource::amlnet, 0, "the run ended first"};
}

}  // namespace amlnet
