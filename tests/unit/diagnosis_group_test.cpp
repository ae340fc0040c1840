// Documented alternatives: what is said of one that fails beside another, and what is not.
#include <gmock/gmock.h>

#include "agent/diagnosis/outcome.h"
#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using testing::HasSubstr;

/// One requirement for all hosts of the world, which are alternatives.
Diagnosis of_alternatives(World& world) {
  std::vector<PlannedRequirement>& rows = world.plan.requirements;
  for (std::size_t i = 1; i < rows.size(); ++i)
    rows[0].uses.insert(rows[0].uses.end(), rows[i].uses.begin(), rows[i].uses.end());
  rows.resize(1);
  for (EndpointUse& use : rows[0].uses) use.group = "suffix";
  return world.diagnosis();
}

Host absent(const std::string& name) {
  auto host = named(name);
  host.dns = {{"10.0.0.4", {}, {}, 3}};
  return host;
}

Host silent(const std::string& name) {
  auto host = named(name);
  host.connect = Failure::timeout;
  return host;
}

Verdict verdict(const World& world, const Diagnosis& diagnosis) {
  return summarize(requirement_reports(world.plan, diagnosis), diagnosis.findings).verdict;
}

TEST(DiagnosisGroup, OnePassMakesARemarkOfTheOthersFailures) {
  for (const bool first_passes : {true, false}) {
    World world;
    world.add(first_passes ? named("a.example.ms") : absent("a.example.ms"));
    world.add(first_passes ? absent("b.example.ms") : named("b.example.ms"));
    const auto diagnosis = of_alternatives(world);
    ASSERT_EQ(diagnosis.findings.size(), 1u) << "a failure keeps its finding";
    EXPECT_EQ(diagnosis.findings[0].severity, Severity::info);
    EXPECT_THAT(diagnosis.findings[0].fix.summary, HasSubstr("Nothing needs to be done"));
    EXPECT_EQ(verdict(world, diagnosis), Verdict::pass);
  }
}

TEST(DiagnosisGroup, AnyFailureOfASpareIsARemark) {
  World world;
  world.add(named("a.example.ms")).add(silent("b.other.ms"));
  const auto diagnosis = of_alternatives(world);
  ASSERT_EQ(diagnosis.findings.size(), 1u);
  EXPECT_EQ(diagnosis.findings[0].severity, Severity::info);
}

TEST(DiagnosisGroup, OfASpareNothingFurtherIsAsked) {
  World world;
  world.add(named("a.example.ms")).add(absent("b.example.ms"));
  EXPECT_FALSE(follow_ups(world.facts()).empty()) << "needed by itself";
  of_alternatives(world);
  EXPECT_TRUE(follow_ups(world.facts()).empty());
}

TEST(DiagnosisGroup, WhereTheFirstFailsTheAbsentOtherIsNotToBlame) {
  World world;
  world.add(silent("a.example.ms")).add(absent("b.example.ms")).add(named("c.example.ms"));
  world.plan.requirements.pop_back();  // the third shows that the network is there
  const auto diagnosis = of_alternatives(world);
  const auto* name = find(diagnosis, "dns.name-not-found");
  ASSERT_NE(name, nullptr);
  EXPECT_EQ(name->severity, Severity::info);
  const auto blocking = std::count_if(diagnosis.findings.begin(), diagnosis.findings.end(),
                                      [](const Finding& f) { return f.severity == Severity::blocking; });
  EXPECT_EQ(blocking, 1);
  EXPECT_EQ(verdict(world, diagnosis), Verdict::fail);
}

TEST(DiagnosisGroup, WhereAllAreAbsentTheFirstIsToBlame) {
  World world;
  world.add(absent("a.example.ms")).add(absent("b.example.ms"));
  const auto diagnosis = of_alternatives(world);
  ASSERT_EQ(diagnosis.findings.size(), 2u);
  EXPECT_EQ(diagnosis.findings[0].subject, "a.example.ms");
  EXPECT_EQ(diagnosis.findings[0].severity, Severity::blocking);
  EXPECT_EQ(diagnosis.findings[1].severity, Severity::info);
}

TEST(DiagnosisGroup, AFailureThatOthersShareIsNoRemark) {
  World world;
  world.add(named("a.example.ms")).add(silent("b.example.ms"));
  auto other = silent("b.example.ms");
  world.add(other);
  std::vector<PlannedRequirement>& rows = world.plan.requirements;
  rows[0].uses.push_back(rows[1].uses[0]);
  for (EndpointUse& use : rows[0].uses) use.group = "suffix";
  rows.erase(rows.begin() + 1);  // left: the group, and a row that needs the second name by itself
  const auto diagnosis = world.diagnosis();
  ASSERT_FALSE(diagnosis.findings.empty());
  EXPECT_EQ(diagnosis.findings[0].severity, Severity::blocking);
}

}  // namespace
}  // namespace amlnet::test
