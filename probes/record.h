// What a probe saw, as plain data: no socket, no JSON, no judgement. The scheduler fills these, diagnosis
// reads them, the report keeps them whole. Text that came from the network is raw bytes here (`Bytes`);
// writers escape it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "probes/boxed.h"
#include "probes/failure.h"

namespace amlnet {

/// Raw bytes from the network, bounded by the probe that took them.
struct Bytes {
  std::string data;
};

/// An ICMP error from the socket's error queue. `sender` is empty where the kernel (before 5.8) does not
/// tell.
struct IcmpError {
  int family = 4;  // 4 or 6
  int type = 0;
  int code = 0;
  std::string sender;
};

// ---- DNS -------------------------------------------------------------------------------------------------

/// One resource record. `data` is the presentation form: an address for A and AAAA, a name without trailing
/// dot for CNAME and SOA (the zone's primary server). Names are lower case; bytes that are not printable
/// ASCII are written as \DDD.
struct DnsRecord {
  std::string owner;
  std::string type;  // "A", "AAAA", "CNAME", "SOA"
  std::uint32_t ttl = 0;
  std::string data;
};

/// One question to one nameserver and what came back. `rcode` is absent when no valid message came.
struct DnsAnswer {
  std::string server;     // "10.0.0.4", or "10.0.0.4:5353" when the port is not 53
  std::string name;       // the question, absolute, without trailing dot
  std::string type;       // "A" or "AAAA"
  std::string transport;  // "udp" or "tcp"
  bool edns = true;       // asked with an OPT record, 1232 bytes
  std::optional<int> rcode;
  bool authoritative = false;
  bool truncated = false;
  bool recursion_available = false;
  std::size_t size = 0;              // bytes of the message
  std::vector<DnsRecord> records;    // answer section, in order
  std::vector<DnsRecord> authority;  // SOA records only
  WireError error;
  int attempts = 1;
  double start_ms = 0;     // since the start of the run
  double duration_ms = 0;  // of the last attempt
};

/// Everything learnt about one name. `addresses` is what the later stages used, in order, and `answered_by`
/// the source they came from: a server, or "hosts" for the hosts file.
struct DnsDetail {
  std::string name;
  std::vector<std::string> hosts_file;  // addresses that the hosts file pins for this name
  std::vector<std::string>
      searched;               // further names that libc would try, in its order, from search list and ndots
  bool search_first = false;  // libc would try `searched` before the name itself (fewer dots than ndots)
  std::vector<DnsAnswer> answers;
  std::vector<std::string> addresses;
  std::string answered_by;
};

// ---- TCP, UDP --------------------------------------------------------------------------------------------

/// One connection attempt to one address.
struct TcpDetail {
  std::string address;
  std::uint16_t port = 0;
  std::string local_address;
  WireError error;
  std::optional<IcmpError> icmp;
  std::optional<std::uint32_t> rtt_us;           // TCP_INFO, after the connection is up
  std::optional<std::uint32_t> syn_retransmits;  // TCP_INFO
  std::optional<int> segment_size;               // TCP_MAXSEG that was asked for, if any
  std::optional<int> ttl;                        // IP_TTL or hop limit that was asked for, if any
};

/// One datagram. Silence is no verdict (`error` is `timeout`), only an ICMP error or a local reject is.
struct UdpDetail {
  std::string address;
  std::uint16_t port = 0;
  std::string local_address;
  bool answered = false;
  WireError error;
  std::optional<IcmpError> icmp;
};

// ---- TLS -------------------------------------------------------------------------------------------------

/// How far a handshake came.
enum class TlsReached { nothing, hello_sent, server_hello, certificate, finished };
std::string_view name_of(TlsReached);

/// What one trust store says of the chain. `code` is OpenSSL's X509_V_ERR number, 0 for a valid chain.
struct StoreVerdict {
  std::string store;  // "/etc/ssl/certs/ca-certificates.crt", "--ca-file lab.pem", ...
  int code = 0;
  std::string text;
};

struct TlsDetail {
  std::string server_name;  // SNI; empty when none was sent
  std::string address;
  std::uint16_t port = 0;
  TlsReached reached = TlsReached::nothing;
  std::string version;  // "TLSv1.3"
  std::string cipher;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::optional<int> alert;        // fatal alert number the peer sent
  Bytes first_bytes;               // what a peer that is not TLS said, at most 256 bytes
  std::vector<std::string> chain;  // SHA-256 fingerprints (hex), leaf first, at most 16
  bool name_matches = false;
  std::vector<StoreVerdict> verdicts;  // one a store; the first is the one that decides
  bool ocsp_stapled = false;
  double handshake_ms = 0;
  WireError error;
};

/// A certificate, once for each run; probes refer to it by fingerprint.
struct Certificate {
  std::string sha256;
  std::string subject;  // RFC 2253, one line
  std::string issuer;
  std::string subject_cn;
  std::string issuer_cn;
  std::string issuer_org;
  std::vector<std::string> names;  // DNS and IP subject alternative names, at most 100
  std::int64_t not_before = 0;     // seconds since the epoch, UTC
  std::int64_t not_after = 0;
  std::string serial;  // hex
  std::string key;     // "EC P-256", "RSA 2048"
  bool is_ca = false;
  bool self_signed = false;
  std::vector<std::string> ocsp;
  std::vector<std::string> crl;
};

// ---- HTTP ------------------------------------------------------------------------------------------------

struct HttpDetail {
  std::string method = "GET";
  std::string url;  // without credentials; wss:// where an upgrade to WebSocket was asked for
  std::string address;
  std::uint16_t port = 0;
  std::string proxy;               // "http://10.0.0.9:3128", empty when direct; never with credentials
  bool proxy_credentials = false;  // the proxy's URL holds some; never which
  long proxy_status = 0;           // the proxy's answer to CONNECT, 0 when none
  long status = 0;
  std::vector<std::pair<std::string, Bytes>> headers;  // in order, names lower case; total at most 16 KiB
  Bytes body;                                          // the first 4 KiB
  bool body_truncated = false;
  std::optional<std::int64_t> date;  // the Date header, seconds since the epoch
  double connect_ms = 0, tls_ms = 0, first_byte_ms = 0;
  WireError error;

  // Of the answer to a request with a token nothing is kept but its status and these.
  std::string refusal;         // by which the service refuses, of a closed list: "ForbiddenByFirewall"
  std::string client_address;  // that it says it saw; numeric
};

// ---- identity --------------------------------------------------------------------------------------------

/// What came of asking for one token. Never the token, a secret or a word of the answer: the token service's
/// answer is read and dropped.
struct IdentityDetail {
  std::string method;    // "managed-endpoint", "metadata", "service-principal", "azure-cli", "device-code"
  std::string audience;  // who the token is for: "https://management.azure.com/"
  std::string address;   // of the token service; empty for a program and where nothing was sent
  std::uint16_t port = 0;
  std::string proxy;                    // without credentials; empty when direct
  long status = 0;                      // HTTP, 0 when none
  std::string problem;                  // a word of name_of(TokenProblem); empty when a token came
  std::string code;                     // Entra ID's own code: "AADSTS53003"
  std::string client_id;                // of the identity that was asked for by name
  std::string tenant, object_id;        // whom the token is for, from its payload; GUIDs
  std::optional<std::int64_t> expires;  // seconds since the epoch
  WireError error;
};

// ---- the record ------------------------------------------------------------------------------------------

enum class ProbeKind { dns, tcp, udp, tls, http, identity };
enum class Purpose { requirement, control, follow_up };
enum class ProbeStatus { ok, failed, skipped, unfinished };
std::string_view name_of(ProbeKind);
std::string_view name_of(Purpose);
std::string_view name_of(ProbeStatus);

/// Thousands of connections may wait at once, and they have only a DNS and a TCP record.
using ProbeDetail = std::variant<std::monostate, DnsDetail, TcpDetail, UdpDetail, Boxed<TlsDetail>,
                                 Boxed<HttpDetail>, Boxed<IdentityDetail>>;

/// One probe of the run. `target` is what was asked for: a name for dns, "host:port" for the rest (with
/// "[...]" round an IPv6 address; for identity the token service, or "az"). `control` says what a control
/// probe is for: "canary", "random-label", "azure-dns", "identity", "resource-manager", "authenticated";
/// empty otherwise.
struct ProbeRecord {
  std::string id;
  ProbeKind kind = ProbeKind::dns;
  std::string target;
  Purpose purpose = Purpose::requirement;
  std::string control;
  ProbeStatus status = ProbeStatus::unfinished;
  double start_ms = 0;
  double duration_ms = 0;
  int attempts = 1;
  double loop_lag_ms = 0;          // how late the event loop was: a busy loop is not a slow network
  std::vector<std::string> after;  // ids of the probes whose result this one needed
  std::string note;                // why it was skipped or left unfinished
  ProbeDetail detail;
};

/// The detail as a DnsDetail, TlsDetail ...; nullptr where it is of another kind.
template <class T>
T* detail_of(ProbeDetail& detail) {
  if constexpr (std::is_constructible_v<ProbeDetail, std::in_place_type_t<T>>) {
    return std::get_if<T>(&detail);
  } else {
    auto* boxed = std::get_if<Boxed<T>>(&detail);
    return boxed ? &**boxed : nullptr;
  }
}
template <class T>
const T* detail_of(const ProbeDetail& detail) {
  return detail_of<T>(const_cast<ProbeDetail&>(detail));
}
template <class T>
T* detail_of(ProbeRecord& record) {
  return detail_of<T>(record.detail);
}
template <class T>
const T* detail_of(const ProbeRecord& record) {
  return detail_of<T>(record.detail);
}
/// The same of a record that may be missing (nullptr).
template <class T>
const T* detail_of(const ProbeRecord* record) {
  return record ? detail_of<T>(record->detail) : nullptr;
}

/// As std::visit: the visitor is given a std::monostate, DnsDetail, TlsDetail ...
template <class Visitor, class Detail>
decltype(auto) visit_detail(Visitor&& visitor, Detail&& detail) {
  return std::visit(
      [&](auto& held) -> decltype(auto) {
        if constexpr (requires { *held; })
          return visitor(*held);
        else
          return visitor(held);
      },
      detail);
}

using Probes = std::deque<ProbeRecord>;  // references stay valid while more are added at its end
using Certificates = std::map<std::string, Certificate>;  // by SHA-256

/// All results so far. Pure data; lookups are in agent/diagnosis.
struct Evidence {
  Probes probes;
  Certificates certificates;
};

}  // namespace amlnet
