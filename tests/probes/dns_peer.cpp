#include "tests/probes/dns_peer.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/read.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

extern char** environ;

namespace amlnet {
namespace {

using asio::ip::tcp;
using asio::ip::udp;
constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

asio::awaitable<void> answer_datagram(udp::socket& socket, udp::endpoint from, PeerReply reply) {
  if (reply.delay.count() > 0) {
    asio::steady_timer timer(socket.get_executor(), reply.delay);
    co_await timer.async_wait(kTuple);
  }
  for (const DnsBytes& message : reply.messages)
    co_await socket.async_send_to(asio::buffer(message), from, kTuple);
}

asio::awaitable<void> serve_udp(udp::socket& socket, const PeerScript& script) {
  std::array<unsigned char, 4096> bytes{};
  for (;;) {
    udp::endpoint from;
    auto [error, size] = co_await socket.async_receive_from(asio::buffer(bytes), from, kTuple);
    if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) co_return;
    if (error || size < 13) continue;  // an ICMP error for an earlier answer
    const DnsBytes question(bytes.begin(), bytes.begin() + static_cast<long>(size));
    PeerReply reply = script(question);
    asio::co_spawn(socket.get_executor(), answer_datagram(socket, from, std::move(reply)), asio::detached);
  }
}

asio::awaitable<void> serve_stream(tcp::socket socket, const PeerScript& script) {
  for (;;) {
    std::array<unsigned char, 2> length{};
    auto [error, size] = co_await asio::async_read(socket, asio::buffer(length), kTuple);
    if (error) co_return;
    DnsBytes question(static_cast<std::size_t>(length[0] << 8 | length[1]));
    auto [body_error, body_size] = co_await asio::async_read(socket, asio::buffer(question), kTuple);
    if (body_error || question.size() < 13) co_return;
    PeerReply reply = script(question);
    for (const DnsBytes& message : reply.messages) {
      DnsBytes frame(message.size() + 2);
      frame[0] = static_cast<unsigned char>(message.size() >> 8);
      frame[1] = static_cast<unsigned char>(message.size() & 255);
      std::copy(message.begin(), message.end(), frame.begin() + 2);
      co_await asio::async_write(socket, asio::buffer(frame), kTuple);
    }
    if (reply.hang_up) co_return;
  }
}

asio::awaitable<void> accept_all(tcp::acceptor& acceptor, const PeerScript& script) {
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(kTuple);
    if (error) co_return;
    asio::co_spawn(acceptor.get_executor(), serve_stream(std::move(socket), script), asio::detached);
  }
}

// Zone data: a chain to an address, a chain to nothing, both families, and an answer too big for UDP.
void write_zone(const std::string& path) {
  std::ofstream zone(path);
  zone << "$ORIGIN lab.test.\n$TTL 60\n@ SOA ns.lab.test. admin.lab.test. 1 60 60 60 30\n@ NS ns.lab.test.\n"
          "ns A 127.0.0.1\nboth 10 A 10.0.0.7\nboth AAAA fd00::7\n"
          "ws 300 CNAME ws.privatelink\nws.privatelink 10 A 10.0.2.10\ngone CNAME gone.privatelink\n";
  for (int i = 0; i < 100; ++i) zone << "big A 10.1.0." << i << "\n";
  for (int i = 0; i < 2000; ++i) zone << "n" << i << " A 10.2." << i / 250 << "." << i % 250 << "\n";
}

void write_config(const std::string& folder, std::uint16_t port) {
  std::ofstream(folder + "/unbound.conf") << "server:\n  interface: 127.0.0.1@" << port << "\n  directory: \""
                                          << folder << "\"\n  logfile: \"" << folder << "/log\""
                                          << R"(
  access-control: 127.0.0.0/8 allow
  local-zone: test. nodefault
  local-zone: refused.test. refuse
  module-config: "iterator"
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  num-threads: 1
  so-rcvbuf: 4m
  max-udp-size: 4096
remote-control:
  control-enable: no
auth-zone:
  name: lab.test.
  zonefile: lab.zone
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
)";
}

bool accepts(std::uint16_t port) {
  asio::io_context io;
  tcp::socket socket(io);
  std::error_code error;
  socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port), error);
  return !error;
}

}  // namespace

DnsPeer::DnsPeer(PeerScript script)
    : udp_(io_, udp::endpoint(asio::ip::address_v4::loopback(), free_port())),
      tcp_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), udp_.local_endpoint().port())),
      script_(std::move(script)) {
  udp_.set_option(asio::socket_base::receive_buffer_size(1 << 20));
  asio::co_spawn(io_, serve_udp(udp_, script_), asio::detached);
  asio::co_spawn(io_, accept_all(tcp_, script_), asio::detached);
  thread_ = std::thread([this] { io_.run(); });
}

DnsPeer::~DnsPeer() {
  io_.stop();
  thread_.join();
}

std::string DnsPeer::address() const {
  return "127.0.0.1:" + std::to_string(udp_.local_endpoint().port());
}

std::string first_label(const DnsBytes& question) {
  const std::size_t size = std::min<std::size_t>(question[12], question.size() - 13);
  return {question.begin() + 13, question.begin() + 13 + static_cast<long>(size)};
}

DnsBytes answer_to(const DnsBytes& question, int flags2, int flags3) {
  std::size_t end = 12;
  while (end < question.size() && question[end] != 0) end += question[end] + 1U;
  DnsBytes answer(question.begin(), question.begin() + static_cast<long>(std::min(end + 5, question.size())));
  answer[2] = static_cast<unsigned char>(flags2);
  answer[3] = static_cast<unsigned char>(flags3);
  for (std::size_t i = 6; i < 12; ++i) answer[i] = 0;
  return answer;
}

DnsBytes with_addresses(DnsBytes response, int count) {
  response[6] = static_cast<unsigned char>(count >> 8);
  response[7] = static_cast<unsigned char>(count & 255);
  for (int i = 1; i <= count; ++i)
    for (int byte : {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, i >> 8, i & 255})
      response.push_back(static_cast<unsigned char>(byte));
  return response;
}

std::uint16_t free_port() {
  for (int i = 0; i < 100; ++i) {
    asio::io_context io;
    udp::socket socket(io, udp::endpoint(asio::ip::address_v4::loopback(), 0));
    const std::uint16_t port = socket.local_endpoint().port();
    tcp::acceptor acceptor(io);
    std::error_code error;
    acceptor.open(tcp::v4());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(tcp::endpoint(asio::ip::address_v4::loopback(), port), error);
    if (!error) return port;
  }
  throw std::runtime_error("no port of 127.0.0.1 is free for UDP and TCP");
}

Unbound::Unbound() {
  std::string pattern = (std::filesystem::temp_directory_path() / "amlnet-unbound-XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw std::runtime_error("cannot make a folder for unbound");
  folder_ = pattern;
  write_zone(folder_ + "/lab.zone");
  port_ = free_port();
  write_config(folder_, port_);
  std::string program = "/usr/sbin/unbound", flag = "-d", option = "-c", file = folder_ + "/unbound.conf";
  std::array<char*, 5> arguments{program.data(), flag.data(), option.data(), file.data(), nullptr};
  if (posix_spawn(&process_, program.c_str(), nullptr, nullptr, arguments.data(), environ) != 0)
    throw std::runtime_error("cannot start unbound: is the package installed?");
  for (int i = 0; i < 200 && !accepts(port_); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  if (!accepts(port_)) throw std::runtime_error("unbound does not answer; see " + folder_ + "/log");
}

Unbound::~Unbound() {
  kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

DnsSpec dns_spec(std::string name, bool tcp) {
  return {std::move(name), "A", true, tcp};
}

std::vector<DnsSpec> dns_specs(int count, const std::string& prefix, const std::string& suffix) {
  std::vector<DnsSpec> specs;
  for (int i = 0; i < count; ++i) specs.push_back(dns_spec(prefix + std::to_string(i) + suffix));
  return specs;
}

asio::awaitable<void> ask_into(Nameserver& server, DnsSpec spec, Deadline deadline, DnsAnswer& out) {
  co_await asio::this_coro::throw_if_cancelled(false);
  out = co_await server.ask(std::move(spec), deadline);
}

void rethrow(std::exception_ptr error) {
  if (error) std::rethrow_exception(error);
}

std::vector<DnsAnswer> ask_all(const std::string& address, std::vector<DnsSpec> specs, Milliseconds budget) {
  asio::io_context io(1);
  std::vector<DnsAnswer> answers(specs.size());
  Nameserver server(io.get_executor(), address);
  const Deadline deadline = Clock::now() + budget;
  for (std::size_t i = 0; i < specs.size(); ++i)
    asio::co_spawn(io, ask_into(server, specs[i], deadline, answers[i]), rethrow);
  io.run();
  return answers;
}

DnsAnswer ask(const std::string& address, DnsSpec spec, Milliseconds budget) {
  std::vector<DnsAnswer> answers = ask_all(address, {std::move(spec)}, budget);
  return answers[0];
}

}  // namespace amlnet
