// Programs that do as they should, and programs that do not end, flood, or are not there.
#include "probes/command.h"

#include <gtest/gtest.h>

#include <csignal>

#include "tests/probes/peers.h"

namespace amlnet {
namespace {

CommandResult run(std::vector<std::string> arguments, Milliseconds limit = Milliseconds(5000)) {
  asio::io_context loop(1);
  CommandSpec spec;
  spec.arguments = std::move(arguments);
  spec.environment = {{"AMLNET_TEST_WORD", "told"}};
  spec.output_limit = 1000;
  return run_alone(loop, run_program(loop.get_executor(), std::move(spec), Clock::now() + limit));
}

TEST(Command, KeepsStatusAndBothStreams) {
  const auto result = run({"sh", "-c", "echo out; echo err >&2; echo $AMLNET_TEST_WORD; cat; exit 3"});
  EXPECT_FALSE(result.error) << result.error.text;
  EXPECT_EQ(result.status, 3);
  EXPECT_EQ(result.output, "out\ntold\n");
  EXPECT_EQ(result.errors, "err\n");
}

TEST(Command, ArgumentsAreNotForAShell) {
  EXPECT_EQ(run({"echo", "$(id); x", "*"}).output, "$(id); x *\n");
}

TEST(Command, AFloodIsCutOffAndNotWaitedFor) {
  const auto result = run({"sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' a; echo end >&2"});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.output, std::string(1000, 'a'));
  EXPECT_EQ(result.errors, "end\n");
}

TEST(Command, WhatDoesNotEndIsKilledWithItsChildren) {
  const auto began = Clock::now();
  const auto result = run({"sh", "-c", "sleep 3007 & echo $!; sleep 3007"}, Milliseconds(300));
  EXPECT_EQ(result.error.failure, Failure::timeout);
  EXPECT_LT(Clock::now() - began, Milliseconds(3000));
  const int child = std::stoi(result.output);
  bool gone = false;
  for (int i = 0; i < 200 && !gone; ++i, usleep(10'000)) {
    // Killed; where nobody reaps orphans it stays as a zombie.
    const std::string state =
        run({"sh", "-c", "sed 's/.*) //' /proc/" + std::to_string(child) + "/stat"}).output;
    gone = state.empty() || state.starts_with("Z");
  }
  EXPECT_TRUE(gone);
}

TEST(Command, AProgramThatIsNotThere) {
  const auto result = run({"no-such-program-of-amlnet"});
  EXPECT_TRUE(result.error);
  EXPECT_EQ(result.error.source, ErrorSource::system);
}

TEST(Command, InheritsNoDescriptorAndNoBlockedSignal) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int open = dup(0);
  const auto descriptors = run({"sh", "-c", "ls /proc/$$/fd"});
  const auto signals = run({"grep", "SigBlk", "/proc/self/status"});
  close(open);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(descriptors.output, "0\n1\n2\n");
  EXPECT_EQ(signals.output, "SigBlk:\t0000000000000000\n");
}

}  // namespace
}  // namespace amlnet
