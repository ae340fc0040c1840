// The canary: a connection to an address that belongs to nobody. What connects there answers for everybody.
// Used when trails of TCP-only endpoints are judged.
#pragma once

#include "agent/diagnosis/case.h"

namespace amlnet {

struct Canary {
  bool connects = false, silent = false;
};

/// What became of the canary on a port, given the slowest good connect of the run in milliseconds.
Canary canary_on(const Case& c, std::uint16_t port, double slowest_ms);

/// Milliseconds; 0 where nothing connected.
double slowest_connect(const Evidence& evidence);

}  // namespace amlnet
