// The closed list of what can go wrong on the wire, and the one table from library codes to it.
// Diagnosis decides on `Failure` alone; the library's own code and text are kept beside it as evidence and
// are never used to decide.
#pragma once

#include <string>
#include <string_view>

namespace amlnet {

enum class Failure {
  none,
  timeout,           // silence until the attempt's own deadline
  refused,           // a reset answered the SYN, or ICMP port unreachable answered a datagram
  reset,             // a reset after the connection was up
  closed,            // the peer closed before the step was complete
  host_unreachable,  // EHOSTUNREACH: ICMP host unreachable, TTL exceeded or prohibited (see the ICMP record)
  net_unreachable,   // ENETUNREACH: no route here, or ICMP network unreachable
  local_blackhole,   // EINVAL from connect(): a blackhole route of this node
  local_prohibited,  // EACCES from connect(): a prohibit route of this node
  local_reject,      // EPERM: this node's own firewall
  no_descriptors,    // EMFILE, ENFILE
  no_memory,         // ENOMEM, ENOBUFS
  no_local_port,     // EADDRNOTAVAIL
  dns_malformed,     // bytes that are no valid DNS message, or an answer to another question
  dns_bad_name,      // the name itself cannot be asked for (label over 63 bytes, empty label, ...)
  tls_alert,         // the peer sent a fatal alert (its number is in the TLS record)
  tls_not_tls,       // the peer's first bytes are not a TLS record
  tls_protocol,      // any other handshake error
  http_malformed,    // no valid HTTP answer
  http_too_large,    // headers beyond the bound
  proxy_refused,     // the proxy answered CONNECT with an error status
  proxy_unresolved,  // the proxy's own name could not be resolved
  cancelled,         // the run ended first
  other,
};

/// The stable lower-case name used in reports: "timeout", "refused", "tls_alert", ...
std::string_view name_of(Failure);

/// The inverse of name_of; `Failure::other` for an unknown name (reports are hostile input).
Failure failure_named(std::string_view);

/// Whose code and text an error carries.
enum class ErrorSource { none, system, cares, openssl, curl, amlnet };

/// As reports name it: "errno", "c-ares", "openssl", "curl", "amlnet"; "" for none.
std::string_view name_of(ErrorSource);

/// A failure with the library's own words.
struct WireError {
  Failure failure = Failure::none;
  ErrorSource source = ErrorSource::none;
  long code = 0;
  std::string text;

  explicit operator bool() const { return failure != Failure::none; }
};

/// From an errno value as connect(), send() or recv() gave it. ECONNRESET is `reset`, ETIMEDOUT is `timeout`.
WireError from_errno(int code);
/// From a c-ares status (ARES_E...).
WireError from_cares(int status);
/// From an OpenSSL error-queue entry (ERR_peek_error()); 0 gives `tls_protocol` without text.
WireError from_openssl(unsigned long code);
/// From a CURLcode, with the errno that CURLINFO_OS_ERRNO gave (0 if none), which decides where curl's own
/// code is vague.
WireError from_curl(int code, long os_errno);
/// Our own deadline passed: `timeout` with source `amlnet`.
WireError timed_out();
/// The run was stopped before the step ended.
WireError was_cancelled();

}  // namespace amlnet
