// resolv.conf and the hosts file, read as glibc reads them.
#include "probes/resolver_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Names = std::vector<std::string>;

struct ServersRow {
  const char* text;
  Names servers;
  bool defaulted = false;
};

TEST(ResolvConf, Nameservers) {
  const ServersRow rows[] = {
      {"nameserver 10.0.0.4\n", {"10.0.0.4"}},
      {"nameserver\t 10.0.0.4 # the hub\n", {"10.0.0.4"}},
      {"nameserver 10.0.0.4", {"10.0.0.4"}},
      {"nameserver 1.1.1.1\nnameserver 2.2.2.2\nnameserver 3.3.3.3\nnameserver 4.4.4.4\n",
       {"1.1.1.1", "2.2.2.2", "3.3.3.3"}},
      {"nameserver bogus\nnameserver 2.2.2.2\n", {"2.2.2.2"}},
      {"nameserver fd00:0::4\nnameserver FE80::1%eth0\n", {"fd00::4", "fe80::1%eth0"}},
      {"nameserver 10.1\n", {"10.0.0.1"}},
      {"", {"127.0.0.1"}, true},
      {"# nameserver 10.0.0.4\n; nameserver 10.0.0.5\n", {"127.0.0.1"}, true},
      {" nameserver 10.0.0.4\n", {"127.0.0.1"}, true},
      {"nameserver10.0.0.4\n", {"127.0.0.1"}, true},
      {"nameserver\n", {"127.0.0.1"}, true},
      {"nameserver 10.0.0.4\r\n", {"127.0.0.1"}, true},
      {"NAMESERVER 10.0.0.4\n", {"127.0.0.1"}, true},
      {"nameserver 10.0.0.4:53\n", {"127.0.0.1"}, true},
  };
  for (const ServersRow& row : rows) {
    const ResolverConfig config = parse_resolv_conf(row.text);
    EXPECT_EQ(config.nameservers, row.servers) << row.text;
    EXPECT_EQ(config.defaulted, row.defaulted) << row.text;
  }
}

TEST(ResolvConf, LastOfDomainAndSearchWins) {
  EXPECT_THAT(parse_resolv_conf("search a.example B.example\n").search,
              ElementsAre("a.example", "b.example"));
  EXPECT_THAT(parse_resolv_conf("search a.example\ndomain c.example d.example\n").search,
              ElementsAre("c.example"));
  EXPECT_THAT(parse_resolv_conf("domain c.example\nsearch a.example\n").search, ElementsAre("a.example"));
  EXPECT_THAT(parse_resolv_conf("search a.example\nsearch\n").search, ElementsAre("a.example"));
  std::string many = "search";
  for (int i = 0; i < 100; ++i) many += " d" + std::to_string(i);
  EXPECT_EQ(parse_resolv_conf(many).search.size(), 32U);
}

TEST(ResolvConf, Ndots) {
  const std::pair<const char*, int> rows[] = {
      {"", 1},
      {"options ndots:5\n", 5},
      {"options timeout:1 ndots:2 rotate\n", 2},
      {"options ndots:99\n", 15},
      {"options ndots:99999999999999999999\n", 15},
      {"options ndots:0\n", 0},
      {"options ndots:x\n", 0},
      {"options ndots:5\noptions ndots:3\n", 3},
      {"options xndots:5\n", 1},
      {"#options ndots:5\n", 1},
  };
  for (const auto& [text, ndots] : rows) EXPECT_EQ(parse_resolv_conf(text).ndots, ndots) << text;
}

struct TryRow {
  const char* name;
  int ndots;
  Names search;
  Names tried;
};

TEST(NamesToTry, SearchAndNdots) {
  const TryRow rows[] = {
      {"host", 1, {}, {"host"}},
      {"host", 1, {"corp"}, {"host.corp", "host"}},
      {"a.b", 1, {"corp", "lab"}, {"a.b", "a.b.corp", "a.b.lab"}},
      {"a.b", 5, {"corp", "lab"}, {"a.b.corp", "a.b.lab", "a.b"}},
      {"a.b.c", 2, {"corp"}, {"a.b.c", "a.b.c.corp"}},
      {"A.B.", 5, {"corp"}, {"a.b"}},
      {"host.", 1, {"corp"}, {"host"}},
      {"host", 1, {".", "corp"}, {"host", "host.corp"}},
      {"host", 1, {".corp", "lab."}, {"host.corp", "host.lab", "host"}},
      {"host", 0, {"corp"}, {"host", "host.corp"}},
      {"", 1, {"corp"}, {}},
      {".", 1, {"corp"}, {}},
  };
  for (const TryRow& row : rows) {
    ResolverConfig config;
    config.ndots = row.ndots;
    config.search = row.search;
    EXPECT_EQ(names_to_try(row.name, config), row.tried) << row.name << " ndots " << row.ndots;
  }
}

TEST(Hosts, AddressesInOrder) {
  const HostsFile hosts = parse_hosts(
      "127.0.0.1 localhost\n"
      "10.0.0.5\tWs.Example ws # 10.9.9.9 no\n"
      "  fd00:0:0::5 ws.example\n"
      "10.0.0.6 ws.example ws.example\r\n"
      "#10.0.0.7 ws.example\n"
      "10.0.0 short.example\n"
      "bogus bad.example\n"
      "10.0.0.8 dotted.example.\n"
      "10.0.0.9");
  EXPECT_THAT(hosts.at("ws.example"), ElementsAre("10.0.0.5", "fd00::5", "10.0.0.6"));
  EXPECT_THAT(hosts.at("ws"), ElementsAre("10.0.0.5"));
  EXPECT_THAT(hosts.at("localhost"), ElementsAre("127.0.0.1"));
  EXPECT_EQ(hosts.size(), 3U);
  EXPECT_THAT(parse_hosts(""), IsEmpty());
}

}  // namespace
}  // namespace amlnet
