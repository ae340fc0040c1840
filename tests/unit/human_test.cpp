#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reports/human.h"
#include "reports/text.h"
#include "tests/unit/sample_report.h"

namespace amlnet {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string without_color(std::string text) {
  for (std::size_t at; (at = text.find('\x1b')) != std::string::npos;) {
    text.erase(at, text.find('m', at) - at + 1);
  }
  return text;
}

HumanOptions with_path(int width = 80) {
  return {.width = width, .report_path = "/home/u/.local/state/amlnet/last.json"};
}

struct Golden {
  const char* name;
  Report (*report)();
  HumanOptions options;
};

void PrintTo(const Golden& golden, std::ostream* out) {
  *out << golden.name;
}

class HumanGolden : public testing::TestWithParam<Golden> {};

// AMLNET_UPDATE_GOLDEN=1 rewrites the files; read the difference before you keep it.
TEST_P(HumanGolden, IsAsExpected) {
  const std::string path = std::string(TEST_SOURCE_DIR "/golden/human/") + GetParam().name + ".txt";
  const std::string text = human_report(GetParam().report(), GetParam().options);
  if (std::getenv("AMLNET_UPDATE_GOLDEN")) std::ofstream(path) << text;
  std::ifstream file(path);
  const std::string expected((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(text, expected);
}

INSTANTIATE_TEST_SUITE_P(
    Reports, HumanGolden,
    testing::Values(Golden{"two_findings", failing_report, with_path()},
                    Golden{"two_findings_wide", failing_report, with_path(200)},
                    Golden{"two_findings_color", failing_report, {.width = 80, .color = true}},
                    Golden{"two_findings_ascii", failing_report, {.width = 80, .utf8 = false}},
                    Golden{"two_findings_quiet", failing_report, {.width = 80, .verbosity = -1}},
                    Golden{"healthy", healthy_report, with_path()},
                    Golden{"healthy_all", healthy_report, {.width = 120, .all = true}},
                    Golden{"incomplete", incomplete_report, with_path()},
                    Golden{"not_on_azure", foreign_report, with_path()}),
    [](const testing::TestParamInfo<Golden>& golden) { return golden.param.name; });

TEST(HumanReport, FitsTheTerminal) {
  for (Report (*make)() : {failing_report, healthy_report, foreign_report, incomplete_report, full_report}) {
    for (const int width : {40, 60, 80, 100, 200}) {
      for (const bool all : {false, true}) {
        for (const std::string& line : lines_of(human_report(make(), {.width = width, .all = all}))) {
          if (line.find("://") != std::string::npos || width == 40) continue;  // addresses stay whole
          EXPECT_LE(display_width(line), width) << line;
        }
      }
    }
  }
}

TEST(HumanReport, ColorOnlyAdds) {
  HumanOptions options{.width = 100};
  const std::string plain = human_report(failing_report(), options);
  options.color = true;
  const std::string color = human_report(failing_report(), options);
  EXPECT_NE(plain, color);
  EXPECT_EQ(without_color(color), plain);
}

TEST(HumanReport, AsciiHasNothingElse) {
  for (const char c : human_report(failing_report(), {.width = 80, .utf8 = false, .all = true})) {
    EXPECT_GE(static_cast<signed char>(c), 0);
  }
}

TEST(HumanReport, LongNamesAreNeverCutInFindings) {
  Report report = failing_report();
  const std::string host =
      std::string(60, 'a') + '.' + std::string(60, 'b') + '.' + std::string(60, 'c') + ".example";
  report.findings[0].title = host + " resolves to a public address";
  std::string text = human_report(report, {.width = 80});
  text = text.substr(0, text.find("required  "));
  std::erase_if(text, [](char c) { return c == '\n' || c == ' '; });
  for (const char* part : {"blocking", "certain"}) text.erase(text.find(part), std::string(part).size());
  EXPECT_THAT(text, HasSubstr(host));
}

TEST(HumanReport, RowsAreNeverCut) {
  for (const int width : {40, 60, 80, 100, 200}) {
    for (const bool all : {false, true}) {
      const std::string text = human_report(failing_report(), {.width = width, .all = all});
      const std::string table = text.substr(text.find("\n required"));
      EXPECT_THAT(table, HasSubstr("stws1.blob.core.windows.net"));
      EXPECT_THAT(table, HasSubstr("ci1.eastus2.instances.azureml.ms:18881"));
      EXPECT_THAT(table, HasSubstr("storage.ws.blob"));
      EXPECT_THAT(table, Not(HasSubstr("\u2026")));
    }
  }
}

TEST(HumanReport, AnEndpointThatTwoRequirementsNeedIsOneRow) {
  Report report = failing_report();
  RequirementReport other = report.requirements.front();
  other.id = "pe.storage.blob";
  report.requirements.push_back(other);
  const std::string text = human_report(report, {.width = 80});
  const std::string table = text.substr(text.find("\n required"));
  EXPECT_EQ(table.find("stws1.blob"), table.rfind("stws1.blob")) << table;
  EXPECT_THAT(table, HasSubstr("pe.storage.blob"));
}

TEST(HumanReport, NothingFromTheNetworkReachesTheTerminalRaw) {
  const std::string evil = "\x1b]0;x\x07\xe2\x80\xae\xff\r\n\xc2\x9b";
  Report report = failing_report();
  report.tool.version = report.tool.catalog_date = evil;
  report.node.hostname = report.node.region = evil;
  report.node.interfaces = report.node.resolvers = {evil};
  (*report.workspace)["workspace"]["name"] = (*report.workspace)["compute"]["kind"] = evil;
  report.run.complete = false;
  report.run.incomplete_because = evil;
  for (Finding& finding : report.findings) {
    finding = {evil,
               evil,
               Severity::blocking,
               Confidence::certain,
               evil,
               evil,
               {evil, evil},
               {evil},
               {{evil, evil}, {evil, evil}},
               {{evil, evil}},
               {evil, {evil}, {{evil, evil}}}};
  }
  for (RequirementReport& row : report.requirements) {
    row.id = row.title = row.because = evil;
    row.status = Status::fail;
    for (EndpointReport& endpoint : row.endpoints) endpoint.host = endpoint.finding = evil;
  }
  for (const bool all : {false, true}) {
    const HumanOptions options{.width = 80, .all = all, .verbosity = 1, .report_path = evil};
    for (const std::string& text : {human_report(report, options), human_plan(report, options)}) {
      for (const char* bad : {"\x1b", "\x07", "\xe2\x80\xae", "\xff", "\r", "\xc2\x9b"}) {
        EXPECT_EQ(text.find(bad), std::string::npos);
      }
      EXPECT_THAT(text, HasSubstr("\\x1b"));
    }
  }
}

TEST(HumanReport, ManyFailuresStayReadable) {
  Report report = failing_report();
  while (report.requirements.size() < 400) report.requirements.push_back(report.requirements[0]);
  EXPECT_LT(lines_of(human_report(report, {.width = 80})).size(), 80u);
  EXPECT_GT(lines_of(human_report(report, {.width = 80, .all = true})).size(), 400u);
}

TEST(HumanReport, VerdictCountsWhatCannotBeTested) {
  EXPECT_THAT(human_report(healthy_report(), {.width = 200}), HasSubstr("11 of 11 required pass"));
  EXPECT_THAT(human_report(healthy_report(), {.width = 200}), HasSubstr("1 not testable from here"));
  EXPECT_THAT(human_report(healthy_report(), {}), HasSubstr("\namlnet: PASS required=0 causes=0\n"));
}

TEST(HumanReport, EmptyReportIsStillOne) {
  Report report;
  EXPECT_THAT(human_report(report, {}), HasSubstr("amlnet: INCOMPLETE required=0 causes=0\n"));
  EXPECT_THAT(human_plan(report, {}), HasSubstr("amlnet"));
}

TEST(HumanPlan, NamesStagesAndReasons) {
  const std::string plan = human_plan(healthy_report(), {.width = 100});
  EXPECT_THAT(plan, HasSubstr("because  every compute needs it"));
  EXPECT_THAT(plan, HasSubstr("service0.example.net:443 dns tcp tls http"));
  EXPECT_THAT(plan, HasSubstr("1 not planned"));
  EXPECT_THAT(plan, Not(HasSubstr("python-packages")));
  EXPECT_THAT(human_plan(healthy_report(), {.width = 100, .all = true}), HasSubstr("python-packages"));
}

}  // namespace
}  // namespace amlnet
