// What a probe is asked to do, as plain data. Planning and follow-ups make specs, the probes obey them. Every
// variation that tells look-alike causes apart (SNI, segment size, hello size, TTL, transport) is a field
// here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace amlnet {

/// One question to one nameserver.
struct DnsSpec {
  std::string name;        // absolute, without trailing dot
  std::string type = "A";  // "A" or "AAAA"
  bool edns = true;
  bool tcp = false;
};

/// One connection to a numeric address.
struct TcpSpec {
  std::string address;  // IPv4 or IPv6, no brackets
  std::uint16_t port = 0;
  std::optional<int> segment_size;  // TCP_MAXSEG before connect, 88..32767
  std::optional<int> ttl;           // IP_TTL or IPV6_UNICAST_HOPS, 1..255
};

struct UdpSpec {
  std::string address;
  std::uint16_t port = 0;
};

/// One handshake on a connection that is up.
struct TlsSpec {
  std::string server_name;  // SNI; empty sends none
  std::string verify_name;  // the name the certificate must carry; the SNI as a rule
  bool pad_hello = false;   // grow the ClientHello beyond one segment (RFC 7685 padding or long ALPN)
  bool send_sni = true;
};

/// One request, pinned to an address that was resolved before.
struct HttpSpec {
  std::string method = "GET";
  std::string url;      // http, https, or wss and ws for an upgrade to WebSocket
  std::string address;  // where to connect; the proxy's address when `proxy` is set
  std::uint16_t port = 0;
  std::string proxy;              // "" is direct; may carry credentials, which never reach a result
  std::size_t body_limit = 4096;  // bytes of the body that are kept
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // of a POST or PUT, sent as it is

  /// For a request that carries a secret: nothing of it is sent before the peer's chain and name verify by
  /// the roots in `ca_file` (PEM) and `ca_path` (folders "a:b"); where both are empty nothing verifies.
  bool verified = false;  // they also judge a proxy that is reached over TLS
  std::string ca_file, ca_path;
};

}  // namespace amlnet
