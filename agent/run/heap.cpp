#include "agent/run/heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace amlnet {

namespace {
// mallopt(3): larger blocks never come from the heap, whatever is set.
constexpr std::size_t kLargest = 32 << 20;
}  // namespace

// A block that is given back at once stays at the heap's end, ready, as long as malloc neither maps it apart
// nor trims it off.
void populate_heap(std::size_t bytes) {
  bytes = std::min(bytes, kLargest - (1 << 20));
  mallopt(M_MMAP_THRESHOLD, kLargest);
  mallopt(M_TRIM_THRESHOLD, 2 * kLargest);
  void* block = std::malloc(bytes);
  if (block == nullptr) return;
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const std::uintptr_t first = (reinterpret_cast<std::uintptr_t>(block) + page - 1) / page * page;
  madvise(reinterpret_cast<void*>(first), bytes / page * page - page, MADV_POPULATE_WRITE);
  std::free(block);
}

}  // namespace amlnet
