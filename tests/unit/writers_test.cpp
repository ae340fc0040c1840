// The formats that other programs read, byte for byte, and what hostile text becomes in them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "reports/junit.h"
#include "reports/markdown.h"
#include "reports/markup.h"
#include "reports/prometheus.h"
#include "tests/unit/sample_report.h"

namespace amlnet {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string short_markdown(const Report& report) {
  return markdown_report(report, false);
}
std::string long_markdown(const Report& report) {
  return markdown_report(report, true);
}

struct Written {
  const char* name;
  Report (*report)();
  std::string (*write)(const Report&);
};

void PrintTo(const Written& written, std::ostream* out) {
  *out << written.name;
}

class WriterGolden : public testing::TestWithParam<Written> {};

// AMLNET_UPDATE_GOLDEN=1 rewrites the files; read the difference before you keep it.
TEST_P(WriterGolden, IsAsExpected) {
  const std::string path = std::string(TEST_SOURCE_DIR "/golden/") + GetParam().name;
  const std::string text = GetParam().write(GetParam().report());
  if (std::getenv("AMLNET_UPDATE_GOLDEN")) std::ofstream(path) << text;
  std::ifstream file(path);
  const std::string expected((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(text, expected);
}

INSTANTIATE_TEST_SUITE_P(
    Reports, WriterGolden,
    testing::Values(Written{"junit/two_findings.xml", failing_report, junit_report},
                    Written{"junit/not_on_azure.xml", foreign_report, junit_report},
                    Written{"markdown/two_findings.md", failing_report, short_markdown},
                    Written{"markdown/healthy_all.md", healthy_report, long_markdown},
                    Written{"markdown/incomplete.md", incomplete_report, short_markdown},
                    Written{"prometheus/two_findings.prom", failing_report, prometheus_report},
                    Written{"prometheus/incomplete.prom", incomplete_report, prometheus_report}),
    [](const testing::TestParamInfo<Written>& written) {
      std::string name = written.param.name;
      for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
      return name;
    });

constexpr const char* kEvil = "<b>&\"'\x1b[2J\xe2\x80\xae\xff`|\n# [x](javascript:1) @all";

TEST(Markup, EscapesWhatEndsTextAndAttributes) {
  EXPECT_EQ(markup("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(markup("\x1b\n\xff"), "\\x1b\\x0a\\xff");
  EXPECT_EQ(markup("\xef\xbf\xbe"), "\\xef\\xbf\\xbe");  // U+FFFE is no character of XML
}

TEST(Markup, OnlyWebAddressesBecomeLinks) {
  EXPECT_TRUE(is_web_address("https://learn.microsoft.com/a?b=c#d"));
  for (const char* bad : {"", "javascript:alert(1)", "HTTPS://a", "data:text/html,x", "https://a b",
                          "https://a>", "https://a\"", "https://\xc3\xa9", "//a", " https://a"}) {
    EXPECT_FALSE(is_web_address(bad)) << bad;
  }
}

TEST(Junit, HostileTextStaysText) {
  const std::string text = junit_report(hostile_report(kEvil));
  EXPECT_THAT(text, HasSubstr("&lt;b&gt;"));
  for (const char* bad : {"<b>", "\x1b", "\xe2\x80\xae", "\xff"})
    EXPECT_EQ(text.find(bad), std::string::npos);
}

TEST(Markdown, HostileTextStaysText) {
  const std::string text = markdown_report(hostile_report(kEvil), true);
  for (const char* bad : {"\x1b", "\xe2\x80\xae", "\xff", "\n# "})
    EXPECT_EQ(text.find(bad), std::string::npos);
  EXPECT_THAT(text, Not(HasSubstr("](<javascript")));
  EXPECT_THAT(text, HasSubstr("\\<b\\>"));
}

TEST(Markdown, ACodeBlockCannotBeEndedFromInside) {
  Report report = failing_report();
  report.findings[0].evidence.push_back({"", "````"});
  EXPECT_THAT(short_markdown(report), HasSubstr("`````text\n"));
}

TEST(Markdown, ManyFailuresStayBounded) {
  Report report = failing_report();
  while (report.requirements.size() < 1000) report.requirements.push_back(report.requirements[0]);
  EXPECT_THAT(short_markdown(report), HasSubstr("more rows in the JSON report"));
}

TEST(Prometheus, EachSeriesIsThereOnce) {
  Report report = failing_report();
  report.findings.push_back(report.findings[0]);
  report.requirements.push_back(report.requirements[0]);
  const std::string text = prometheus_report(report);
  const std::string series = "\namlnet_requirement_pass{requirement=\"storage.ws.blob\"";
  EXPECT_NE(text.find(series), std::string::npos);
  EXPECT_EQ(text.find(series), text.rfind(series));
}

TEST(Prometheus, WhatIsNotKnownIsNoNumber) {
  EXPECT_THAT(prometheus_report(foreign_report()), Not(HasSubstr("requirement=\"aml.workspace-api\"")));
}

}  // namespace
}  // namespace amlnet
