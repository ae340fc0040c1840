// Proxies that are spoken to over TLS: squid behind socat. What must verify does, and before it has, nothing
// leaves this program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "http_peer.h"
#include "http_run.h"
#include "probes/http.h"

namespace amlnet {
namespace {

using http_test::ask;
using http_test::free_port;
using http_test::ServerProcess;
using http_test::tunnel;
using http_test::Tunnelled;
using testing::EndsWith;
using testing::HasSubstr;
using namespace std::chrono_literals;

class TlsProxy : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    nginx = new http_test::Nginx;
    folder = new http_test::TemporaryFolder;
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=proxy.test "
        "-addext subjectAltName=DNS:proxy.test -keyout " +
        folder->path("key.pem") + " -out " + folder->path("certificate.pem") + " 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl made no certificate");
    const std::uint16_t plain = free_port();
    folder->write("squid.conf",
                  "http_port 127.0.0.1:" + std::to_string(plain) +
                      "\npid_filename none\naccess_log none\ncache deny all\ncache_mem 8 MB\n"
                      "pinger_enable off\nmax_filedescriptors 256\nshutdown_lifetime 0 seconds\n"
                      "visible_hostname proxy.test\ncoredump_dir " +
                      folder->path("") + "\ncache_log " + folder->path("cache.log") +
                      "\nhttp_access allow all\n");
    squid = new ServerProcess({"squid", "-N", "-f", folder->path("squid.conf")}, plain);
    port = free_port();
    outside = new ServerProcess({"socat", listening(port), "TCP:127.0.0.1:" + std::to_string(plain)}, port);
  }
  static void TearDownTestSuite() {
    delete outside;
    delete squid;
    delete folder;
    delete nginx;
  }
  static std::string listening(std::uint16_t at) {
    return "OPENSSL-LISTEN:" + std::to_string(at) +
           ",bind=127.0.0.1,reuseaddr,fork,verify=0,cert=" + folder->path("certificate.pem") +
           ",key=" + folder->path("key.pem");
  }
  static HttpSpec through(std::uint16_t at, const std::string& name = "proxy.test", bool trusted = true) {
    HttpSpec spec;
    spec.url = "http://127.0.0.1:" + std::to_string(nginx->http) + "/hello";
    spec.address = "127.0.0.1";
    spec.port = at;
    spec.proxy = "https://user:planted@" + name + ":" + std::to_string(at);
    if (trusted) spec.ca_file = folder->path("certificate.pem");
    return spec;
  }
  static Tunnelled tunnelled(HttpSpec spec, const std::string& path) {
    return tunnel(std::move(spec), "127.0.0.1", nginx->http,
                  "GET " + path + " HTTP/1.0\r\nHost: svc.test\r\n\r\n");
  }

  inline static http_test::Nginx* nginx = nullptr;
  inline static http_test::TemporaryFolder* folder = nullptr;
  inline static ServerProcess *squid = nullptr, *outside = nullptr;
  inline static std::uint16_t port = 0;
};

TEST_F(TlsProxy, TunnelsInsideItsTls) {
  const Tunnelled done = tunnelled(through(port), "/hello");
  EXPECT_EQ(done.detail.error.failure, Failure::none) << done.detail.error.text;
  EXPECT_EQ(done.detail.proxy_status, 200);
  EXPECT_EQ(done.detail.proxy, "https://proxy.test:" + std::to_string(port));
  EXPECT_THAT(done.answer, EndsWith("hello from svc.test\n"));
}

TEST_F(TlsProxy, CarriesMoreThanAnyBufferHolds) {
  const Tunnelled done = tunnelled(through(port), "/large");
  EXPECT_EQ(done.detail.error.failure, Failure::none) << done.detail.error.text;
  const std::size_t body = done.answer.find("\r\n\r\n");
  ASSERT_NE(body, std::string::npos);
  EXPECT_EQ(done.answer.size() - body - 4, 100'000U);
  EXPECT_EQ(done.answer.find_first_not_of('x', body + 4), std::string::npos);
}

TEST_F(TlsProxy, ForwardsPlainHttp) {
  const HttpDetail detail = ask(through(port));
  EXPECT_EQ(detail.error.failure, Failure::none) << detail.error.text;
  EXPECT_EQ(detail.status, 200);
}

// What a listener that shows the right certificate to nobody's satisfaction gets to read: not a byte.
TEST_F(TlsProxy, NothingIsSentBeforeItHasVerified) {
  struct Row {
    std::string name;
    bool trusted;
  };
  for (const Row& row : {Row{"proxy.test", false}, Row{"other.test", true}}) {
    SCOPED_TRACE(row.name);
    const std::string heard = folder->path("heard-" + row.name);
    const std::uint16_t at = free_port();
    const ServerProcess listener({"socat", "-u", listening(at), "OPEN:" + heard + ",creat,append"}, at);
    EXPECT_EQ(ask(through(at, row.name, row.trusted)).error.failure, Failure::tls_protocol);
    const Tunnelled done = tunnelled(through(at, row.name, row.trusted), "/hello");
    EXPECT_EQ(done.detail.error.failure, Failure::tls_protocol) << done.detail.error.text;
    EXPECT_FALSE(done.open);
    std::ifstream file(heard);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "");

    // the same listener hears everything once it verifies
    ask(through(at), 300ms);
    std::string said;
    for (int i = 0; i < 100 && said.empty(); ++i) {
      std::this_thread::sleep_for(20ms);
      std::ifstream again(heard);
      said.assign(std::istreambuf_iterator<char>(again), {});
    }
    EXPECT_THAT(said, HasSubstr("GET http://127.0.0.1"));
  }
}

}  // namespace
}  // namespace amlnet
