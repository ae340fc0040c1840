#include "probes/tls.h"

#include <gmock/gmock.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/steady_timer.hpp>

#include "probes/program_stores.h"
#include "probes/tcp.h"
#include "tests/probes/peers.h"

namespace amlnet {
namespace {

using asio::ip::tcp;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using Kind = Fault::Kind;

CertificateRequest named(const std::string& name, bool authority = false) {
  CertificateRequest out;
  out.common_name = name;
  out.authority = authority;
  if (!authority) out.names = {"DNS:" + name, "IP:127.0.0.1"};
  return out;
}

// One root, one intermediate, and a leaf for good.test under each.
struct Pki {
  Issued root = issue({}, named("Example Root", true));
  Issued intermediate = issue(root, named("Example Issuing", true));
  Issued leaf = issue(root, named("good.test"));
  Issued deep_leaf = issue(intermediate, named("good.test"));
  TemporaryFolder folder;
  std::string ca_file = folder.write("root.pem", certificate_pem({root}));
};

struct Attempt {
  TlsDetail detail;
  Certificates certificates;
  bool open = false;
};

asio::awaitable<TlsDetail> connect_and_handshake(tcp::socket& socket, const TlsClient& client,
                                                 std::uint16_t port, TlsSpec spec, std::string extra_store,
                                                 milliseconds budget, Certificates& certificates) {
  TcpSpec where;
  where.address = "127.0.0.1";
  where.port = port;
  const TcpDetail up = co_await connect_tcp(socket, where, Clock::now() + milliseconds(5000));
  if (up.error) {  // a peer that resets at once may do so before the connect was looked at
    TlsDetail early;
    early.error = up.error;
    co_return early;
  }
  const Deadline deadline = Clock::now() + budget;
  co_return co_await handshake_tls(socket, client, spec, extra_store, deadline, certificates);
}

TlsSpec asking_for(const std::string& name) {
  TlsSpec spec;
  spec.server_name = name;
  spec.verify_name = name;
  return spec;
}

Attempt attempt(const TlsClient& client, std::uint16_t port, TlsSpec spec,
                milliseconds budget = milliseconds(5000), const std::string& extra_store = "") {
  asio::io_context loop(1);
  tcp::socket socket(loop);
  Attempt out;
  out.detail = run_alone(loop, connect_and_handshake(socket, client, port, std::move(spec), extra_store,
                                                     budget, out.certificates));
  out.open = socket.is_open();
  return out;
}

class Tls : public testing::Test {
 protected:
  static const Pki& pki() {
    static const Pki made;
    return made;
  }
  static Fault serving(std::vector<Issued> chain) {
    Fault fault;
    fault.kind = Kind::tls;
    fault.tls.chain = std::move(chain);
    return fault;
  }
  static Fault doing(Kind kind, std::string bytes = "") {
    Fault fault;
    fault.kind = kind;
    fault.bytes = std::move(bytes);
    return fault;
  }
  // The first verdict's code for good.test served with `chain`.
  int verdict(std::vector<Issued> chain) {
    const FaultPeer peer(serving(std::move(chain)));
    const Attempt result = attempt(client, peer.port(), asking_for("good.test"));
    EXPECT_EQ(result.detail.error.failure, Failure::none);
    return result.detail.verdicts.at(0).code;
  }
  Attempt meet(Fault fault, milliseconds budget = milliseconds(5000)) {
    const FaultPeer peer(std::move(fault));
    return attempt(client, peer.port(), asking_for("good.test"), budget);
  }

  // Without the stores that other programs of this machine have.
  static TlsClient alone() {
    setenv("HOME", "/nonexistent", 1);
    for (const char* name :
         {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS"})
      unsetenv(name);
    return TlsClient(pki().ca_file, "/nonexistent");
  }

  TlsClient client = alone();
};

TEST_F(Tls, GoodServerIsRecordedWhole) {
  const FaultPeer peer(serving({pki().deep_leaf, pki().intermediate}));
  const Attempt result = attempt(client, peer.port(), asking_for("good.test"));
  const TlsDetail& detail = result.detail;
  EXPECT_EQ(detail.error.failure, Failure::none) << detail.error.text;
  EXPECT_EQ(detail.reached, TlsReached::finished);
  EXPECT_TRUE(result.open);
  EXPECT_EQ(detail.server_name, "good.test");
  EXPECT_EQ(detail.address, "127.0.0.1");
  EXPECT_EQ(detail.port, peer.port());
  EXPECT_EQ(detail.version, "TLSv1.3");
  EXPECT_THAT(detail.cipher, HasSubstr("TLS_"));
  EXPECT_GT(detail.bytes_sent, 200U);
  EXPECT_GT(detail.bytes_received, 500U);
  EXPECT_FALSE(detail.alert);
  EXPECT_TRUE(detail.first_bytes.data.empty());
  EXPECT_TRUE(detail.name_matches);
  EXPECT_GT(detail.handshake_ms, 0);
  ASSERT_EQ(detail.verdicts.size(), 1U);
  EXPECT_EQ(detail.verdicts[0].store, "--ca-file " + pki().ca_file);
  EXPECT_EQ(detail.verdicts[0].code, X509_V_OK);
  ASSERT_EQ(detail.chain.size(), 2U);
  const Certificate& leaf = result.certificates.at(detail.chain[0]);
  EXPECT_EQ(leaf.subject, "CN=good.test,O=Example Trust");
  EXPECT_EQ(leaf.issuer_cn, "Example Issuing");
  EXPECT_EQ(leaf.issuer_org, "Example Trust");
  EXPECT_THAT(leaf.names, ElementsAre("good.test", "127.0.0.1"));
}

TEST_F(Tls, VerificationIsRecordedAndNeverFatal) {
  EXPECT_EQ(verdict({pki().leaf}), X509_V_OK);
  EXPECT_EQ(verdict({pki().deep_leaf}), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
      << "missing intermediate";
  CertificateRequest old = named("good.test");
  old.starts = -7200;
  old.ends = -3600;
  EXPECT_EQ(verdict({issue(pki().root, old)}), X509_V_ERR_CERT_HAS_EXPIRED);
  CertificateRequest early = named("good.test");
  early.starts = 3600;
  EXPECT_EQ(verdict({issue(pki().root, early)}), X509_V_ERR_CERT_NOT_YET_VALID);
  EXPECT_EQ(verdict({issue({}, named("good.test"))}), X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
  const Issued inspector = issue({}, named("Inspection CA", true));
  EXPECT_EQ(verdict({issue(inspector, named("good.test")), inspector}), X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN);
}

TEST_F(Tls, NamesAreMatchedApartFromTheChain) {
  const FaultPeer peer(serving({pki().leaf}));
  const auto matches = [&](const std::string& name) {
    TlsSpec spec = asking_for("good.test");
    spec.verify_name = name;
    const Attempt result = attempt(client, peer.port(), spec);
    EXPECT_EQ(result.detail.verdicts.at(0).code, X509_V_OK);
    return result.detail.name_matches;
  };
  EXPECT_TRUE(matches("good.test"));
  EXPECT_TRUE(matches("GOOD.test"));
  EXPECT_TRUE(matches("127.0.0.1"));
  EXPECT_FALSE(matches("other.test"));
  EXPECT_FALSE(matches("127.0.0.2"));
  EXPECT_FALSE(matches(""));
}

TEST_F(Tls, NoServerNameIsSentWhereNoneShallBe) {
  const FaultPeer peer(serving({pki().leaf}));
  TlsSpec spec = asking_for("good.test");
  spec.send_sni = false;
  EXPECT_EQ(attempt(client, peer.port(), spec).detail.server_name, "");
  EXPECT_EQ(attempt(client, peer.port(), asking_for("127.0.0.1")).detail.server_name, "");
}

TEST_F(Tls, SilentPeerIsATimeoutAfterTheHello) {
  const Attempt result = meet(doing(Kind::silent), milliseconds(200));
  EXPECT_EQ(result.detail.error.failure, Failure::timeout);
  EXPECT_EQ(result.detail.reached, TlsReached::hello_sent);
  EXPECT_GT(result.detail.bytes_sent, 200U);
  EXPECT_EQ(result.detail.bytes_received, 0U);
  EXPECT_FALSE(result.open);
  EXPECT_TRUE(result.detail.verdicts.empty());
}

TEST_F(Tls, ResetAndCloseAreToldApart) {
  const Attempt at_once = meet(doing(Kind::reset_after_accept));
  EXPECT_THAT(at_once.detail.error.failure, testing::AnyOf(Failure::reset, Failure::closed));
  EXPECT_EQ(at_once.detail.bytes_received, 0U);
  const Attempt after_hello = meet(doing(Kind::reset_after_hello));
  EXPECT_EQ(after_hello.detail.error.failure, Failure::reset);
  EXPECT_EQ(after_hello.detail.error.code, ECONNRESET);
  EXPECT_EQ(after_hello.detail.reached, TlsReached::hello_sent);
  const Attempt closed = meet(doing(Kind::close_after_hello));
  EXPECT_EQ(closed.detail.error.failure, Failure::closed);
  EXPECT_EQ(closed.detail.reached, TlsReached::hello_sent);
  EXPECT_FALSE(closed.open);
}

TEST_F(Tls, PlainTextIsKept) {
  const std::string page = "HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n" + std::string(400, '.');
  const Attempt result = meet(doing(Kind::text, page));
  EXPECT_EQ(result.detail.error.failure, Failure::tls_not_tls);
  EXPECT_EQ(result.detail.first_bytes.data, page.substr(0, 256));
  EXPECT_EQ(result.detail.reached, TlsReached::hello_sent);
}

TEST_F(Tls, AShortAnswerThatIsNoTlsIsNoTimeout) {
  const Attempt result = meet(doing(Kind::text, "no\n"), milliseconds(200));
  EXPECT_EQ(result.detail.error.failure, Failure::tls_not_tls);
  EXPECT_EQ(result.detail.first_bytes.data, "no\n");
}

TEST_F(Tls, AlertsKeepTheirNumber) {
  for (const int number : {40, 70, 112}) {
    const Attempt result = meet(sends_alert(number));
    EXPECT_EQ(result.detail.error.failure, Failure::tls_alert);
    EXPECT_EQ(result.detail.alert, number);
    EXPECT_EQ(result.detail.error.source, ErrorSource::openssl);
    EXPECT_TRUE(result.detail.first_bytes.data.empty());
  }
}

TEST_F(Tls, BrokenRecordsAreAProtocolError) {
  // A handshake record with a message type that does not exist.
  const Attempt result = meet(doing(Kind::text, std::string("\x16\x03\x03\x00\x05\x63\x00\x00\x01\x00", 10)));
  EXPECT_EQ(result.detail.error.failure, Failure::tls_protocol);
  EXPECT_EQ(result.detail.reached, TlsReached::hello_sent);
}

TEST_F(Tls, ATrickleIsATimeoutWithBytes) {
  const Attempt result =
      meet(doing(Kind::trickle, std::string("\x16\x03\x03\x40\x00", 5)), milliseconds(300));
  EXPECT_EQ(result.detail.error.failure, Failure::timeout);
  EXPECT_GT(result.detail.bytes_received, 2U);
}

TEST_F(Tls, AStallAfterTheServerHelloIsSeen) {
  Fault fault = serving({pki().leaf});
  fault.kind = Kind::first_records;
  fault.tls.newest_version = TLS1_2_VERSION;
  fault.records = 1;
  const Attempt hello = meet(fault, milliseconds(300));
  EXPECT_EQ(hello.detail.error.failure, Failure::timeout);
  EXPECT_EQ(hello.detail.reached, TlsReached::server_hello);
  EXPECT_EQ(hello.detail.version, "TLSv1.2");
  fault.records = 2;
  const Attempt certificate = meet(fault, milliseconds(300));
  EXPECT_EQ(certificate.detail.error.failure, Failure::timeout);
  EXPECT_EQ(certificate.detail.reached, TlsReached::certificate);
  EXPECT_EQ(certificate.detail.verdicts.at(0).code, X509_V_OK) << "a chain that came is judged";
}

TEST_F(Tls, OldVersionsAreRecordedAndNotHidden) {
  for (const auto& [version, name] : {std::pair(TLS1_VERSION, "TLSv1"), std::pair(TLS1_1_VERSION, "TLSv1.1"),
                                      std::pair(TLS1_2_VERSION, "TLSv1.2")}) {
    Fault fault = serving({pki().leaf});
    fault.tls.newest_version = version;
    const Attempt result = meet(fault);
    EXPECT_EQ(result.detail.error.failure, Failure::none) << result.detail.error.text;
    EXPECT_EQ(result.detail.version, name);
  }
}

TEST_F(Tls, AServerThatInsistsOnAClientCertificateIsAnAlert) {
  for (const int newest : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Fault fault = serving({pki().leaf});
    fault.tls.requires_certificate = true;
    fault.tls.newest_version = newest;
    const Attempt result = meet(fault);
    EXPECT_EQ(result.detail.error.failure, Failure::tls_alert) << result.detail.version;
    EXPECT_EQ(result.detail.alert, newest == TLS1_3_VERSION ? 116 : 40);
    EXPECT_FALSE(result.open);
  }
}

TEST_F(Tls, APaddedHelloIsLongerThanASegmentAndStillAccepted) {
  const FaultPeer counting(doing(Kind::close_after_hello));
  TlsSpec spec = asking_for("good.test");
  attempt(client, counting.port(), spec);
  EXPECT_LT(counting.hello_size(), 600U);
  spec.pad_hello = true;
  attempt(client, counting.port(), spec);
  EXPECT_GT(counting.hello_size(), 1500U);
  const FaultPeer peer(serving({pki().leaf}));
  EXPECT_EQ(attempt(client, peer.port(), spec).detail.error.failure, Failure::none);
}

TEST_F(Tls, EachVariableThatNamesABundleHasItsVerdict) {
  setenv("REQUESTS_CA_BUNDLE", pki().ca_file.c_str(), 1);
  setenv("CURL_CA_BUNDLE", pki().ca_file.c_str(), 1);
  setenv("PIP_CERT", "/nonexistent.pem", 1);
  TlsClient with_programs(pki().ca_file, "/nonexistent");
  for (const char* name : {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT"}) unsetenv(name);
  const FaultPeer peer(serving({pki().leaf, pki().intermediate}));
  const TlsDetail detail = attempt(with_programs, peer.port(), asking_for("good.test")).detail;
  EXPECT_EQ(detail.verdicts.size(), 1U);
  attempt(with_programs, peer.port(), asking_for("good.test"));
  const auto asked = with_programs.ask_programs(Clock::now() + std::chrono::minutes(5));
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].chain, detail.chain);
  const auto& verdicts = asked[0].verdicts;
  ASSERT_EQ(verdicts.size(), 3U);
  EXPECT_EQ(verdicts[0].store, "REQUESTS_CA_BUNDLE " + pki().ca_file);
  EXPECT_EQ(verdicts[1].store, "CURL_CA_BUNDLE " + pki().ca_file);
  EXPECT_EQ(verdicts[0].code, X509_V_OK);
  EXPECT_EQ(verdicts[1].code, X509_V_OK);
  EXPECT_EQ(verdicts[2].store, "PIP_CERT /nonexistent.pem");
  EXPECT_NE(verdicts[2].code, X509_V_OK);
}

TEST_F(Tls, AnExtraStoreJudgesFirstAndOnlyWhereItIsNamed) {
  const Issued other = issue({}, named("Gateway Root", true));
  const std::string other_file = pki().folder.write("gateway.pem", certificate_pem({other}));
  EXPECT_TRUE(client.add_store(other_file));
  EXPECT_FALSE(client.add_store("/nonexistent.pem"));
  EXPECT_THAT(client.problems(), ElementsAre(HasSubstr("/nonexistent.pem")));
  const FaultPeer peer(serving({issue(other, named("good.test"))}));
  const auto with = attempt(client, peer.port(), asking_for("good.test"), milliseconds(5000), other_file);
  ASSERT_EQ(with.detail.verdicts.size(), 2U);
  EXPECT_EQ(with.detail.verdicts[0].store, other_file);
  EXPECT_EQ(with.detail.verdicts[0].code, X509_V_OK);
  EXPECT_EQ(with.detail.verdicts[1].code, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  const FaultPeer genuine(serving({pki().leaf, pki().intermediate}));
  const auto either =
      attempt(client, genuine.port(), asking_for("good.test"), milliseconds(5000), other_file);
  ASSERT_EQ(either.detail.verdicts.size(), 2U);
  EXPECT_EQ(either.detail.verdicts[0].code, X509_V_OK) << "the node's own store may vouch for it as well";
  EXPECT_EQ(either.detail.verdicts[1].store, other_file);
  const auto without = attempt(client, peer.port(), asking_for("good.test"));
  ASSERT_EQ(without.detail.verdicts.size(), 1U);
  EXPECT_NE(without.detail.verdicts[0].code, X509_V_OK);
  const auto unreadable =
      attempt(client, peer.port(), asking_for("good.test"), milliseconds(5000), "/nonexistent.pem");
  EXPECT_NE(unreadable.detail.verdicts.at(0).code, X509_V_OK);
}

TEST_F(Tls, CancellationReturnsAResult) {
  const FaultPeer peer(doing(Kind::silent));
  asio::io_context loop(1);
  tcp::socket socket(loop);
  asio::cancellation_signal stop;
  Certificates certificates;
  std::optional<TlsDetail> detail;
  asio::co_spawn(loop,
                 connect_and_handshake(socket, client, peer.port(), asking_for("good.test"), "",
                                       std::chrono::minutes(9), certificates),
                 asio::bind_cancellation_slot(
                     stop.slot(), [&](std::exception_ptr, TlsDetail result) { detail = std::move(result); }));
  asio::steady_timer timer(loop, milliseconds(100));
  timer.async_wait([&](std::error_code) { stop.emit(asio::cancellation_type::terminal); });
  loop.run();
  ASSERT_TRUE(detail);
  EXPECT_EQ(detail->error.failure, Failure::cancelled);
  EXPECT_EQ(detail->reached, TlsReached::hello_sent);
  EXPECT_FALSE(socket.is_open());
}

// ---- servers that are not ours ---------------------------------------------------------------------------

TEST_F(Tls, OpensslServer) {
  const std::string chain = pki().folder.write("leaf.pem", certificate_pem({pki().leaf}));
  const std::string key = pki().folder.write("leaf.key", key_pem(pki().leaf));
  const std::uint16_t port = closed_port();
  const ChildProcess server({"openssl", "s_server", "-accept", std::to_string(port), "-cert", chain, "-key",
                             key, "-tls1_2", "-quiet"});
  ASSERT_TRUE(wait_for_listener(port));
  const Attempt result = attempt(client, port, asking_for("good.test"));
  EXPECT_EQ(result.detail.error.failure, Failure::none) << result.detail.error.text;
  EXPECT_EQ(result.detail.version, "TLSv1.2");
  EXPECT_TRUE(result.detail.name_matches);
  EXPECT_EQ(result.detail.verdicts.at(0).code, X509_V_OK);
}

TEST_F(Tls, NginxServer) {
  const TemporaryFolder folder;
  folder.write("chain.pem", certificate_pem({pki().deep_leaf, pki().intermediate}));
  folder.write("key.pem", key_pem(pki().deep_leaf));
  const std::uint16_t port = closed_port();
  const std::string configuration =
      "daemon off; master_process off; pid nginx.pid; error_log stderr;\n"
      "events {}\n"
      "http { access_log off; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;\n"
      " uwsgi_temp_path t4; scgi_temp_path t5;\n"
      " server { listen 127.0.0.1:" +
      std::to_string(port) + " ssl; ssl_certificate chain.pem; ssl_certificate_key key.pem; } }\n";
  folder.write("nginx.conf", configuration);
  const ChildProcess server({"nginx", "-p", folder.path(), "-c", "nginx.conf", "-e", "stderr"});
  ASSERT_TRUE(wait_for_listener(port));
  TlsSpec spec = asking_for("good.test");
  for (const bool padded : {false, true}) {
    spec.pad_hello = padded;
    const Attempt result = attempt(client, port, spec);
    EXPECT_EQ(result.detail.error.failure, Failure::none) << result.detail.error.text;
    EXPECT_EQ(result.detail.chain.size(), 2U);
    EXPECT_EQ(result.detail.verdicts.at(0).code, X509_V_OK);
  }
}

}  // namespace
}  // namespace amlnet
