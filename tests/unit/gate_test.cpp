#include "agent/run/gate.h"

#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <asio/this_coro.hpp>
#include <optional>

#include "agent/run/task_group.h"

namespace amlnet {
namespace {

asio::awaitable<void> pass(Gate& gate, std::optional<bool>& passed) {
  co_await asio::this_coro::throw_if_cancelled(false);
  passed = co_await gate.pass();
}

class GateTest : public testing::Test {
 protected:
  void start() { group.spawn(pass(gate, passed)); }

  asio::io_context loop;
  Gate gate{loop.get_executor()};
  TaskGroup group{loop.get_executor()};
  std::optional<bool> passed;
};

TEST_F(GateTest, IsOpenFromTheStart) {
  start();
  loop.poll();
  EXPECT_EQ(passed, true);
}

TEST_F(GateTest, HoldsBackUntilItIsOpened) {
  gate.close(Clock::now() + std::chrono::hours(1));
  start();
  loop.poll();
  EXPECT_FALSE(passed);
  gate.open();
  loop.poll();
  EXPECT_EQ(passed, true);
}

TEST_F(GateTest, OpensByItselfAtItsTime) {
  const Deadline until = Clock::now() + Milliseconds(20);
  gate.close(until);
  start();
  loop.run();
  EXPECT_EQ(passed, true);
  EXPECT_GE(Clock::now(), until);
}

TEST_F(GateTest, WhoIsCancelledDoesNotPass) {
  gate.close(Clock::now() + std::chrono::hours(1));
  start();
  loop.poll();
  group.stop();
  loop.poll();
  EXPECT_EQ(passed, false);
}

}  // namespace
}  // namespace amlnet
