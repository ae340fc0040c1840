// Facts of the node, read below a root of the test's own.
#include "agent/workspace/node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace amlnet {
namespace {

using testing::ElementsAre;

/// A folder that goes away with the test.
class NodeTest : public testing::Test {
 protected:
  NodeTest() {
    char path[] = "/tmp/amlnet-node-XXXXXX";
    root_ = mkdtemp(path);
  }
  ~NodeTest() override { std::filesystem::remove_all(root_); }

  void put(const std::string& path, const std::string& text) {
    const std::filesystem::path full = std::filesystem::path(root_) / path;
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full) << text;
  }

  std::string root_;
};

TEST_F(NodeTest, ReadsItsFiles) {
  put("etc/os-release", "NAME=Debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
  put("etc/resolv.conf", "nameserver 10.0.0.4\nsearch corp.contoso.com\n");
  put("etc/hosts", "10.0.2.10 stws1.blob.core.windows.net\n");
  put("proc/net/route",
      "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
      "eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\n");
  put("proc/sys/net/netfilter/nf_conntrack_count", "17\n");
  put("proc/sys/net/netfilter/nf_conntrack_max", "65536\n");
  put("sys/class/dmi/id/chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77 \n");
  const Node node = read_node(root_);
  EXPECT_EQ(node.os, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_THAT(node.resolver.nameservers, ElementsAre("10.0.0.4"));
  EXPECT_THAT(node.resolver.search, ElementsAre("corp.contoso.com"));
  EXPECT_THAT(node.hosts.at("stws1.blob.core.windows.net"), ElementsAre("10.0.2.10"));
  EXPECT_TRUE(node.default_route);
  EXPECT_EQ(node.conntrack_count, 17);
  EXPECT_EQ(node.conntrack_max, 65536);
  EXPECT_EQ(node.chassis_asset_tag, "7783-7084-3265-9085-8269-3286-77");
  EXPECT_FALSE(node.hostname.empty());
  EXPECT_FALSE(node.kernel.empty());
}

TEST_F(NodeTest, ToleratesThatNothingIsThere) {
  const Node node = read_node(root_);
  EXPECT_TRUE(node.os.empty());
  EXPECT_FALSE(node.default_route);
  EXPECT_FALSE(node.conntrack_count);
  EXPECT_TRUE(node.chassis_asset_tag.empty());
}

TEST_F(NodeTest, IgnoresNumbersThatAreNone) {
  put("proc/sys/net/netfilter/nf_conntrack_count", "many\n");
  EXPECT_FALSE(read_node(root_).conntrack_count);
}

TEST_F(NodeTest, KeepsProxyVariablesAsFound) {
  setenv("https_proxy", "http://proxy:3128", 1);
  unsetenv("HTTPS_PROXY");
  EXPECT_EQ(read_node(root_).proxies.at("https_proxy"), "http://proxy:3128");
  unsetenv("https_proxy");
  EXPECT_FALSE(read_node(root_).proxies.contains("https_proxy"));
}

TEST(Node, HasNoLoopbackAmongItsInterfaces) {
  for (const Interface& interface : read_node("/").interfaces) {
    EXPECT_NE(interface.name, "lo");
    EXPECT_GT(interface.prefix, 0);
    EXPECT_FALSE(interface.address.empty());
  }
}

TEST(DefaultRoute, MustBeUpAndLeadSomewhere) {
  const std::string header = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n";
  EXPECT_TRUE(has_default_route(header + "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"));
  EXPECT_FALSE(has_default_route(header + "eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"));
  EXPECT_FALSE(has_default_route(header + "*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n"));
  EXPECT_FALSE(has_default_route(header + "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n"));
  EXPECT_FALSE(has_default_route(""));
}

}  // namespace
}  // namespace amlnet
