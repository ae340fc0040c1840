// When the next round begins. Used by the watch command; pure.
#pragma once

#include "probes/time.h"

namespace amlnet {

/// From the start of one round to the start of the next, the interval with up to a tenth more or less, so
/// that nodes that started together do not ask together for ever; `chance` is from 0 to 1. After the end of a
/// round there is always a tenth of the interval without one, however long the round took: rounds never
/// overlap.
Clock::time_point next_round(Clock::time_point began, Clock::time_point ended, Milliseconds interval,
                             double chance);

}  // namespace amlnet
