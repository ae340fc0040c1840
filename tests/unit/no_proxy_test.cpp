// Each row says for which clients an entry of NO_PROXY sends the host direct: curl, Python requests, Go.
#include "agent/diagnosis/no_proxy.h"

#include <gmock/gmock.h>

#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(NoProxy, EachClientReadsInItsOwnWay) {
  struct Row {
    const char* list;
    const char* host;
    bool curl, requests, go;
  };
  const std::vector<Row> rows = {
      {"core.windows.net", "a.core.windows.net", true, true, true},
      {"core.windows.net", "core.windows.net", true, true, true},
      {".core.windows.net", "a.core.windows.net", true, true, true},
      {".core.windows.net", "core.windows.net", true, true, false},
      {"*.core.windows.net", "a.core.windows.net", false, false, true},
      {"*core.windows.net", "a.core.windows.net", false, false, false},
      {"*", "a.core.windows.net", true, true, true},
      {"x, *", "a.core.windows.net", false, false, true},
      {"windows.net", "a.notwindows.net", false, false, false},
      {"a.core.windows.net:443", "a.core.windows.net", false, false, true},  // a URL that leaves its port out
      {"a.core.windows.net:80", "a.core.windows.net", false, false, false},
      {"x, a.core.windows.net", "a.core.windows.net", true, true, true},
      {"x a.core.windows.net", "a.core.windows.net", true, false, false},
      {"a.core.windows.net x", "a.core.windows.net", true, false, false},
      {"10.0.0.0/16", "10.0.2.4", true, true, true},
      {"10.0.0.0/16", "a.core.windows.net", false, false, false},  // nobody resolves the name first
      {"10.0.2.4", "10.0.2.4", true, true, true},
      {"10.0.2.5", "10.0.2.4", false, false, false},
      {"", "a.core.windows.net", false, false, false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(goes_direct(ProxyClient::curl, row.list, row.host, 443), row.curl) << row.list << " curl";
    EXPECT_EQ(goes_direct(ProxyClient::requests, row.list, row.host, 443), row.requests)
        << row.list << " requests";
    EXPECT_EQ(goes_direct(ProxyClient::go, row.list, row.host, 443), row.go) << row.list << " Go";
  }
}

TEST(NoProxy, GoTakesTheUpperCaseVariableFirst) {
  const ProxyEnvironment both = {{"no_proxy", "a"}, {"NO_PROXY", "b"}};
  EXPECT_EQ(no_proxy_list(ProxyClient::curl, both), "a");
  EXPECT_EQ(no_proxy_list(ProxyClient::requests, both), "a");
  EXPECT_EQ(no_proxy_list(ProxyClient::go, both), "b");
  for (const auto client : kProxyClients) EXPECT_EQ(no_proxy_list(client, {{"NO_PROXY", "b"}}), "b");
}

World behind_proxy(const std::string& no_proxy) {
  World world;
  world.node.proxies = {{"https_proxy", "http://10.0.9.9:3128"}, {"no_proxy", no_proxy}};
  world.add(private_endpoint("stws1", "blob", "10.0.2.10")).add(named("login.microsoftonline.com"));
  return world;
}

TEST(NoProxy, OnlyAnEntryThatBitesIsAFinding) {
  const auto d = behind_proxy("*.blob.core.windows.net,*.contoso.com").diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("config.no-proxy-syntax[node]"));
  EXPECT_EQ(d.findings[0].severity, Severity::warning);
  EXPECT_EQ(d.findings[0].evidence.size(), 1U);
  EXPECT_THAT(d.findings[0].evidence[0].text,
              HasSubstr("curl, Python requests send stws1.blob.core.windows.net through the proxy"));

  EXPECT_THAT(blamed(behind_proxy("10.0.0.0/16").diagnosis()), ElementsAre("config.no-proxy-syntax[node]"));
  EXPECT_THAT(behind_proxy("10.0.0.0/16,core.windows.net").diagnosis().findings, IsEmpty());
  EXPECT_THAT(behind_proxy("10.9.0.0/16").diagnosis().findings, IsEmpty());
  auto no_proxy_at_all = behind_proxy("*.blob.core.windows.net");
  no_proxy_at_all.node.proxies.erase("https_proxy");
  EXPECT_THAT(no_proxy_at_all.diagnosis().findings, IsEmpty());
}

TEST(NoProxy, TwoVariablesThatDifferBite) {
  auto world = behind_proxy("blob.core.windows.net");
  world.node.proxies["NO_PROXY"] = "contoso.com";
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("config.no-proxy-syntax[node]"));
  EXPECT_THAT(d.findings[0].evidence[0].text, HasSubstr("Go sends"));
}

}  // namespace
}  // namespace amlnet::test
