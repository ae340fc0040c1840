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

sigset_t with_hang_up() {
  sigset_t all = stop_signals();
  sigaddset(&all, SIGHUP);
  return all;
}

// 0 after `pause`, else the signal that came.
int sleep_until_any(const sigset_t& wanted, Milliseconds pause) {
  const auto until = Clock::now() + pause;
  for (auto left = pause; left.count() > 0;
       left = std::chrono::duration_cast<Milliseconds>(until - Clock::now())) {
    const timespec rest{left.count() / 1000, left.count() % 1000 * 1'000'000};
    const int number = sigtimedwait(&wanted, nullptr, &rest);
    if (number > 0) return number;
    if (errno == EAGAIN) break;
  }
  return 0;
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
  const int number = sleep_until_any(stop_signals(), pause);
  return number > 0 ? stop_signal_name(number) : "";
}

void hold_hang_up() {
  const sigset_t all = with_hang_up();
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

int sleep_until_signal(Milliseconds pause) {
  return sleep_until_any(with_hang_up(), pause);
}

const char* stop_signal_name(int number) {
  return number == SIGINT ? "SIGINT" : "SIGTERM";
}

}  // namespace amlnet
