#include "agent/plan/scope.h"

#include <gtest/gtest.h>

#include "agent/plan/glob.h"

namespace amlnet {
namespace {

TEST(InPrefix, ComparesBitsNotText) {
  EXPECT_TRUE(in_prefix("10.0.255.1", "10.0.0.0/16"));
  EXPECT_FALSE(in_prefix("10.1.0.1", "10.0.0.0/16"));
  EXPECT_TRUE(in_prefix("172.31.255.255", "172.16.0.0/12"));
  EXPECT_FALSE(in_prefix("172.32.0.1", "172.16.0.0/12"));
  EXPECT_TRUE(in_prefix("1.2.3.4", "0.0.0.0/0"));
  EXPECT_TRUE(in_prefix("10.0.0.7", "10.0.0.7/32"));
  EXPECT_FALSE(in_prefix("10.0.0.6", "10.0.0.7/32"));
  EXPECT_TRUE(in_prefix("fd12::1", "fd00::/8"));
  EXPECT_FALSE(in_prefix("fe80::1", "fd00::/8"));
  EXPECT_TRUE(in_prefix("::ffff:10.0.0.1", "10.0.0.0/8"));
}

TEST(InPrefix, IsFalseForAnythingMalformed) {
  for (const char* prefix :
       {"", "10.0.0.0", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/33", "10.0.0.0/8 ", "/8", "fd00::/129"}) {
    EXPECT_FALSE(in_prefix("10.0.0.1", prefix)) << prefix;
  }
  EXPECT_FALSE(in_prefix("10.0.0", "10.0.0.0/8"));
  EXPECT_FALSE(in_prefix("fd00::1", "10.0.0.0/8"));
}

TEST(KindOf, UsesTheUsualRangesWhereNothingIsDeclared) {
  const Workspace workspace;
  for (const char* ours : {"10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1"}) {
    EXPECT_EQ(kind_of(ours, workspace), AddressKind::private_) << ours;
  }
  for (const char* theirs : {"20.60.14.8", "172.32.0.1", "100.128.0.1", "2603:1030::1"}) {
    EXPECT_EQ(kind_of(theirs, workspace), AddressKind::public_) << theirs;
  }
}

/// A VNet may use any range, and a private range that is not ours is not ours.
TEST(KindOf, TrustsDeclaredPrefixesAlone) {
  Workspace workspace;
  workspace.network.vnet = {"51.0.0.0/16"};
  workspace.network.private_endpoint_subnets = {"10.0.2.0/24"};
  workspace.app_gateway.managed_vnet = {"10.80.0.0/16"};
  EXPECT_EQ(kind_of("51.0.1.1", workspace), AddressKind::private_);
  EXPECT_EQ(kind_of("10.0.2.9", workspace), AddressKind::private_);
  EXPECT_EQ(kind_of("10.80.1.1", workspace), AddressKind::private_);
  EXPECT_EQ(kind_of("10.0.3.9", workspace), AddressKind::public_);
  EXPECT_EQ(kind_of("192.168.0.1", workspace), AddressKind::public_);
}

TEST(KindOf, KnowsAddressesThatAreNobodys) {
  Workspace workspace;
  workspace.network.vnet = {"0.0.0.0/0"};
  EXPECT_EQ(kind_of("127.0.0.53", workspace), AddressKind::loopback);
  EXPECT_EQ(kind_of("::1", workspace), AddressKind::loopback);
  EXPECT_EQ(kind_of("0.0.0.0", workspace), AddressKind::unspecified);
  EXPECT_EQ(kind_of("::", workspace), AddressKind::unspecified);
  EXPECT_EQ(kind_of("169.254.169.254", workspace), AddressKind::link_local);
  EXPECT_EQ(kind_of("fe80::1", workspace), AddressKind::link_local);
  EXPECT_EQ(kind_of("localhost", workspace), AddressKind::invalid);
}

TEST(Glob, MatchesIds) {
  EXPECT_TRUE(glob_matches("storage.*", "storage.ws.blob"));
  EXPECT_TRUE(glob_matches("*.blob", "storage.ws.blob"));
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("s*a*e.?s.*b", "storage.ws.blob"));
  EXPECT_FALSE(glob_matches("storage", "storage.ws"));
  EXPECT_FALSE(glob_matches("", "a"));
  EXPECT_FALSE(glob_matches("?", ""));
  EXPECT_FALSE(glob_matches(std::string(2000, '*') + "b", std::string(2000, 'a')));
}

}  // namespace
}  // namespace amlnet
