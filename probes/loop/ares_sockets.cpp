// c-ares 1.18 reports every socket error as "refused", takes an empty datagram for one (where CVE-2023-32067
// is not mended), and ends every question on a socket that has one. For an ICMP error that is right (the
// kernel matched it to the server's address and port), so it must not get lost either: the kernel hands it to
// whichever call comes next, often the send of another question. Such a send is repeated, and the error
// delivered where it belongs, by the receiving side.
#include "probes/loop/ares_sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace amlnet {
namespace {

// The kernel caps this at net.core.rmem_max.
constexpr int kReceiveBuffer = 1 << 20;
// Empty datagrams and errors that one receive passes over before the loop gets its turn.
constexpr int kMostSkipped = 16;
// How often one datagram is tried while errors of earlier ones come back.
constexpr int kMostSends = 4;

bool would_block(int code) {
  return code == EAGAIN || code == EWOULDBLOCK || code == EINPROGRESS;
}

// Errors that a datagram socket keeps from an ICMP message until the next call.
bool may_be_icmp(int code) {
  return code == ECONNREFUSED || code == EHOSTUNREACH || code == EHOSTDOWN || code == ENETUNREACH ||
         code == ENOPROTOOPT || code == EPROTO;
}

}  // namespace

const ares_socket_functions AresSockets::kFunctions{
    [](int family, int type, int, void* self) { return static_cast<AresSockets*>(self)->open(family, type); },
    [](ares_socket_t fd, void* self) { return static_cast<AresSockets*>(self)->close(fd); },
    [](ares_socket_t fd, const sockaddr*, ares_socklen_t, void* self) {
      return static_cast<AresSockets*>(self)->connect(fd);
    },
    [](ares_socket_t fd, void* data, size_t size, int, sockaddr* from, ares_socklen_t* from_size,
       void* self) { return static_cast<AresSockets*>(self)->receive(fd, data, size, from, from_size); },
    [](ares_socket_t fd, const iovec* parts, int count, void* self) {
      return static_cast<AresSockets*>(self)->send(fd, parts, count);
    },
};

void AresSockets::attach(ares_channel channel) {
  ares_set_socket_functions(channel, &kFunctions, this);
}

int AresSockets::fail(int code) {
  last_error = from_errno(code);
  errno = code;
  return -1;
}

int AresSockets::open(int family, int type) {
  const int fd = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(errno);
  const int one = 1;
  if (type == SOCK_STREAM)
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  else
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof(kReceiveBuffer));
  return fd;
}

// To our own copy of the address: c-ares drops the scope of a link-local one.
int AresSockets::connect(ares_socket_t fd) {
  const int result = ::connect(fd, server_.data(), static_cast<socklen_t>(server_.size()));
  if (result < 0 && !would_block(errno)) return fail(errno);
  return result;
}

int AresSockets::close(ares_socket_t fd) {
  icmp_errno_ = 0;
  return ::close(fd);
}

ares_ssize_t AresSockets::receive(ares_socket_t fd, void* data, std::size_t size, sockaddr* from,
                                  socklen_t* from_size) {
  if (transport_ == DnsTransport::udp) return receive_datagram(fd, data, size, from, from_size);
  const ares_ssize_t got = ::recv(fd, data, size, 0);
  if (got < 0 && !would_block(errno)) return fail(errno);
  if (got == 0) last_error = from_cares(ARES_EOF);
  // c-ares ends the connection over a frame of length 0 without a word. (Elsewhere two zero bytes do no
  // harm.)
  const auto* bytes = static_cast<const unsigned char*>(data);
  if (got == 2 && size == 2 && bytes[0] == 0 && bytes[1] == 0) last_error = from_cares(ARES_EBADRESP);
  return got;
}

// Everything that was received comes before an ICMP error, which ends all questions.
ares_ssize_t AresSockets::receive_datagram(ares_socket_t fd, void* data, std::size_t size, sockaddr* from,
                                           socklen_t* from_size) {
  const socklen_t room = *from_size;
  for (int i = 0; i < kMostSkipped; ++i) {
    *from_size = room;
    const ares_ssize_t got = ::recvfrom(fd, data, size, 0, from, from_size);
    if (got < 0 && would_block(errno)) break;
    if (got < 0 && errno != EINTR) icmp_errno_ = errno;
    if (got <= 0) continue;
    if (on_datagram) on_datagram(static_cast<const unsigned char*>(data), static_cast<std::size_t>(got));
    return got;
  }
  if (icmp_errno_ != 0) return fail(std::exchange(icmp_errno_, 0));
  errno = EAGAIN;
  return -1;
}

ares_ssize_t AresSockets::send(ares_socket_t fd, const iovec* parts, int count) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = static_cast<std::size_t>(count);
  const bool tcp = transport_ == DnsTransport::tcp;
  int earlier = 0;
  for (int i = 0; i < kMostSends; ++i) {
    const ares_ssize_t sent = ::sendmsg(fd, &message, MSG_NOSIGNAL);
    if (sent >= 0) {
      if (earlier != 0) icmp_errno_ = earlier;
      return sent;
    }
    earlier = errno;
    if (tcp || !may_be_icmp(earlier)) break;
  }
  return tcp && would_block(earlier) ? -1 : fail(earlier);
}

}  // namespace amlnet
