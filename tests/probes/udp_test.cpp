#include "probes/udp.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/ip/udp.hpp>
#include <asio/steady_timer.hpp>

#include "tests/probes/peers.h"

namespace amlnet {
namespace {

using asio::ip::udp;
using std::chrono::milliseconds;

UdpDetail attempt(const std::string& address, std::uint16_t port, milliseconds budget = milliseconds(5000)) {
  asio::io_context loop(1);
  UdpSpec spec;
  spec.address = address;
  spec.port = port;
  return run_alone(loop, send_udp(loop.get_executor(), spec, Clock::now() + budget));
}

// A bound socket: the kernel keeps what arrives until it is counted.
struct Receiver {
  asio::io_context loop{1};
  udp::socket socket{loop, udp::endpoint(asio::ip::address_v4::loopback(), 0)};

  std::uint16_t port() { return socket.local_endpoint().port(); }
  int waiting() {
    socket.non_blocking(true);
    int count = 0;
    std::error_code error;
    for (std::array<char, 64> bytes{}; !error; count += error ? 0 : 1)
      socket.receive(asio::buffer(bytes), 0, error);
    return count;
  }
};

TEST(Udp, SilenceIsATimeoutAfterTwoDatagrams) {
  Receiver receiver;
  const UdpDetail detail = attempt("127.0.0.1", receiver.port(), milliseconds(200));
  EXPECT_EQ(detail.error.failure, Failure::timeout);
  EXPECT_FALSE(detail.answered);
  EXPECT_EQ(detail.local_address, "127.0.0.1");
  EXPECT_EQ(receiver.waiting(), 2);
}

TEST(Udp, AnyAnswerCounts) {
  Receiver receiver;
  std::array<char, 64> bytes{};
  udp::endpoint from;
  receiver.socket.async_receive_from(asio::buffer(bytes), from, [&](std::error_code, std::size_t size) {
    receiver.socket.send_to(asio::buffer(bytes, size), from);
  });
  std::thread echo([&] { receiver.loop.run(); });
  const UdpDetail detail = attempt("127.0.0.1", receiver.port());
  echo.join();
  EXPECT_TRUE(detail.answered);
  EXPECT_EQ(detail.error.failure, Failure::none);
  EXPECT_EQ(receiver.waiting(), 0) << "no second datagram after an answer";
}

TEST(Udp, ClosedPortIsRefusedByItsHost) {
  const UdpDetail detail = attempt("127.0.0.1", closed_port());
  EXPECT_EQ(detail.error.failure, Failure::refused);
  ASSERT_TRUE(detail.icmp);
  EXPECT_EQ(detail.icmp->family, 4);
  EXPECT_EQ(detail.icmp->type, 3);
  EXPECT_EQ(detail.icmp->code, 3);
  EXPECT_EQ(detail.icmp->sender, "127.0.0.1");
}

TEST(Udp, ClosedPortIsRefusedOverIpv6) {
  const UdpDetail detail = attempt("::1", closed_port());
  EXPECT_EQ(detail.error.failure, Failure::refused);
  ASSERT_TRUE(detail.icmp);
  EXPECT_EQ(detail.icmp->family, 6);
  EXPECT_EQ(detail.icmp->type, 1);
  EXPECT_EQ(detail.icmp->code, 4);
  EXPECT_EQ(detail.icmp->sender, "::1");
}

TEST(Udp, CancellationReturnsAResult) {
  Receiver receiver;
  asio::io_context loop(1);
  asio::cancellation_signal stop;
  std::optional<UdpDetail> detail;
  UdpSpec spec;
  spec.address = "127.0.0.1";
  spec.port = receiver.port();
  asio::co_spawn(loop, send_udp(loop.get_executor(), spec, Clock::now() + std::chrono::minutes(10)),
                 asio::bind_cancellation_slot(
                     stop.slot(), [&](std::exception_ptr, UdpDetail result) { detail = std::move(result); }));
  asio::steady_timer timer(loop, milliseconds(50));
  timer.async_wait([&](std::error_code) { stop.emit(asio::cancellation_type::terminal); });
  loop.run();
  ASSERT_TRUE(detail);
  EXPECT_EQ(detail->error.failure, Failure::cancelled);
}

std::string describe(const std::string& address, std::uint16_t port) {
  const UdpDetail detail = attempt(address, port, milliseconds(3000));
  std::string out = fmt::format("{} {} {}", address, port, name_of(detail.error.failure));
  if (detail.icmp)
    out += fmt::format(" {}/{} from {}", detail.icmp->type, detail.icmp->code, detail.icmp->sender);
  return out + "\n";
}

TEST(Udp, RejectsAreToldApart) {
  const std::string seen = run_in_namespace(
      "ip addr add 10.9.0.1/32 dev lo; ip route add blackhole 198.51.100.1;"
      "nft 'table inet t { chain i { type filter hook input priority 0;"
      " udp dport 1 reject with icmpx admin-prohibited; };"
      " chain o { type filter hook output priority 0; udp dport 2 drop; }; }'",
      [] {
        return describe("10.9.0.1", 1) + describe("10.9.0.1", 2) + describe("198.51.100.1", 5831) +
               describe("203.0.113.1", 5831);
      });
  EXPECT_EQ(seen,
            "10.9.0.1 1 host_unreachable 3/13 from 10.9.0.1\n"
            "10.9.0.1 2 local_reject\n"
            "198.51.100.1 5831 local_blackhole\n"
            "203.0.113.1 5831 net_unreachable\n");
}

}  // namespace
}  // namespace amlnet
