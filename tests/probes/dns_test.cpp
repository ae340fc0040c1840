// The DNS probe against a peer that misbehaves, one way for each first label.
#include "probes/dns.h"

#include <gtest/gtest.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "tests/probes/dns_peer.h"

namespace amlnet {
namespace {

constexpr Milliseconds kShort{150};  // reached on purpose

// ---- a peer that misbehaves
// ----------------------------------------------------------------------------------

PeerReply misbehave(const DnsBytes& question) {
  const std::string label = first_label(question);
  DnsBytes good = with_addresses(answer_to(question), 1);
  if (label == "silent") return {};
  if (label == "servfail") return {{answer_to(question, 0x81, 0x82)}};
  if (label == "refused") return {{answer_to(question, 0x81, 0x85)}};
  if (label == "formerr") return {{answer_to(question, 0x81, 0x81)}};
  if (label == "notimp") return {{answer_to(question, 0x81, 0x84)}};
  if (label == "bare") return {{{question[0], question[1], 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0}}};
  if (label == "truncated") return {{answer_to(question, 0x83, 0x80)}};
  if (label == "query") return {{answer_to(question, 0x01, 0x00)}};
  if (label == "garbage") return {{{question[0], question[1], 0xff, 0xff, 0xff, 0xff, 'x'}}};
  if (label == "cut") return {{DnsBytes(good.begin(), good.end() - 3)}};
  if (label == "trailing") good.push_back(0);
  if (label == "wrong-id") good[1] ^= 1;
  if (label == "wrong-question") good[13] ^= 1;
  if (label == "loop") good[good.size() - 15] = static_cast<unsigned char>(good.size() - 16);
  if (label == "empty-first") return {{DnsBytes(), good}};
  if (label == "forged-first") {
    DnsBytes forged = good;
    forged[13] ^= 1;
    return {{forged, good}};
  }
  if (label == "large") return {{with_addresses(answer_to(question), 60)}};
  if (label == "huge") {
    DnsBytes huge = with_addresses(answer_to(question), 4000);
    return {{huge}};
  }
  if (label == "slow") return {{good}, Milliseconds(60)};
  if (label == "late") return {{good}, Milliseconds(300)};
  if (label == "hang-up") return {{}, Milliseconds(0), true};
  if (label == "zero") return {{DnsBytes()}};
  return {{good}};
}

struct Row {
  const char* label;
  Failure failure;
  std::optional<int> rcode;
  bool tcp = false;
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.label << (row.tcp ? " over TCP" : "");
}

class Misbehaving : public testing::TestWithParam<Row> {};

TEST_P(Misbehaving, IsSeenForWhatItIs) {
  const Row& row = GetParam();
  DnsPeer peer(misbehave);
  const bool waits = row.failure == Failure::timeout || row.failure == Failure::dns_malformed ||
                     std::string(row.label) == "bare";
  const DnsAnswer answer =
      ask(peer.address(), dns_spec(std::string(row.label) + ".test", row.tcp), waits ? kShort : kAmple);
  EXPECT_EQ(name_of(answer.error.failure), name_of(row.failure)) << answer.error.text;
  EXPECT_EQ(answer.rcode, row.rcode);
  EXPECT_EQ(answer.truncated, std::string(row.label) == "truncated");
  EXPECT_LT(answer.duration_ms, 2000);
  EXPECT_GE(answer.duration_ms, row.failure == Failure::timeout ? 100 : 0);
}

INSTANTIATE_TEST_SUITE_P(
    Dns, Misbehaving,
    testing::Values(Row{"good", Failure::none, 0}, Row{"silent", Failure::timeout, {}},
                    Row{"servfail", Failure::none, 2}, Row{"refused", Failure::none, 5},
                    Row{"formerr", Failure::none, 1}, Row{"notimp", Failure::none, 4},
                    Row{"bare", Failure::none, 1}, Row{"truncated", Failure::none, 0},
                    Row{"query", Failure::dns_malformed, {}}, Row{"garbage", Failure::dns_malformed, {}},
                    Row{"cut", Failure::dns_malformed, {}}, Row{"trailing", Failure::dns_malformed, {}},
                    Row{"wrong-id", Failure::timeout, {}}, Row{"wrong-question", Failure::dns_malformed, {}},
                    Row{"loop", Failure::dns_malformed, {}}, Row{"empty-first", Failure::none, 0},
                    Row{"forged-first", Failure::none, 0}, Row{"large", Failure::none, 0},
                    Row{"slow", Failure::none, 0}, Row{"late", Failure::timeout, {}},
                    Row{"good", Failure::none, 0, true}, Row{"silent", Failure::timeout, {}, true},
                    Row{"servfail", Failure::none, 2, true}, Row{"cut", Failure::dns_malformed, {}, true},
                    Row{"huge", Failure::none, 0, true}, Row{"hang-up", Failure::closed, {}, true},
                    Row{"zero", Failure::dns_malformed, {}, true},
                    Row{"wrong-id", Failure::timeout, {}, true}));

TEST(Dns, LargeDatagramsAreNotCut) {
  DnsPeer peer(misbehave);
  const DnsAnswer answer = ask(peer.address(), dns_spec("large.test"));
  EXPECT_EQ(answer.records.size(), 60U);
  EXPECT_GT(answer.size, 900U);
  const DnsAnswer huge = ask(peer.address(), dns_spec("huge.test", true));
  EXPECT_GT(huge.size, 64000U);
  EXPECT_EQ(huge.records.size(), 64U);
}

TEST(Dns, ClosedPortIsRefusedForEveryQuestion) {
  const std::string closed = "127.0.0.1:" + std::to_string(free_port());
  for (const DnsAnswer& answer : ask_all(closed, dns_specs(1000, "n", ".test"))) {
    ASSERT_EQ(name_of(answer.error.failure), "refused") << answer.name;
    ASSERT_EQ(answer.error.source, ErrorSource::system);
    ASSERT_FALSE(answer.rcode);
    ASSERT_LT(answer.duration_ms, 2000);
  }
  EXPECT_EQ(name_of(ask(closed, dns_spec("n.test", true)).error.failure), "refused");
}

// The kernel reports the first question's ICMP error to the send of the second one, and no further error
// follows, because the port is open (and silent) by then.
TEST(Dns, IcmpErrorTakenBySendIsNotLost) {
  asio::io_context io(1);
  const std::uint16_t port = free_port();
  asio::ip::udp::socket silent(io, asio::ip::udp::v4());
  Nameserver server(io.get_executor(), "127.0.0.1:" + std::to_string(port));
  DnsAnswer first, second;
  asio::post(io, [&] {
    const Deadline deadline = Clock::now() + kAmple;
    asio::co_spawn(io, ask_into(server, dns_spec("first.test"), deadline, first), rethrow);
    silent.bind(asio::ip::udp::endpoint(asio::ip::address_v4::loopback(), port));
    asio::co_spawn(io, ask_into(server, dns_spec("second.test"), deadline, second), rethrow);
  });
  io.run();
  EXPECT_EQ(name_of(first.error.failure), "refused");
}

TEST(Dns, LocalErrorsKeepTheirErrno) {
  // connect() to a broadcast address without permission fails at once, and nothing is sent.
  const DnsAnswer answer = ask("127.255.255.255", dns_spec("n.test"));
  EXPECT_EQ(answer.error.code, EACCES);
  EXPECT_EQ(name_of(answer.error.failure), "local_prohibited");
}

TEST(Dns, NamesThatCannotBeAskedFor) {
  DnsPeer peer(misbehave);
  const std::string long_label(64, 'a');
  std::string long_name;
  for (int i = 0; i < 30; ++i) long_name += "ninechars.";
  for (const std::string& name :
       {std::string(), std::string("a..b"), long_label + ".test", long_name + "test", std::string("a b.test"),
        std::string("a\\.b"), std::string("a\0b", 3), std::string("\xc3\xa9.test")}) {
    const DnsAnswer answer = ask(peer.address(), dns_spec(name));
    EXPECT_EQ(name_of(answer.error.failure), "dns_bad_name") << name;
  }
  EXPECT_FALSE(ask(peer.address(), dns_spec(std::string(63, 'a') + "._tcp.test")).error);
}

TEST(Dns, ServerAddresses) {
  asio::io_context io;
  const auto name = [&io](const char* given) { return Nameserver(io.get_executor(), given).name(); };
  EXPECT_EQ(name("10.0.0.4"), "10.0.0.4");
  EXPECT_EQ(name("10.0.0.4:53"), "10.0.0.4");
  EXPECT_EQ(name("10.0.0.4:5353"), "10.0.0.4:5353");
  EXPECT_EQ(name("fd00::53"), "fd00::53");
  EXPECT_EQ(name("[fd00::4]:53"), "fd00::4");
  EXPECT_EQ(name("[fd00::4]:5353"), "[fd00::4]:5353");
  for (const char* bad : {"", "dns.test", "10.0.0.4:", "10.0.0.4:0", "10.0.0.4:99999", "10.0.0.4:5x",
                          "[fd00::4", "[fd00::4]x", "[fd00::4]:", "10.0.0"})
    EXPECT_EQ(name_of(ask(bad, dns_spec("n.test")).error.failure), "other") << bad;
}

TEST(Dns, ThousandsOfSilentQuestionsEndAtTheDeadline) {
  DnsPeer peer(misbehave);
  const auto start = Clock::now();
  int timeouts = 0;
  for (const DnsAnswer& answer :
       ask_all(peer.address(), dns_specs(2000, "silent.n", ".test"), Milliseconds(2000)))
    timeouts += answer.error.failure == Failure::timeout;
  EXPECT_EQ(timeouts, 2000);
  EXPECT_GE(ms_between(start, Clock::now()), 1999);
}

TEST(Dns, BurstsAreSpreadOut) {
  DnsPeer peer(misbehave);
  int sent = 0;
  for (const DnsAnswer& answer :
       ask_all(peer.address(), dns_specs(1000, "silent.n", ".test"), Milliseconds(25))) {
    sent += answer.error.failure == Failure::timeout;
    EXPECT_TRUE(answer.error.failure == Failure::timeout || answer.error.failure == Failure::other);
  }
  EXPECT_GT(sent, 0);
  EXPECT_LE(sent, 3 * 128);  // at 0, 10 and 20 ms
}

asio::awaitable<void> late_then_good(Nameserver& server, std::vector<DnsAnswer>& out) {
  DnsSpec late{"late.test"}, good{"good.test"};
  const Deadline soon = Clock::now() + Milliseconds(100);
  DnsAnswer first = co_await server.ask(late, soon);
  out.push_back(std::move(first));
  asio::steady_timer pause(co_await asio::this_coro::executor, Milliseconds(400));
  co_await pause.async_wait(asio::use_awaitable);
  const Deadline later = Clock::now() + kAmple;
  DnsAnswer second = co_await server.ask(good, later);
  out.push_back(std::move(second));
}

TEST(Dns, LateAnswersAreIgnored) {
  DnsPeer peer(misbehave);
  asio::io_context io(1);
  Nameserver server(io.get_executor(), peer.address());
  std::vector<DnsAnswer> answers;
  DnsAnswer open;  // keeps the channel in use while the late answer comes
  asio::co_spawn(io, late_then_good(server, answers), rethrow);
  asio::co_spawn(io, ask_into(server, dns_spec("silent.test"), Clock::now() + Milliseconds(800), open),
                 rethrow);
  io.run();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].error.failure, Failure::timeout);
  EXPECT_EQ(answers[1].rcode, 0);
  EXPECT_EQ(open.error.failure, Failure::timeout);
}

TEST(Dns, CancellationIsAValue) {
  DnsPeer peer(misbehave);
  asio::io_context io(1);
  Nameserver server(io.get_executor(), peer.address());
  DnsAnswer answer;
  asio::cancellation_signal stop;
  asio::co_spawn(io, ask_into(server, dns_spec("silent.test"), Clock::now() + kAmple, answer),
                 asio::bind_cancellation_slot(stop.slot(), rethrow));
  asio::steady_timer pull(io, Milliseconds(50));
  pull.async_wait([&stop](std::error_code) { stop.emit(asio::cancellation_type::terminal); });
  const auto start = Clock::now();
  io.run();
  EXPECT_EQ(name_of(answer.error.failure), "cancelled");
  EXPECT_LT(ms_between(start, Clock::now()), 4000);
}

TEST(Dns, DestructionWithQuestionsUnderWay) {
  DnsPeer peer(misbehave);
  DnsAnswer answer;
  auto io = std::make_unique<asio::io_context>(1);
  auto server = std::make_unique<Nameserver>(io->get_executor(), peer.address());
  for (int i = 0; i < 300; ++i)
    asio::co_spawn(*io, ask_into(*server, dns_spec("silent.test"), Clock::now() + kAmple, answer),
                   asio::detached);
  io->run_for(Milliseconds(50));
  server.reset();
  io.reset();
}

}  // namespace
}  // namespace amlnet
