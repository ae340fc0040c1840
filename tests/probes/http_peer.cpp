#include "http_peer.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace amlnet::http_test {
namespace {

constexpr std::size_t kMaxHead = 64 * 1024;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

Address address_of(const std::string& text, std::uint16_t port) {
  Address out;
  if (text.find(':') == std::string::npos) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    inet_pton(AF_INET, text.c_str(), &v4->sin_addr);
    out.size = sizeof *v4;
  } else {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr);
    out.size = sizeof *v6;
  }
  return out;
}

int bound_socket(const std::string& text, std::uint16_t port) {
  Address address = address_of(text, port);
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, address.get(), address.size) != 0) {
    close(fd);
    throw std::runtime_error("cannot bind " + text);
  }
  return fd;
}

std::uint16_t port_of(int fd) {
  Address address;
  address.size = sizeof address.storage;
  getsockname(fd, address.get(), &address.size);
  const auto* v6 =
      reinterpret_cast<sockaddr_in6*>(&address.storage);  // the port is at the same place in both
  return ntohs(v6->sin6_port);
}

bool accepts(std::uint16_t port) {
  Address address = address_of("127.0.0.1", port);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = connect(fd, address.get(), address.size) == 0;
  close(fd);
  return connected;
}

}  // namespace

PeerConnection::~PeerConnection() {
  close(fd_);
}

std::string PeerConnection::read_head() {
  std::string head;
  char byte = 0;
  while (head.size() < kMaxHead && !head.ends_with("\r\n\r\n") && recv(fd_, &byte, 1, 0) == 1) head += byte;
  return head;
}

std::string PeerConnection::read(std::size_t size) {
  std::string bytes;
  char byte = 0;
  while (bytes.size() < size && recv(fd_, &byte, 1, 0) == 1) bytes += byte;
  return bytes;
}

bool PeerConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void PeerConnection::wait_for_close() {
  char bytes[512];
  while (recv(fd_, bytes, sizeof bytes, 0) > 0) {
  }
}

void PeerConnection::end_with_reset() {
  const linger now{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

HttpPeer::HttpPeer(Script script, const std::string& address, std::uint16_t port)
    : listener_(bound_socket(address, port)), port_(port_of(listener_)) {
  listen(listener_, 1024);
  thread_ = std::thread(&HttpPeer::serve, this, std::move(script));
}

HttpPeer::~HttpPeer() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  {
    const std::lock_guard lock(mutex_);
    if (current_ >= 0) shutdown(current_, SHUT_RDWR);
  }
  thread_.join();
  close(listener_);
}

void HttpPeer::serve(Script script) {
  while (!stopping_) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    PeerConnection connection(fd);
    {
      const std::lock_guard lock(mutex_);
      current_ = fd;
      if (stopping_) shutdown(fd, SHUT_RDWR);
    }
    script(connection);
    const std::lock_guard lock(mutex_);
    current_ = -1;
  }
}

HttpPeer::Script answers(std::string answer) {
  return [answer = std::move(answer)](PeerConnection& connection) {
    connection.read_head();
    connection.send(answer);
  };
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "amlnet-http-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  folder_ = pattern;
  std::filesystem::permissions(folder_, std::filesystem::perms::all);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void TemporaryFolder::write(const std::string& name, const std::string& text) const {
  std::ofstream(path(name)) << text;
}

std::uint16_t free_port() {
  const int fd = bound_socket("127.0.0.1", 0);
  const std::uint16_t port = port_of(fd);
  close(fd);
  return port;
}

ServerProcess::ServerProcess(std::vector<std::string> command, std::uint16_t port) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  for (int tries = 0; tries < 500; ++tries) {
    if (accepts(port)) return;
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error(command.front() + " ended at once");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  throw std::runtime_error(command.front() + " does not accept connections");
}

ServerProcess::~ServerProcess() {
  if (pid_ <= 0) return;
  kill(pid_, SIGTERM);
  for (int tries = 0; tries < 100; ++tries) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

}  // namespace amlnet::http_test
