#include "agent/run/tenths.h"

#include <cmath>

namespace amlnet {
namespace {

void round_one(double& ms) {
  ms = std::isfinite(ms) ? std::round(ms * 10) / 10 : 0.0;
}

}  // namespace

void round_to_tenths(ProbeRecord& record) {
  for (double* ms : {&record.start_ms, &record.duration_ms, &record.loop_lag_ms}) round_one(*ms);
  if (auto* tls = detail_of<TlsDetail>(record)) round_one(tls->handshake_ms);
  if (auto* http = detail_of<HttpDetail>(record)) {
    for (double* ms : {&http->connect_ms, &http->tls_ms, &http->first_byte_ms}) round_one(*ms);
  }
  if (auto* dns = detail_of<DnsDetail>(record)) {
    for (auto& answer : dns->answers) {
      round_one(answer.start_ms);
      round_one(answer.duration_ms);
    }
  }
}

}  // namespace amlnet
