// Serves the pages of watch over HTTP, from a thread of its own: a round keeps the only other one busy.
// Clients are bounded in number, time and size, and never wait for a round. Used by the watch command.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <variant>

#include "agent/watch/listen_address.h"
#include "agent/watch/pages.h"
#include "probes/time.h"

struct MHD_Daemon;

namespace amlnet {

class WatchServer {
 public:
  /// Serves at `address` until destroyed, or says why it cannot. Signals must be held back already: the
  /// thread inherits that.
  static std::variant<std::unique_ptr<WatchServer>, std::string> start(const ListenAddress& address);
  ~WatchServer();
  WatchServer(const WatchServer&) = delete;
  WatchServer& operator=(const WatchServer&) = delete;

  /// With the port in it that was free where 0 was asked for.
  const ListenAddress& address() const { return address_; }
  /// From now on these are served; answers that are on their way keep the pages they began with.
  void publish(WatchPages pages);
  /// To be called every few seconds by who makes the rounds: /healthz is 503 a minute after the last call.
  /// Also ends connections that are older than 15 s, however busy.
  void keep_alive(Clock::time_point now);

  // For the thread.
  std::shared_ptr<const WatchPages> pages();
  bool alive() const;
  void opened(int descriptor);
  void closed(int descriptor);

 private:
  WatchServer(ListenAddress address, int descriptor) : address_(std::move(address)), socket_(descriptor) {}

  ListenAddress address_;
  int socket_;
  MHD_Daemon* daemon_ = nullptr;
  std::atomic<Clock::rep> last_alive_{Clock::now().time_since_epoch().count()};
  std::mutex mutex_;  // of what follows
  std::shared_ptr<const WatchPages> pages_ = std::make_shared<const WatchPages>();
  std::map<int, Clock::time_point> since_;  // connections by descriptor
};

}  // namespace amlnet
