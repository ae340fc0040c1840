#include "probes/icmp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

// After the system's headers: it needs their types and includes none of them.
#include <linux/errqueue.h>

namespace amlnet {
namespace {

std::string address_text(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = nullptr;
  if (address.ss_family == AF_INET) bytes = &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
  if (address.ss_family == AF_INET6) bytes = &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  if (bytes == nullptr || inet_ntop(address.ss_family, bytes, text.data(), text.size()) == nullptr) return {};
  return text.data();
}

// Kernels before 5.8 leave the sender of errors for a TCP connection out: its family is then unspecified.
std::string sender_of(const cmsghdr& message) {
  const std::size_t payload = message.cmsg_len - CMSG_LEN(0);
  if (payload <= sizeof(sock_extended_err)) return {};
  sockaddr_storage address{};
  std::memcpy(&address, CMSG_DATA(&message) + sizeof(sock_extended_err),
              std::min(payload - sizeof(sock_extended_err), sizeof address));
  return address_text(address);
}

bool is_error_message(const cmsghdr& message) {
  const bool v4 = message.cmsg_level == SOL_IP && message.cmsg_type == IP_RECVERR;
  const bool v6 = message.cmsg_level == SOL_IPV6 && message.cmsg_type == IPV6_RECVERR;
  return (v4 || v6) && message.cmsg_len >= CMSG_LEN(sizeof(sock_extended_err));
}

QueuedError read_error(const cmsghdr& message) {
  sock_extended_err error{};
  std::memcpy(&error, CMSG_DATA(&message), sizeof error);
  QueuedError out;
  out.error = static_cast<int>(error.ee_errno);
  if (error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6) {
    const int family = error.ee_origin == SO_EE_ORIGIN_ICMP ? 4 : 6;
    out.icmp = IcmpError{family, error.ee_type, error.ee_code, sender_of(message)};
  }
  return out;
}

}  // namespace

bool queue_errors(int descriptor, int family) {
  const int on = 1;
  if (family == AF_INET6) return setsockopt(descriptor, SOL_IPV6, IPV6_RECVERR, &on, sizeof on) == 0;
  return setsockopt(descriptor, SOL_IP, IP_RECVERR, &on, sizeof on) == 0;
}

WireError failure_of(const QueuedError& queued) {
  WireError error = from_errno(queued.error);
  const bool local = error.failure == Failure::local_prohibited ||
                     error.failure == Failure::local_blackhole || error.failure == Failure::local_reject;
  if (queued.icmp && local) error.failure = Failure::host_unreachable;
  return error;
}

std::optional<QueuedError> take_queued_error(int descriptor) {
  std::array<char, 256> payload{};
  alignas(cmsghdr) std::array<char, 512> control{};
  iovec data{payload.data(), payload.size()};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (recvmsg(descriptor, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return std::nullopt;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part))
    if (is_error_message(*part)) return read_error(*part);
  return std::nullopt;
}

}  // namespace amlnet
