#include "agent/run/heap.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <vector>

namespace amlnet {
namespace {

constexpr std::size_t kPiece = 2048, kPieces = 2000;  // 4 MB, a thousand pages

long page_faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

// What the first use of so many small pieces of memory costs.
long faults_of_pieces() {
  std::vector<std::unique_ptr<char[]>> pieces(kPieces);
  const long before = page_faults();
  for (auto& piece : pieces) piece = std::make_unique<char[]>(kPiece);
  return page_faults() - before;
}

// In a process of its own, whose heap nobody has used before or will use after.
int status_of_child(bool (*holds)()) {
  const pid_t child = fork();
  if (child == 0) _exit(holds() ? 0 : 1);
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

TEST(Heap, PopulatedItCostsNoFaultAtItsFirstUse) {
  EXPECT_EQ(status_of_child([] { return faults_of_pieces() > 800; }), 0) << "the test would show nothing";
  EXPECT_EQ(status_of_child([] {
              populate_heap(kPieces * (kPiece + 64));
              return faults_of_pieces() < 100;
            }),
            0);
}

TEST(Heap, HasAnEnd) {
  EXPECT_EQ(status_of_child([] {
              populate_heap(std::size_t{1} << 40);
              return faults_of_pieces() < 100;
            }),
            0);
}

}  // namespace
}  // namespace amlnet
