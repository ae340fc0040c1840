// The HTTP probe against nginx and a scripted peer that misbehaves; proxies are in http_proxy_test.cpp.
#include "probes/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "http_peer.h"
#include "http_run.h"

namespace amlnet {
namespace {

using http_test::answers;
using http_test::ask;
using http_test::header;
using http_test::HttpPeer;
using http_test::PeerConnection;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

HttpSpec to(const HttpPeer& peer, std::string url = "http://svc.test/") {
  HttpSpec spec;
  spec.url = std::move(url);
  spec.address = "127.0.0.1";
  spec.port = peer.port();
  return spec;
}

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(HttpAsk, SendsOneAnonymousRequestToThePinnedAddress) {
  std::string head;
  HttpPeer peer([&](PeerConnection& connection) {
    head = connection.read_head();
    connection.send(kOk);
  });
  HttpSpec spec = to(peer, "http://user:hunter2@svc.test:81/path?q=1#part");
  spec.headers = {{"Metadata", "true"}, {"X-Empty", ""}};
  const HttpDetail detail = ask(spec);
  EXPECT_EQ(detail.error.failure, Failure::none) << detail.error.text;
  EXPECT_EQ(detail.status, 200);
  EXPECT_EQ(detail.body.data, "ok");
  EXPECT_EQ(detail.url, "http://svc.test:81/path?q=1");
  EXPECT_EQ(detail.address, "127.0.0.1");
  EXPECT_EQ(detail.port, peer.port());
  EXPECT_THAT(head, StartsWith("GET /path?q=1 HTTP/1.1\r\nHost: svc.test:81\r\nUser-Agent: amlnet/"));
  EXPECT_THAT(head, HasSubstr("\r\nMetadata: true\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nX-Empty:\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Authorization")));
}

TEST(HttpAsk, ReachesAnIpv6Address) {
  HttpPeer peer(answers(kOk), "::1");
  HttpSpec spec = to(peer);
  spec.address = "::1";
  EXPECT_EQ(ask(spec).status, 200);
}

TEST(HttpAsk, SendsOtherMethods) {
  std::string head;
  HttpPeer peer([&](PeerConnection& connection) {
    head = connection.read_head();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  });
  HttpSpec spec = to(peer);
  spec.method = "HEAD";
  EXPECT_EQ(ask(spec).error.failure, Failure::none);
  EXPECT_THAT(head, StartsWith("HEAD / "));
  spec.method = "OPTIONS";
  ask(spec);
  EXPECT_THAT(head, StartsWith("OPTIONS / "));
}

TEST(HttpAsk, IgnoresTheProxiesOfTheEnvironment) {
  HttpPeer peer(answers(kOk));
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  const HttpDetail detail = ask(to(peer));
  unsetenv("http_proxy");
  unsetenv("ALL_PROXY");
  EXPECT_EQ(detail.status, 200);
}

TEST(HttpAsk, RefusesWhatItCannotAskFor) {
  HttpPeer peer(answers(kOk));
  HttpSpec file = to(peer, "file:///etc/passwd"), name = to(peer), header_line = to(peer), method = to(peer);
  name.address = "localhost";
  header_line.headers = {{"A", "b\r\nInjected: c"}};
  method.method = "GET /x HTTP/1.1\r\nA: b\r\n";
  for (const HttpSpec& spec : {file, name, header_line, method}) {
    const HttpDetail detail = ask(spec);
    EXPECT_EQ(detail.error.failure, Failure::other);
    EXPECT_EQ(detail.error.source, ErrorSource::amlnet);
  }
}

TEST(HttpAsk, DoesNotFollowRedirects) {
  HttpPeer peer(answers("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"));
  const HttpDetail detail = ask(to(peer));
  EXPECT_EQ(detail.status, 302);
  EXPECT_EQ(header(detail, "location"), "/elsewhere");
}

TEST(HttpAsk, KeepsHeadersInOrderAndTheDate) {
  HttpPeer peer(
      answers("HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n"
              "HTTP/1.1 403 Forbidden\r\nX-Ms-Request-Id:  a b \r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
              "Set-Cookie: one\r\nset-cookie: two\r\nContent-Length: 0\r\n\r\n"));
  const HttpDetail detail = ask(to(peer));
  EXPECT_EQ(detail.status, 403);
  ASSERT_EQ(detail.headers.size(), 5U);
  EXPECT_EQ(detail.headers[0].first, "x-ms-request-id");
  EXPECT_EQ(detail.headers[0].second.data, "a b");
  EXPECT_EQ(detail.headers[2].second.data, "one");
  EXPECT_EQ(detail.headers[3].second.data, "two");
  EXPECT_EQ(detail.date, 784111777);
}

TEST(HttpAsk, TakesNoDateFromNonsense) {
  HttpPeer peer(answers("HTTP/1.1 200 OK\r\nDate: yesterday\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(ask(to(peer)).date, std::nullopt);
}

struct Fault {
  const char* what;
  HttpPeer::Script script;
  Failure failure;
  long status;
  std::string body;  // expected
};

void drip(PeerConnection& connection) {
  connection.read_head();
  connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  for (int i = 0; i < 400 && connection.send("a"); ++i) std::this_thread::sleep_for(10ms);
}

void endless(PeerConnection& connection, const std::string& start, const std::string& piece) {
  connection.read_head();
  connection.send(start);
  for (int i = 0; i < 1'000'000 && connection.send(piece);) ++i;
}

std::vector<Fault> faults() {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const auto reset_at_once = [](PeerConnection& connection) { connection.end_with_reset(); };
  const auto reset_after_head = [](PeerConnection& connection) {
    connection.read_head();
    connection.end_with_reset();
  };
  const auto reset_in_body = [ok](PeerConnection& connection) {
    connection.read_head();
    connection.send(ok + "Content-Length: 9\r\n\r\nabc");
    std::this_thread::sleep_for(100ms);
    connection.end_with_reset();
  };
  return {
      {"silent", [](PeerConnection& c) { c.wait_for_close(); }, Failure::timeout, 0, ""},
      {"reset after accept", reset_at_once, Failure::reset, 0, ""},
      {"reset after the request", reset_after_head, Failure::reset, 0, ""},
      {"reset in the body", reset_in_body, Failure::reset, 200, "abc"},
      {"closed after the request", answers(""), Failure::closed, 0, ""},
      {"closed in the status line", answers("HTTP/1.1 2"), Failure::closed, 0, ""},
      {"closed in the headers", answers(ok + "A: b\r\n"), Failure::closed, 200, ""},
      {"line without a colon", answers(ok + "no colon\r\n\r\n"), Failure::http_malformed, 200, ""},
      {"body cut short", answers(ok + "Content-Length: 10\r\n\r\nabc"), Failure::closed, 200, "abc"},
      {"body longer than said", answers(ok + "Content-Length: 2\r\n\r\nabc"), Failure::none, 200, "ab"},
      {"negative length", answers(ok + "Content-Length: -5\r\n\r\nabc"), Failure::http_malformed, 200, ""},
      {"length is no number", answers(ok + "Content-Length: x\r\n\r\nabc"), Failure::http_malformed, 200, ""},
      {"no body", answers("HTTP/1.1 204 No Content\r\n\r\n"), Failure::none, 204, ""},
      {"HTTP/1.0 until close", answers("HTTP/1.0 200 OK\r\n\r\nabc"), Failure::none, 200, "abc"},
      {"bare line feeds", answers("HTTP/1.1 200 OK\nContent-Length: 3\n\nabc"), Failure::none, 200, "abc"},
      {"chunks", answers(ok + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"),
       Failure::none, 200, "abcd"},
      {"broken chunks", answers(ok + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n"),
       Failure::http_malformed, 200, "abc"},
      {"chunks cut short", answers(ok + "Transfer-Encoding: chunked\r\n\r\nff\r\nabc"), Failure::closed, 200,
       "abc"},
      {"no status line", answers("hello\r\n"), Failure::http_malformed, 0, "hello\r\n"},
      {"SSH", answers("SSH-2.0-OpenSSH_9.2\r\n"), Failure::http_malformed, 0, "SSH-2.0-OpenSSH_9.2\r\n"},
      {"garbage", answers(std::string("\0\xff\x16\x03", 4)), Failure::http_malformed, 0,
       std::string("\0\xff\x16\x03", 4)},
      {"zero byte in a header", answers(ok + std::string("A: b\0c\r\n\r\n", 10)), Failure::http_malformed,
       200, ""},
  };
}

TEST(HttpAsk, NamesEveryFaultAndKeepsWhatCame) {
  for (const Fault& fault : faults()) {
    SCOPED_TRACE(fault.what);
    HttpPeer peer(fault.script);
    const HttpDetail detail = ask(to(peer), fault.failure == Failure::timeout ? 200ms : 5000ms);
    EXPECT_EQ(name_of(detail.error.failure), name_of(fault.failure)) << detail.error.text;
    EXPECT_EQ(detail.status, fault.status);
    EXPECT_EQ(detail.body.data, fault.body);
    EXPECT_FALSE(detail.body_truncated);
  }
}

TEST(HttpAsk, KeepsWhatDrippedInUntilTheDeadline) {
  HttpPeer peer(drip);
  const HttpDetail detail = ask(to(peer), 300ms);
  EXPECT_EQ(detail.error.failure, Failure::timeout);
  EXPECT_EQ(detail.status, 200);
  EXPECT_THAT(detail.body.data, StartsWith("aa"));
  EXPECT_GT(detail.first_byte_ms, 0);
}

TEST(HttpAsk, TakesAtMost16KibOfHeaders) {
  const std::string long_line = "X: " + std::string(1000, 'x') + "\r\n";
  const std::string interim = "HTTP/1.1 102 Processing\r\n\r\n";
  for (const std::string& piece : {long_line, std::string("x"), interim, std::string("A: b\r\n")}) {
    SCOPED_TRACE(piece.substr(0, 8));
    HttpPeer peer([&](PeerConnection& connection) {
      endless(connection, piece == interim ? "" : "HTTP/1.1 200 OK\r\nA: b", piece);
    });
    const HttpDetail detail = ask(to(peer));
    EXPECT_EQ(name_of(detail.error.failure), "http_too_large") << detail.error.text;
    std::size_t kept = 0;
    for (const auto& [name, value] : detail.headers) kept += name.size() + value.data.size();
    EXPECT_LE(kept, 16U * 1024);
  }
}

TEST(HttpAsk, TakesTheFirst4KibOfTheBody) {
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: ";
  const auto body_of = [&](std::size_t size) {
    HttpPeer peer(answers(ok + std::to_string(size) + "\r\n\r\n" + std::string(size, 'b')));
    const HttpDetail detail = ask(to(peer));
    EXPECT_EQ(detail.error.failure, Failure::none) << detail.error.text;
    return std::pair(detail.body.data.size(), detail.body_truncated);
  };
  EXPECT_EQ(body_of(4095), std::pair(std::size_t{4095}, false));
  EXPECT_EQ(body_of(4096), std::pair(std::size_t{4096}, false));
  EXPECT_EQ(body_of(4097), std::pair(std::size_t{4096}, true));
  HttpPeer peer([](PeerConnection& c) { endless(c, "HTTP/1.1 200 OK\r\n\r\n", std::string(1000, 'b')); });
  const HttpDetail detail = ask(to(peer));
  EXPECT_EQ(detail.error.failure, Failure::none);
  EXPECT_EQ(detail.status, 200);
  EXPECT_EQ(detail.body.data.size(), 4096U);
  EXPECT_TRUE(detail.body_truncated);
}

TEST(HttpAsk, EscapesHeaderNamesAndKeepsValuesRaw) {
  HttpPeer peer(
      answers("HTTP/1.1 200 OK\r\nB\x01\xffr: a\x1b[31m\xff\r\nLong: a\r\n  b\r\n"
              "Content-Length: 0\r\n\r\n"));
  const HttpDetail detail = ask(to(peer));
  ASSERT_EQ(detail.headers.size(), 3U) << detail.error.text;
  EXPECT_EQ(detail.headers[0].first, "b\\x01\\xffr");
  EXPECT_EQ(detail.headers[0].second.data, "a\x1b[31m\xff");
  EXPECT_EQ(header(detail, "long"), "a b");
}

TEST(HttpAsk, SaysRefused) {
  HttpSpec spec;
  spec.url = "http://svc.test/";
  spec.address = "127.0.0.1";
  spec.port = http_test::free_port();
  const HttpDetail detail = ask(spec);
  EXPECT_EQ(detail.error.failure, Failure::refused);
  EXPECT_EQ(detail.error.source, ErrorSource::curl);
  EXPECT_EQ(detail.status, 0);
}

TEST(HttpAsk, TellsTlsFailuresApart) {
  HttpPeer plain(answers("HTTP/1.1 400 Bad Request\r\n\r\n"));
  HttpPeer resets([](PeerConnection& connection) {
    connection.read(5);
    connection.end_with_reset();
  });
  HttpPeer silent([](PeerConnection& connection) { connection.wait_for_close(); });
  EXPECT_EQ(name_of(ask(to(resets, "https://svc.test/")).error.failure), "reset");
  EXPECT_EQ(name_of(ask(to(silent, "https://svc.test/"), 200ms).error.failure), "timeout");
  HttpPeer text([](PeerConnection& connection) { connection.send("220 mail.test ESMTP\r\n"); });
  EXPECT_EQ(name_of(ask(to(text, "https://svc.test/")).error.failure), "tls_protocol");
}

TEST(HttpAsk, StopsWhenItIsCancelled) {
  HttpPeer silent([](PeerConnection& connection) { connection.wait_for_close(); });
  const HttpDetail detail = http_test::ask_and_cancel(to(silent), 50ms);
  EXPECT_EQ(detail.error.failure, Failure::cancelled);
}

TEST(HttpAsk, EndsAtADeadlineThatHasPassed) {
  HttpPeer peer(answers(kOk));
  EXPECT_EQ(ask(to(peer), -1000ms).error.failure, Failure::timeout);
}

TEST(HttpAsk, KeepsManyApart) {
  HttpPeer first(answers("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"));
  HttpPeer second(answers("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo"), "127.0.0.2", first.port());
  std::vector<HttpSpec> specs;
  for (int i = 0; i < 200; ++i) {
    specs.push_back(to(first));
    if (i % 2 == 1) specs.back().address = "127.0.0.2";
  }
  const std::vector<HttpDetail> details = http_test::ask_all(specs, 20s);
  for (std::size_t i = 0; i < details.size(); ++i)
    EXPECT_EQ(details[i].body.data, i % 2 == 1 ? "two" : "one") << i << details[i].error.text;
}

TEST(HttpAskNginx, AnswersOverHttpAndHttps) {
  const http_test::Nginx nginx;
  HttpSpec spec;
  spec.address = "127.0.0.1";
  spec.url = "http://svc.test/hello";
  spec.port = nginx.http;
  const HttpDetail plain = ask(spec);
  EXPECT_EQ(plain.status, 200) << plain.error.text;
  EXPECT_EQ(plain.body.data, "hello from svc.test\n");
  EXPECT_THAT(header(plain, "server"), StartsWith("nginx"));
  EXPECT_GT(plain.date.value_or(0), 1'600'000'000);
  EXPECT_GT(plain.connect_ms, 0);
  EXPECT_EQ(plain.tls_ms, 0);
  EXPECT_GE(plain.first_byte_ms, plain.connect_ms);

  spec.url = "https://svc.test/hello";
  spec.port = nginx.https;
  const HttpDetail secure = ask(spec);
  EXPECT_EQ(secure.status, 200) << secure.error.text;
  EXPECT_EQ(secure.body.data, "hello from svc.test\n");
  EXPECT_GT(secure.tls_ms, secure.connect_ms);
  EXPECT_GT(secure.first_byte_ms, secure.tls_ms);

  spec.url = "https://svc.test/large";
  const HttpDetail large = ask(spec);
  EXPECT_EQ(large.status, 200);
  EXPECT_TRUE(large.body_truncated);
  spec.url = "http://svc.test/";  // plain text to the TLS port
  EXPECT_EQ(ask(spec).status, 400);
}

}  // namespace
}  // namespace amlnet
