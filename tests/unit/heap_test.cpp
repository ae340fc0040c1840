#include "agent/run/heap.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace amlnet {
namespace {

constexpr std::size_t kBlock = std::size_t{4} << 20, kMost = std::size_t{31} << 20;

long page_faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

// What the first use of a block of memory costs. One of the same size as was given back just now is that one.
long faults_of_block(std::size_t size) {
  const auto block = std::make_unique_for_overwrite<char[]>(size);
  const long before = page_faults();
  std::fill_n(block.get(), size, 'x');
  return page_faults() - before;
}

bool spares_faults(std::size_t bytes, std::size_t size) {
  const long without = faults_of_block(size);
  populate_heap(bytes);
  return faults_of_block(size) < without / 4;
}

// In a process of its own: the thresholds of malloc are for good.
bool in_child(bool (*holds)()) {
  const pid_t child = fork();
  if (child == 0) _exit(holds() ? 0 : 1);
  int status = -1;
  waitpid(child, &status, 0);
  return status == 0;
}

TEST(Heap, PopulatedItCostsNoFaultAtItsFirstUse) {
  EXPECT_TRUE(in_child([] { return spares_faults(kBlock, kBlock); }));
}

TEST(Heap, TakesPartOfWhatIsTooMuch) {
  EXPECT_TRUE(in_child([] { return spares_faults(std::size_t{1} << 40, kMost); }));
}

}  // namespace
}  // namespace amlnet
