#include "agent/run/listening.h"

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <csignal>
#include <deque>

#include "agent/run/stop_signals.h"
#include "agent/run/task_group.h"
#include "probes/serve/listener.h"

namespace amlnet {
namespace {

using asio::ip::tcp;

constexpr std::size_t kMostPeers = 128;  // at once
constexpr auto kPatience = Milliseconds(5000);

/// Owns what its coroutines refer to; they have all ended before it goes.
struct Listening {
  Listening(asio::io_context& on, const ListenHooks& with)
      : loop(on), hooks(with), tasks(on.get_executor()) {}

  asio::io_context& loop;
  const ListenHooks& hooks;
  std::deque<tcp::acceptor> acceptors;
  std::vector<std::uint16_t> open;
  std::size_t peers = 0;
  TaskGroup tasks;
};

asio::awaitable<void> serve_peer(Listening& listening, tcp::socket socket) {
  co_await asio::this_coro::throw_if_cancelled(false);
  std::vector<std::uint16_t> open = listening.open;
  const Deadline until = Clock::now() + kPatience;
  const Visit visit = co_await answer_peer(socket, std::move(open), until);
  --listening.peers;
  listening.hooks.on_visit(visit);
}

void take_peer(Listening& listening, tcp::socket socket) {
  if (listening.peers >= kMostPeers) {
    Visit visit = visit_of(socket);
    visit.kind = VisitKind::turned_away;
    return listening.hooks.on_visit(visit);
  }
  ++listening.peers;
  listening.tasks.spawn(serve_peer(listening, std::move(socket)));
}

std::vector<OpenedPort> open_all(Listening& listening, const std::vector<std::uint16_t>& ports) {
  std::vector<OpenedPort> opened;
  for (const std::uint16_t port : ports) {
    tcp::acceptor acceptor(listening.loop);
    WireError error = open_port(acceptor, port);
    if (!error) {
      listening.open.push_back(port);
      listening.acceptors.push_back(std::move(acceptor));
    }
    opened.push_back({port, std::move(error)});
  }
  return opened;
}

}  // namespace

std::string listen_on_ports(const std::vector<std::uint16_t>& ports, Milliseconds time,
                            const ListenHooks& hooks) {
  asio::io_context loop(1);
  Listening listening(loop, hooks);
  std::string ended_by;
  asio::signal_set signals(loop, SIGINT, SIGTERM);
  asio::steady_timer end(loop, time);
  const auto stop = [&] {
    signals.cancel();
    end.cancel();
    for (tcp::acceptor& acceptor : listening.acceptors) {
      std::error_code ignored;
      acceptor.close(ignored);
    }
    listening.tasks.stop();
  };
  hooks.on_open(open_all(listening, ports));
  if (listening.open.empty()) return ended_by;
  signals.async_wait([&](std::error_code error, int number) {
    if (error) return;
    ended_by = stop_signal_name(number);
    stop();
  });
  end.async_wait([&](std::error_code error) {
    if (!error) stop();
  });
  const std::function<void(tcp::socket)> on_peer = [&listening](tcp::socket socket) {
    take_peer(listening, std::move(socket));
  };
  for (tcp::acceptor& acceptor : listening.acceptors) {
    std::function<void(tcp::socket)> then = on_peer;
    listening.tasks.spawn(accept_peers(acceptor, std::move(then)));
  }
  const StopSignalsLetThrough let_through;
  loop.run();
  return ended_by;
}

}  // namespace amlnet
