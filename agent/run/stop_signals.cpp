#include "agent/run/stop_signals.h"

#include <cerrno>
#include <ctime>

namespace amlnet {

namespace {

sigset_t stop_signals() {
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGINT);
  sigaddset(&both, SIGTERM);
  return both;
}

}  // namespace

void hold_stop_signals() {
  const sigset_t both = stop_signals();
  pthread_sigmask(SIG_BLOCK, &both, nullptr);
}

StopSignalsLetThrough::StopSignalsLetThrough() {
  const sigset_t both = stop_signals();
  pthread_sigmask(SIG_UNBLOCK, &both, &before_);
}

StopSignalsLetThrough::~StopSignalsLetThrough() {
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

std::string sleep_until_stopped(Milliseconds pause) {
  const sigset_t both = stop_signals();
  const auto until = Clock::now() + pause;
  for (auto left = pause; left.count() > 0;
       left = std::chrono::duration_cast<Milliseconds>(until - Clock::now())) {
    const timespec rest{left.count() / 1000, left.count() % 1000 * 1'000'000};
    const int number = sigtimedwait(&both, nullptr, &rest);
    if (number > 0) return stop_signal_name(number);
    if (errno == EAGAIN) break;
  }
  return {};
}

const char* stop_signal_name(int number) {
  return number == SIGINT ? "SIGINT" : "SIGTERM";
}

}  // namespace amlnet
