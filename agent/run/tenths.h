// The precision of a report: times are written in tenths of a millisecond. Used at the end of a run, so that
// the rules read the same numbers then as when the saved report is diagnosed again.
#pragma once

#include "probes/record.h"

namespace amlnet {

/// Every time of the record, to the nearest tenth of a millisecond, as the JSON codec writes it.
void round_to_tenths(ProbeRecord& record);

}  // namespace amlnet
