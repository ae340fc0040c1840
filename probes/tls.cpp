// A handshake driven step by step on the socket. OpenSSL tells through its message callback which messages
// came, and the wire below it what bytes: together they say where the handshake stopped. Which failure it was
// is decided from the wire first (alert, no TLS, reset, FIN) and from OpenSSL's error only where the wire
// shows nothing wrong.
#include "probes/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <asio/ip/address.hpp>
#include <asio/this_coro.hpp>
#include <system_error>
#include <utility>

#include "probes/certificate.h"
#include "probes/loop/wait.h"
#include "probes/tls_client.h"
#include "probes/tls_wire.h"

namespace amlnet {
namespace {

using asio::ip::tcp;

constexpr int kChainLimit = 16;

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

struct Handshake {
  TlsDetail detail;
  Wire wire;  // outlives `ssl`, whose BIO writes to it
  bool certificate_requested = false;
  bool ticket_received = false;
  unsigned long openssl_error = 0;
  std::unique_ptr<SSL, FreeSsl> ssl;
};

void raise_reached(TlsDetail& detail, TlsReached reached) {
  detail.reached = std::max(detail.reached, reached);
}

// Handshake types: RFC 8446, section 4. A fatal alert has level 2 (section 6).
void note_message(int written, int, int type, const void* bytes, std::size_t size, SSL*, void* argument) {
  Handshake& handshake = *static_cast<Handshake*>(argument);
  const auto* byte = static_cast<const unsigned char*>(bytes);
  if (written != 0 || size == 0) return;
  if (type == SSL3_RT_ALERT && size >= 2 && byte[0] == SSL3_AL_FATAL) handshake.detail.alert = byte[1];
  if (type != SSL3_RT_HANDSHAKE) return;
  if (byte[0] == SSL3_MT_SERVER_HELLO) raise_reached(handshake.detail, TlsReached::server_hello);
  if (byte[0] == SSL3_MT_CERTIFICATE) raise_reached(handshake.detail, TlsReached::certificate);
  if (byte[0] == SSL3_MT_CERTIFICATE_REQUEST) handshake.certificate_requested = true;
  if (byte[0] == SSL3_MT_NEWSESSION_TICKET) handshake.ticket_received = true;
}

// A ClientHello of more than one segment, made long by protocols that no server knows: it picks http/1.1 all
// the same. The padding extension will not do, since OpenSSL stops it at 512 bytes (RFC 7685).
std::string long_alpn() {
  std::string out = "\x08http/1.1";
  for (char c = 'a'; c < 'i'; ++c) out += '\xC8' + ("x-amlnet-padding-" + std::string(183, c));
  return out;
}

bool is_address(const std::string& name) {
  std::error_code error;
  asio::ip::make_address(name, error);
  return !error;
}

bool prepare(Handshake& handshake, SSL_CTX* context, const TlsSpec& spec, int descriptor) {
  handshake.wire.descriptor = descriptor;
  handshake.ssl.reset(context == nullptr ? nullptr : SSL_new(context));
  BIO* bio = handshake.ssl ? make_wire_bio(handshake.wire) : nullptr;
  if (bio == nullptr) return false;
  SSL* ssl = handshake.ssl.get();
  SSL_set_bio(ssl, bio, bio);
  SSL_set_msg_callback(ssl, note_message);
  SSL_set_msg_callback_arg(ssl, &handshake);
  // RFC 6066, section 3: a literal address is not permitted as a server name.
  if (spec.send_sni && !spec.server_name.empty() && !is_address(spec.server_name)) {
    if (SSL_set_tlsext_host_name(ssl, spec.server_name.c_str()) != 1) return false;
    handshake.detail.server_name = spec.server_name;
  }
  if (spec.pad_hello) {
    const std::string protocols = long_alpn();
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned int>(protocols.size()));
  }
  return true;
}

enum class Step { done, want_read, want_write, failed };

Step classify(Handshake& handshake, int result) {
  if (result > 0) return Step::done;
  const int why = SSL_get_error(handshake.ssl.get(), result);
  if (why == SSL_ERROR_WANT_READ) return Step::want_read;
  if (why == SSL_ERROR_WANT_WRITE) return Step::want_write;
  handshake.openssl_error = ERR_peek_error();
  return Step::failed;
}

// The error queue belongs to the thread: other users of OpenSSL may have left something in it.
Step advance(Handshake& handshake) {
  ERR_clear_error();
  const Step step = classify(handshake, SSL_connect(handshake.ssl.get()));
  if (handshake.wire.sent > 0) raise_reached(handshake.detail, TlsReached::hello_sent);
  ERR_clear_error();
  return step;
}

// One step after the handshake: done when the server has shown that it goes on with us.
Step listen(Handshake& handshake) {
  ERR_clear_error();
  char byte = 0;
  const Step step = classify(handshake, SSL_peek(handshake.ssl.get(), &byte, 1));
  ERR_clear_error();
  return step == Step::want_read && handshake.ticket_received ? Step::done : step;
}

tcp::socket::wait_type direction(Step step) {
  return step == Step::want_write ? tcp::socket::wait_write : tcp::socket::wait_read;
}

WireError failure_of(Handshake& handshake) {
  WireError error = from_openssl(handshake.openssl_error);
  if (handshake.detail.alert) {
    error.failure = Failure::tls_alert;
  } else if (is_not_tls(handshake.wire)) {
    error.failure = Failure::tls_not_tls;
  } else if (handshake.wire.error != 0) {
    error = from_errno(handshake.wire.error);
  } else if (handshake.wire.peer_closed) {
    error.failure = Failure::closed;
    if (error.text.empty()) error.text = "the peer closed the connection";
  } else if (handshake.openssl_error == 0) {
    // close_notify in place of the next message
    error = WireError{Failure::closed, ErrorSource::amlnet, 0, "the peer ended the TLS session"};
  }
  return error;
}

// Silence after bytes that are no TLS is still an answer.
WireError timeout_of(const Handshake& handshake) {
  WireError error = timed_out();
  if (is_not_tls(handshake.wire)) error.failure = Failure::tls_not_tls;
  return error;
}

void note_chain(Handshake& handshake, TlsClient::Impl& client, const TlsSpec& spec,
                const std::string& extra_store, Certificates& certificates) {
  STACK_OF(X509)* chain = SSL_get_peer_cert_chain(handshake.ssl.get());
  if (chain == nullptr || sk_X509_num(chain) == 0) return;
  TlsDetail& detail = handshake.detail;
  std::string key;
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    X509* certificate = sk_X509_value(chain, i);
    const std::string sha256 = fingerprint(certificate);
    key += sha256;
    if (i >= kChainLimit) continue;
    detail.chain.push_back(sha256);
    if (!certificates.contains(sha256)) certificates.emplace(sha256, read_certificate(certificate, sha256));
  }
  X509* leaf = sk_X509_value(chain, 0);
  const std::string& name = spec.verify_name;
  if (is_address(name)) {
    detail.name_matches = X509_check_ip_asc(leaf, name.c_str(), 0) == 1;
  } else if (!name.empty()) {
    detail.name_matches = X509_check_host(leaf, name.data(), name.size(), 0, nullptr) == 1;
  }
  detail.verdicts = judge_chain(client, extra_store, chain, detail.chain, key);
}

// What OpenSSL and the wire know once the handshake has ended, well or not.
void note_session(Handshake& handshake) {
  TlsDetail& detail = handshake.detail;
  SSL* ssl = handshake.ssl.get();
  if (detail.reached >= TlsReached::server_hello) {
    detail.version = SSL_get_version(ssl);
    const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
    if (cipher == nullptr) cipher = SSL_get_pending_cipher(ssl);
    if (cipher != nullptr) detail.cipher = SSL_CIPHER_get_name(cipher);
  }
  const unsigned char* staple = nullptr;
  detail.ocsp_stapled = SSL_get_tlsext_status_ocsp_resp(ssl, &staple) > 0;
  if (is_not_tls(handshake.wire)) {
    read_first_bytes(handshake.wire);
    detail.first_bytes.data = handshake.wire.first;
  }
  detail.bytes_sent = handshake.wire.sent;
  detail.bytes_received = handshake.wire.received;
}

void note_peer(const tcp::socket& socket, TlsDetail& detail) {
  std::error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return;
  detail.address = peer.address().to_string();
  detail.port = peer.port();
}

// A reset: nothing lingers for a peer that has failed us.
void reset(tcp::socket& socket) {
  std::error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

// Steps until the end or the deadline. The last step comes after the deadline: what has arrived by then
// counts.
asio::awaitable<WireError> run(tcp::socket& socket, Handshake& handshake, Step (*take_step)(Handshake&),
                               Deadline deadline) {
  Waited waited = Waited::ready;
  while (waited != Waited::cancelled) {
    const Step step = take_step(handshake);
    if (step == Step::done) co_return WireError{};
    if (step == Step::failed) co_return failure_of(handshake);
    if (waited == Waited::timeout) co_return timeout_of(handshake);
    const tcp::socket::wait_type what = direction(step);
    waited = co_await wait_ready(socket, what, deadline);
  }
  co_return was_cancelled();
}

// In TLS 1.3 a client has finished before the server has judged its answer to a certificate request. One that
// insists says so within a round trip, which the handshake has just measured; silence is consent.
Deadline patience(Clock::time_point start, Deadline deadline) {
  const Clock::time_point now = Clock::now();
  return std::min(deadline, now + 2 * (now - start) + Milliseconds(100));
}

}  // namespace

asio::awaitable<TlsDetail> handshake_tls(tcp::socket& socket, const TlsClient& client, TlsSpec spec,
                                         std::string extra_store, Deadline deadline,
                                         Certificates& certificates) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const Clock::time_point start = Clock::now();
  Handshake handshake;
  TlsDetail& detail = handshake.detail;
  note_peer(socket, detail);
  std::error_code ignored;
  socket.native_non_blocking(true, ignored);
  if (!prepare(handshake, client.impl().context.get(), spec, socket.native_handle())) {
    detail.error = from_openssl(ERR_get_error());
    detail.error.failure = Failure::other;  // nothing was sent
    reset(socket);
    co_return std::move(detail);
  }

  if (co_await already_cancelled()) {
    detail.error = was_cancelled();
  } else {
    detail.error = co_await run(socket, handshake, advance, deadline);
  }
  detail.handshake_ms = ms_between(start, Clock::now());
  if (!detail.error) raise_reached(detail, TlsReached::finished);
  if (!detail.error && handshake.certificate_requested &&
      SSL_version(handshake.ssl.get()) == TLS1_3_VERSION) {
    const Deadline until = patience(start, deadline);
    WireError objection = co_await run(socket, handshake, listen, until);
    if (objection.failure != Failure::timeout) detail.error = std::move(objection);
  }

  note_session(handshake);
  note_chain(handshake, client.impl(), spec, extra_store, certificates);
  if (detail.error) reset(socket);
  co_return std::move(detail);
}

}  // namespace amlnet
