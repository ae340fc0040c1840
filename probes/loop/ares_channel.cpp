// What c-ares 1.18 does that shaped this file:
// - One error on a socket ends every question on it, and its own words for it are always "refused":
// ares_sockets.cpp.
// - It cuts UDP answers at 512 bytes unless its own EDNS mode is on (which repeats FORMERR answers behind our
// back), and
//   drops what does not match. So datagrams are kept as they came.
// - It cannot cancel one question. Late ones stay with it until nobody waits any more, then all are dropped
// at once.
#include "probes/loop/ares_channel.h"

#include <netinet/in.h>

#include <algorithm>
#include <asio/experimental/as_tuple.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

namespace amlnet {
namespace {

// At most so many questions are sent without an answer in one tick: enough for a healthy server, which frees
// slots by answering, whenever it was asked, and slow enough (12,800 a second) that neither end's default
// socket buffer overflows.
constexpr std::size_t kBurst = 128;
constexpr Milliseconds kTick{10};
// Ids are 16 bits; beyond half of them, searching for a free one and telling late answers apart gets worse.
constexpr std::size_t kMostHeld = 32768;
// How long c-ares remembers a question. Callers' deadlines are shorter; an answer after this is silence.
constexpr int kMemoryMs = 15000;

ares_addr_port_node server_node(const asio::ip::udp::endpoint& server) {
  ares_addr_port_node node{};
  node.udp_port = node.tcp_port = server.port();
  if (server.address().is_v4()) {
    node.family = AF_INET;
    const auto bytes = server.address().to_v4().to_bytes();
    std::memcpy(&node.addr.addr4, bytes.data(), bytes.size());
  } else {
    node.family = AF_INET6;
    const auto bytes = server.address().to_v6().to_bytes();
    std::memcpy(&node.addr.addr6, bytes.data(), bytes.size());
  }
  return node;
}

// Name, type and class of a message that we made: what follows them, EDNS, may differ.
std::string question_in(const std::vector<unsigned char>& message) {
  constexpr std::size_t kHeader = 12, kTypeAndClass = 4;
  std::size_t end = kHeader;
  while (end < message.size() && message[end] != 0) end += message[end] + 1U;
  end = std::min(end + 1 + kTypeAndClass, message.size());
  return {message.begin() + std::min(kHeader, end), message.begin() + end};
}

}  // namespace

struct AresChannel::Pending {
  Pending(const asio::any_io_executor& executor, std::vector<unsigned char> message, Deadline deadline)
      : question(std::move(message)), timer(executor, deadline) {}
  std::vector<unsigned char> question;
  std::vector<unsigned char> datagram;  // the last one with this id
  asio::steady_timer timer;             // wakes the coroutine: at the deadline, or cancelled when done
  AresReply reply;
  Clock::time_point sent_at, received_at;
  bool sent = false;
  bool done = false;  // `reply` is there
  bool over = false;  // nobody waits any more
};

struct AresChannel::Watch {
  Watch(const asio::any_io_executor& executor, int fd) : descriptor(executor, fd) {}
  asio::posix::stream_descriptor descriptor;
  bool read = false, write = false;       // what c-ares wants
  bool reading = false, writing = false;  // what is being waited for
};

AresChannel::AresChannel(asio::any_io_executor executor, const asio::ip::udp::endpoint& server,
                         DnsTransport transport)
    : executor_(std::move(executor)),
      transport_(transport),
      sockets_(server, transport),
      tick_timer_(executor_) {
  sockets_.on_datagram = [this](const unsigned char* bytes, std::size_t size) { keep(bytes, size); };
  static const int library = ares_library_init(ARES_LIB_INIT_ALL);
  ares_options options{};
  options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP | ARES_FLAG_IGNTC;
  if (transport_ == DnsTransport::tcp) options.flags |= ARES_FLAG_USEVC;
  options.timeout = kMemoryMs;
  options.tries = 1;
  options.lookups = const_cast<char*>("b");
  options.resolvconf_path =
      const_cast<char*>("/dev/null");  // the server is given: nothing is to be discovered
  options.sock_state_cb = [](void* self, ares_socket_t fd, int read, int write) {
    static_cast<AresChannel*>(self)->watch(fd, read != 0, write != 0);
  };
  options.sock_state_cb_data = this;
  int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF |
             ARES_OPT_DOMAINS | ARES_OPT_SOCK_STATE_CB;
#ifdef ARES_OPT_QUERY_CACHE
  mask |= ARES_OPT_QUERY_CACHE;  // newer c-ares would answer from memory: a lifetime of 0 forbids it
#endif
  int status = library != ARES_SUCCESS ? library : ares_init_options(&channel_, &options, mask);
  if (status == ARES_SUCCESS) {
    ares_addr_port_node node = server_node(server);
    status = ares_set_servers_ports(channel_, &node);
    sockets_.attach(channel_);
  }
  broken_ = from_cares(status);
}

AresChannel::~AresChannel() {
  alive_.reset();
  if (channel_) ares_destroy(channel_);
}

// ---- questions
// -----------------------------------------------------------------------------------------------

asio::awaitable<AresReply> AresChannel::ask(std::vector<unsigned char> question, Deadline deadline) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const asio::cancellation_state stop = co_await asio::this_coro::cancellation_state;
  AresReply refusal;
  refusal.error = stop.cancelled() != asio::cancellation_type::none ? was_cancelled() : broken_;
  if (refusal.error) co_return refusal;

  const Shared pending = std::make_shared<Pending>(executor_, std::move(question), deadline);
  ++open_;
  waiting_.push_back(pending);
  pump();
  if (!pending->done) co_await pending->timer.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
  if (!pending->done && stop.cancelled() != asio::cancellation_type::none)
    pending->reply.error = was_cancelled();
  finish(pending);
  co_return std::move(pending->reply);
}

// Ends a question that has its reply, its deadline behind it, or was cancelled.
void AresChannel::finish(const Shared& pending) {
  AresReply& reply = pending->reply;
  pending->over = true;
  --open_;
  if (!pending->done && !reply.error) {
    pending->received_at = pending->datagram.empty() ? Clock::now() : pending->received_at;
    reply.message = std::move(pending->datagram);
    if (!pending->sent)
      reply.error = {Failure::other, ErrorSource::amlnet, 0,
                     "too many questions were waiting: this one was never sent"};
    else if (reply.message.empty())
      reply.error = timed_out();
  }
  if (pending->sent) reply.duration_ms = ms_between(pending->sent_at, pending->received_at);
  if (open_ == 0 && !held_.empty()) ares_cancel(channel_);  // nobody waits: free the sockets and what is late
  given_up_ = open_ > 0 && (given_up_ || reply.error.failure == Failure::timeout);
  if (!given_up_) again_.clear();
  sweep();
}

// c-ares forgets old questions only when it is called: see to it about once a second.
void AresChannel::sweep() {
  const auto now = Clock::now();
  if (held_.empty() || now - swept_ < std::chrono::seconds(1)) return;
  swept_ = now;
  ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void AresChannel::pump() {
  while (!waiting_.empty() && unanswered_ < kBurst && held_.size() < kMostHeld) {
    const Shared next = std::move(waiting_.front());
    waiting_.pop_front();
    if (!next->over) send(next);
  }
  if (!waiting_.empty()) arm_tick();
  if (!sockets_.icmp_pending()) return;
  asio::post(executor_, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired() && !watches_.empty()) process(watches_.begin()->first, ARES_SOCKET_BAD);
  });
}

void AresChannel::arm_tick() {
  if (std::exchange(tick_armed_, true)) return;
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this, alive = std::weak_ptr(alive_)](std::error_code) {
    if (alive.expired()) return;
    tick_armed_ = false;
    unanswered_ = 0;
    pump();
  });
}

std::uint16_t AresChannel::unused_id() {
  for (;;) {
    const auto id = static_cast<std::uint16_t>(random_());
    if (!held_.contains(id)) return id;
  }
}

void AresChannel::send(const Shared& pending) {
  struct Argument {
    AresChannel* channel;
    Shared pending;
  };
  const std::uint16_t id = unused_id();
  pending->question[0] = static_cast<unsigned char>(id >> 8);
  pending->question[1] = static_cast<unsigned char>(id & 0xff);
  pending->sent = true;
  pending->sent_at = pending->received_at = Clock::now();
  held_.emplace(id, pending);
  if (given_up_) again_[question_in(pending->question)] = pending;
  ++unanswered_;
  sockets_.last_error = {};
  const auto callback = [](void* raw, int status, int, unsigned char* message, int size) {
    const std::unique_ptr<Argument> argument(static_cast<Argument*>(raw));
    argument->channel->answered(argument->pending, status, message, size);
  };
  ares_send(channel_, pending->question.data(), static_cast<int>(pending->question.size()), callback,
            new Argument{this, pending});
}

// A datagram as it came, before c-ares sees it.
void AresChannel::keep(const unsigned char* bytes, std::size_t size) {
  if (size < 2) return;
  const auto owner = held_.find(static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]));
  if (owner == held_.end()) return;
  owner->second->datagram.assign(bytes, bytes + size);
  owner->second->received_at = Clock::now();
}

// An answer that a resolver would go by (RFC 1035, section 4.1.1: no error, or no such name). Of a refusal of
// EDNS or a failure the question that waits may hear better.
bool settles(const std::vector<unsigned char>& message) {
  const int rcode = message.size() < 12 ? -1 : message[3] & 0x0f;
  return rcode == 0 || rcode == 3;
}

// What came after its question was given up, to who asks the same now.
void AresChannel::hand_over(Pending& late) {
  const auto found = again_.find(question_in(late.question));
  const Shared heir = found == again_.end() ? nullptr : found->second.lock();
  if (!heir || heir->over || heir->done || !settles(late.datagram)) return;
  heir->reply.message = std::move(late.datagram);
  heir->reply.earlier = late.question;
  heir->sent_at = late.sent_at;
  heir->received_at = late.received_at;
  heir->done = true;
  heir->timer.cancel();
}

// Called by c-ares, possibly inside ares_send(), ares_cancel() or ares_destroy(): resumes nobody, only
// cancels a timer.
void AresChannel::answered(const Shared& pending, int status, const unsigned char* message, int size) {
  held_.erase(static_cast<std::uint16_t>(pending->question[0] << 8 | pending->question[1]));
  // The deadline is not c-ares' to decide, nor is a connection "refused" that it gave up for a question it
  // timed out.
  const bool unexplained = status == ARES_ECONNREFUSED && !sockets_.last_error;
  if (pending->over && status == ARES_SUCCESS && transport_ == DnsTransport::udp) hand_over(*pending);
  if (pending->over || status == ARES_ETIMEOUT || unexplained) return;
  if (status == ARES_ECONNREFUSED && sockets_.last_error.code == EAGAIN && transport_ == DnsTransport::udp) {
    waiting_.push_front(pending);  // our own send buffer is full: next tick
    pending->sent = false;
    unanswered_ = kBurst;
    return;
  }
  if (unanswered_ > 0) --unanswered_;
  if (status != ARES_SUCCESS) {
    pending->reply.error = status == ARES_ECONNREFUSED ? sockets_.last_error : from_cares(status);
    pending->received_at = Clock::now();
  } else if (transport_ == DnsTransport::udp) {
    pending->reply.message = std::move(pending->datagram);
  } else {
    pending->reply.message.assign(message, message + size);
    pending->received_at = Clock::now();
  }
  pending->done = true;
  pending->timer.cancel();
}

// ---- events
// --------------------------------------------------------------------------------------------------

void AresChannel::watch(ares_socket_t fd, bool read, bool write) {
  auto found = watches_.find(fd);
  if (!read && !write) {  // c-ares is about to close it: take it out of the loop first
    if (found == watches_.end()) return;
    found->second->descriptor.release();
    watches_.erase(found);
    return;
  }
  if (found == watches_.end()) found = watches_.emplace(fd, std::make_shared<Watch>(executor_, fd)).first;
  const std::shared_ptr<Watch> watched = found->second;
  watched->read = read;
  watched->write = write;
  wait(fd, watched, true);
  wait(fd, watched, false);
}

void AresChannel::wait(ares_socket_t fd, const std::shared_ptr<Watch>& watched, bool for_read) {
  const bool wanted = for_read ? watched->read : watched->write;
  bool& under_way = for_read ? watched->reading : watched->writing;
  if (!wanted || std::exchange(under_way, true)) return;
  const auto what =
      for_read ? asio::posix::descriptor_base::wait_read : asio::posix::descriptor_base::wait_write;
  watched->descriptor.async_wait(
      what, [this, fd, for_read, weak = std::weak_ptr(watched)](std::error_code error) {
        const std::shared_ptr<Watch> live = weak.lock();  // gone with its socket, or with the whole channel
        if (!live || error) return;
        (for_read ? live->reading : live->writing) = false;
        process(for_read ? fd : ARES_SOCKET_BAD, for_read ? ARES_SOCKET_BAD : fd);
        const auto still = watches_.find(fd);
        if (still != watches_.end() && still->second == live) wait(fd, live, for_read);
      });
}

void AresChannel::process(ares_socket_t read, ares_socket_t write) {
  sockets_.last_error = {};
  ares_process_fd(channel_, read, write);
  pump();
}

}  // namespace amlnet
