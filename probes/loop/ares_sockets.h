// The sockets of one c-ares channel. Used by AresChannel: it wants the errno and the datagrams that c-ares
// hides.
#pragma once

#include <ares.h>
#include <sys/socket.h>

#include <asio/ip/udp.hpp>
#include <cstddef>
#include <functional>

#include "probes/failure.h"

struct iovec;

namespace amlnet {

enum class DnsTransport { udp, tcp };

/// Must outlive the channel it is attached to.
class AresSockets {
 public:
  AresSockets(const asio::ip::udp::endpoint& server, DnsTransport transport)
      : server_(server), transport_(transport) {}
  AresSockets(const AresSockets&) = delete;
  AresSockets& operator=(const AresSockets&) = delete;

  /// Makes `channel` use these sockets, all connected to `server`.
  void attach(ares_channel channel);

  /// Called with each datagram, before c-ares gets it.
  std::function<void(const unsigned char*, std::size_t)> on_datagram;

  /// What the last failing call said: the reason when c-ares reports ARES_ECONNREFUSED right after it.
  WireError last_error;

  /// An ICMP error for earlier datagrams came back from a send: have c-ares read the socket, to be told.
  bool icmp_pending() const { return icmp_errno_ != 0; }

 private:
  int open(int family, int type);
  int connect(ares_socket_t fd);
  int close(ares_socket_t fd);
  ares_ssize_t receive(ares_socket_t fd, void* data, std::size_t size, sockaddr* from, socklen_t* from_size);
  ares_ssize_t receive_datagram(ares_socket_t fd, void* data, std::size_t size, sockaddr* from,
                                socklen_t* from_size);
  ares_ssize_t send(ares_socket_t fd, const iovec* parts, int count);
  int fail(int code);
  static const ares_socket_functions kFunctions;

  asio::ip::udp::endpoint server_;
  DnsTransport transport_;
  int icmp_errno_ = 0;
};

}  // namespace amlnet
