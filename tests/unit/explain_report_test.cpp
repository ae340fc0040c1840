#include "agent/commands/explain_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/diagnosis/causes.h"
#include "tests/unit/sample_report.h"

namespace amlnet {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ExplainReport, AFindingIsNamedByItsNumber) {
  const std::pair<const char*, const char*> cases[] = {{"1", "F1"}, {"F12", "F12"}, {"f3", "F3"},
                                                       {"", ""},    {"F", ""},      {"1x", ""},
                                                       {"-1", ""},  {"FF1", ""},    {"dns.slow", ""}};
  for (const auto& [word, id] : cases) EXPECT_EQ(finding_id(word), id) << word;
}

TEST(ExplainReport, EveryCauseHasAnExplanation) {
  for (const Cause& cause : causes()) {
    const auto text = cause_explanation(cause.code, {});
    ASSERT_TRUE(text) << cause.code;
    EXPECT_THAT(*text, HasSubstr("means  "));
    EXPECT_THAT(*text, Not(HasSubstr("{}")));
  }
  EXPECT_EQ(cause_explanation("dns.nothing", {}), std::nullopt);
}

TEST(ExplainReport, AFindingComesWithAllItsEvidenceAndTheProbes) {
  Report report = failing_report();
  for (int i = 0; i < 20; ++i)
    report.findings[1].evidence.push_back({"", "fact number " + std::to_string(i)});
  const std::string text = finding_explanation(report, "F2", {}).value_or("");
  EXPECT_THAT(text, HasSubstr("2  Port 18881"));
  EXPECT_THAT(text, HasSubstr("fact number 19"));
  EXPECT_THAT(text, HasSubstr("\"id\": \"p3\""));
  EXPECT_THAT(text, HasSubstr("aml.instance-18881"));
  EXPECT_EQ(finding_explanation(report, "F3", {}), std::nullopt);
}

TEST(ExplainReport, ARequirementSaysHowItEnded) {
  const Report report = failing_report();
  const std::string text = requirement_in_report(report, "aml.instance-18881", {});
  EXPECT_THAT(text, HasSubstr("status   fail"));
  EXPECT_THAT(text, HasSubstr("tcp silent"));
  EXPECT_EQ(requirement_in_report(report, "no.such", {}), "");
}

TEST(ExplainReport, NothingReachesTheTerminalRaw) {
  const std::string evil = "\x1b]0;x\x07\xe2\x80\xae\r\n";
  Report report = failing_report();
  report.findings[0].evidence.push_back({"p1", evil});
  report.probes[0].target = report.probes[0].note = report.probes[0].control = evil;
  report.requirements[0].title = report.requirements[0].because = evil;
  report.requirements[0].endpoints[0].host = report.requirements[0].endpoints[0].protocol = evil;
  const std::string text = finding_explanation(report, "F1", {}).value_or("") +
                           requirement_in_report(report, report.requirements[0].id, {});
  for (const char* bad : {"\x1b", "\x07", "\xe2\x80\xae", "\r"}) EXPECT_EQ(text.find(bad), std::string::npos);
}

}  // namespace
}  // namespace amlnet
