#include "reports/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <array>

#include "reports/model/base64.h"
#include "tests/unit/sample_report.h"

namespace amlnet {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string html(const Report& report) {
  std::string out;
  write_html(report, [&](std::string_view piece) { out += piece; });
  return out;
}

std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const std::size_t from = text.find(before) + before.size();
  return text.substr(from, text.find(after, from) - from);
}

std::string hash_of(const std::string& text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return base64_encoded({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

TEST(Html, ThePolicyAllowsItsOwnStyleAndScriptAndNothingElse) {
  const std::string page = html(failing_report());
  const std::string policy = between(page, "Content-Security-Policy\" content=\"", "\"");
  EXPECT_EQ(policy, "default-src 'none'; style-src 'sha256-" + hash_of(between(page, "<style>", "</style>")) +
                        "'; script-src 'sha256-" + hash_of(between(page, "<script>", "</script>")) +
                        "'; base-uri 'none'; form-action 'none'");
  EXPECT_THAT(page, Not(HasSubstr(" style=")));
}

TEST(Html, SaysEverythingOfAFinding) {
  Report report = failing_report();
  const std::string host = std::string(60, 'a') + '.' + std::string(60, 'b') + ".example";
  report.findings[0].title = host + " resolves to a public address";
  for (int i = 0; i < 50; ++i)
    report.findings[0].evidence.push_back({"", "fact number " + std::to_string(i)});
  const std::string page = html(report);
  EXPECT_THAT(page, HasSubstr(host + " resolves"));
  for (const char* piece :
       {"fact number 49", "zone group of the private endpoint", "another port of the address",
        "storage.ws.blob", "<a href=\"https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns\"",
        "href=\"#p0\""}) {
    EXPECT_THAT(page, HasSubstr(piece));
  }
}

TEST(Html, HostileTextStaysText) {
  const std::string page = html(hostile_report("<b>&\"'\x1b[2J\xe2\x80\xae\xff"));
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;&amp;&quot;&#39;\\x1b[2J\\xe2\\x80\\xae\\xff"));
  for (const char* bad : {"<b>", "\x1b", "\xe2\x80\xae", "\xff", "href=\"javascript"})
    EXPECT_EQ(page.find(bad), std::string::npos) << bad;
}

TEST(Html, StaysSmallForManyEndpoints) {
  EXPECT_LT(html(partly_broken_report(1000, 50)).size(), 2'000'000u);
  EXPECT_LT(html(partly_broken_report(1000, 1000)).size(), 4'000'000u);
}

TEST(Html, WhatFailedIsThereInFullWhatPassedHasARow) {
  const std::string page = html(failing_report());
  EXPECT_THAT(page, HasSubstr("timeout (amlnet)"));
  EXPECT_THAT(page, HasSubstr("CNAME stws1.privatelink.blob.core.windows.net (TTL 60)"));
  EXPECT_THAT(page, HasSubstr("<td>service7.example.net:443"));
}

TEST(Html, EmptyReportIsStillOne) {
  EXPECT_THAT(html(Report{}), HasSubstr("INCOMPLETE"));
  EXPECT_THAT(html(Report{}), HasSubstr("</html>"));
}

}  // namespace
}  // namespace amlnet
