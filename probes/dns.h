// The DNS probe: one question to one nameserver over c-ares, the raw answer kept. Never getaddrinfo: libc
// hides the rcode, the server and the CNAME chain, and can block for minutes. Used by the scheduler, one
// Nameserver a server.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/udp.hpp>
#include <memory>
#include <optional>
#include <string>

#include "probes/record.h"
#include "probes/spec.h"
#include "probes/time.h"

namespace amlnet {

/// One nameserver with its channel. Thousands of questions may be in flight. Every question must have been
/// awaited before it is destroyed.
class Nameserver {
 public:
  /// `server` is "10.0.0.4", "10.0.0.4:5353", "fd00::4" or "[fd00::4]:53".
  Nameserver(asio::any_io_executor executor, std::string server);
  ~Nameserver();
  Nameserver(const Nameserver&) = delete;
  Nameserver& operator=(const Nameserver&) = delete;

  /// The server as given, without ":53".
  const std::string& name() const;
  /// Where its questions go; nothing where what was given is no address.
  const std::optional<asio::ip::udp::endpoint>& endpoint() const;

  /// Asks once and waits until `deadline`; no retry, no fallback: the caller sees each attempt. NXDOMAIN,
  /// SERVFAIL and REFUSED are answers (rcode set, no error). A truncated answer has `truncated` set and no
  /// fallback made. An ICMP port unreachable is `refused`. start_ms is not set here.
  /// `attempts` is 0 where this question is still open and an earlier one for the same name and type, given
  /// up before, was answered: duration_ms counts from that one, and `edns` is of that one.
  asio::awaitable<DnsAnswer> ask(DnsSpec question, Deadline deadline);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

/// Reads a DNS message (at most 64 KiB, hostile) into `answer`: rcode, flags, size, records. False, with
/// `answer.error` set to dns_malformed, when it is no valid response to `answer.name`/`answer.type`.
bool read_dns_message(const unsigned char* bytes, std::size_t size, DnsAnswer& answer);

}  // namespace amlnet
