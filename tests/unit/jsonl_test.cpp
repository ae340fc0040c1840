#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "reports/json.h"
#include "tests/unit/sample_report.h"

namespace amlnet {
namespace {

std::string all_lines(const Report& report) {
  std::string out = jsonl_run(report);
  for (const ProbeRecord& probe : report.probes) out += jsonl_probe(probe);
  for (const Finding& finding : report.findings) out += jsonl_finding(finding);
  return out + jsonl_summary(report);
}

TEST(JsonLines, EachIsOneLineWithItsType) {
  const Report report = full_report();
  const std::pair<std::string, std::string> cases[] = {{jsonl_run(report), "run"},
                                                       {jsonl_probe(report.probes[4]), "probe"},
                                                       {jsonl_finding(report.findings[0]), "finding"},
                                                       {jsonl_summary(report), "summary"}};
  for (const auto& [line, type] : cases) {
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    EXPECT_EQ(line.back(), '\n');
    const auto json = nlohmann::ordered_json::parse(line);
    EXPECT_EQ(json["type"], type);
    EXPECT_EQ(json.begin().key(), "type");
  }
}

TEST(JsonLines, HoldTheSameAsTheReport) {
  const Report report = full_report();
  const auto whole = nlohmann::json::parse(report_json(report));
  auto probe = nlohmann::json::parse(jsonl_probe(report.probes[0]));
  probe.erase("type");
  EXPECT_EQ(probe, whole["probes"][0]);
  const auto summary = nlohmann::json::parse(jsonl_summary(report));
  for (const char* part : {"run", "workspace", "summary", "requirements", "certificates"})
    EXPECT_EQ(summary[part], whole[part]);
  EXPECT_EQ(nlohmann::json::parse(jsonl_run(report))["node"], whole["node"]);
}

TEST(JsonLines, MatchTheSchema) {
  const std::string path = testing::TempDir() + "/amlnet-" + std::to_string(getpid()) + ".jsonl";
  const std::string command = "python3 " TEST_SOURCE_DIR "/schema_check.py '" + path + "'";
  std::ofstream(path) << all_lines(full_report());
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::ofstream(path) << all_lines(full_report()) << "{\"type\":\"other\"}\n";
  EXPECT_NE(std::system(command.c_str()), 0);
  std::remove(path.c_str());
}

}  // namespace
}  // namespace amlnet
