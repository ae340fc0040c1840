// Requests and CONNECT tunnels through squid and through scripted proxies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>

#include "http_peer.h"
#include "http_run.h"
#include "probes/http.h"

namespace amlnet {
namespace {

using http_test::answers;
using http_test::ask;
using http_test::header;
using http_test::HttpPeer;
using http_test::PeerConnection;
using http_test::tunnel;
using http_test::Tunnelled;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

// squid as a corporate proxy: denied.test is denied, secret.test asks for user:open, and every name is nginx.
class Squid : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    nginx = new http_test::Nginx;
    folder = new http_test::TemporaryFolder;
    port = http_test::free_port();
    folder->write("hosts", "127.0.0.1 svc.test denied.test secret.test\n");
    const std::string password = "openssl passwd -apr1 open | sed s/^/user:/ > " + folder->path("passwords");
    if (std::system(password.c_str()) != 0) throw std::runtime_error("openssl made no password");
    folder->write("squid.conf", configuration());
    process = new http_test::ServerProcess({"squid", "-N", "-f", folder->path("squid.conf")}, port);
  }
  static void TearDownTestSuite() {
    delete process;
    delete folder;
    delete nginx;
  }
  static std::string configuration() {
    return "http_port 127.0.0.1:" + std::to_string(port) +
           "\npid_filename none\naccess_log none\ncache deny all\ncache_mem 8 MB\npinger_enable off\n"
           "max_filedescriptors 256\nshutdown_lifetime 0 seconds\nvisible_hostname proxy.test\n"
           "dns_nameservers 127.0.0.1\ncoredump_dir " +
           folder->path("") + "\ncache_log " + folder->path("cache.log") + "\nhosts_file " +
           folder->path("hosts") + "\nauth_param basic program /usr/lib/squid/basic_ncsa_auth " +
           folder->path("passwords") +
           "\nauth_param basic children 1\nacl users proxy_auth REQUIRED\nacl denied dstdomain denied.test\n"
           "acl secret dstdomain secret.test\nhttp_access deny denied\nhttp_access deny secret !users\n"
           "http_access allow all\n";
  }
  // proxy.test has no address anywhere: only the pinned one can be used.
  static HttpSpec through(std::string url, const std::string& credentials = "") {
    HttpSpec spec;
    spec.url = std::move(url);
    spec.address = "127.0.0.1";
    spec.port = port;
    spec.proxy = "http://" + credentials + "proxy.test:" + std::to_string(port);
    return spec;
  }
  static std::string plain(const std::string& host) {
    return "http://" + host + ":" + std::to_string(nginx->http) + "/hello";
  }
  static std::string secure(const std::string& host) {
    return "https://" + host + ":" + std::to_string(nginx->https) + "/hello";
  }

  inline static http_test::Nginx* nginx = nullptr;
  inline static http_test::TemporaryFolder* folder = nullptr;
  inline static http_test::ServerProcess* process = nullptr;
  inline static std::uint16_t port = 0;
};

TEST_F(Squid, ForwardsPlainHttp) {
  const HttpDetail detail = ask(through(plain("svc.test")));
  EXPECT_EQ(detail.error.failure, Failure::none) << detail.error.text;
  EXPECT_EQ(detail.status, 200);
  EXPECT_EQ(detail.proxy_status, 0);
  EXPECT_EQ(detail.body.data, "hello from svc.test\n");
  EXPECT_THAT(header(detail, "via"), HasSubstr("proxy.test"));
  EXPECT_EQ(detail.proxy, "http://proxy.test:" + std::to_string(port));
}

TEST_F(Squid, TunnelsHttps) {
  setenv("no_proxy", "*", 1);  // only the spec decides
  const HttpDetail detail = ask(through(secure("svc.test")));
  unsetenv("no_proxy");
  EXPECT_EQ(detail.error.failure, Failure::none) << detail.error.text;
  EXPECT_EQ(detail.proxy_status, 200);
  EXPECT_EQ(detail.status, 200);
  EXPECT_EQ(detail.body.data, "hello from svc.test\n");
  EXPECT_EQ(header(detail, "via"), "");  // the service's headers, not the proxy's
  EXPECT_TRUE(detail.date.has_value());
}

TEST_F(Squid, KeepsItsWordsWhenItRefuses) {
  struct Refusal {
    std::string host, credentials;
    long status;
    std::string squid_error;
  };
  for (const Refusal& row : {Refusal{"denied.test", "", 403, "ERR_ACCESS_DENIED 0"},
                             Refusal{"secret.test", "", 407, "ERR_CACHE_ACCESS_DENIED 0"},
                             Refusal{"secret.test", "user:wrong@", 407, "ERR_CACHE_ACCESS_DENIED 0"}}) {
    SCOPED_TRACE(row.host + " " + row.credentials);
    const HttpDetail detail = ask(through(secure(row.host), row.credentials));
    EXPECT_EQ(name_of(detail.error.failure), "proxy_refused") << detail.error.text;
    EXPECT_EQ(detail.proxy_status, row.status);
    EXPECT_EQ(detail.status, 0);
    EXPECT_EQ(header(detail, "x-squid-error"), row.squid_error);
    EXPECT_EQ(detail.date, std::nullopt);

    const Tunnelled tunnelled =
        tunnel(through("", row.credentials), row.host, nginx->http, "GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(name_of(tunnelled.detail.error.failure), "proxy_refused");
    EXPECT_EQ(tunnelled.detail.proxy_status, row.status);
    EXPECT_EQ(header(tunnelled.detail, "x-squid-error"), row.squid_error);
    EXPECT_FALSE(tunnelled.open);

    const HttpDetail forwarded = ask(through(plain(row.host), row.credentials));
    EXPECT_EQ(forwarded.error.failure, Failure::none);
    EXPECT_EQ(forwarded.status, row.status);
    EXPECT_EQ(forwarded.proxy_status, 0);
    EXPECT_EQ(header(forwarded, "x-squid-error"), row.squid_error);
  }
}

TEST_F(Squid, TakesTheRightCredentialsAndNoneAreShown) {
  const HttpDetail detail = ask(through(secure("secret.test"), "user:open@"));
  EXPECT_EQ(detail.status, 200) << detail.error.text;
  EXPECT_EQ(detail.proxy, "http://proxy.test:" + std::to_string(port));
  const Tunnelled tunnelled = tunnel(through("", "user:open@"), "secret.test", nginx->http,
                                     "GET /hello HTTP/1.0\r\nHost: raw.test\r\n\r\n");
  EXPECT_EQ(tunnelled.detail.proxy_status, 200);
  EXPECT_THAT(tunnelled.answer, HasSubstr("hello from raw.test"));
}

TEST_F(Squid, SaysWhenItCannotReachTheTarget) {
  const std::uint16_t dead = http_test::free_port();
  const HttpDetail detail = ask(through("https://svc.test:" + std::to_string(dead) + "/"));
  EXPECT_EQ(detail.error.failure, Failure::proxy_refused);
  EXPECT_EQ(detail.proxy_status, 503);
  EXPECT_THAT(header(detail, "x-squid-error"), StartsWith("ERR_CONNECT_FAIL"));
  EXPECT_EQ(tunnel(through(""), "svc.test", dead, "").detail.proxy_status, 503);
}

TEST_F(Squid, OpensARawTunnel) {
  const Tunnelled tunnelled =
      tunnel(through(""), "svc.test", nginx->http, "GET /hello HTTP/1.0\r\nHost: raw.test\r\n\r\n");
  EXPECT_EQ(tunnelled.detail.error.failure, Failure::none) << tunnelled.detail.error.text;
  EXPECT_EQ(tunnelled.detail.method, "CONNECT");
  EXPECT_EQ(tunnelled.detail.url, "svc.test:" + std::to_string(nginx->http));
  EXPECT_EQ(tunnelled.detail.proxy_status, 200);
  EXPECT_EQ(tunnelled.detail.status, 0);
  EXPECT_THAT(tunnelled.answer, StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(tunnelled.answer, HasSubstr("hello from raw.test"));
}

HttpSpec by(const HttpPeer& proxy, std::string url, const std::string& scheme = "http://") {
  HttpSpec spec;
  spec.url = std::move(url);
  spec.address = "127.0.0.1";
  spec.port = proxy.port();
  spec.proxy = scheme + "proxy.test:" + std::to_string(proxy.port());
  return spec;
}

TEST(HttpTunnel, AsksTheProxyForTheNameAndSendsItNothingElse) {
  std::string head;
  HttpPeer proxy([&](PeerConnection& connection) {
    head = connection.read_head();
    connection.send("HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\nfirst words");
  });
  HttpSpec spec = by(proxy, "");
  spec.proxy = "http://user:open@proxy.test:" + std::to_string(proxy.port());
  const Tunnelled tunnelled = tunnel(spec, "svc.test", 8787, "");
  EXPECT_THAT(head, StartsWith("CONNECT svc.test:8787 HTTP/1.1\r\nHost: svc.test:8787\r\n"));
  EXPECT_THAT(head, HasSubstr("Proxy-Authorization: Basic dXNlcjpvcGVu\r\n"));
  EXPECT_EQ(tunnelled.detail.error.failure, Failure::none) << tunnelled.detail.error.text;
  EXPECT_EQ(header(tunnelled.detail, "x-proxy"), "yes");
  EXPECT_EQ(tunnelled.answer, "first words");  // nothing that came after the proxy's answer is lost
  EXPECT_EQ(tunnelled.detail.proxy, "http://proxy.test:" + std::to_string(proxy.port()));
}

TEST(HttpTunnel, NamesAnIpv6TargetInBrackets) {
  std::string head;
  HttpPeer proxy([&](PeerConnection& connection) {
    head = connection.read_head();
    connection.send("HTTP/1.1 200 OK\r\n\r\n");
  });
  EXPECT_TRUE(tunnel(by(proxy, ""), "fd00::4", 443, "").open);
  EXPECT_THAT(head, StartsWith("CONNECT [fd00::4]:443 HTTP/1.1\r\n"));
}

struct BadProxy {
  const char* what;
  HttpPeer::Script script;
  const char* failure;
  long proxy_status;
};

std::vector<BadProxy> bad_proxies() {
  const auto silent = [](PeerConnection& connection) { connection.wait_for_close(); };
  const auto resets = [](PeerConnection& connection) {
    connection.read_head();
    connection.end_with_reset();
  };
  const auto endless = [](PeerConnection& connection) {
    connection.read_head();
    connection.send("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 1'000'000 && connection.send("A: " + std::string(500, 'x') + "\r\n");) ++i;
  };
  const auto slow_refusal = [](PeerConnection& connection) {
    connection.read_head();
    connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\n<html>");
    connection.wait_for_close();
  };
  return {
      {"silent", silent, "timeout", 0},
      {"reset", resets, "reset", 0},
      {"closed", answers(""), "closed", 0},
      {"garbage", answers("\x16\x03\x01 what\r\n\r\n"), "http_malformed", 0},
      {"SSH", answers("SSH-2.0-OpenSSH_9.2\r\n"), "http_malformed", 0},
      {"endless headers", endless, "http_too_large", 200},
      {"line without a colon", answers("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), "http_malformed", 200},
      {"407",
       answers("HTTP/1.1 407 Auth\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"),
       "proxy_refused", 407},
      {"407 with NTLM only",
       answers("HTTP/1.1 407 Auth\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n"), "proxy_refused",
       407},
      {"403 in HTTP/1.0", answers("HTTP/1.0 403 Forbidden\r\n\r\n<html>no</html>"), "proxy_refused", 403},
      {"403 whose body never ends", slow_refusal, "proxy_refused", 403},
      {"502", answers("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"), "proxy_refused", 502},
      {"302", answers("HTTP/1.1 302 Found\r\nLocation: http://login.test/\r\nContent-Length: 0\r\n\r\n"),
       "proxy_refused", 302},
  };
}

TEST(HttpTunnel, NamesEveryFaultOfAProxy) {
  for (const BadProxy& row : bad_proxies()) {
    SCOPED_TRACE(row.what);
    HttpPeer proxy(row.script);
    const bool waits =
        row.what == std::string("silent") || row.what == std::string("403 whose body never ends");
    const Milliseconds limit = waits ? 300ms : 5000ms;
    const Tunnelled tunnelled = tunnel(by(proxy, ""), "svc.test", 443, "", limit);
    EXPECT_EQ(name_of(tunnelled.detail.error.failure), row.failure) << tunnelled.detail.error.text;
    EXPECT_EQ(tunnelled.detail.proxy_status, row.proxy_status);
    EXPECT_FALSE(tunnelled.open);
    const HttpDetail detail = ask(by(proxy, "https://svc.test/"), limit);
    EXPECT_EQ(name_of(detail.error.failure), row.failure) << detail.error.text;
    EXPECT_EQ(detail.proxy_status, row.proxy_status);
    EXPECT_EQ(detail.status, 0);
  }
}

TEST(HttpTunnel, RefusesWhatItCannotDo) {
  HttpPeer proxy(answers(""));
  HttpSpec none = by(proxy, ""), gopher = by(proxy, "", "gopher://");
  none.proxy = "";
  for (const HttpSpec& spec : {none, gopher})
    EXPECT_EQ(tunnel(spec, "svc.test", 443, "").detail.error.failure, Failure::other);
  EXPECT_EQ(tunnel(by(proxy, ""), "a b\r\nc", 443, "").detail.error.failure, Failure::other);
}

TEST(HttpProxy, TheSameNameAtTwoAddressesStaysApart) {
  HttpPeer first(answers("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"));
  HttpPeer second(answers("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo"), "127.0.0.2", first.port());
  std::vector<HttpSpec> specs;
  for (int i = 0; i < 40; ++i) {
    specs.push_back(by(first, "http://svc.test/"));
    if (i % 2 == 1) specs.back().address = "127.0.0.2";
  }
  const std::vector<HttpDetail> details = http_test::ask_all(specs, 20s);
  for (std::size_t i = 0; i < details.size(); ++i)
    EXPECT_EQ(details[i].body.data, i % 2 == 1 ? "two" : "one") << i;
}

TEST(HttpProxy, LeavesTheNameToASocksProxy) {
  for (const char* scheme : {"socks5://", "SOCKS5h://"}) {
    std::string asked;
    HttpPeer proxy([&](PeerConnection& connection) {
      const std::string methods = connection.read(2);
      connection.read(static_cast<unsigned char>(methods.at(1)));
      connection.send(std::string("\x05\x00", 2));
      asked = connection.read(5 + 8 + 2);  // version, command, reserved, type, length, "svc.test", port
      connection.send(std::string("\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50", 10));
      connection.read_head();
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    const HttpDetail detail = ask(by(proxy, "http://svc.test/", scheme));
    EXPECT_EQ(detail.body.data, "ok") << detail.error.text;
    EXPECT_EQ(asked, std::string("\x05\x01\x00\x03\x08svc.test\x00\x50", 15));
  }
}

TEST(HttpProxy, SaysWhenTheProxyIsRefused) {
  HttpSpec spec;
  spec.url = "https://svc.test/";
  spec.address = "127.0.0.1";
  spec.port = http_test::free_port();
  spec.proxy = "http://proxy.test:" + std::to_string(spec.port);
  EXPECT_EQ(ask(spec).error.failure, Failure::refused);
}

}  // namespace
}  // namespace amlnet
