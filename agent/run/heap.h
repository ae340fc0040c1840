// Memory for a crowd of probes, taken from the kernel in one piece. Used by run_plan() alone.
#pragma once

#include <cstddef>

namespace amlnet {

/// Makes `bytes` of the heap (at most 31 MiB) ready to be used. Otherwise each page of it would cost a fault
/// at its first use, in the middle of the probing: several milliseconds for a thousand endpoints. Where the
/// kernel cannot do that (before Linux 5.14) it is done page by page, as ever.
///
/// It also sets malloc's two thresholds (mallopt(3)) for the whole process, for good: memory goes back to the
/// kernel by malloc_trim(3) alone. A thread that allocates meanwhile sees the old ones or the new.
void populate_heap(std::size_t bytes);

}  // namespace amlnet
