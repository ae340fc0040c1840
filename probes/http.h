// The HTTP probe: one request through libcurl on the run's event loop, pinned to an address that was resolved
// before, with headers (16 KiB at most) and the first 4 KiB of the body kept. Also CONNECT tunnels through
// proxies.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "probes/record.h"
#include "probes/spec.h"
#include "probes/time.h"

namespace amlnet {

/// libcurl's multi interface tied to one executor. Every request must have ended before it is destroyed.
class HttpClient {
 public:
  explicit HttpClient(asio::any_io_executor executor);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  struct Impl;
  Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// Sends one request and reads the answer. A wss:// or ws:// URL asks for the upgrade to WebSocket, and is
/// over with the answer's headers. The chain is not verified here (the TLS probe judges it), so `spec` must
/// carry no secret unless `spec.verified` is set, or it goes to this node itself; an https:// proxy always
/// verifies, by the roots in `spec`. Redirects are not followed. Direct requests go to spec.address:spec.port
/// whatever the URL's host resolves to; proxied ones go to the proxy at that address, and the proxy resolves
/// the target. Never throws for what the network does; never resolves a name. The result's times count from
/// the request's start, and are 0 for phases that were not reached. A body longer than 4 KiB is no failure.
asio::awaitable<HttpDetail> ask_http(HttpClient& client, HttpSpec spec, Deadline deadline);

/// Opens a CONNECT tunnel to `host`:`port` through `spec.proxy` (reached at spec.address:spec.port) and
/// leaves the connection in `socket`, ready for handshake_tls(). The result's proxy_status is the proxy's
/// answer to CONNECT. The certificate of an https:// proxy must verify by the roots in `spec`; what goes
/// through its tunnel is carried by curl until `socket` closes (proxy_bridge.h), so the client must live
/// until then.
asio::awaitable<HttpDetail> open_tunnel(HttpClient& client, asio::ip::tcp::socket& socket, HttpSpec spec,
                                        std::string host, std::uint16_t port, Deadline deadline);

}  // namespace amlnet
