#include "agent/diagnosis/handshakes.h"

namespace amlnet {
namespace {

// RFC 8446 section 6: handshake_failure and protocol_version.
constexpr int kHandshakeFailure = 40, kProtocolVersion = 70;

bool old_version(const TlsDetail& tls) {
  return tls.version == "TLSv1" || tls.version == "TLSv1.1" || tls.version.starts_with("SSL");
}

HandshakeKind kind_of_failure(const TlsDetail& tls) {
  switch (tls.error.failure) {
    case Failure::no_descriptors:
    case Failure::no_memory:
    case Failure::no_local_port:
      return HandshakeKind::local;
    case Failure::tls_not_tls:
      return HandshakeKind::not_tls;
    case Failure::tls_alert:
      return !tls.alert || *tls.alert == kHandshakeFailure || *tls.alert == kProtocolVersion
                 ? HandshakeKind::version
                 : HandshakeKind::alert;
    case Failure::tls_protocol:
      return old_version(tls) ? HandshakeKind::version : HandshakeKind::protocol;
    default:
      return tls.bytes_received == 0 ? HandshakeKind::no_answer : HandshakeKind::stalled;
  }
}

}  // namespace

bool peer_spoke_tls(const TlsDetail& tls) {
  return tls.reached >= TlsReached::server_hello || tls.alert.has_value();
}

int verify_code(const TlsDetail& tls) {
  return tls.verdicts.empty() ? -1 : tls.verdicts.front().code;
}

HandshakeKind kind_of(const TlsDetail& tls) {
  if (tls.error) return kind_of_failure(tls);
  if (tls.reached != TlsReached::finished) return HandshakeKind::stalled;
  if (old_version(tls)) return HandshakeKind::version;  // our probe speaks it, programs of today do not
  return tls.name_matches && verify_code(tls) == 0 ? HandshakeKind::good : HandshakeKind::not_verified;
}

}  // namespace amlnet
