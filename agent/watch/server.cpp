#include "agent/watch/server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace amlnet {
namespace {

constexpr unsigned kMostConnections = 32;
constexpr unsigned kIdleSeconds = 10;
constexpr auto kLongestConnection = std::chrono::seconds(15);
constexpr auto kStandstill = std::chrono::seconds(60);
constexpr std::size_t kConnectionBytes = 16 << 10;  // a request's line and headers, and the answer's

std::string_view header(MHD_Connection* connection, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value ? value : std::string_view();
}

/// An answer whose body stays where it is: in the pages, which live as long as it does, or in the program.
MHD_Response* response_of(const PageAnswer& answer, std::shared_ptr<const WatchPages> pages) {
  void* body = const_cast<char*>(answer.body.data());  // never written to, says the library
  auto* keeper = new std::shared_ptr<const WatchPages>(std::move(pages));
  MHD_Response* response = MHD_create_response_from_buffer_with_free_callback_cls(
      answer.body.size(), body,
      [](void* kept) { delete static_cast<std::shared_ptr<const WatchPages>*>(kept); }, keeper);
  if (!response) {
    delete keeper;
    return nullptr;
  }
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.type);
  MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
  MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
  MHD_add_response_header(response, "X-Frame-Options", "DENY");
  if (answer.allow) MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, answer.allow);
  return response;
}

/// Answers at once, so that a body that a client may go on to send is never read.
MHD_Result answer_request(void* server, MHD_Connection* connection, const char* url, const char* method,
                          const char*, const char*, std::size_t*, void**) {
  auto& self = *static_cast<WatchServer*>(server);
  std::shared_ptr<const WatchPages> pages = self.pages();
  const PageRequest request{method, url, header(connection, MHD_HTTP_HEADER_HOST),
                            header(connection, MHD_HTTP_HEADER_ACCEPT)};
  const PageAnswer answer = answer_page(*pages, request, self.alive(), !self.address().loopback);
  MHD_Response* response = response_of(answer, std::move(pages));
  if (!response) return MHD_NO;
  const MHD_Result queued = MHD_queue_response(connection, answer.status, response);
  MHD_destroy_response(response);
  return queued;
}

void note_connection(void* server, MHD_Connection* connection, void**, MHD_ConnectionNotificationCode what) {
  auto& self = *static_cast<WatchServer*>(server);
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  if (!info) return;
  if (what == MHD_CONNECTION_NOTIFY_STARTED)
    self.opened(info->connect_fd);
  else
    self.closed(info->connect_fd);
}

/// Enough for an address of both families.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress socket_address(const ListenAddress& address) {
  SocketAddress result;
  if (address.ipv6) {
    auto& to = reinterpret_cast<sockaddr_in6&>(result.storage);
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(address.port);
    inet_pton(AF_INET6, address.ip.c_str(), &to.sin6_addr);
    result.size = sizeof to;
  } else {
    auto& to = reinterpret_cast<sockaddr_in&>(result.storage);
    to.sin_family = AF_INET;
    to.sin_port = htons(address.port);
    inet_pton(AF_INET, address.ip.c_str(), &to.sin_addr);
    result.size = sizeof to;
  }
  return result;
}

/// A listening socket, or -1 and errno.
int listen_at(ListenAddress& address) {
  SocketAddress at = socket_address(address);
  auto* name = reinterpret_cast<sockaddr*>(&at.storage);
  const int fd = socket(at.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  if (fd < 0) return fd;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.ipv6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (bind(fd, name, at.size) == 0 && listen(fd, SOMAXCONN) == 0 && getsockname(fd, name, &at.size) == 0) {
    address.port = ntohs(address.ipv6 ? reinterpret_cast<sockaddr_in6&>(at.storage).sin6_port
                                      : reinterpret_cast<sockaddr_in&>(at.storage).sin_port);
    return fd;
  }
  const int why = errno;
  close(fd);
  errno = why;
  return -1;
}

}  // namespace

std::variant<std::unique_ptr<WatchServer>, std::string> WatchServer::start(const ListenAddress& wanted) {
  ListenAddress address = wanted;
  const int fd = listen_at(address);
  if (fd < 0) return fmt::format("--listen {}: {}", url_of(wanted).substr(7), std::strerror(errno));
  std::unique_ptr<WatchServer> server(new WatchServer(address, fd));
  server->daemon_ =
      MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, nullptr, nullptr, answer_request,
                       server.get(), MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
                       kMostConnections, MHD_OPTION_CONNECTION_TIMEOUT, kIdleSeconds,
                       MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytes, MHD_OPTION_STRICT_FOR_CLIENT, 1,
                       MHD_OPTION_NOTIFY_CONNECTION, note_connection, server.get(), MHD_OPTION_END);
  if (!server->daemon_) return fmt::format("--listen {}: no HTTP server here", url_of(wanted).substr(7));
  return server;
}

WatchServer::~WatchServer() {
  if (daemon_)
    MHD_stop_daemon(daemon_);  // closes the socket, too
  else
    close(socket_);
}

void WatchServer::publish(WatchPages pages) {
  auto shared = std::make_shared<const WatchPages>(std::move(pages));
  const std::lock_guard lock(mutex_);
  pages_.swap(shared);
}

std::shared_ptr<const WatchPages> WatchServer::pages() {
  const std::lock_guard lock(mutex_);
  return pages_;
}

void WatchServer::keep_alive(Clock::time_point now) {
  last_alive_ = now.time_since_epoch().count();
  const std::lock_guard lock(mutex_);
  for (const auto& [descriptor, since] : since_)
    if (now - since > kLongestConnection) shutdown(descriptor, SHUT_RDWR);  // the thread closes it
}

bool WatchServer::alive() const {
  return Clock::now() - Clock::time_point(Clock::duration(last_alive_)) < kStandstill;
}

void WatchServer::opened(int descriptor) {
  const std::lock_guard lock(mutex_);
  since_[descriptor] = Clock::now();
}

void WatchServer::closed(int descriptor) {
  const std::lock_guard lock(mutex_);
  since_.erase(descriptor);
}

}  // namespace amlnet
