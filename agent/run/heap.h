// Memory for a crowd of probes, taken from the kernel in one piece. Used by run_plan() alone.
#pragma once

#include <cstddef>

namespace amlnet {

/// Makes `bytes` of the heap (at most 31 MiB) ready to be used. Otherwise each page of it would cost a fault
/// at its first use, in the middle of the probing: several milliseconds for a thousand endpoints. Where the
/// kernel cannot (before Linux 5.14) nothing changes. Not for threads that allocate at the same time.
void populate_heap(std::size_t bytes);

}  // namespace amlnet
