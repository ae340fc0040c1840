// Our reading of the proxy variables, each row also put to libcurl: a real transfer whose socket is never
// opened tells which address curl would have connected to. Nothing is sent.
#include "probes/proxy.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace amlnet {
namespace {

constexpr const char* kVariables[] = {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                      "all_proxy",  "ALL_PROXY",  "no_proxy",    "NO_PROXY"};

curl_socket_t note_address(void* out, curlsocktype, curl_sockaddr* to) {
  char text[INET6_ADDRSTRLEN] = "";
  int port = 0;
  if (to->family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&to->addr);
    inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
    port = ntohs(v4->sin_port);
  } else {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&to->addr);
    inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
    port = ntohs(v6->sin6_port);
  }
  *static_cast<std::string*>(out) = std::string(text) + " " + std::to_string(port);
  return CURL_SOCKET_BAD;
}

// Where libcurl would connect for `url` with these variables set: "ADDRESS PORT".
std::string curl_connects_to(const std::string& url, const std::string& pin,
                             const ProxyEnvironment& environment) {
  for (const char* name : kVariables) unsetenv(name);
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  CURL* easy = curl_easy_init();
  curl_slist* pins = curl_slist_append(nullptr, pin.c_str());
  std::string seen;
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_RESOLVE, pins);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, note_address);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &seen);
  curl_easy_perform(easy);
  curl_easy_cleanup(easy);
  curl_slist_free_all(pins);
  for (const char* name : kVariables) unsetenv(name);
  return seen;
}

struct Row {
  const char* what;
  std::string scheme, host;
  ProxyEnvironment environment;
  std::string proxy;  // expected; "" is direct
};

const std::string kP = "http://127.0.0.9:3128";
const std::string kQ = "http://127.0.0.8:3129";

Row covered(const char* what, std::string host, std::string no_proxy, bool direct) {
  return {what,
          "https",
          std::move(host),
          {{"https_proxy", kP}, {"no_proxy", std::move(no_proxy)}},
          direct ? "" : kP};
}

std::vector<Row> variable_rows() {
  return {
      {"nothing set", "https", "a.test", {}, ""},
      {"https_proxy", "https", "a.test", {{"https_proxy", kP}}, kP},
      {"HTTPS_PROXY", "https", "a.test", {{"HTTPS_PROXY", kP}}, kP},
      {"lower case wins", "https", "a.test", {{"https_proxy", kP}, {"HTTPS_PROXY", kQ}}, kP},
      {"empty is unset", "https", "a.test", {{"https_proxy", ""}, {"HTTPS_PROXY", kQ}}, kQ},
      {"http_proxy", "http", "a.test", {{"http_proxy", kP}}, kP},
      {"HTTP_PROXY is ignored", "http", "a.test", {{"HTTP_PROXY", kP}}, ""},
      {"http_proxy is not for https", "https", "a.test", {{"http_proxy", kP}}, ""},
      {"https_proxy is not for http", "http", "a.test", {{"https_proxy", kP}}, ""},
      {"all_proxy", "http", "a.test", {{"all_proxy", kP}}, kP},
      {"ALL_PROXY", "https", "a.test", {{"ALL_PROXY", kP}}, kP},
      {"the scheme's own wins over all", "https", "a.test", {{"all_proxy", kP}, {"https_proxy", kQ}}, kQ},
      {"ALL_PROXY where HTTP_PROXY is ignored",
       "http",
       "a.test",
       {{"HTTP_PROXY", kP}, {"ALL_PROXY", kQ}},
       kQ},
      {"NO_PROXY in upper case", "https", "a.test", {{"https_proxy", kP}, {"NO_PROXY", "a.test"}}, ""},
      {"no_proxy wins over NO_PROXY",
       "https",
       "a.test",
       {{"https_proxy", kP}, {"no_proxy", "b.test"}, {"NO_PROXY", "a.test"}},
       kP},
      {"empty no_proxy is unset",
       "https",
       "a.test",
       {{"https_proxy", kP}, {"no_proxy", ""}, {"NO_PROXY", "a.test"}},
       ""},
  };
}

std::vector<Row> no_proxy_rows() {
  return {
      covered("star", "a.test", "*", true),
      covered("star in a list is no wildcard", "a.test", "b.test,*", false),
      covered("star with a blank", "a.test", " *", false),
      covered("the name", "a.test", "a.test", true),
      covered("another name", "a.test", "b.test", false),
      covered("parent domain", "x.a.test", "a.test", true),
      covered("leading dot covers below", "x.a.test", ".a.test", true),
      covered("leading dot covers the name", "a.test", ".a.test", true),
      covered("two leading dots", "a.test", "..a.test", false),
      covered("not at a label's edge", "xa.test", "a.test", false),
      covered("a child is not its parent", "a.test", "x.a.test", false),
      covered("case", "A.Test", "a.tEST", true),
      covered("trailing dot of the host", "a.test.", "a.test", true),
      covered("trailing dot of the entry", "a.test", "a.test.", true),
      covered("wildcard pattern", "x.a.test", "*.a.test", false),
      covered("port in the entry", "a.test", "a.test:443", false),
      covered("blanks", "a.test", " b.test , a.test ", true),
      covered("parted by blanks", "a.test", "b.test a.test", true),
      covered("tab", "a.test", "b.test\ta.test", true),
      covered("empty entries", "a.test", ",,a.test,,", true),
      covered("only commas", "a.test", ",,,", false),
      covered("a lone dot", "a.test", ".", false),
      covered("whole domain of one label", "a.test", "test", true),
      covered("address", "10.0.2.10", "10.0.2.10", true),
      covered("another address", "10.0.2.10", "10.0.2.1", false),
      covered("address is no suffix", "10.0.2.10", "2.10", false),
      covered("CIDR", "10.0.2.10", "10.0.0.0/16", true),
      covered("CIDR with host bits", "10.0.2.10", "10.0.7.7/16", true),
      covered("CIDR outside", "10.1.2.10", "10.0.0.0/16", false),
      covered("CIDR that ends inside a byte", "10.0.2.10", "10.0.2.8/29", true),
      covered("CIDR that ends inside a byte, outside", "10.0.2.16", "10.0.2.8/29", false),
      covered("/32", "10.0.2.10", "10.0.2.10/32", true),
      covered("/33", "10.0.2.10", "10.0.2.10/33", false),
      covered("CIDR does not cover a name", "a.test", "0.0.0.0/1", false),
      covered("metadata service", "169.254.169.254", "localhost,169.254.169.254,168.63.129.16", true),
  };
}

void check(const Row& row) {
  SCOPED_TRACE(row.what);
  EXPECT_EQ(proxy_for(row.scheme, row.host, row.environment), row.proxy);
  const std::string port = row.scheme == "https" ? "443" : "80";
  const bool numeric = row.host.find_first_not_of("0123456789.") == std::string::npos;
  const std::string pin = numeric ? row.host : "127.0.0.7";
  std::string expected = pin + " " + port;
  if (row.proxy == kP) expected = "127.0.0.9 3128";
  if (row.proxy == kQ) expected = "127.0.0.8 3129";
  const std::string url = row.scheme + "://" + row.host + "/";
  EXPECT_EQ(curl_connects_to(url, row.host + ":" + port + ":" + pin, row.environment), expected);
}

TEST(ProxyFor, ReadsTheVariablesAsLibcurlDoes) {
  for (const Row& row : variable_rows()) check(row);
}

TEST(ProxyFor, MatchesNoProxyAsLibcurlDoes) {
  for (const Row& row : no_proxy_rows()) check(row);
}

// As libcurl 7.88 does; later versions differ here, so they are not asked.
TEST(ProxyFor, ReadsAnOddPrefixLengthAsTheWholeAddress) {
  for (const char* entry : {"10.0.2.10/", "10.0.2.10/x", "10.0.2.10/0"})
    EXPECT_EQ(proxy_for("https", "10.0.2.10", {{"https_proxy", kP}, {"no_proxy", entry}}), "") << entry;
  EXPECT_EQ(proxy_for("https", "10.0.2.10", {{"https_proxy", kP}, {"no_proxy", "0.0.0.0/0"}}), kP);
}

// libcurl 7.88 takes the brackets off first and then mistakes the address for a name, so it compares text
// only; later versions compare addresses, and so do we.
TEST(ProxyFor, ComparesIpv6Addresses) {
  const auto proxy = [](std::string host, std::string no_proxy) {
    return proxy_for("https", host, {{"https_proxy", kP}, {"no_proxy", std::move(no_proxy)}});
  };
  EXPECT_EQ(proxy("fd00::10", "fd00::10"), "");
  EXPECT_EQ(proxy("[fd00::10]", "fd00::10"), "");
  EXPECT_EQ(proxy("fd00::10", "FD00:0::10"), "");
  EXPECT_EQ(proxy("fd00::10", "fd00::/8"), "");
  EXPECT_EQ(proxy("fd00::10", "fd00::11"), kP);
  EXPECT_EQ(proxy("fe80::10", "fd00::/8"), kP);
  EXPECT_EQ(proxy("fd00::10", "fd00::10/129"), kP);
  EXPECT_EQ(proxy("fd00::10", "10.0.0.0/8"), kP);
}

struct Parsed {
  const char* url;
  bool valid;
  std::string host;
  int port;
  std::string shown;
};

const std::vector<Parsed>& proxies() {
  static const std::vector<Parsed> kProxies = {
      {"http://127.0.0.9:3128", true, "127.0.0.9", 3128, "http://127.0.0.9:3128"},
      {"http://127.0.0.9:3128/", true, "127.0.0.9", 3128, "http://127.0.0.9:3128"},
      {"127.0.0.9:3128", true, "127.0.0.9", 3128, "http://127.0.0.9:3128"},
      {"127.0.0.9", true, "127.0.0.9", 1080, "http://127.0.0.9:1080"},
      {"http://127.0.0.9", true, "127.0.0.9", 1080, "http://127.0.0.9:1080"},
      {"HTTP://127.0.0.9:80", true, "127.0.0.9", 80, "http://127.0.0.9:80"},
      {"https://127.0.0.9", true, "127.0.0.9", 443, "https://127.0.0.9:443"},
      {"http://user:p%40ss@127.0.0.9:3128", true, "127.0.0.9", 3128, "http://127.0.0.9:3128"},
      {"user:secret@127.0.0.9:3128", true, "127.0.0.9", 3128, "http://127.0.0.9:3128"},
      {"http://[::1]:3128", true, "::1", 3128, "http://[::1]:3128"},
      {"socks5://127.0.0.9", true, "127.0.0.9", 1080, "socks5://127.0.0.9:1080"},
      {"socks5h://u:p@127.0.0.9:9", true, "127.0.0.9", 9, "socks5h://127.0.0.9:9"},
      {"socks4a://127.0.0.9:9", true, "127.0.0.9", 9, "socks4a://127.0.0.9:9"},
      {"gopher://127.0.0.9:9", false, "", 0, ""},
      {"http://", false, "", 0, ""},
      {"http://127.0.0.9:99999", false, "", 0, ""},
      {"http://127.0.0.9:x", false, "", 0, ""},
      {"http://a b", false, "", 0, ""},
  };
  return kProxies;
}

TEST(ParseProxy, ReadsWhatLibcurlReads) {
  for (const Parsed& row : proxies()) {
    SCOPED_TRACE(row.url);
    ProxyAddress out;
    EXPECT_EQ(parse_proxy(row.url, out), row.valid);
    EXPECT_EQ(curl_connects_to("http://a.test/", "a.test:80:127.0.0.7", {{"http_proxy", row.url}}),
              row.valid ? row.host + " " + std::to_string(row.port) : "");
    if (!row.valid) continue;
    EXPECT_EQ(out.host, row.host);
    EXPECT_EQ(out.port, row.port);
    EXPECT_EQ(out.shown, row.shown);
  }
}

TEST(ParseProxy, RefusesNothing) {
  ProxyAddress out;
  EXPECT_FALSE(parse_proxy("", out));
}

TEST(ParseProxy, NeverShowsCredentials) {
  ProxyAddress out;
  ASSERT_TRUE(parse_proxy("http://user:hunter2@proxy.test:3128/hunter2?hunter2#hunter2", out));
  EXPECT_EQ(out.shown, "http://proxy.test:3128");
}

}  // namespace
}  // namespace amlnet
