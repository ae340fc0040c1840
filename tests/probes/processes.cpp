// The parts of peers.h that need the system more than Asio: black holes, child processes, namespaces.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "tests/probes/peers.h"

namespace amlnet {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::uint16_t bound_port(int descriptor) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) != 0) throw std::runtime_error("bind");
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// True when a connection at `port` was made within `milliseconds`; the socket is handed out open.
bool connects(std::uint16_t port, int milliseconds, int& descriptor) {
  descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
  pollfd state{descriptor, POLLOUT, 0};
  poll(&state, 1, milliseconds);
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 && (state.revents & POLLOUT) != 0;
}

}  // namespace

BlackHole::BlackHole() {
  descriptors_.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  port_ = bound_port(descriptors_[0]);
  listen(descriptors_[0], 0);
  for (bool open = true; open && descriptors_.size() < 10;) {
    int descriptor = -1;
    open = connects(port_, 200, descriptor);
    descriptors_.push_back(descriptor);
  }
}

BlackHole::~BlackHole() {
  for (const int descriptor : descriptors_) close(descriptor);
}

std::uint16_t closed_port() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const std::uint16_t port = bound_port(descriptor);
  close(descriptor);
  return port;
}

ChildProcess::ChildProcess(const std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  id_ = fork();
  if (id_ != 0) return;
  const int nowhere = open("/dev/null", O_RDWR);
  dup2(nowhere, STDIN_FILENO);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  execvp(pointers[0], pointers.data());
  _exit(127);
}

ChildProcess::~ChildProcess() {
  kill(id_, SIGKILL);
  waitpid(id_, nullptr, 0);
}

bool wait_for_listener(std::uint16_t port) {
  for (int i = 0; i < 200; ++i) {
    int descriptor = -1;
    const bool up = connects(port, 1000, descriptor);
    close(descriptor);
    if (up) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

std::string run_in_namespace(const std::string& commands, std::string (*work)()) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    const int flags = geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET;
    std::string answer;
    if (unshare(flags) == 0 && std::system(("set -e; ip link set lo up; " + commands).c_str()) == 0)
      answer = work();
    const bool whole = write(ends[1], answer.data(), answer.size()) == static_cast<ssize_t>(answer.size());
    _exit(whole ? 0 : 1);
  }
  close(ends[1]);
  std::string out;
  std::array<char, 4096> bytes{};
  for (ssize_t count = 0; (count = read(ends[0], bytes.data(), bytes.size())) > 0;)
    out.append(bytes.data(), static_cast<std::size_t>(count));
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return out;
}

}  // namespace amlnet
