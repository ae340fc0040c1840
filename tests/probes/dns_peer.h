// DNS servers for the tests of the DNS probe: a real unbound with its own zone, and a peer that answers badly
// on purpose. Both listen on loopback ports that nobody else has.
#pragma once

#include <sys/types.h>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "probes/dns.h"

namespace amlnet {

using DnsBytes = std::vector<unsigned char>;

/// What the peer does with one question: waits, then sends each message (over TCP with a length before each).
struct PeerReply {
  std::vector<DnsBytes> messages;
  std::chrono::milliseconds delay{0};
  bool hang_up = false;  // TCP only: close after the messages
};

/// Runs on the peer's own thread.
using PeerScript = std::function<PeerReply(const DnsBytes& question)>;

/// Answers on one UDP and one TCP port of 127.0.0.1, on its own thread, until destroyed.
class DnsPeer {
 public:
  explicit DnsPeer(PeerScript script);
  ~DnsPeer();
  /// "127.0.0.1:PORT"
  std::string address() const;

 private:
  asio::io_context io_{1};
  asio::ip::udp::socket udp_;
  asio::ip::tcp::acceptor tcp_;
  PeerScript script_;
  std::thread thread_;
};

/// The first label of the question's name.
std::string first_label(const DnsBytes& question);
/// The question turned into a response: header with these flag bytes, question, no records.
DnsBytes answer_to(const DnsBytes& question, int flags2 = 0x81, int flags3 = 0x80);
/// Appends `count` A records owned by the question's name.
DnsBytes with_addresses(DnsBytes response, int count);

/// A port of 127.0.0.1 that was free for UDP and TCP just now.
std::uint16_t free_port();

/// unbound, authoritative for the zone lab.test (see the source), listening on 127.0.0.1 and, refusing all,
/// on 127.0.0.2.
class Unbound {
 public:
  Unbound();
  ~Unbound();
  Unbound(const Unbound&) = delete;
  Unbound& operator=(const Unbound&) = delete;
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  std::string folder_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

// ---- asking ----------------------------------------------------------------------------------------------

/// A budget that is never reached where an answer comes.
constexpr Milliseconds kAmple{5000};

DnsSpec dns_spec(std::string name, bool tcp = false);
/// PREFIX0SUFFIX, PREFIX1SUFFIX, ...
std::vector<DnsSpec> dns_specs(int count, const std::string& prefix, const std::string& suffix);
asio::awaitable<void> ask_into(Nameserver& server, DnsSpec spec, Deadline deadline, DnsAnswer& out);
void rethrow(std::exception_ptr error);

/// All at once on a loop of their own. Returns when the loop has nothing left to do, which is part of what is
/// tested.
std::vector<DnsAnswer> ask_all(const std::string& address, std::vector<DnsSpec> specs,
                               Milliseconds budget = kAmple);
DnsAnswer ask(const std::string& address, DnsSpec spec, Milliseconds budget = kAmple);

}  // namespace amlnet
