// The listener on loopback, with peers that ask, that say something else, that say nothing and that come in
// crowds: it tells them apart, answers only the first, and ends when it should.
#include "agent/run/listening.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <functional>
#include <thread>

#include "agent/run/stop_signals.h"
#include "probes/serve/greeting.h"

namespace amlnet {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

const std::string kNonce = "0123456789abcdef0123456789abcdef";

/// A TCP socket on 127.0.0.1 that closes itself.
struct Client {
  int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  Client() = default;
  ~Client() { close(descriptor); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  static sockaddr_in at(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  bool connect_to(std::uint16_t port) const {
    const sockaddr_in address = at(port);
    return connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  void say(const std::string& text) const { send(descriptor, text.data(), text.size(), MSG_NOSIGNAL); }
  std::string read_all() const {
    std::string all;
    char buffer[1024];
    for (ssize_t size; (size = recv(descriptor, buffer, sizeof buffer, 0)) > 0;)
      all.append(buffer, static_cast<std::size_t>(size));
    return all;
  }
};

std::uint16_t free_port() {
  const Client holder;
  sockaddr_in address = Client::at(0);
  socklen_t size = sizeof address;
  if (bind(holder.descriptor, reinterpret_cast<sockaddr*>(&address), size) != 0) ADD_FAILURE();
  getsockname(holder.descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

struct Heard {
  std::vector<OpenedPort> opened;
  std::vector<Visit> visits;
  std::string ended_by;

  std::vector<VisitKind> kinds() const {
    std::vector<VisitKind> all;
    for (const Visit& visit : visits) all.push_back(visit.kind);
    return all;
  }
};

/// Listens while `peers` runs on a thread of its own, which SIGTERM ends afterwards.
Heard while_listening(const std::vector<std::uint16_t>& ports, const std::function<void()>& peers,
                      Milliseconds time = Milliseconds(20'000)) {
  hold_stop_signals();
  Heard heard;
  std::thread others;
  ListenHooks hooks;
  hooks.on_visit = [&](const Visit& visit) { heard.visits.push_back(visit); };
  hooks.on_open = [&](const std::vector<OpenedPort>& opened) {
    heard.opened = opened;
    others = std::thread([&] {
      peers();
      kill(getpid(), SIGTERM);
    });
  };
  heard.ended_by = listen_on_ports(ports, time, hooks);
  others.join();
  return heard;
}

std::string ask(std::uint16_t port, const std::string& request) {
  const Client client;
  EXPECT_TRUE(client.connect_to(port));
  client.say(request);
  return client.read_all();
}

TEST(Listener, AnswersWhoAsksWithTheProof) {
  const std::uint16_t port = free_port();
  std::string answer;
  const Heard heard = while_listening(
      {port}, [&] { answer = ask(port, "GET /amlnet-reach/" + kNonce + " HTTP/1.1\r\nHost: x\r\n\r\n"); });
  EXPECT_EQ(heard.ended_by, "SIGTERM");
  ASSERT_THAT(heard.visits, SizeIs(1));
  EXPECT_EQ(heard.visits[0].kind, VisitKind::asked);
  EXPECT_EQ(heard.visits[0].port, port);
  EXPECT_THAT(heard.visits[0].from, StartsWith("127.0.0.1:"));
  const auto body = answer.find("\r\n\r\n");
  ASSERT_NE(body, std::string::npos);
  const auto greeting = read_greeting("/amlnet-reach/" + kNonce, answer.substr(body + 4));
  ASSERT_TRUE(greeting) << answer;
  EXPECT_EQ(greeting->seen_from, heard.visits[0].from);
  EXPECT_EQ(greeting->asked_at, "127.0.0.1:" + std::to_string(port));
  EXPECT_THAT(greeting->open, testing::ElementsAre(port));
}

TEST(Listener, SaysNothingToAnybodyElse) {
  const std::string requests[] = {
      "GET / HTTP/1.1\r\n\r\n",
      "POST /amlnet-reach/" + kNonce + " HTTP/1.1\r\n\r\n",
      "GET /amlnet-reach/" + kNonce + "x HTTP/1.1\r\n\r\n",
      "GET /amlnet-reach/" + kNonce + " FTP/1.1\r\n\r\n",
      "GET\r\n\r\n",
      std::string(100'000, 'x'),
      std::string("\0\xff\x16\x03\x01\r\n\r\n", 9),
  };
  for (const std::string& request : requests) {
    const std::uint16_t port = free_port();
    std::string answer;
    const Heard heard = while_listening({port}, [&] { answer = ask(port, request); });
    EXPECT_EQ(answer, "") << request.substr(0, 60);
    EXPECT_THAT(heard.kinds(), testing::ElementsAre(VisitKind::other)) << request.substr(0, 60);
  }
}

TEST(Listener, TellsWhoSaysNothing) {
  const std::uint16_t port = free_port();
  const Heard heard = while_listening({port}, [&] {
    const Client client;
    EXPECT_TRUE(client.connect_to(port));
    shutdown(client.descriptor, SHUT_WR);
    client.read_all();
  });
  EXPECT_THAT(heard.kinds(), testing::ElementsAre(VisitKind::silent));
}

TEST(Listener, ASilentCrowdDoesNotHoldItUp) {
  const std::uint16_t port = free_port();
  std::string answer;
  const Heard heard = while_listening({port}, [&] {
    std::vector<std::unique_ptr<Client>> crowd;
    for (int i = 0; i < 128; ++i) {
      crowd.push_back(std::make_unique<Client>());
      EXPECT_TRUE(crowd.back()->connect_to(port));
    }
    EXPECT_EQ(ask(port, "GET /amlnet-reach/" + kNonce + " HTTP/1.1\r\n\r\n"), "");  // one too many
    crowd.clear();
    for (int i = 0; i < 50 && answer.empty(); ++i) {
      answer = ask(port, "GET /amlnet-reach/" + kNonce + " HTTP/1.1\r\n\r\n");
      if (answer.empty()) std::this_thread::sleep_for(Milliseconds(20));
    }
  });
  EXPECT_THAT(heard.kinds(), Contains(VisitKind::turned_away));
  EXPECT_THAT(answer, HasSubstr("proof"));
}

TEST(Listener, APortThatIsTakenIsSaidAndTheOthersAreOpen) {
  const Client holder;
  const std::uint16_t taken = free_port();
  const sockaddr_in address = Client::at(taken);
  ASSERT_EQ(bind(holder.descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(holder.descriptor, 1), 0);
  const std::uint16_t free = free_port();
  const Heard heard = while_listening({taken, free}, [] {});
  ASSERT_THAT(heard.opened, SizeIs(2));
  EXPECT_EQ(heard.opened[0].error.code, EADDRINUSE);
  EXPECT_FALSE(heard.opened[1].error);
}

TEST(Listener, EndsWithItsTime) {
  hold_stop_signals();
  const auto began = Clock::now();
  ListenHooks hooks;
  hooks.on_open = [](const std::vector<OpenedPort>&) {};
  hooks.on_visit = [](const Visit&) {};
  EXPECT_EQ(listen_on_ports({free_port()}, Milliseconds(300), hooks), "");
  EXPECT_GE(Clock::now() - began, Milliseconds(300));
}

TEST(Listener, EndsAtOnceWhereNothingCouldBeOpened) {
  const Client holder;
  const std::uint16_t taken = free_port();
  const sockaddr_in address = Client::at(taken);
  ASSERT_EQ(bind(holder.descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(holder.descriptor, 1), 0);
  std::vector<OpenedPort> opened;
  ListenHooks hooks;
  hooks.on_open = [&](const std::vector<OpenedPort>& ports) { opened = ports; };
  hooks.on_visit = [](const Visit&) {};
  EXPECT_EQ(listen_on_ports({taken}, Milliseconds(60'000), hooks), "");
  EXPECT_THAT(opened, SizeIs(1));
}

}  // namespace
}  // namespace amlnet
