#include "reports/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reports/json.h"
#include "reports/model/head.h"
#include "tests/unit/sample_report.h"

namespace amlnet {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// failing_report() or healthy_report() of the node with this number, in this subnet.
Report node_report(int number, bool fails, const std::string& subnet) {
  Report report = fails ? failing_report() : healthy_report();
  report.run.id = fmt::format("run-{}", number);
  report.node = failing_report().node;
  report.workspace = failing_report().workspace;
  report.node.hostname = fmt::format("node-{}", number);
  report.node.interfaces = {"lo 127.0.0.1/8", fmt::format("eth0 {}.{}/24", subnet, number)};
  return report;
}

Fleet fleet_of(const std::vector<Report>& reports) {
  FleetMerger merger;
  for (const Report& report : reports) merger.add(report);
  return merger.finish();
}

std::string json_text(const Fleet& fleet) {
  std::string out;
  write_fleet(fleet, [&](std::string_view piece) { out += piece; });
  return out;
}

std::string html_text(const Fleet& fleet) {
  std::string out;
  write_fleet_html(fleet, [&](std::string_view piece) { out += piece; });
  return out;
}

const FleetGroup& group_of(const Fleet& fleet, std::string_view cause) {
  for (const FleetGroup& group : fleet.causes)
    if (group.cause == cause) return group;
  throw std::runtime_error("no such cause");
}

TEST(Fleet, NamesWhatSeparatesFailingFromPassingNodes) {
  std::vector<Report> reports;
  for (int number = 0; number < 20; ++number)
    reports.push_back(node_report(number, number % 4 == 1, number % 4 == 1 ? "10.9.9" : "10.9.8"));
  const Fleet fleet = fleet_of(reports);
  const FleetGroup& zone = group_of(fleet, "dns.private-zone-not-linked");
  EXPECT_EQ(zone.nodes, (std::vector<std::uint32_t>{1, 5, 9, 13, 17}));
  ASSERT_THAT(zone.separators, testing::SizeIs(1));
  EXPECT_EQ(separator_text(zone.separators[0]),
            "exactly where subnet is 10.9.9.0/24: all 5 nodes that are hit, none of 15 others");
  EXPECT_FALSE(zone.separators[0].chance);
  EXPECT_THAT(human_fleet(fleet, {.width = 120}),
              AllOf(HasSubstr("20 nodes   FAIL 5"), HasSubstr("exactly where subnet is 10.9.9.0/24"),
                    HasSubstr("node-1, node-5"), HasSubstr("amlnet: FLEET nodes=20 fail=5 causes=")));
}

TEST(Fleet, IsSilentWhereNothingSeparates) {
  std::vector<Report> reports;
  for (int number = 0; number < 20; ++number)
    reports.push_back(node_report(number, number % 2 == 0, number % 3 == 0 ? "10.9.9" : "10.9.8"));
  const Fleet fleet = fleet_of(reports);
  EXPECT_THAT(fleet.separators, IsEmpty());
  EXPECT_THAT(human_fleet(fleet, {.width = 120}), Not(HasSubstr(" where ")));
}

TEST(Fleet, TheNewestReportOfANodeCounts) {
  Report old = node_report(1, true, "10.9.9"), fresh = node_report(1, false, "10.9.9");
  old.run.started = "2026-03-19T08:00:00.000Z";
  fresh.run.started = "2026-03-19T09:00:00.000Z";
  fresh.run.id = "another";
  for (const std::vector<Report>& order :
       {std::vector{old, fresh}, std::vector{fresh, old}, std::vector{old, fresh, old, fresh}}) {
    const Fleet fleet = fleet_of(order);
    ASSERT_EQ(fleet.nodes.size(), 1u);
    EXPECT_EQ(fleet.nodes[0].verdict, Verdict::pass);
    EXPECT_EQ(fleet.repeated, order.size() - 1);
    EXPECT_THAT(fleet.causes, testing::Each(testing::Field(&FleetGroup::severity, Severity::info)));
  }
  Report namesake = node_report(2, true, "10.9.9");
  namesake.node.hostname = fresh.node.hostname;
  EXPECT_EQ(fleet_of({fresh, namesake}).nodes.size(), 2u) << "two machines may have one name";
}

TEST(Fleet, AnIncompleteRunSpeaksForNeitherSide) {
  std::vector<Report> reports;
  for (int number = 0; number < 12; ++number)
    reports.push_back(node_report(number, number < 4, number < 4 ? "10.9.9" : "10.9.8"));
  Report cut = node_report(50, false, "10.9.9");
  cut.run.complete = false;
  reports.push_back(cut);
  const Fleet fleet = fleet_of(reports);
  ASSERT_FALSE(fleet.separators.empty());
  EXPECT_TRUE(fleet.separators[0].exact);
  EXPECT_EQ(fleet.separators[0].spared, 8u);
}

TEST(Fleet, SubjectsOfOneCauseAreToldApart) {
  std::vector<Report> reports;
  for (int number = 0; number < 20; ++number) {
    reports.push_back(node_report(number, number < 10,
                                  number < 5    ? "10.9.9"
                                  : number < 10 ? "10.9.7"
                                                : "10.9.8"));
    if (number < 5) reports.back().findings[0].subject = "privatelink.file.core.windows.net";
  }
  const Fleet fleet = fleet_of(reports);
  const FleetGroup& zone = group_of(fleet, "dns.private-zone-not-linked");
  EXPECT_EQ(zone.nodes.size(), 10u);
  ASSERT_EQ(zone.subjects.size(), 2u);
  for (const FleetGroup& subject : zone.subjects) {
    ASSERT_FALSE(subject.separators.empty());
    EXPECT_EQ(subject.separators[0].value,
              subject.subject == "privatelink.file.core.windows.net" ? "10.9.9.0/24" : "10.9.7.0/24");
  }
}

TEST(Fleet, HostileTextReachesNoOutputRaw) {
  const std::string evil = "</script><img src=x onerror=alert(1)>\x1b[2J\"'";
  Report report = hostile_report(evil);
  report.node.hostname = evil;
  FleetMerger merger;
  merger.add(report);
  merger.add_unread(evil, evil);
  const Fleet fleet = merger.finish();
  EXPECT_THAT(html_text(fleet), AllOf(Not(HasSubstr("<img")), Not(HasSubstr("\x1b"))));
  EXPECT_THAT(human_fleet(fleet, {.width = 80}), Not(HasSubstr("\x1b")));
  const nlohmann::json read = nlohmann::json::parse(json_text(fleet));
  EXPECT_EQ(read["nodes"][0]["hostname"], evil);
}

TEST(Fleet, AReportOfManyFindingsIsBounded) {
  Report report = node_report(1, true, "10.9.9");
  const Finding one = report.findings[0];
  report.findings.clear();
  for (int number = 0; number < 3000; ++number) {
    report.findings.push_back(one);
    report.findings.back().subject = fmt::format("{}{}", number, std::string(5000, 'x'));
  }
  const Fleet fleet = fleet_of({report});
  EXPECT_EQ(fleet.findings.size(), 1000u);
  EXPECT_EQ(fleet.left_out, 2000u);
  EXPECT_LE(fleet.findings[7].subject.size(), 300u);
}

TEST(Fleet, SubnetsOfInterfaces) {
  const std::pair<const char*, const char*> cases[] = {{"eth0 10.0.1.7/24", "10.0.1.0/24"},
                                                       {"eth0 10.0.1.7/26", "10.0.1.0/26"},
                                                       {"eth0 10.255.1.7/12", "10.240.0.0/12"},
                                                       {"eth0 10.0.1.7/0", "0.0.0.0/0"},
                                                       {"eth0 10.0.1.7/32", "10.0.1.7/32"},
                                                       {"lo 127.0.0.1/8", ""},
                                                       {"eth0 169.254.1.1/16", ""},
                                                       {"eth0 fd00:1:2:3:4::7/64", "fd00:1:2:3::/64"},
                                                       {"eth0 fe80::1/64", ""},
                                                       {"lo ::1/128", ""},
                                                       {"eth0 10.0.1.7/33", ""},
                                                       {"eth0 10.0.1.7", ""},
                                                       {"eth0 10.0.1.7/x", ""},
                                                       {"", ""},
                                                       {"/", ""}};
  for (const auto& [interface, subnet] : cases) EXPECT_EQ(subnet_of(interface), subnet) << interface;
}

TEST(ReportHeads, AreReadAsTheWholeReportIs) {
  for (const Report& report : {failing_report(), healthy_report(), full_report(), incomplete_report(),
                               hostile_report("\"\\]}{[\xff,")}) {
    const std::string text = report_json(report);
    const auto read = read_report_head(text + text);
    ASSERT_TRUE(std::holds_alternative<ReportHead>(read)) << std::get<HeadError>(read).text;
    Report head = std::get<ReportHead>(read).report, whole = std::get<Report>(read_report(text));
    EXPECT_EQ(std::get<ReportHead>(read).end + 1, text.size());  // the newline
    whole.requirements.clear();
    whole.live_requirements.reset();
    whole.certificates.clear();
    whole.probes.clear();
    EXPECT_EQ(report_json(head), report_json(whole));
  }
}

TEST(ReportHeads, EveryCutIsNoticed) {
  const std::string text = report_json(failing_report());
  for (std::size_t size = 0; size + 2 < text.size(); size += size < 3000 ? 1 : 97) {
    const auto read = read_report_head(std::string_view(text).substr(0, size));
    ASSERT_TRUE(std::holds_alternative<HeadError>(read)) << size;
    EXPECT_TRUE(std::get<HeadError>(read).cut) << size;
  }
}

TEST(ReportHeads, WhatIsNoReportIsRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"[]", "not a JSON object"},
      {"7", "not a JSON object"},
      {"{7:7}", "not a JSON object"},
      {"{\"a\" 7}", "not a JSON object"},
      {"{\"a\":7 \"b\":8}", "not a JSON object"},
      {"{}", "schema"},
      {"{\"schema\":\"amlnet.plan/1\"}", "expected \"amlnet.report/1\""},
      {"{\"schema\":}", "not JSON"},
      {"{\"schema\":1,\"schema\":1}", "twice"}};
  for (const auto& [text, problem] : cases) {
    const auto read = read_report_head(text);
    ASSERT_TRUE(std::holds_alternative<HeadError>(read)) << text;
    EXPECT_THAT(std::get<HeadError>(read).text, HasSubstr(problem)) << text;
    EXPECT_FALSE(std::get<HeadError>(read).cut) << text;
  }
}

}  // namespace
}  // namespace amlnet
