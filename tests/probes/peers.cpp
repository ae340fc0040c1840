#include "tests/probes/peers.h"

#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <asio/buffer.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <atomic>
#include <csignal>
#include <thread>

namespace amlnet {
namespace {

using asio::ip::tcp;
constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

std::shared_ptr<SSL_CTX> make_server(const TlsServing& tls) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_cipher_list(context.get(), "DEFAULT:@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), tls.newest_version);
  if (tls.requires_certificate)
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_use_certificate(context.get(), tls.chain.at(0).certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), tls.chain.at(0).key.get());
  for (std::size_t i = 1; i < tls.chain.size(); ++i)
    SSL_CTX_add1_chain_cert(context.get(), tls.chain[i].certificate.get());
  return context;
}

}  // namespace

struct PeerState {
  Fault fault;
  std::shared_ptr<SSL_CTX> server;
  std::atomic<std::size_t> hello_size = 0;
  std::atomic<int> segment_size = 0;
  asio::io_context loop{1};
  tcp::acceptor acceptor{loop};
  std::thread thread;
};

namespace {

void reset(tcp::socket& socket) {
  socket.set_option(asio::socket_base::linger(true, 0));
  socket.close();  // the destructor would clear the option and send a FIN
}

asio::awaitable<std::string> read_hello(tcp::socket& socket, PeerState& peer) {
  std::string bytes(16384, '\0');
  const auto result = co_await socket.async_read_some(asio::buffer(bytes), kTuple);
  bytes.resize(std::get<1>(result));
  peer.hello_size = bytes.size();
  co_return bytes;
}

// Until the client goes away.
asio::awaitable<void> read_on(tcp::socket& socket) {
  std::array<char, 1024> bytes{};
  const asio::mutable_buffer buffer = asio::buffer(bytes);
  for (;;) {
    const auto result = co_await socket.async_read_some(buffer, kTuple);
    if (std::get<0>(result)) co_return;
  }
}

asio::awaitable<void> trickle(tcp::socket& socket, std::string bytes) {
  asio::steady_timer timer(socket.get_executor());
  for (std::size_t i = 0;; ++i) {
    const asio::const_buffer one(&bytes[i % bytes.size()], 1);
    const auto result = co_await asio::async_write(socket, one, kTuple);
    if (std::get<0>(result)) co_return;
    timer.expires_after(std::chrono::milliseconds(20));
    co_await timer.async_wait(kTuple);
  }
}

// What the server's first flight would be, from a handshake in memory.
std::string first_flight(SSL_CTX* context, const std::string& hello) {
  SSL* ssl = SSL_new(context);
  SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  BIO_write(SSL_get_rbio(ssl), hello.data(), static_cast<int>(hello.size()));
  SSL_accept(ssl);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(SSL_get_wbio(ssl), &bytes);
  std::string out(bytes, static_cast<std::size_t>(size));
  SSL_free(ssl);
  return out;
}

std::string first_records(const std::string& flight, int records) {
  std::size_t end = 0;
  for (int i = 0; i < records && end + 5 <= flight.size(); ++i)
    end +=
        5U + static_cast<unsigned char>(flight[end + 3]) * 256U + static_cast<unsigned char>(flight[end + 4]);
  return flight.substr(0, end);
}

asio::awaitable<void> serve_tls(tcp::socket& socket, SSL_CTX* context) {
  const std::unique_ptr<SSL, void (*)(SSL*)> ssl(SSL_new(context), SSL_free);
  socket.native_non_blocking(true);
  SSL_set_fd(ssl.get(), socket.native_handle());
  bool accepted = false;
  for (;;) {
    char byte = 0;
    const int result = accepted ? SSL_read(ssl.get(), &byte, 1) : SSL_accept(ssl.get());
    accepted = accepted || result == 1;
    const int why = SSL_get_error(ssl.get(), result);
    if (result <= 0 && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) co_return;
    if (result > 0) continue;
    tcp::socket::wait_type what = tcp::socket::wait_read;
    if (why == SSL_ERROR_WANT_WRITE) what = tcp::socket::wait_write;
    const auto waited = co_await socket.async_wait(what, kTuple);
    if (std::get<0>(waited)) co_return;
  }
}

asio::awaitable<void> serve(tcp::socket socket, PeerState& peer) {
  using Kind = Fault::Kind;
  const Kind kind = peer.fault.kind;
  if (kind == Kind::reset_after_accept) {
    reset(socket);
    co_return;
  }
  if (kind == Kind::tls) {
    co_await serve_tls(socket, peer.server.get());
    co_return;
  }
  std::string answer;
  if (kind != Kind::silent) {
    const std::string hello = co_await read_hello(socket, peer);
    if (kind == Kind::reset_after_hello) reset(socket);
    if (kind == Kind::reset_after_hello || kind == Kind::close_after_hello) co_return;
    if (kind == Kind::text) answer = peer.fault.bytes;
    if (kind == Kind::first_records)
      answer = first_records(first_flight(peer.server.get(), hello), peer.fault.records);
  }
  if (kind == Kind::trickle) {
    co_await trickle(socket, peer.fault.bytes);
    co_return;
  }
  const asio::const_buffer buffer = asio::buffer(answer);
  co_await asio::async_write(socket, buffer, kTuple);
  co_await read_on(socket);
}

asio::awaitable<void> accept_all(PeerState& peer) {
  for (;;) {
    tcp::socket socket(peer.loop);
    const auto result = co_await peer.acceptor.async_accept(socket, kTuple);
    if (std::get<0>(result)) co_return;
    tcp_info info{};
    socklen_t size = sizeof info;
    getsockopt(socket.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size);
    peer.segment_size = static_cast<int>(info.tcpi_snd_mss);
    asio::co_spawn(peer.loop, serve(std::move(socket), peer), asio::detached);
  }
}

void run_peer(PeerState& peer) {
  sigset_t signals;  // OpenSSL's own socket BIO raises it; the probes under test must live without this
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  peer.loop.run();
}

}  // namespace

Fault sends_alert(int number) {
  const std::string bytes{'\x15', '\x03', '\x03', '\0', '\x02', '\x02', static_cast<char>(number)};
  return {.kind = Fault::Kind::text, .bytes = bytes};
}

FaultPeer::FaultPeer(Fault fault, bool ipv6) : state_(std::make_unique<PeerState>()) {
  state_->fault = std::move(fault);
  if (!state_->fault.tls.chain.empty()) state_->server = make_server(state_->fault.tls);
  tcp::endpoint where(asio::ip::address_v4::loopback(), 0);
  if (ipv6) where = tcp::endpoint(asio::ip::address_v6::loopback(), 0);
  state_->acceptor.open(where.protocol());
  state_->acceptor.bind(where);
  state_->acceptor.listen();
  asio::co_spawn(state_->loop, accept_all(*state_), asio::detached);
  state_->thread = std::thread(run_peer, std::ref(*state_));
}

FaultPeer::~FaultPeer() {
  state_->loop.stop();
  state_->thread.join();
}

std::uint16_t FaultPeer::port() const {
  return state_->acceptor.local_endpoint().port();
}
std::size_t FaultPeer::hello_size() const {
  return state_->hello_size;
}
int FaultPeer::client_segment_size() const {
  return state_->segment_size;
}

}  // namespace amlnet
