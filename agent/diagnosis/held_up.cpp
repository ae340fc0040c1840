#include "agent/diagnosis/held_up.h"

namespace amlnet {
namespace {

struct OfDetail {
  Failure operator()(const TcpDetail& tcp) const { return tcp.error.failure; }
  Failure operator()(const TlsDetail& tls) const { return tls.error.failure; }
  Failure operator()(const HttpDetail& http) const { return http.error.failure; }
  template <typename Other>
  Failure operator()(const Other&) const {
    return Failure::none;
  }
};

}  // namespace

bool slept_through(const ProbeRecord& record) {
  const bool most_of_a_try = 2 * record.loop_lag_ms * record.attempts > record.duration_ms;
  return record.status == ProbeStatus::failed && record.loop_lag_ms > kHeldUpMs && most_of_a_try &&
         visit_detail(OfDetail{}, record.detail) == Failure::timeout;
}

}  // namespace amlnet
