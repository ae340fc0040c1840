#include "agent/diagnosis/canary.h"

#include <algorithm>

namespace amlnet {
namespace {

/// A canary silent for four times the slowest good connect counts as unanswered (contract section 3).
bool unanswered(const ProbeRecord& canary, double slowest_ms) {
  return canary.status == ProbeStatus::failed ||
         (canary.status == ProbeStatus::unfinished && slowest_ms > 0 && canary.duration_ms >= 4 * slowest_ms);
}

}  // namespace

Canary canary_on(const Case& c, std::uint16_t port, double slowest_ms) {
  Canary result;
  const auto found = c.controls.find("canary");
  if (found == c.controls.end()) return result;
  for (const auto* record : found->second) {
    const auto* tcp = detail_of<TcpDetail>(*record);
    if (tcp == nullptr || tcp->port != port) continue;
    result.connects |= record->status == ProbeStatus::ok;
    result.silent |= unanswered(*record, slowest_ms);
  }
  return result;
}

double slowest_connect(const Evidence& evidence) {
  double slowest = 0;
  for (const auto& record : evidence.probes) {
    const bool good =
        record.kind == ProbeKind::tcp && record.status == ProbeStatus::ok && record.control.empty();
    if (good) slowest = std::max(slowest, record.duration_ms);
  }
  return slowest;
}

}  // namespace amlnet
