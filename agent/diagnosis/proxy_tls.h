// The TLS of a proxy that is reached over TLS, as the run looked at it by itself (control "proxy-tls"). Used
// by the rules of proxies.
#pragma once

#include "agent/diagnosis/case.h"

namespace amlnet {

/// The look at the proxy of this tunnel, where its handshake or certificate is at fault and the proxy gave no
/// answer; null otherwise.
const ProbeRecord* faulty_proxy_tls(const Case& c, const HttpDetail& tunnel);

}  // namespace amlnet
