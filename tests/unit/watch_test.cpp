// The pure parts of watch: what is told, when rounds begin, what is served.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/watch/changes.h"
#include "agent/watch/listen_address.h"
#include "agent/watch/pages.h"
#include "agent/watch/schedule.h"
#include "agent/watch/watch_metrics.h"
#include "tests/unit/sample_report.h"

namespace amlnet {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::vector<std::string> lines_of(const std::vector<WatchChange>& changes) {
  std::vector<std::string> lines;
  for (const WatchChange& change : changes)
    lines.push_back(std::string(name_of(change.kind)) + "  " + change.text);
  return lines;
}

RequirementReport& row_of(Report& report, std::string_view id) {
  return *std::ranges::find(report.requirements, id, &RequirementReport::id);
}

/// failing_report() with the storage account mended.
Report mended_report() {
  Report report = failing_report();
  RequirementReport& blob = row_of(report, "storage.ws.blob");
  blob.status = blob.endpoints[0].status = Status::pass;
  std::erase_if(report.findings,
                [](const Finding& one) { return one.cause == "dns.private-zone-not-linked"; });
  return report;
}

TEST(WatchChanges, TheSameAgainIsNone) {
  Report again = failing_report();
  again.run.duration_ms = 99;
  again.node.interfaces = {"veth0 10.88.0.1"};
  for (ProbeRecord& probe : again.probes) probe.duration_ms = 77;
  EXPECT_THAT(changes_between(failing_report(), again), IsEmpty());
}

TEST(WatchChanges, WhatBreaksIsACauseAndARequirement) {
  EXPECT_THAT(
      lines_of(changes_between(mended_report(), failing_report())),
      ElementsAre(
          HasSubstr("cause found  dns.private-zone-not-linked (blocking): stws1.blob.core.windows.net"),
          AllOf(HasSubstr("newly failing  storage.ws.blob  "),
                HasSubstr("(required): stws1.blob.core.windows.net:443 https"))));
  EXPECT_THAT(lines_of(changes_between(failing_report(), mended_report())),
              ElementsAre(HasSubstr("cause gone  dns.private-zone-not-linked"),
                          HasSubstr("newly passing  storage.ws.blob")));
}

TEST(WatchChanges, TheVerdictAndFactsAreChangesToo) {
  Report after = failing_report();
  after.summary.verdict = Verdict::incomplete;
  after.node.resolvers = {"10.9.9.9"};
  EXPECT_THAT(
      lines_of(changes_between(failing_report(), after)),
      ElementsAre("fact  node.resolvers: 10.0.0.4, 10.0.0.5 -> 10.9.9.9", "verdict  FAIL -> INCOMPLETE"));
}

TEST(WatchChanges, RemarksAreNone) {
  Report after = failing_report();
  after.findings.push_back(after.findings.front());
  after.findings.back().cause = "identity.none";
  after.findings.back().severity = Severity::info;
  EXPECT_THAT(changes_between(failing_report(), after), IsEmpty());
  EXPECT_THAT(changes_between(after, failing_report()), IsEmpty());
  Report worse = after;
  worse.findings.back().severity = Severity::warning;
  EXPECT_THAT(lines_of(changes_between(after, worse)),
              ElementsAre(HasSubstr("cause found  identity.none (warning)")));
  EXPECT_THAT(lines_of(changes_between(worse, after)), ElementsAre(HasSubstr("cause gone  identity.none")));
}

TEST(WatchChanges, TheFirstRoundTellsWhatFails) {
  const std::vector<std::string> lines = lines_of(first_changes(failing_report()));
  EXPECT_THAT(lines, SizeIs(5));  // the verdict, two causes, and a requirement of each
  EXPECT_EQ(lines.front(), "verdict  FAIL");
  EXPECT_THAT(lines, Not(testing::Contains(HasSubstr("other status"))));
  EXPECT_THAT(lines_of(first_changes(healthy_report())), ElementsAre("verdict  PASS"));
}

TEST(WatchChanges, HostileTextStaysOneLine) {
  const Report evil = hostile_report("\x1b]0;x\x07\xe2\x80\xae\r\n" + std::string(2000, 'x'));
  for (const WatchChange& change : changes_between(healthy_report(), evil)) {
    EXPECT_EQ(change.text.find_first_of("\x1b\x07\r\n"), std::string::npos);
    EXPECT_EQ(change.text.find("\xe2\x80\xae"), std::string::npos);
    EXPECT_LE(change.text.size(), 2000u);
  }
}

/// A report whose run ended before the storage account was decided.
Report cut_short() {
  Report report = mended_report();
  report.summary.verdict = Verdict::incomplete;
  report.run.complete = false;
  report.run.incomplete_because = "the deadline of 60s came first";
  RequirementReport& blob = row_of(report, "storage.ws.blob");
  blob.status = blob.endpoints[0].status = Status::unknown;
  blob.unknown_because = blob.endpoints[0].unknown_because = Unknown::not_finished;
  return report;
}

TEST(WatchCarriesOver, WhatWasNotFinishedStaysAsItWas) {
  for (const Report& before : {failing_report(), mended_report()}) {
    const Report known = carried_over(before, cut_short());
    EXPECT_THAT(lines_of(changes_between(before, known)),
                ElementsAre("fact  run.complete: yes -> no: the deadline of 60s came first"));
    // and the next whole round has nothing to tell but that it is whole
    EXPECT_THAT(lines_of(changes_between(known, before)), ElementsAre(HasSubstr("-> yes")));
  }
}

TEST(WatchCarriesOver, WhatAProcessThatWasHeldUpSleptThroughStaysToo) {
  Report held_up = cut_short();
  held_up.run.complete = true;
  held_up.run.incomplete_because.clear();
  EXPECT_THAT(changes_between(failing_report(), carried_over(failing_report(), held_up)), IsEmpty());
}

TEST(WatchCarriesOver, WhatItFinishedIsNew) {
  Report before = failing_report(), after = cut_short();
  RequirementReport& other = row_of(after, "aml.instance-18881");
  other.status = other.endpoints[0].status = Status::pass;
  std::erase_if(after.findings, [](const Finding& one) { return one.cause == "tcp.port-filtered"; });
  EXPECT_THAT(lines_of(changes_between(before, carried_over(before, after))),
              ElementsAre(HasSubstr("fact"), HasSubstr("cause gone  tcp.port-filtered"),
                          HasSubstr("newly passing  aml.instance-18881")));
}

TEST(WatchCarriesOver, WhatIsTakenOverNamesNoProbesOfAnotherReport) {
  Report known = carried_over(failing_report(), cut_short());
  EXPECT_THAT(row_of(known, "storage.ws.blob").endpoints[0].probes, IsEmpty());
  ASSERT_EQ(known.findings.back().cause, "dns.private-zone-not-linked");
  for (const EvidenceLine& line : known.findings.back().evidence) EXPECT_EQ(line.probe, "");
}

/// failing_report() with a second endpoint of the storage account, broken by a cause of its own.
Report broken_twice() {
  Report report = failing_report();
  RequirementReport& blob = row_of(report, "storage.ws.blob");
  EndpointReport& second = blob.endpoints.emplace_back(blob.endpoints[0]);
  second.host = "stws1.dfs.core.windows.net";
  Finding& finding = report.findings.emplace_back(report.findings.front());
  finding.id = second.finding = "F3";
  finding.cause = "tcp.refused";
  finding.subject = second.host;
  finding.endpoints = {second.host + ":443"};
  finding.requirements = {blob.id};
  return report;
}

/// broken_twice() in a round that ended between the two endpoints.
Report cut_between() {
  Report report = broken_twice();
  report.run.complete = false;
  report.run.incomplete_because = "the deadline of 60s came first";
  EndpointReport& second = row_of(report, "storage.ws.blob").endpoints[1];
  second.status = Status::unknown;
  second.unknown_because = Unknown::not_finished;
  second.finding.clear();
  report.findings.pop_back();
  return report;
}

TEST(WatchCarriesOver, AnEndpointThatWasNotFinishedInARowThatFailsAnyway) {
  const Report before = broken_twice(), known = carried_over(before, cut_between());
  EXPECT_THAT(lines_of(changes_between(before, known)),
              ElementsAre("fact  run.complete: yes -> no: the deadline of 60s came first"));
  EXPECT_THAT(lines_of(changes_between(known, before)), ElementsAre(HasSubstr("-> yes")));
  Report whole = known;
  const RequirementReport& row = row_of(whole, "storage.ws.blob");
  EXPECT_EQ(row.status, Status::fail);
  EXPECT_EQ(row.endpoints[1].status, Status::fail);
  EXPECT_THAT(row.endpoints[1].probes, IsEmpty());
  EXPECT_EQ(row.endpoints[1].finding, "");
}

TEST(WatchCarriesOver, NothingIntoARowThatNoLongerApplies) {
  Report after = cut_between();
  row_of(after, "storage.ws.blob").status = Status::skipped;
  const Report known = carried_over(broken_twice(), after);
  EXPECT_THAT(lines_of(changes_between(broken_twice(), known)),
              testing::Contains(HasSubstr("cause gone  tcp.refused")));
}

TEST(WatchCarriesOver, AWholeReportIsLeftAlone) {
  EXPECT_THAT(changes_between(mended_report(), carried_over(failing_report(), mended_report())), IsEmpty());
}

TEST(WatchSchedule, IsTheIntervalWithATenthOfJitter) {
  const Clock::time_point began(minutes(7));
  const auto ended = began + seconds(2);
  EXPECT_EQ(next_round(began, ended, minutes(5), 0), began + seconds(270));
  EXPECT_EQ(next_round(began, ended, minutes(5), 0.5), began + minutes(5));
  EXPECT_EQ(next_round(began, ended, minutes(5), 1), began + seconds(330));
}

TEST(WatchSchedule, NeverOverlapsAndLeavesARest) {
  const Clock::time_point began(minutes(7));
  for (const auto lasted : {minutes(5), minutes(60)})
    EXPECT_EQ(next_round(began, began + lasted, minutes(5), 0.3), began + lasted + seconds(30));
}

TEST(WatchMetrics, CountsAreCountersAndTheLastRoundIsThereOnceItWas) {
  WatchCounts counts{.complete = 3, .incomplete = 1, .started = 1'774'000'000, .interval = minutes(5)};
  count_changes(counts, {{ChangeKind::newly_failing, "a"}, {ChangeKind::newly_failing, "b"}});
  EXPECT_THAT(watch_metrics(counts),
              AllOf(HasSubstr("# TYPE amlnet_watch_rounds_total counter\n"),
                    HasSubstr("amlnet_watch_rounds_total{outcome=\"complete\"} 3\n"),
                    HasSubstr("amlnet_watch_changes_total{change=\"newly_failing\"} 2\n"),
                    HasSubstr("amlnet_watch_interval_seconds 300\n"),
                    HasSubstr("amlnet_watch_state_kept 1\n"), Not(HasSubstr("last_round"))));
  counts.last_round = 1'774'000'300;
  EXPECT_THAT(watch_metrics(counts), HasSubstr("amlnet_watch_last_round_timestamp_seconds 1774000300\n"));
}

TEST(WatchListen, APortAloneIsLoopback) {
  for (const auto& [text, url, loopback] : {std::tuple("9815", "http://127.0.0.1:9815", true),
                                            {"127.0.0.2:1", "http://127.0.0.2:1", true},
                                            {"[::1]:80", "http://[::1]:80", true},
                                            {"0.0.0.0:9815", "http://0.0.0.0:9815", false},
                                            {"10.0.1.7:65535", "http://10.0.1.7:65535", false},
                                            {"[::]:0", "http://[::]:0", false}}) {
    const auto address = listen_address_of(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(url_of(*address), url);
    EXPECT_EQ(address->loopback, loopback) << text;
  }
  for (const char* wrong : {"", ":", "9815x", "65536", "-1", "+1", "localhost:9815", "10.0.1:80", "::1:80",
                            "[::1]", "[::1:80", "10.0.1.7:", "10.0.1.7", "[10.0.1.7]:80", " 9815"})
    EXPECT_FALSE(listen_address_of(wrong)) << wrong;
}

const WatchPages pages{"m 1\n", "{}\n", "<!doctype html>"};

PageAnswer asked(PageRequest request, bool any_host = false, const WatchPages& of = pages) {
  return answer_page(of, request, true, any_host);
}

TEST(WatchPagesAre, TheReportInTheFormThatIsAskedFor) {
  EXPECT_EQ(asked({"GET", "/metrics", "", ""}).body, "m 1\n");
  EXPECT_EQ(asked({"HEAD", "/report", "", "*/*"}).body, "{}\n");
  EXPECT_EQ(asked({"GET", "/report", "", "text/html,application/xhtml+xml,*/*;q=0.8"}).body,
            "<!doctype html>");
  EXPECT_EQ(asked({"GET", "/report", "", "application/json, text/html;q=0.5"}).body, "{}\n");
  EXPECT_EQ(asked({"GET", "/report.html", "", ""}).body, "<!doctype html>");
  for (const char* path : {"/report", "/report.json", "/report.html"})
    EXPECT_EQ(asked({"GET", path, "", ""}, false, WatchPages{"m 1\n", "", ""}).status, 503u);
}

TEST(WatchPagesAre, NothingElse) {
  for (const char* path : {"", "/x", "/metrics/", "/../etc/passwd", "/report.jsonx", "//metrics"})
    EXPECT_EQ(asked({"GET", path, "", ""}).status, 404u) << path;
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", ""}) {
    EXPECT_EQ(asked({method, "/metrics", "", ""}).status, 405u);
    EXPECT_STREQ(asked({method, "/metrics", "", ""}).allow, "GET, HEAD");
  }
}

TEST(WatchPagesAre, OnlyForThisMachinesOwnNamesOnLoopback) {
  for (const char* host :
       {"", "localhost", "localhost:9815", "127.0.0.1:9815", "127.0.0.1", "[::1]:9815", "[::1]"})
    EXPECT_EQ(asked({"GET", "/report", host, ""}).status, 200u) << host;
  for (const char* host :
       {"evil.example", "evil.example:9815", "localhost.evil.example", "127.0.0.1.evil.example", "[evil]"}) {
    EXPECT_EQ(asked({"GET", "/report", host, ""}).status, 421u) << host;
    EXPECT_EQ(asked({"GET", "/report", host, ""}, true).status, 200u) << host;
  }
}

TEST(WatchPagesAre, HealthIsWhetherTheRoundsGoOn) {
  EXPECT_EQ(answer_page(pages, {"GET", "/healthz", "", ""}, true, false).status, 200u);
  EXPECT_EQ(answer_page(pages, {"GET", "/healthz", "", ""}, false, false).status, 503u);
}

}  // namespace
}  // namespace amlnet
