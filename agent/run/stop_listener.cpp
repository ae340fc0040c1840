#include "agent/run/stop_listener.h"

#include <unistd.h>

#include <utility>

namespace amlnet {

StopListener::StopListener(asio::io_context& loop, std::function<void(const char*)> on_stop)
    : loop_(loop), signals_(loop, SIGINT, SIGTERM) {
  signals_.async_wait([this, on_stop = std::move(on_stop)](std::error_code error, int number) {
    if (error) return;
    if (over_)
      kill(getpid(), number);
    else
      on_stop(stop_signal_name(number));
  });
  let_through_.emplace();
}

void StopListener::end() {
  over_ = true;
  let_through_.reset();
  loop_.poll();  // a signal that came just now is still to be heard
  signals_.cancel();
}

}  // namespace amlnet
