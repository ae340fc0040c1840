// The DNS probe against a real server.
#include <gtest/gtest.h>

#include "probes/dns.h"
#include "tests/probes/dns_peer.h"

namespace amlnet {
namespace {

class RealServer : public testing::Test {
 protected:
  static void SetUpTestSuite() { unbound = new Unbound; }
  static void TearDownTestSuite() { delete unbound; }
  static Unbound* unbound;
};
Unbound* RealServer::unbound = nullptr;

TEST_F(RealServer, ChainWithOwnersAndLifetimes) {
  const DnsAnswer answer = ask(unbound->address(), dns_spec("WS.lab.test"));
  ASSERT_FALSE(answer.error) << answer.error.text;
  EXPECT_EQ(answer.server, unbound->address());
  EXPECT_EQ(answer.name, "WS.lab.test");
  EXPECT_EQ(answer.transport, "udp");
  EXPECT_EQ(answer.rcode, 0);
  ASSERT_EQ(answer.records.size(), 2U);
  EXPECT_EQ(answer.records[0].owner, "ws.lab.test");
  EXPECT_EQ(answer.records[0].type, "CNAME");
  EXPECT_EQ(answer.records[0].ttl, 300U);
  EXPECT_EQ(answer.records[0].data, "ws.privatelink.lab.test");
  EXPECT_EQ(answer.records[1].data, "10.0.2.10");
  EXPECT_GT(answer.size, 12U);
  EXPECT_GT(answer.duration_ms, 0);
}

TEST_F(RealServer, BothFamilies) {
  EXPECT_EQ(ask(unbound->address(), dns_spec("both.lab.test")).records.at(0).data, "10.0.0.7");
  const DnsAnswer six = ask(unbound->address(), DnsSpec{"both.lab.test", "AAAA"});
  EXPECT_EQ(six.records.at(0).data, "fd00::7");
  EXPECT_EQ(six.type, "AAAA");
  const DnsAnswer none = ask(unbound->address(), DnsSpec{"ws.lab.test", "AAAA"});
  EXPECT_EQ(none.rcode, 0);
  EXPECT_EQ(none.records.size(), 1U);  // the CNAME
}

TEST_F(RealServer, NegativeAnswersKeepTheirEvidence) {
  const DnsAnswer nothing = ask(unbound->address(), dns_spec("nothing.lab.test"));
  EXPECT_EQ(nothing.rcode, 3);
  EXPECT_TRUE(nothing.records.empty());
  ASSERT_EQ(nothing.authority.size(), 1U);
  EXPECT_EQ(nothing.authority[0].owner, "lab.test");
  EXPECT_EQ(nothing.authority[0].data, "ns.lab.test");
  const DnsAnswer gone = ask(unbound->address(), dns_spec("gone.lab.test"));
  EXPECT_EQ(gone.rcode, 3);
  ASSERT_EQ(gone.records.size(), 1U);
  EXPECT_EQ(gone.records[0].data, "gone.privatelink.lab.test");
  EXPECT_EQ(ask(unbound->address(), dns_spec("ws.refused.test")).rcode, 5);
}

TEST_F(RealServer, TruncatedOverUdpWholeOverTcp) {
  for (const bool edns : {true, false}) {
    const DnsAnswer cut = ask(unbound->address(), DnsSpec{"big.lab.test", "A", edns});
    EXPECT_FALSE(cut.error) << cut.error.text;
    EXPECT_TRUE(cut.truncated);
    EXPECT_EQ(cut.edns, edns);
    EXPECT_LE(cut.size, edns ? 1232U : 512U);
  }
  const DnsAnswer whole = ask(unbound->address(), dns_spec("big.lab.test", true));
  ASSERT_FALSE(whole.error) << whole.error.text;
  EXPECT_FALSE(whole.truncated);
  EXPECT_EQ(whole.transport, "tcp");
  EXPECT_GT(whole.size, 1600U);
  EXPECT_EQ(whole.records.size(), 64U);
}

TEST_F(RealServer, ThousandsAtOnceLoseNothing) {
  int right = 0;
  for (const DnsAnswer& answer : ask_all(unbound->address(), dns_specs(2000, "n", ".lab.test")))
    right += answer.records.size() == 1 && answer.records[0].owner == answer.name;
  EXPECT_EQ(right, 2000);
  right = 0;
  std::vector<DnsSpec> streams = dns_specs(200, "n", ".lab.test");
  for (DnsSpec& one : streams) one.tcp = true;
  for (const DnsAnswer& answer : ask_all(unbound->address(), streams)) right += answer.rcode == 0;
  EXPECT_EQ(right, 200);
}

}  // namespace
}  // namespace amlnet
