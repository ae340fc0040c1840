// A stop signal at each moment of a loop's work. raise() has delivered it before it returns.
#include "agent/run/stop_listener.h"

#include <gtest/gtest.h>

#include <asio/post.hpp>

namespace amlnet {
namespace {

class StopListening : public testing::Test {
 protected:
  void SetUp() override {
    pthread_sigmask(SIG_SETMASK, nullptr, &before_);
    hold_stop_signals();
  }
  void TearDown() override { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  asio::io_context loop_{1};
  std::string heard_;
  std::function<void(const char*)> on_stop_ = [this](const char* name) { heard_ += name; };

 private:
  sigset_t before_{};
};

TEST_F(StopListening, HearsOneWhileTheLoopWorks) {
  StopListener signals(loop_, on_stop_);
  asio::post(loop_, [] { std::raise(SIGTERM); });
  while (heard_.empty()) loop_.run_one();
  signals.end();
  EXPECT_EQ(heard_, "SIGTERM");
  EXPECT_EQ(sleep_until_stopped(Milliseconds(1)), "");
}

TEST_F(StopListening, HearsOneThatWasPending) {
  std::raise(SIGINT);
  StopListener signals(loop_, on_stop_);
  while (heard_.empty()) loop_.run_one();
  signals.end();
  EXPECT_EQ(heard_, "SIGINT");
}

TEST_F(StopListening, OneOfTheLastHandlerIsLeftForWhoeverListensNext) {
  StopListener signals(loop_, on_stop_);
  asio::post(loop_, [] { std::raise(SIGTERM); });
  loop_.run_one();  // that was all of the work: the loop has not heard it
  signals.end();
  EXPECT_EQ(heard_, "");
  EXPECT_EQ(sleep_until_stopped(Milliseconds(1)), "SIGTERM");
}

TEST_F(StopListening, OneAfterTheEndIsHeldBack) {
  StopListener signals(loop_, on_stop_);
  signals.end();
  std::raise(SIGTERM);
  loop_.poll();
  EXPECT_EQ(heard_, "");
  EXPECT_EQ(sleep_until_stopped(Milliseconds(1)), "SIGTERM");
}

}  // namespace
}  // namespace amlnet
