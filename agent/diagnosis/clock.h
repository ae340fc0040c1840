// How far the node's clock is off, by the Date headers of services that answered as they would: one that a
// firewall or proxy writes tells of its own clock, a cached one of the past. Used by the rules about the
// clock and about the dates of certificates.
#pragma once

#include <map>
#include <string>

#include "agent/diagnosis/case.h"

namespace amlnet {

/// Contract section 4, node.clock-skew; tolerances of tokens and signatures are minutes.
inline constexpr double kSkewSeconds = 300;

struct ClockOffset {
  std::string host;
  double seconds = 0;  // of the host's clock against ours
  const ProbeRecord* probe = nullptr;
};

/// One a registered domain.
std::map<std::string, ClockOffset> clock_offsets(const Case& c);

}  // namespace amlnet
