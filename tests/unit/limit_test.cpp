#include "agent/run/limit.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/io_context.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <vector>

#include "agent/run/task_group.h"

namespace amlnet {
namespace {

struct Seen {
  int inside = 0, most = 0, done = 0;
  std::vector<int> order;
};

asio::awaitable<void> hold(Limit& limit, Seen& seen, int number) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const bool admitted = co_await limit.acquire();
  if (!admitted) co_return;
  const Slot slot(limit);
  seen.order.push_back(number);
  seen.most = std::max(seen.most, ++seen.inside);
  asio::steady_timer work(co_await asio::this_coro::executor, std::chrono::milliseconds(1));
  co_await work.async_wait(asio::use_awaitable);
  --seen.inside;
  ++seen.done;
}

TEST(Limit, AdmitsInOrderAndNeverMoreThanItsSlots) {
  asio::io_context loop;
  Limit limit(loop.get_executor(), 3);
  TaskGroup group(loop.get_executor());
  Seen seen;
  std::vector<int> expected;
  for (int i = 0; i < 50; ++i) {
    group.spawn(hold(limit, seen, i));
    expected.push_back(i);
  }
  loop.run();
  EXPECT_EQ(seen.most, 3);
  EXPECT_EQ(seen.done, 50);
  EXPECT_EQ(seen.order, expected);
  EXPECT_FALSE(group.failure());
}

asio::awaitable<void> wait_for_ever(Limit& limit, bool& admitted) {
  co_await asio::this_coro::throw_if_cancelled(false);
  admitted = co_await limit.acquire();
}

asio::awaitable<void> wait_after_the_end(Limit& limit, bool& admitted) {
  co_await asio::this_coro::throw_if_cancelled(false);
  asio::steady_timer never(co_await asio::this_coro::executor, std::chrono::hours(1));
  co_await never.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
  admitted = co_await limit.acquire();
}

// A wait sees only the cancellation that comes during it: this one would last for ever.
TEST(Limit, WhoIsCancelledAlreadyIsNotAdmitted) {
  asio::io_context loop;
  Limit limit(loop.get_executor(), 0);
  TaskGroup group(loop.get_executor());
  bool admitted = true;
  group.spawn(wait_after_the_end(limit, admitted));
  loop.poll();
  group.stop();
  loop.run();
  EXPECT_TRUE(group.empty());
  EXPECT_FALSE(admitted);
}

TEST(Limit, WokenWaitersGoAwayAndTheSlotsRemain) {
  asio::io_context loop;
  Limit limit(loop.get_executor(), 1);
  TaskGroup group(loop.get_executor()), later(loop.get_executor());
  Seen seen;
  for (int i = 0; i < 20; ++i) group.spawn(hold(limit, seen, i));
  loop.poll();
  limit.wake_all();
  loop.run();
  EXPECT_EQ(seen.order, std::vector<int>{0});
  later.spawn(hold(limit, seen, 99));
  loop.restart();
  loop.run();
  EXPECT_EQ(seen.order, (std::vector<int>{0, 99}));
}

TEST(Limit, ACancelledWaiterLeavesTheSlotToOthers) {
  asio::io_context loop;
  Limit limit(loop.get_executor(), 1);
  TaskGroup holder(loop.get_executor()), waiters(loop.get_executor()), later(loop.get_executor());
  Seen seen;
  bool admitted = true;
  holder.spawn(hold(limit, seen, 0));
  waiters.spawn(wait_for_ever(limit, admitted));
  loop.poll();
  waiters.stop();
  loop.poll();
  EXPECT_FALSE(admitted);
  later.spawn(hold(limit, seen, 1));
  loop.run();
  EXPECT_EQ(seen.done, 2);
}

asio::awaitable<void> wait_for_group(TaskGroup& group, bool& ended) {
  co_await group.wait();
  ended = true;
}

asio::awaitable<void> sleep_for_an_hour() {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
  co_await timer.async_wait(asio::use_awaitable);
}

TEST(TaskGroup, StopEndsEveryTaskAndWakesTheWaiter) {
  asio::io_context loop;
  TaskGroup group(loop.get_executor());
  bool ended = false;
  for (int i = 0; i < 100; ++i) group.spawn(sleep_for_an_hour());
  asio::co_spawn(loop, wait_for_group(group, ended), asio::detached);
  loop.poll();
  EXPECT_FALSE(ended);
  group.stop();
  loop.run();
  EXPECT_TRUE(ended);
  EXPECT_TRUE(group.empty());
  EXPECT_FALSE(group.failure());  // stopped tasks end by operation_aborted, which is no failure
  group.spawn(sleep_for_an_hour());
  EXPECT_TRUE(group.empty());
}

asio::awaitable<void> throw_something() {
  throw std::runtime_error("a defect");
  co_return;
}

TEST(TaskGroup, KeepsTheFirstException) {
  asio::io_context loop;
  TaskGroup group(loop.get_executor());
  group.spawn(throw_something());
  loop.run();
  EXPECT_TRUE(group.failure());
}

}  // namespace
}  // namespace amlnet
