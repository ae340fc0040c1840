// c-ares on the run's event loop: questions to one server over one transport, with the raw answer and the
// true errno. Used by the DNS probe alone. c-ares matches answers to questions and frames TCP; pacing,
// deadlines and sockets are ours, because c-ares turns every local or ICMP error into "refused" and cuts UDP
// answers that it did not ask for.
#pragma once

#include <ares.h>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/udp.hpp>
#include <asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "probes/failure.h"
#include "probes/loop/ares_sockets.h"
#include "probes/time.h"

namespace amlnet {

/// What came of one question: a message (raw, not judged) or an error.
struct AresReply {
  std::vector<unsigned char> message;
  WireError error;
  double duration_ms = 0;  // from sending to the answer, the error or the deadline
  /// The message answers this question, asked earlier for the same and given up: counted from then.
  std::vector<unsigned char> earlier;
};

/// One channel. All calls on one thread; every question must have been awaited before it is destroyed.
class AresChannel {
 public:
  AresChannel(asio::any_io_executor executor, const asio::ip::udp::endpoint& server, DnsTransport transport);
  ~AresChannel();
  AresChannel(const AresChannel&) = delete;
  AresChannel& operator=(const AresChannel&) = delete;

  /// Sends `question` (a whole DNS message; its id is replaced by an unused one) and waits until `deadline`.
  /// A datagram that carries the id but does not answer the question is returned at the deadline, so that the
  /// caller can say what it was. Cancellation gives `cancelled`. What comes late for the same name and type,
  /// asked before and given up, is an answer too.
  asio::awaitable<AresReply> ask(std::vector<unsigned char> question, Deadline deadline);

 private:
  struct Pending;
  struct Watch;
  using Shared = std::shared_ptr<Pending>;

  void pump();
  void send(const Shared& pending);
  std::uint16_t unused_id();
  void finish(const Shared& pending);
  void keep(const unsigned char* bytes, std::size_t size);
  void hand_over(Pending& late);
  void answered(const Shared& pending, int status, const unsigned char* message, int size);
  void arm_tick();
  void sweep();

  void watch(ares_socket_t fd, bool read, bool write);
  void wait(ares_socket_t fd, const std::shared_ptr<Watch>& watched, bool for_read);
  void process(ares_socket_t read, ares_socket_t write);

  asio::any_io_executor executor_;
  DnsTransport transport_;
  AresSockets sockets_;
  ares_channel channel_ = nullptr;
  WireError broken_;  // why there is no channel
  std::random_device random_;
  std::deque<Shared> waiting_;  // not sent yet
  std::unordered_map<std::uint16_t, Shared>
      held_;               // sent; c-ares still knows them, even after their deadline
  bool given_up_ = false;  // some question, whose answer may come yet
  std::unordered_map<std::string, std::weak_ptr<Pending>> again_;  // asked since then, by name and type
  std::size_t open_ = 0;                                           // questions that somebody waits for
  std::size_t unanswered_ = 0;  // sent in this tick, less the answers that came in it
  bool tick_armed_ = false;
  asio::steady_timer tick_timer_;
  Clock::time_point swept_;
  std::map<ares_socket_t, std::shared_ptr<Watch>> watches_;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace amlnet
