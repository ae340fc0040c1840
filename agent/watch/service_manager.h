// What systemd is told: that watch is ready, how it fares, that it is alive, that it stops. The protocol of
// sd_notify(3), a datagram to $NOTIFY_SOCKET; without that variable nothing is sent. Used by the watch
// command.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "probes/time.h"

namespace amlnet {

class ServiceManager {
 public:
  /// Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID of `environment`.
  explicit ServiceManager(const std::map<std::string, std::string>& environment);
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  /// "READY=1\nSTATUS=...". Waits a second at most, and fails silently: there is nobody
  /// else to tell.
  void tell(std::string_view state);
  /// Sends WATCHDOG=1 where half of the watchdog's time is over. To be called by the loop that makes the
  /// rounds and by nobody else: it says that this one lives.
  void keep_alive(Clock::time_point now);
  /// Half of the watchdog's time, 0 where there is none.
  Milliseconds beat() const { return beat_; }

 private:
  std::string address_;  // of the socket; an abstract one begins with '\0'
  int socket_ = -1;
  Milliseconds beat_{0};
  Clock::time_point last_;
};

}  // namespace amlnet
