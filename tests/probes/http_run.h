// Runs HTTP probes to their end on a loop of their own, for tests; and nginx as the well-behaved peer.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "http_peer.h"
#include "probes/http.h"

namespace amlnet::http_test {

HttpDetail ask(HttpSpec spec, Milliseconds limit = Milliseconds(5000));

/// All at the same time, on one client; results in the order of `specs`.
std::vector<HttpDetail> ask_all(std::vector<HttpSpec> specs, Milliseconds limit);

/// Cancels from outside `after` a while.
HttpDetail ask_and_cancel(HttpSpec spec, Milliseconds after);

/// Opens a tunnel and, where that works, sends `question` through it and reads until the other side closes.
struct Tunnelled {
  HttpDetail detail;
  bool open = false;
  std::string answer;
};
Tunnelled tunnel(HttpSpec spec, std::string host, std::uint16_t port, std::string question,
                 Milliseconds limit = Milliseconds(5000));

/// The first header of that name, "" when there is none.
std::string header(const HttpDetail& detail, const std::string& name);

/// nginx on two ports of 127.0.0.1; /hello answers "hello from HOST", /large 100 kB. The certificate is
/// self-signed.
struct Nginx {
  Nginx();
  TemporaryFolder folder;
  std::uint16_t http = free_port();
  std::uint16_t https = free_port();
  std::optional<ServerProcess> process;
};

}  // namespace amlnet::http_test
