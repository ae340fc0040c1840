#include "agent/workspace/node_texts.h"

#include <gtest/gtest.h>

namespace amlnet {
namespace {

TEST(NodeTexts, Routes) {
  const std::string ipv4 =
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT   \n"
      "eth0\t00000000\t0101000A\t0003\t0\t0\t100\t00000000\t0\t0\t0   \n"
      "eth0\t0001000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0   \nbad line\n";
  const std::string ipv6 =
      "fd000000000000000000000000000000 40 00000000000000000000000000000000 00 "
      "00000000000000000000000000000000 00000100 "
      "00000003 00000000 00000001     eth0\n"
      "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
      "fd000000000000000000000000000001 00000400 "
      "00000003 00000000 00000003     eth0\n"
      "00000000000000000000000000000001 80 00000000000000000000000000000000 00 "
      "00000000000000000000000000000000 00000000 "
      "00000004 00000000 80200001       lo\n";
  EXPECT_EQ(route_lines(ipv4, ipv6),
            "0.0.0.0/0 via 10.0.1.1 dev eth0 metric 100\n"
            "10.0.1.0/24 dev eth0 metric 0\n"
            "fd00::/64 dev eth0 metric 256\n"
            "::/0 via fd00::1 dev eth0 metric 1024\n");
  EXPECT_EQ(route_lines("", ""), "");
}

TEST(NodeTexts, CommentsAreLeftOut) {
  EXPECT_EQ(without_comments("# password: x\n;y\nnameserver 10.0.0.4 # the old one\n\n  \nsearch a.b\r\n"),
            "nameserver 10.0.0.4 \nsearch a.b\r\n");
  EXPECT_EQ(without_comments(""), "");
}

}  // namespace
}  // namespace amlnet
