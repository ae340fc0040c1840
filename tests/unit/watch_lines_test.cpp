#include "agent/watch/lines.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

namespace amlnet {
namespace {

TEST(WatchLines, AreDueUntilTheyAreOut) {
  const int full = open("/dev/full", O_WRONLY);
  LineOutput output(full);
  EXPECT_FALSE(output.due());
  EXPECT_EQ(output.write_lines("a\n"), ENOSPC);
  EXPECT_TRUE(output.due());
  const int room = open("/dev/null", O_WRONLY);
  ASSERT_EQ(dup2(room, full), full);
  EXPECT_EQ(output.write_lines(""), 0);
  EXPECT_FALSE(output.due());
  close(room);
  close(full);
}

}  // namespace
}  // namespace amlnet
