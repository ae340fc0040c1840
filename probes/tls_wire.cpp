#include "probes/tls_wire.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace amlnet {
namespace {

Wire& wire_of(BIO* bio) {
  return *static_cast<Wire*>(BIO_get_data(bio));
}

bool is_retry(int code) {
  return code == EAGAIN || code == EINTR;
}

void note_received(Wire& wire, const char* bytes, std::size_t size) {
  wire.received += size;
  const std::size_t room = kFirstBytes - wire.first.size();
  wire.first.append(bytes, std::min(size, room));
}

int write_wire(BIO* bio, const char* bytes, int size) {
  Wire& wire = wire_of(bio);
  BIO_clear_retry_flags(bio);
  const auto count = ::send(wire.descriptor, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (count >= 0) {
    wire.sent += static_cast<std::uint64_t>(count);
  } else if (is_retry(errno)) {
    BIO_set_retry_write(bio);
  } else {
    wire.error = errno;
  }
  return static_cast<int>(count);
}

int read_wire(BIO* bio, char* bytes, int size) {
  Wire& wire = wire_of(bio);
  BIO_clear_retry_flags(bio);
  const auto count = ::recv(wire.descriptor, bytes, static_cast<std::size_t>(size), 0);
  if (count > 0) {
    note_received(wire, bytes, static_cast<std::size_t>(count));
  } else if (count == 0) {
    wire.peer_closed = true;
  } else if (is_retry(errno)) {
    BIO_set_retry_read(bio);
  } else {
    wire.error = errno;
  }
  return static_cast<int>(count);
}

long control_wire(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return wire_of(bio).peer_closed ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "amlnet wire");
  if (method == nullptr) return nullptr;
  BIO_meth_set_write(method, write_wire);
  BIO_meth_set_read(method, read_wire);
  BIO_meth_set_ctrl(method, control_wire);
  return method;
}

}  // namespace

BIO* make_wire_bio(Wire& wire) {
  static BIO_METHOD* const method = make_method();  // never freed: OpenSSL may outlive static destructors
  BIO* bio = method == nullptr ? nullptr : BIO_new(method);
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, &wire);
  BIO_set_init(bio, 1);
  return bio;
}

void read_first_bytes(Wire& wire) {
  std::array<char, kFirstBytes> bytes{};
  while (wire.first.size() < kFirstBytes) {
    const auto count = ::recv(wire.descriptor, bytes.data(), kFirstBytes - wire.first.size(), MSG_DONTWAIT);
    if (count <= 0) return;
    note_received(wire, bytes.data(), static_cast<std::size_t>(count));
  }
}

bool is_not_tls(const Wire& wire) {
  if (wire.first.empty()) return false;
  const auto type = static_cast<unsigned char>(wire.first[0]);
  if (type < 20 || type > 23) return true;
  return wire.first.size() > 1 && wire.first[1] != 3;
}

}  // namespace amlnet
