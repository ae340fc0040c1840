// Peers for the HTTP probe's tests: a scripted one that misbehaves to order, on its own thread with blocking
// sockets, and real servers (nginx, squid) as child processes in a temporary folder.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace amlnet::http_test {

/// One accepted connection; all calls end when the peer is destroyed.
class PeerConnection {
 public:
  explicit PeerConnection(int fd) : fd_(fd) {}
  ~PeerConnection();
  PeerConnection(const PeerConnection&) = delete;
  PeerConnection& operator=(const PeerConnection&) = delete;

  /// Reads up to the blank line after a request's head (64 KiB at most); what came before the other side
  /// stopped.
  std::string read_head();
  /// Reads exactly `size` bytes, or fewer when the other side stopped.
  std::string read(std::size_t size);
  bool send(std::string_view bytes);
  /// Reads and drops until the other side closes.
  void wait_for_close();
  /// The close at the script's end will be a reset.
  void end_with_reset();

 private:
  int fd_;
};

/// Accepts on `address` and runs `script` for one connection after another.
class HttpPeer {
 public:
  using Script = std::function<void(PeerConnection&)>;
  explicit HttpPeer(Script script, const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  ~HttpPeer();
  HttpPeer(const HttpPeer&) = delete;
  HttpPeer& operator=(const HttpPeer&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  void serve(Script script);

  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;  // guards current_
  int current_ = -1;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

/// The request's head is read, `answer` sent and the connection closed.
HttpPeer::Script answers(std::string answer);

/// A folder that any user may write to, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path folder_;
};

/// A port of 127.0.0.1 that nothing listened on a moment ago.
std::uint16_t free_port();

/// A server process: the constructor returns when it accepts on 127.0.0.1:`port`, or throws after ten
/// seconds.
class ServerProcess {
 public:
  ServerProcess(std::vector<std::string> command, std::uint16_t port);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

 private:
  pid_t pid_ = -1;
};

}  // namespace amlnet::http_test
