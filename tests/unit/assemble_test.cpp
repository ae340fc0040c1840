#include "agent/commands/assemble.h"

#include <gtest/gtest.h>

namespace amlnet {
namespace {

ProbeRecord answered(const std::string& target, double start_ms, std::int64_t date) {
  ProbeRecord record;
  record.kind = ProbeKind::http;
  record.target = target;
  record.start_ms = start_ms;
  HttpDetail http;
  http.date = date;
  record.detail = http;
  return record;
}

TEST(Timestamp, KeepsMilliseconds) {
  EXPECT_EQ(timestamp(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(timestamp(1773907200007), "2026-03-19T08:00:00.007Z");
}

TEST(ClockOffset, NeedsTwoHosts) {
  EXPECT_FALSE(clock_offset_ms({}, 1'000'000'000));
  EXPECT_FALSE(
      clock_offset_ms({answered("a:443", 0, 1'000'000), answered("a:443", 0, 1'000'000)}, 1'000'000'000));
}

TEST(ClockOffset, IsPositiveWhereTheNodeIsAhead) {
  const auto offset =
      clock_offset_ms({answered("a:443", 500, 999'400), answered("b:443", 500, 999'400)}, 1'000'000'000);
  ASSERT_TRUE(offset);
  EXPECT_DOUBLE_EQ(*offset, 600'000);
}

TEST(ClockOffset, OneLyingHostDoesNotMoveTheMedian) {
  const auto offset = clock_offset_ms(
      {answered("a:443", 0, 1'000'000), answered("b:443", 0, 1'000'000), answered("c:443", 0, 5)},
      1'000'000'500);
  ASSERT_TRUE(offset);
  EXPECT_DOUBLE_EQ(*offset, 0);
}

}  // namespace
}  // namespace amlnet
