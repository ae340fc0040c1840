// Peers for probes to meet, as values: what a peer does to every connection is a Fault, and a FaultPeer does
// it on loopback, on a thread and an io_context of its own, so that a busy probe cannot disturb it.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/probes/pki.h"

namespace amlnet {

/// How a peer speaks TLS: `chain` is sent leaf first, with the leaf's key.
struct TlsServing {
  std::vector<Issued> chain;
  int newest_version = 0;             // 0, or TLS1_1_VERSION and the like, with everything older allowed
  bool requires_certificate = false;  // of the client
};

struct Fault {
  enum class Kind {
    silent,              // accepts, says nothing
    reset_after_accept,  // RST at once
    reset_after_hello,   // RST once the client has said something
    close_after_hello,   // FIN once the client has said something
    text,                // says `bytes` once the client has said something, then silence
    trickle,             // says `bytes`, one every 20 ms, for ever
    first_records,       // sends the first `records` TLS records of its flight, then silence
    tls,                 // a sound TLS server
  };
  Kind kind = Kind::silent;
  std::string bytes = {};
  int records = 0;
  TlsServing tls = {};
};

/// A fatal alert as the only answer: a `text` peer that says it in TLS.
Fault sends_alert(int number);

/// What FaultPeer's connections have in common; shared with its thread.
struct PeerState;

class FaultPeer {
 public:
  /// Listens on 127.0.0.1, or on ::1, at a port of the kernel's choice.
  explicit FaultPeer(Fault fault, bool ipv6 = false);
  ~FaultPeer();
  FaultPeer(const FaultPeer&) = delete;
  FaultPeer& operator=(const FaultPeer&) = delete;

  std::uint16_t port() const;
  /// Bytes of the first message that the latest client sent (peers that wait for the hello only).
  std::size_t hello_size() const;
  /// The segment size that the latest client allows us (TCP_INFO).
  int client_segment_size() const;

 private:
  std::unique_ptr<PeerState> state_;
};

/// A listener with a full backlog: the kernel drops every further SYN, as a firewall would.
class BlackHole {
 public:
  BlackHole();
  ~BlackHole();
  BlackHole(const BlackHole&) = delete;
  BlackHole& operator=(const BlackHole&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  std::vector<int> descriptors_;
  std::uint16_t port_ = 0;
};

/// A loopback port that nothing listens on.
std::uint16_t closed_port();

/// A program that runs until the end of the value's life; killed then.
class ChildProcess {
 public:
  explicit ChildProcess(const std::vector<std::string>& arguments);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

 private:
  int id_ = -1;
};

/// Waits, at most ten seconds, until something accepts connections at 127.0.0.1:`port`. False if nothing
/// does.
bool wait_for_listener(std::uint16_t port);

/// Runs one coroutine on a loop of its own and returns its result.
template <class T>
T run_alone(asio::io_context& loop, asio::awaitable<T> coroutine) {
  std::optional<T> result;
  std::exception_ptr failure;
  asio::co_spawn(loop, std::move(coroutine), [&](std::exception_ptr error, T value) {
    failure = error;
    result = std::move(value);
  });
  loop.restart();
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return std::move(*result);
}

/// Runs `work` in a child process inside a network namespace of its own, after `commands` (sh) have set it
/// up; returns what `work` returned. An empty answer means that the namespace could not be made.
std::string run_in_namespace(const std::string& commands, std::string (*work)());

}  // namespace amlnet
