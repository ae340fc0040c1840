// Takes each cause's rules away in turn and diagnoses every report of the lab again: exactly the scenarios
// whose report names the cause must come out otherwise. A rule that changes nothing would be dead, one that
// changes more would be in somebody else's way.
//   rule_removal FOLDER   (the reports, as run.py --outcomes keeps them: NAME.report.json)
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "agent/catalog/catalog.h"
#include "agent/commands/replay.h"
#include "agent/diagnosis/causes.h"
#include "agent/diagnosis/diagnosis.h"
#include "reports/json.h"
#include "reports/model/time.h"

namespace amlnet {
namespace {

struct Scenario {
  std::string name;
  Report report;
  Replay facts;
};

// What a reader would notice: every finding with what it explains.
std::string findings_of(const Scenario& scenario, const std::vector<Cause>& rules) {
  const Evidence evidence{scenario.report.probes, scenario.report.certificates};
  const std::int64_t started = from_rfc3339(scenario.report.run.started).value_or(0);
  const Diagnosis diagnosis = diagnose(
      {scenario.facts.plan, scenario.facts.workspace, scenario.facts.node, evidence, started}, rules);
  std::string text;
  for (const Finding& found : diagnosis.findings)
    text += fmt::format("{} {} {} {}\n", found.cause, found.subject, name_of(found.severity),
                        fmt::join(found.endpoints, ","));
  return text;
}

std::vector<Scenario> read_scenarios(const std::string& folder) {
  std::vector<Scenario> scenarios;
  const Catalog& catalog = builtin_catalog();
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".report.json")) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    auto report = read_report(text);
    if (const auto* error = std::get_if<ReportError>(&report))
      throw std::runtime_error(name + ": " + error->text);
    auto facts = replay(std::get<Report>(report), catalog);
    if (const auto* error = std::get_if<ConfigError>(&facts))
      throw std::runtime_error(name + ": " + error->text);
    scenarios.push_back({name.substr(0, name.find('.')), std::get<Report>(std::move(report)),
                         std::get<Replay>(std::move(facts))});
  }
  return scenarios;
}

std::vector<Cause> without(std::string_view code) {
  std::vector<Cause> rules = causes();
  std::erase_if(rules, [code](const Cause& cause) { return cause.code == code; });
  return rules;
}

// Returns how many scenarios changed that should not have, or did not and should have.
int remove_rule(const std::vector<Scenario>& scenarios, const std::map<std::string, std::string>& whole,
                std::string_view code) {
  std::set<std::string> changed, named;
  for (const Scenario& scenario : scenarios) {
    if (findings_of(scenario, without(code)) != whole.at(scenario.name)) changed.insert(scenario.name);
    const std::string& said = whole.at(scenario.name);
    const std::string line = std::string(code) + ' ';
    if (said.starts_with(line) || said.find('\n' + line) != std::string::npos) named.insert(scenario.name);
  }
  fmt::print("{:34} {}\n", code, named.empty() ? "no scenario" : fmt::format("{}", fmt::join(named, " ")));
  if (changed == named) return 0;
  std::set<std::string> wrong;
  std::set_symmetric_difference(changed.begin(), changed.end(), named.begin(), named.end(),
                                std::inserter(wrong, wrong.end()));
  fmt::print("  WRONG: {}\n", fmt::join(wrong, " "));
  return static_cast<int>(wrong.size());
}

int remove_each(const std::string& folder) {
  const std::vector<Scenario> scenarios = read_scenarios(folder);
  std::map<std::string, std::string> whole;
  for (const Scenario& scenario : scenarios) whole[scenario.name] = findings_of(scenario, causes());
  int wrong = scenarios.empty() ? 1 : 0;
  std::set<std::string_view> done;
  for (const Cause& cause : causes())
    if (done.insert(cause.code).second) wrong += remove_rule(scenarios, whole, cause.code);
  fmt::print("{} causes, {} scenarios, {} wrong\n", done.size(), scenarios.size(), wrong);
  return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace amlnet

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    return amlnet::remove_each(argv[1]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
