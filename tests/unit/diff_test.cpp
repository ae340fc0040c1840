#include "reports/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/sample_report.h"

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string text_of(const Report& before, const Report& after) {
  return human_diff(compare_reports(before, after), before, after, {.width = 100});
}

/// failing_report() as a second run would give it: the same, but nothing is in the same place or took as
/// long.
Report with_noise() {
  Report report = failing_report();
  report.run.id = "00000000-0000-4000-8000-000000000009";
  report.run.started = "2026-04-02T08:00:00Z";
  report.run.duration_ms = 99;
  for (ProbeRecord& probe : report.probes) probe.start_ms = probe.duration_ms = 77;
  std::swap(report.findings[0], report.findings[1]);
  report.findings[0].id = "F1";
  report.findings[1].id = "F2";
  report.requirements[0].endpoints[0].finding = "F2";
  report.requirements[1].endpoints[0].finding = "F1";
  for (Finding& finding : report.findings) finding.evidence.front().text = "no answer in 77 ms";
  std::ranges::reverse(report.requirements);
  std::ranges::reverse(report.probes);
  return report;
}

TEST(Diff, NoiseIsNoDifference) {
  const ReportDiff diff = compare_reports(failing_report(), with_noise());
  EXPECT_THAT(diff.failing, IsEmpty());
  EXPECT_THAT(diff.passing, IsEmpty());
  EXPECT_THAT(diff.other, IsEmpty());
  EXPECT_THAT(diff.causes, IsEmpty());
  EXPECT_THAT(diff.facts, IsEmpty());
  EXPECT_THAT(text_of(failing_report(), with_noise()),
              HasSubstr("the same requirements fail, by the same causes"));
}

TEST(Diff, WhatBreaksIsNewlyFailingAndWhatIsMendedPasses) {
  Report mended = with_noise();
  RequirementReport& blob = mended.requirements.back();
  ASSERT_EQ(blob.id, "storage.ws.blob");
  blob.status = blob.endpoints[0].status = Status::pass;
  std::erase_if(mended.findings,
                [](const Finding& one) { return one.cause == "dns.private-zone-not-linked"; });
  const ReportDiff broken = compare_reports(mended, failing_report());
  ASSERT_EQ(broken.failing.size(), 1u);
  EXPECT_EQ(broken.failing[0].id, "storage.ws.blob");
  EXPECT_THAT(broken.failing[0].now_fail, ElementsAre("stws1.blob.core.windows.net:443 https"));
  ASSERT_EQ(broken.causes.size(), 1u);
  EXPECT_EQ(broken.causes[0].kind, CauseChange::Kind::appeared);
  const ReportDiff back = compare_reports(failing_report(), mended);
  EXPECT_THAT(back.failing, IsEmpty());
  ASSERT_EQ(back.passing.size(), 1u);
  EXPECT_EQ(back.causes.at(0).kind, CauseChange::Kind::gone);
  EXPECT_THAT(text_of(failing_report(), mended), HasSubstr("1 newly passing"));
}

TEST(Diff, AFurtherEndpointOfABrokenRequirementIsNewlyFailing) {
  Report before = failing_report(), after = failing_report();
  EndpointReport second = after.requirements[0].endpoints[0];
  second.host = "stws2.blob.core.windows.net";
  after.requirements[0].endpoints.push_back(second);
  second.status = Status::pass;
  before.requirements[0].endpoints.push_back(second);
  const ReportDiff diff = compare_reports(before, after);
  ASSERT_EQ(diff.failing.size(), 1u);
  EXPECT_THAT(diff.failing[0].now_fail, ElementsAre("stws2.blob.core.windows.net:443 https"));
  EXPECT_EQ(compare_reports(after, before).passing.size(), 1u);
}

TEST(Diff, WhatIsNoLongerKnownHasNotPassed) {
  Report after = failing_report();
  after.requirements[0].status = after.requirements[0].endpoints[0].status = Status::unknown;
  const ReportDiff diff = compare_reports(failing_report(), after);
  EXPECT_THAT(diff.passing, IsEmpty());
  ASSERT_EQ(diff.other.size(), 1u);
  after.requirements.erase(after.requirements.begin());
  const ReportDiff gone = compare_reports(failing_report(), after);
  EXPECT_THAT(gone.passing, IsEmpty());
  EXPECT_EQ(gone.other.at(0).after, std::nullopt);
}

TEST(Diff, ANewRequirementThatFailsNewlyFails) {
  Report before = failing_report();
  before.requirements.erase(before.requirements.begin());
  EXPECT_EQ(compare_reports(before, failing_report()).failing.size(), 1u);
}

TEST(Diff, TheSameFailureByAnotherCauseIsAChangedCause) {
  Report after = failing_report();
  after.findings[0].cause = "dns.no-private-endpoint";
  after.findings[1].confidence = Confidence::certain;
  after.findings[1].requirements.push_back("row.1");
  const ReportDiff diff = compare_reports(failing_report(), after);
  EXPECT_THAT(diff.failing, IsEmpty());
  ASSERT_EQ(diff.causes.size(), 3u);
  const std::string text = text_of(failing_report(), after);
  for (const char* piece :
       {" + dns.no-private-endpoint (blocking)", " - dns.private-zone-not-linked (blocking)",
        " ~ tcp.port-filtered (blocking)", "likely -> certain", "now breaks row.1"})
    EXPECT_THAT(text, HasSubstr(piece));
}

TEST(Diff, FactsThatAreOthersAreNamed) {
  Report after = failing_report();
  after.node.resolvers = {"10.9.9.9"};
  (*after.workspace)["network"]["firewall"] = "azure-firewall";
  (*after.workspace)["sources"]["region"] = "file";
  const std::string text = text_of(failing_report(), after);
  EXPECT_THAT(text, HasSubstr("node.resolvers: 10.0.0.4, 10.0.0.5 -> 10.9.9.9"));
  EXPECT_THAT(text, HasSubstr("network.firewall: none -> azure-firewall"));
  EXPECT_THAT(text, Not(HasSubstr("sources")));
}

TEST(Diff, HostileTextStaysText) {
  const Report evil = hostile_report("\x1b]0;x\x07\xe2\x80\xae\r\n");
  const std::string text = text_of(failing_report(), evil) + text_of(evil, failing_report());
  for (const char* bad : {"\x1b", "\x07", "\xe2\x80\xae", "\r"}) EXPECT_EQ(text.find(bad), std::string::npos);
  const Report before = failing_report();
  EXPECT_NO_THROW(auto ignored =
                      nlohmann::json::parse(diff_json(compare_reports(before, evil), before, evil)));
}

}  // namespace
}  // namespace amlnet
