// The listening end of an inbound test for as long as it was asked for. Used by the command `listen`.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "probes/failure.h"
#include "probes/serve/visit.h"
#include "probes/time.h"

namespace amlnet {

struct OpenedPort {
  std::uint16_t port = 0;
  WireError error;  // why it is not open
};

struct ListenHooks {
  std::function<void(const std::vector<OpenedPort>&)> on_open;  // once, before the first connection
  std::function<void(const Visit&)> on_visit;                   // as each connection ends
};

/// Opens `ports` and answers for `time`, or until SIGINT or SIGTERM, which must be held back
/// (agent/run/stop_signals); at most 128 connections at once, five seconds each. Returns what ended it: ""
/// for the time, or the signal's name. Ends at once where no port could be opened. Throws only for what the
/// program itself cannot do (no epoll, no memory).
std::string listen_on_ports(const std::vector<std::uint16_t>& ports, Milliseconds time,
                            const ListenHooks& hooks);

}  // namespace amlnet
