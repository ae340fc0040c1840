#include "reports/redact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amlnet {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> kPublic{"<storage>.blob.core.windows.net",
                                       "<storage>.privatelink.blob.core.windows.net",
                                       "ml-<workspace>-<region>-<workspace-id>.<region>.notebooks.azure.net",
                                       "<compute>.<region>.instances.azureml.ms",
                                       "mcr.microsoft.com",
                                       "eastus2"};

Redactor redactor(bool names, bool addresses, const std::string& key = "a key") {
  Redactor made({names, addresses}, key, kPublic);
  for (const char* word : {"stws1", "ws1", "ci1", "my-vault", "ml", "net", "7"}) made.learn_word(word);
  made.learn_name("git.corp.contoso");
  made.learn_secret("hunter22-in-env");
  made.learn_secret("abc");
  return made;
}

struct Case {
  const char* given;
  const char* expected;
};

TEST(Redact, SecretsAreAlwaysTakenOut) {
  const Case cases[] = {
      {"http://user:pa55@10.0.0.9:3128/", "http://(removed)@10.0.0.9:3128/"},
      {"http://user:p@a@proxy.corp", "http://(removed)@proxy.corp"},
      {"https://x/y@z", "https://x/y@z"},
      {"https://x/?sv=1&sig=aB%2f3&se=2", "https://x/?sv=1&sig=(removed)&se=2"},
      {R"x({"access_token":"abc.def","expires":7})x", R"x({"access_token":"(removed)","expires":7})x"},
      {R"x({\"access_token\": \"abc\"})x", R"x({\"access_token\": \"(removed)\"})x"},
      {"authorization: Bearer abcdefghijk\r\nhost: x", "authorization: (removed)\r\nhost: x"},
      {"Authorization: Basic dXNlcjpwYXNz", "Authorization: (removed)"},
      {"sent Bearer abcdefghijkl, and", "sent Bearer (removed), and"},
      {"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln ok", "(removed) ok"},
      {"AccountName=st;AccountKey=abc/def+==;x", "AccountName=st;AccountKey=(removed);x"},
      {"-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
       "(removed)-----END RSA PRIVATE KEY-----"},
      {"-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----"},
      {"password = hunter2", "password = (removed)"},
      {"it is hunter22-in-env!", "it is (removed)!"},
      {"abc is too short to be looked for", "abc is too short to be looked for"},
      {"no token: refused", "no token: refused"},
      {"the secret of success", "the secret of success"},
      {"Set-Cookie: a=b; Secure", "Set-Cookie: (removed)"},
      {"", ""},
      {"sig=", "sig="},
      {"basic tools", "basic tools"},
      {"www-authenticate: Bearer authorization_uri=\"https://login.example/t\", resource_id=\"r\"",
       "www-authenticate: Bearer authorization_uri=\"https://login.example/t\", resource_id=\"r\""},
      {"Bearer authorization=\"https://login.example/t\"",
       "Bearer authorization=\"https://login.example/t\""},
  };
  for (const auto& [given, expected] : cases) EXPECT_EQ(redactor(false, false).text(given), expected);
}

TEST(Redact, WhatIsRemovedStaysRemoved) {
  Redactor twice = redactor(false, false);
  const std::string once = twice.text("http://user:pa55@h/?sig=abc");
  EXPECT_EQ(twice.secrets(), 2u);
  EXPECT_EQ(twice.text(once), once);
  EXPECT_EQ(twice.secrets(), 2u);
}

TEST(Redact, NamesBecomePseudonymsAndPublicLabelsStay) {
  Redactor names = redactor(true, false);
  const Case cases[] = {
      {"stws1.blob.core.windows.net", "host1.blob.core.windows.net"},
      {"STWS1.Blob.core.windows.net -> stws1.privatelink.blob.core.windows.net.",
       "host1.Blob.core.windows.net -> host1.privatelink.blob.core.windows.net."},
      {"storage account stws1", "storage account host1"},
      {"ci1.eastus2.instances.azureml.ms:18881", "host2.eastus2.instances.azureml.ms:18881"},
      {"git.corp.contoso", "host3.host4.contoso"},
      {"other.corp.contoso", "host5.host4.contoso"},
      {"mcr.microsoft.com", "mcr.microsoft.com"},
      {"https://unknown.example.com/path?x=git.corp.contoso",
       "https://host6.host7.com/path?x=host3.host4.contoso"},
      {"payroll-ws1.blob.core.windows.net", "host8-host9.blob.core.windows.net"},
      {"*.my-vault.net", "*.host10.net"},
      {"dns.private-zone-not-linked breaks storage.ws.blob",
       "dns.private-zone-not-linked breaks storage.ws.blob"},
      {"report.json 1.2.3 TLSv1.3", "report.json 1.2.3 TLSv1.3"},
      {"10.0.1.7", "10.0.1.7"},
      {"ws10 xws1 ws1x", "ws10 xws1 ws1x"},
      {"ws1_a (ws1)", "host9_a (host9)"},
      {"ml and net and 7", "ml and net and 7"},
  };
  for (const auto& [given, expected] : cases) EXPECT_EQ(names.text(given), expected);
}

TEST(Redact, GuidsStayGuidsAndFitTogether) {
  Redactor names = redactor(true, false);
  const std::string id = "0b5e1d3c-6a41-4c3f-9d55-2f8a7c1e9b10";
  const std::string made = names.text(id);
  EXPECT_EQ(made.size(), id.size());
  EXPECT_NE(made, id);
  EXPECT_EQ(names.text("ml-ws1-eastus2-" + id + ".eastus2.notebooks.azure.net"),
            "ml-host1-eastus2-" + made + ".eastus2.notebooks.azure.net");
  EXPECT_NE(redactor(true, false, "another").text(id), made);
}

TEST(Redact, AddressesKeepTheirKindAndTheirPrefixes) {
  Redactor addresses = redactor(false, true);
  for (const char* same :
       {"127.0.0.1", "168.63.129.16", "169.254.169.254", "192.0.2.1", "0.0.0.0", "::1", "fe80::1",
        "::", "224.0.0.1", "255.255.255.255", "1.2.3.4.5", "1.2.3", "20:37:35", "host:443"})
    EXPECT_EQ(addresses.text(same), same);
  for (const auto& [given, prefix] : {std::pair{"10.0.1.7", "10."},
                                      {"172.17.3.4", "172."},
                                      {"192.168.3.4", "192.168."},
                                      {"20.60.14.8", "20."},
                                      {"fd00::7", "fd"},
                                      {"2603:1030::1", "2603:"}}) {
    const std::string made = addresses.text(given);
    EXPECT_NE(made, given);
    EXPECT_TRUE(made.starts_with(prefix)) << made;
    EXPECT_EQ(addresses.text(std::string("[") + given + "]:443, " + given), "[" + made + "]:443, " + made);
  }
  const std::string a = addresses.text("10.0.1.7"), b = addresses.text("10.0.1.8"),
                    c = addresses.text("10.0.2.8");
  EXPECT_EQ(a.substr(0, a.rfind('.')), b.substr(0, b.rfind('.')));
  EXPECT_NE(a.substr(0, a.rfind('.')), c.substr(0, c.rfind('.')));
  EXPECT_EQ(addresses.text("10.0.1.0/24"), a.substr(0, a.rfind('.')) + ".0/24");
  EXPECT_EQ(addresses.text("10.0.1.7/24"), a + "/24");
  EXPECT_EQ(addresses.text("10.0.0.0/8"), "10.0.0.0/8");
  EXPECT_EQ(addresses.text("asked 10.0.1.7."), "asked " + a + ".");
  EXPECT_NE(redactor(false, true, "another").text("10.0.1.7"), a);
  EXPECT_EQ(addresses.text("stws1.blob.core.windows.net"), "stws1.blob.core.windows.net");
}

TEST(Redact, AnyBytesGoThrough) {
  Redactor all = redactor(true, true);
  std::string bytes;
  for (int i = 0; i < 2000; ++i) bytes += static_cast<char>(i * 37 % 256);
  EXPECT_NO_THROW(all.text(bytes));
  for (const char* odd : {"...", "-.-", "a..b.com", ".com", "://", "://@", "::::", ":", "1:2:3:4:5:6:7:8:9",
                          "%eth0", "=", "sig", "Bearer ", "://a@b@c"})
    EXPECT_NO_THROW(all.text(odd));
  EXPECT_EQ(all.text("a..b.com"), all.text("a..b.com"));
}

}  // namespace
}  // namespace amlnet
