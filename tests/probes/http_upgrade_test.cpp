// Upgrades to WebSocket by the HTTP probe: what a server may answer, and that nothing waits for a switched
// connection to end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http_peer.h"
#include "http_run.h"
#include "probes/http.h"

namespace amlnet {
namespace {

using http_test::answers;
using http_test::ask;
using http_test::HttpPeer;
using http_test::PeerConnection;
using testing::HasSubstr;
using testing::StartsWith;

HttpSpec upgrade(const HttpPeer& peer) {
  HttpSpec spec;
  spec.url = "ws://svc.test/channels";
  spec.address = "127.0.0.1";
  spec.port = peer.port();
  return spec;
}

const std::string kSwitch =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

TEST(HttpUpgrade, EndsWithTheSwitchThoughTheConnectionStays) {
  std::string head;
  HttpPeer peer([&](PeerConnection& connection) {
    head = connection.read_head();
    connection.send(kSwitch + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    connection.wait_for_close();
  });
  const HttpDetail detail = ask(upgrade(peer), Milliseconds(60000));
  EXPECT_EQ(detail.error.failure, Failure::none) << detail.error.text;
  EXPECT_EQ(detail.status, 101);
  EXPECT_EQ(detail.url, "ws://svc.test/channels");
  EXPECT_THAT(head, StartsWith("GET /channels HTTP/1.1\r\nHost: svc.test\r\n"));
  for (const char* line : {"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="})
    EXPECT_THAT(head, HasSubstr(std::string("\r\n") + line + "\r\n"));
}

TEST(HttpUpgrade, ASwitchThatDidNotReadTheKeyIsNone) {
  for (const char* accept : {"", "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n"}) {
    HttpPeer peer(answers(kSwitch + accept + "\r\n"));
    const HttpDetail detail = ask(upgrade(peer));
    EXPECT_EQ(detail.error.failure, Failure::http_malformed) << accept;
    EXPECT_EQ(detail.status, 101);
  }
}

TEST(HttpUpgrade, ARefusalIsAnAnswer) {
  HttpPeer peer(answers("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 4\r\n\r\nwhat"));
  const HttpDetail detail = ask(upgrade(peer));
  EXPECT_EQ(detail.error.failure, Failure::none);
  EXPECT_EQ(detail.status, 426);
  EXPECT_EQ(detail.body.data, "what");
}

TEST(HttpUpgrade, ASwitchThatNobodyAskedForEndsTheRequest) {
  HttpPeer peer([](PeerConnection& connection) {
    connection.read_head();
    connection.send(kSwitch + "\r\n");
    connection.wait_for_close();
  });
  HttpSpec plain = upgrade(peer);
  plain.url = "http://svc.test/";
  EXPECT_EQ(ask(plain, Milliseconds(60000)).error.failure, Failure::http_malformed);
}

}  // namespace
}  // namespace amlnet
