// From endpoints to requirements, verdict and exit status.
#include "agent/diagnosis/outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amlnet {
namespace {

constexpr auto kPass = Status::pass, kFail = Status::fail, kUnknown = Status::unknown;

EndpointOutcome outcome(Status status, std::optional<Unknown> why = {}) {
  EndpointOutcome result;
  result.status = status;
  if (status == kUnknown) result.unknown = why.value_or(Unknown::not_testable);
  return result;
}

struct Setup {
  Plan plan;
  Diagnosis diagnosis;
};

/// One requirement that uses an endpoint for each outcome; `groups` name its alternatives.
Setup one(std::vector<EndpointOutcome> outcomes, std::vector<std::string> groups = {},
          Level level = Level::required) {
  Setup setup;
  PlannedRequirement requirement;
  requirement.id = "r";
  requirement.applies = true;
  requirement.level = level;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    Endpoint endpoint;
    endpoint.host = "h" + std::to_string(i);
    setup.plan.endpoints.push_back(endpoint);
    requirement.uses.push_back({i, "", i < groups.size() ? groups[i] : ""});
  }
  setup.plan.requirements = {requirement};
  setup.diagnosis.endpoints = std::move(outcomes);
  return setup;
}

RequirementReport report_of(const Setup& setup) {
  return requirement_reports(setup.plan, setup.diagnosis).at(0);
}

TEST(Outcome, RequirementStatus) {
  EXPECT_EQ(report_of(one({outcome(kPass), outcome(kPass)})).status, kPass);
  EXPECT_EQ(report_of(one({outcome(kPass), outcome(kFail), outcome(kUnknown)})).status, kFail);
  const auto open =
      report_of(one({outcome(kPass), outcome(kUnknown), outcome(kUnknown, Unknown::not_finished)}));
  EXPECT_EQ(open.status, kUnknown);
  EXPECT_EQ(open.unknown_because, Unknown::not_finished);
  EXPECT_EQ(report_of(one({})).unknown_because, Unknown::not_testable);
}

TEST(Outcome, OneAlternativeIsEnough) {
  EXPECT_EQ(report_of(one({outcome(kFail), outcome(kPass)}, {"g", "g"})).status, kPass);
  EXPECT_EQ(report_of(one({outcome(kFail), outcome(kFail)}, {"g", "g"})).status, kFail);
  EXPECT_EQ(report_of(one({outcome(kFail), outcome(kUnknown)}, {"g", "g"})).status, kUnknown);
  EXPECT_EQ(report_of(one({outcome(kFail), outcome(kPass)}, {"g", "h"})).status, kFail) << "different groups";
  EXPECT_EQ(report_of(one({outcome(kFail), outcome(kPass)}, {"", "g"})).status, kFail) << "outside the group";
}

std::vector<Alternate> alternates(const Setup& setup) {
  return alternates_of(setup.plan, setup.diagnosis);
}

TEST(Outcome, WhatAnEndpointIsAmongAlternatives) {
  using testing::ElementsAre;
  const auto none = Alternate::none, later = Alternate::later, spare = Alternate::spare;
  EXPECT_THAT(alternates(one({outcome(kFail), outcome(kPass)}, {"g", "g"})), ElementsAre(spare, spare));
  EXPECT_THAT(alternates(one({outcome(kFail), outcome(kFail)}, {"g", "g"})), ElementsAre(none, later));
  EXPECT_THAT(alternates(one({outcome(kUnknown), outcome(kFail)}, {"g", "g"})), ElementsAre(none, later));
  EXPECT_THAT(alternates(one({outcome(kFail), outcome(kPass)}, {"g", ""})), ElementsAre(none, none));
  auto setup = one({outcome(kFail), outcome(kPass)}, {"g", "g"});
  PlannedRequirement other;
  other.applies = true;
  other.uses = {{0, "", ""}};
  setup.plan.requirements.push_back(other);
  EXPECT_THAT(alternates(setup), ElementsAre(none, spare)) << "another requirement needs the first by itself";
  setup.plan.requirements[1].applies = false;
  EXPECT_THAT(alternates(setup), ElementsAre(spare, spare));
}

TEST(Outcome, PlannedUnknownAndSkipped) {
  auto setup = one({outcome(kPass)});
  setup.plan.requirements[0].unknown = Unknown::not_known;
  EXPECT_EQ(report_of(setup).unknown_because, Unknown::not_known);
  setup.diagnosis.endpoints[0].status = kFail;
  EXPECT_EQ(report_of(setup).status, kFail) << "what is known to fail fails";
  setup.plan.requirements[0].applies = false;
  EXPECT_EQ(report_of(setup).status, Status::skipped);
}

TEST(Outcome, MissingOutcomeIsNeverAPass) {
  auto setup = one({outcome(kPass)});
  setup.diagnosis.endpoints.clear();
  EXPECT_EQ(report_of(setup).unknown_because, Unknown::not_finished);
}

Finding finding(Severity severity) {
  Finding made;
  made.severity = severity;
  return made;
}

Verdict verdict(const Setup& setup, std::vector<Finding> findings = {}) {
  return summarize(requirement_reports(setup.plan, setup.diagnosis), findings).verdict;
}

TEST(Outcome, Verdict) {
  EXPECT_EQ(verdict(one({outcome(kPass)})), Verdict::pass);
  EXPECT_EQ(verdict(one({outcome(kPass)}), {finding(Severity::info)}), Verdict::pass);
  EXPECT_EQ(verdict(one({outcome(kPass)}), {finding(Severity::warning)}), Verdict::warn);
  EXPECT_EQ(verdict(one({outcome(kFail)}), {finding(Severity::blocking)}), Verdict::fail);
  EXPECT_EQ(verdict(one({outcome(kFail)}, {}, Level::optional), {finding(Severity::warning)}), Verdict::warn);
  EXPECT_EQ(verdict(one({outcome(kUnknown, Unknown::not_testable)})), Verdict::pass);
  EXPECT_EQ(verdict(one({outcome(kUnknown, Unknown::not_finished)})), Verdict::incomplete);
  EXPECT_EQ(verdict(one({outcome(kUnknown, Unknown::not_known)}), {finding(Severity::warning)}),
            Verdict::incomplete);
  EXPECT_EQ(verdict(one({outcome(kUnknown, Unknown::not_known)}, {}, Level::recommended)), Verdict::pass);
}

TEST(Outcome, ExitStatus) {
  struct Row {
    Level level;
    Status status;
    bool complete;
    FailOn fail_on;
    int expected;
  };
  const auto r = Level::required, c = Level::recommended, o = Level::optional;
  for (const auto& row :
       {Row{r, kFail, true, FailOn::required, 1}, Row{r, kFail, false, FailOn::required, 1},
        Row{r, kFail, true, FailOn::never, 0}, Row{c, kFail, true, FailOn::required, 0},
        Row{c, kFail, true, FailOn::recommended, 1}, Row{o, kFail, true, FailOn::recommended, 0},
        Row{o, kFail, true, FailOn::any, 1}, Row{r, kPass, true, FailOn::any, 0},
        Row{r, kPass, false, FailOn::required, 3}, Row{r, kPass, false, FailOn::never, 0},
        Row{r, kUnknown, true, FailOn::required, 0}}) {
    const auto setup = one({outcome(row.status)}, {}, row.level);
    const auto summary = summarize(requirement_reports(setup.plan, setup.diagnosis), {});
    EXPECT_EQ(exit_status(summary, {}, row.complete, row.fail_on), row.expected)
        << "level " << static_cast<int>(row.level) << ", status " << static_cast<int>(row.status)
        << ", complete " << row.complete << ", --fail-on " << static_cast<int>(row.fail_on);
  }
  const auto open = one({outcome(kUnknown, Unknown::not_known)});
  const auto summary = summarize(requirement_reports(open.plan, open.diagnosis), {});
  EXPECT_EQ(exit_status(summary, {}, true, FailOn::required), 3);
  const auto good = one({outcome(kPass)});
  EXPECT_EQ(exit_status(summarize(requirement_reports(good.plan, good.diagnosis), {}),
                        {finding(Severity::warning)}, true, FailOn::any),
            1);
}

}  // namespace
}  // namespace amlnet
