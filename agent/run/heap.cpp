#include "agent/run/heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace amlnet {

namespace {
// The highest threshold that mallopt(3) promises: what is larger may be mapped apart from the heap.
constexpr std::size_t kThreshold = std::size_t{32} << 20;
constexpr std::size_t kMost = std::size_t{31} << 20;
}  // namespace

// A block that is given back at once stays at the heap's end, ready, as long as malloc neither maps it apart
// nor trims it off.
void populate_heap(std::size_t bytes) {
  bytes = std::min(bytes, kMost);
  mallopt(M_MMAP_THRESHOLD, kThreshold);
  mallopt(M_TRIM_THRESHOLD, 2 * kThreshold);
  void* block = std::malloc(bytes);
  if (block == nullptr) return;
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(block);
  const std::uintptr_t first = (begin + page - 1) / page * page, end = (begin + bytes) / page * page;
  if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_POPULATE_WRITE);
  std::free(block);
}

}  // namespace amlnet
