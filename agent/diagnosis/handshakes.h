// How a TLS handshake ended, as the TLS rules distinguish it. Used when trails are read and by the TLS rules.
#pragma once

#include "probes/record.h"

namespace amlnet {

enum class HandshakeKind {
  good,       // finished, the name matches and the deciding store trusts the chain
  no_answer,  // reset, closed or silent before any byte of TLS came back
  stalled,    // the peer began to answer, then nothing more came
  not_tls,
  version,       // alert 40 or 70, or only an old version
  alert,         // any other alert
  protocol,      // any other handshake error
  not_verified,  // finished, but the certificate is not right for this host here
  local,         // this process ran out of something
};

HandshakeKind kind_of(const TlsDetail& tls);

/// Whether the peer answered in TLS at all: a ServerHello or an alert.
bool peer_spoke_tls(const TlsDetail& tls);

/// OpenSSL's X509_V_ERR number of the store that decides; -1 where no store judged the chain.
int verify_code(const TlsDetail& tls);

}  // namespace amlnet
