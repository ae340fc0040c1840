#include "probes/tcp.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "tests/probes/peers.h"

namespace amlnet {
namespace {

using asio::ip::tcp;
using std::chrono::milliseconds;

struct Attempt {
  TcpDetail detail;
  bool open = false;
  bool non_blocking = false;
};

Attempt attempt(TcpSpec spec, milliseconds budget = milliseconds(5000)) {
  asio::io_context loop(1);
  tcp::socket socket(loop);
  Attempt out;
  out.detail = run_alone(loop, connect_tcp(socket, std::move(spec), Clock::now() + budget));
  out.open = socket.is_open();
  out.non_blocking = out.open && socket.non_blocking();
  return out;
}

TcpSpec loopback(std::uint16_t port) {
  TcpSpec spec;
  spec.address = "127.0.0.1";
  spec.port = port;
  return spec;
}

TEST(Tcp, ConnectsAndKeepsTheKernelsEvidence) {
  const FaultPeer peer({});
  const Attempt result = attempt(loopback(peer.port()));
  EXPECT_EQ(result.detail.error.failure, Failure::none) << result.detail.error.text;
  EXPECT_TRUE(result.open);
  EXPECT_TRUE(result.non_blocking);
  EXPECT_EQ(result.detail.address, "127.0.0.1");
  EXPECT_EQ(result.detail.port, peer.port());
  EXPECT_EQ(result.detail.local_address, "127.0.0.1");
  EXPECT_EQ(result.detail.syn_retransmits, 0U);
  ASSERT_TRUE(result.detail.rtt_us);
  EXPECT_GT(*result.detail.rtt_us, 0U);
  EXPECT_FALSE(result.detail.icmp);
}

TEST(Tcp, ConnectsOverIpv6) {
  const FaultPeer peer({}, true);
  TcpSpec spec = loopback(peer.port());
  spec.address = "::1";
  const Attempt result = attempt(spec);
  EXPECT_EQ(result.detail.error.failure, Failure::none) << result.detail.error.text;
  EXPECT_EQ(result.detail.local_address, "::1");
}

TEST(Tcp, ClosedPortIsRefusedAndTheSocketIsClosed) {
  const Attempt result = attempt(loopback(closed_port()));
  EXPECT_EQ(result.detail.error.failure, Failure::refused);
  EXPECT_EQ(result.detail.error.source, ErrorSource::system);
  EXPECT_EQ(result.detail.error.code, ECONNREFUSED);
  EXPECT_FALSE(result.open);
  EXPECT_FALSE(result.detail.icmp) << "a reset names no sender";
  EXPECT_FALSE(result.detail.rtt_us);
}

TEST(Tcp, SilenceIsATimeoutOfOursThatCountsTheRetransmits) {
  const BlackHole hole;
  const Attempt result =
      attempt(loopback(hole.port()), milliseconds(1500));  // the first retransmit comes after 1 s
  EXPECT_EQ(result.detail.error.failure, Failure::timeout);
  EXPECT_EQ(result.detail.error.source, ErrorSource::amlnet);
  EXPECT_FALSE(result.open);
  EXPECT_GE(result.detail.syn_retransmits.value_or(0), 1U);
}

TEST(Tcp, ADeadlineThatHasPassedIsATimeout) {
  const BlackHole hole;
  const Attempt result = attempt(loopback(hole.port()), milliseconds(-1));
  EXPECT_EQ(result.detail.error.failure, Failure::timeout);
}

TEST(Tcp, CancellationReturnsAResult) {
  const BlackHole hole;
  asio::io_context loop(1);
  tcp::socket socket(loop);
  asio::cancellation_signal stop;
  std::optional<TcpDetail> detail;
  asio::co_spawn(loop, connect_tcp(socket, loopback(hole.port()), Clock::now() + std::chrono::minutes(10)),
                 asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr error, TcpDetail result) {
                   EXPECT_FALSE(error);
                   detail = std::move(result);
                 }));
  asio::steady_timer timer(loop, milliseconds(50));
  timer.async_wait([&](std::error_code) { stop.emit(asio::cancellation_type::terminal); });
  loop.run();
  ASSERT_TRUE(detail);
  EXPECT_EQ(detail->error.failure, Failure::cancelled);
  EXPECT_FALSE(socket.is_open());
}

asio::awaitable<TcpDetail> connect_after_a_pause(tcp::socket& socket, TcpSpec spec, Deadline deadline) {
  co_await asio::this_coro::throw_if_cancelled(false);
  asio::steady_timer pause(socket.get_executor(), deadline);
  const auto token = asio::experimental::as_tuple(asio::use_awaitable);
  co_await pause.async_wait(token);
  co_return co_await connect_tcp(socket, spec, deadline);
}

TEST(Tcp, ACancellationBeforeTheProbeIsNotForgotten) {
  const BlackHole hole;
  asio::io_context loop(1);
  tcp::socket socket(loop);
  asio::cancellation_signal stop;
  std::optional<TcpDetail> detail;
  asio::co_spawn(
      loop, connect_after_a_pause(socket, loopback(hole.port()), Clock::now() + std::chrono::minutes(10)),
      asio::bind_cancellation_slot(
          stop.slot(), [&](std::exception_ptr, TcpDetail result) { detail = std::move(result); }));
  asio::steady_timer timer(loop, milliseconds(50));
  timer.async_wait([&](std::error_code) { stop.emit(asio::cancellation_type::terminal); });
  loop.run();
  ASSERT_TRUE(detail);
  EXPECT_EQ(detail->error.failure, Failure::cancelled);
}

// A run that is torn down with probes in flight: the loop is destroyed first, and nothing may leak or be
// touched.
TEST(Tcp, ALoopDestroyedUnderWaitingProbesIsClean) {
  const BlackHole hole;
  asio::io_context loop(1);
  const auto socket = std::make_shared<tcp::socket>(loop);
  asio::co_spawn(loop, connect_tcp(*socket, loopback(hole.port()), Clock::now() + std::chrono::minutes(10)),
                 [socket](std::exception_ptr, TcpDetail) { ADD_FAILURE() << "never completes"; });
  loop.run_for(milliseconds(50));
}

TEST(Tcp, ANameIsNoAddress) {
  TcpSpec spec;
  spec.address = "localhost";
  spec.port = 443;
  const Attempt result = attempt(spec);
  EXPECT_EQ(result.detail.error.failure, Failure::other);
  EXPECT_EQ(result.detail.error.text, "not a numeric address");
}

TEST(Tcp, SegmentSizeAndTtlReachTheWire) {
  const FaultPeer peer({});
  TcpSpec spec = loopback(peer.port());
  spec.segment_size = 500;
  spec.ttl = 7;
  asio::io_context loop(1);
  tcp::socket socket(loop);
  const TcpDetail detail = run_alone(loop, connect_tcp(socket, spec, Clock::now() + milliseconds(5000)));
  EXPECT_EQ(detail.error.failure, Failure::none) << detail.error.text;
  EXPECT_EQ(detail.segment_size, 500);
  int ttl = 0;
  socklen_t size = sizeof ttl;
  getsockopt(socket.native_handle(), IPPROTO_IP, IP_TTL, &ttl, &size);
  EXPECT_EQ(ttl, 7);
  for (int i = 0; i < 500 && peer.client_segment_size() == 0; ++i) usleep(2000);
  EXPECT_GT(peer.client_segment_size(), 0);
  EXPECT_LE(peer.client_segment_size(), 500);
}

TEST(Tcp, AnImpossibleSegmentSizeIsAnErrorAndNoBlackhole) {
  TcpSpec spec = loopback(closed_port());
  spec.segment_size = 1;
  EXPECT_EQ(attempt(spec).detail.error.failure, Failure::other);
}

TEST(Tcp, RunningOutOfDescriptorsIsNamed) {
  asio::io_context loop(1);
  tcp::socket socket(loop);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  rlimit none = limit;
  none.rlim_cur = 0;
  setrlimit(RLIMIT_NOFILE, &none);
  const TcpDetail detail =
      run_alone(loop, connect_tcp(socket, loopback(1), Clock::now() + milliseconds(1000)));
  setrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(detail.error.failure, Failure::no_descriptors);
}

TEST(Tcp, ManyWaitAtOnceForLittleMemory) {
  const BlackHole hole;
  constexpr int kCount = 200;
  asio::io_context loop(1);
  std::vector<tcp::socket> sockets;
  for (int i = 0; i < kCount; ++i) sockets.emplace_back(loop);
  int timeouts = 0;
  for (tcp::socket& socket : sockets)
    asio::co_spawn(
        loop, connect_tcp(socket, loopback(hole.port()), Clock::now() + milliseconds(300)),
        [&](std::exception_ptr, TcpDetail detail) { timeouts += detail.error.failure == Failure::timeout; });
  loop.run();
  EXPECT_EQ(timeouts, kCount);
}

// One line for each address: failure, and the ICMP error with its sender.
std::string describe(const std::string& address, std::uint16_t port) {
  TcpSpec spec = loopback(port);
  spec.address = address;
  const TcpDetail detail = attempt(spec, milliseconds(3000)).detail;
  std::string out = fmt::format("{} {}", address, name_of(detail.error.failure));
  if (detail.icmp)
    out += fmt::format(" icmp{} {}/{} from {}", detail.icmp->family, detail.icmp->type, detail.icmp->code,
                       detail.icmp->sender);
  return out + "\n";
}

TEST(Tcp, LocalRoutesEachHaveTheirFailure) {
  const std::string seen = run_in_namespace(
      "ip route add blackhole 198.51.100.1; ip route add prohibit 198.51.100.2;"
      "ip route add unreachable 198.51.100.3",
      [] {
        return describe("198.51.100.1", 443) + describe("198.51.100.2", 443) + describe("198.51.100.3", 443) +
               describe("203.0.113.1", 443) + describe("2001:db8::1", 443);
      });
  EXPECT_EQ(seen,
            "198.51.100.1 local_blackhole\n"
            "198.51.100.2 local_prohibited\n"
            "198.51.100.3 host_unreachable\n"
            "203.0.113.1 net_unreachable\n"
            "2001:db8::1 net_unreachable\n");
}

// On a path without delay the error arrives inside connect(): the soft error that only the error queue shows.
TEST(Tcp, IcmpErrorsAreRecordedWithTheirSender) {
  const std::string seen = run_in_namespace(
      "ip addr add 10.9.0.1/32 dev lo;"
      "nft 'table inet t { chain c { type filter hook input priority 0;"
      " tcp dport 1 reject with icmpx admin-prohibited; tcp dport 2 reject with icmpx host-unreachable;"
      " tcp dport 3 reject with icmpx no-route; tcp dport 4 reject with icmpx port-unreachable;"
      " tcp dport 5 reject with tcp reset; }; }'",
      [] {
        return describe("10.9.0.1", 1) + describe("10.9.0.1", 2) + describe("10.9.0.1", 3) +
               describe("10.9.0.1", 4) + describe("10.9.0.1", 5) + describe("::1", 1);
      });
  EXPECT_EQ(seen,
            "10.9.0.1 host_unreachable icmp4 3/13 from 10.9.0.1\n"
            "10.9.0.1 host_unreachable icmp4 3/1 from 10.9.0.1\n"
            "10.9.0.1 net_unreachable icmp4 3/0 from 10.9.0.1\n"
            "10.9.0.1 refused icmp4 3/3 from 10.9.0.1\n"
            "10.9.0.1 refused\n"
            "::1 host_unreachable icmp6 1/1 from ::1\n");
}

}  // namespace
}  // namespace amlnet
