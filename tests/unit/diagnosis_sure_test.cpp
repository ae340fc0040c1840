// What is certain only where nothing else could look so: silence, before it has lasted; broken IPv6, of one
// host.
#include <gmock/gmock.h>

#include <optional>

#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(DiagnosisSure, SilenceIsCertainOnlyOnceItOutlastedWhatProgramsWait) {
  struct Row {
    Failure failure;
    double waited_ms;
    Confidence confidence;
    bool may_be_slow;
  };
  for (const auto& row : {Row{Failure::timeout, 1000, Confidence::likely, true},
                          Row{Failure::timeout, 3000, Confidence::likely, true},
                          Row{Failure::timeout, 5000, Confidence::certain, false},
                          Row{Failure::refused, 1, Confidence::certain, false}}) {
    World world;
    auto host = named("x.azureml.ms");
    host.dns = {{"10.0.0.4", {}, {}, 0, row.failure, false, row.waited_ms}, {"10.0.0.5", {}, {"20.60.1.1"}}};
    world.add(host);
    const auto d = world.diagnosis();
    ASSERT_THAT(blamed(d), ElementsAre("dns.server-unreachable[10.0.0.4]")) << row.waited_ms;
    EXPECT_EQ(d.findings[0].confidence, row.confidence) << row.waited_ms;
    EXPECT_EQ(!d.findings[0].alternatives.empty(), row.may_be_slow) << row.waited_ms;
  }
}

World answers_late(double label_ms) {
  World world;
  for (int i = 0; i < 4; ++i) {
    auto host = named("h" + std::to_string(i) + ".azureml.ms");
    host.dns = {{"10.0.0.4", {}, {}, 0, Failure::timeout, false, 1000}, {"10.0.0.5", {}, {"20.60.1.1"}}};
    world.add(host);
  }
  Says label{"10.0.0.4", {}, {}, 3};
  label.ms = label_ms;
  return world.random_label(label);
}

TEST(DiagnosisSure, ALateAnswerShowsThatASilentServerIsSlow) {
  const auto d = answers_late(2500).diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("dns.slow[10.0.0.4]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::certain);
  EXPECT_EQ(d.findings[0].severity, Severity::warning);
  EXPECT_EQ(d.findings[0].endpoints.size(), 4U);
  EXPECT_THAT(blamed(answers_late(1200).diagnosis()), IsEmpty()) << "late for us, and not over 2 s";
  EXPECT_THAT(blamed(answers_late(20).diagnosis()), ElementsAre("dns.server-unreachable[10.0.0.4]"))
      << "it can be quick, so the others are lost";
}

World quick_but_for_its_label(int rcode, int lost_names) {
  World world;
  for (int i = 0; i < 4; ++i) {
    auto host = named("h" + std::to_string(i) + ".azureml.ms");
    host.dns = {{"10.0.0.4", {}, {"20.60.1.1"}, 0, Failure::none, false, 3}, {"10.0.0.5", {}, {"20.60.1.1"}}};
    if (i < lost_names) host.dns[0] = {"10.0.0.4", {}, {}, 0, Failure::timeout, false, 1000};
    world.add(host);
  }
  Says label{"10.0.0.4", {}, {}, rcode};
  label.ms = 2600;
  return world.random_label(label);
}

TEST(DiagnosisSure, OneLateAnswerMakesNoSlowServer) {
  for (const int rcode : {0, 2, 3, 5})
    EXPECT_THAT(blamed(quick_but_for_its_label(rcode, 0).diagnosis()), IsEmpty()) << rcode;
  EXPECT_THAT(blamed(quick_but_for_its_label(2, 1).diagnosis()), IsEmpty()) << "SERVFAIL is no right answer";
  const auto d = quick_but_for_its_label(3, 1).diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("dns.slow[10.0.0.4]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::likely) << "others took 3 ms";
}

TEST(DiagnosisSure, AServerThatRefusesMostNamesIsNotMerelyLate) {
  World world;
  world.node.resolver.nameservers = {"127.0.0.1", "10.0.0.5"};
  for (int i = 0; i < 6; ++i) {
    auto host = named("h" + std::to_string(i) + ".azureml.ms");
    host.dns = {{"127.0.0.1", {}, {}, 0, Failure::refused, false, 0.1}, {"10.0.0.5", {}, {"20.60.1.1"}}};
    if (i < 2) host.dns[0] = {"127.0.0.1", {}, {"20.60.1.1"}};
    world.add(host);
  }
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("dns.server-unreachable[127.0.0.1]"));
}

TEST(DiagnosisSure, SilenceThatThisProcessSleptThroughHasNoLength) {
  World world;
  auto host = named("x.azureml.ms");
  host.dns = {{"10.0.0.4", {}, {}, 0, Failure::timeout, false, 6000}, {"10.0.0.5", {}, {"20.60.1.1"}}};
  world.add(host);
  world.evidence.probes[0].loop_lag_ms = 5500;
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("dns.server-unreachable[10.0.0.4]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::likely);
  ASSERT_EQ(d.findings[0].alternatives.size(), 1U);
  EXPECT_THAT(d.findings[0].alternatives[0].text, testing::Not(testing::HasSubstr("0.0 s")));
}

TEST(DiagnosisSure, Ipv6ThatThisProcessSleptThroughIsNotBroken) {
  for (const double lag_ms : {0.0, 4000.0}) {
    World world;
    world.node.interfaces.push_back({"eth0", "2001:db8::7", 64});
    for (const auto* name : {"a.azure.com", "pypi.org"}) {
      auto host = named(name);
      host.dns = {{"10.0.0.4", {}, {"20.60.1.1", "2603:1::1"}}};
      host.connect_at = {{"2603:1::1", Failure::timeout}};
      world.add(host);
    }
    for (auto& record : world.evidence.probes)
      if (record.status == ProbeStatus::failed) record.loop_lag_ms = lag_ms;
    EXPECT_EQ(find(world.diagnosis(), "tcp.ipv6-broken") != nullptr, lag_ms == 0) << lag_ms;
  }
}

TEST(DiagnosisSure, Ipv6IsCertainlyBrokenOnlyWhereUnrelatedHostsShowIt) {
  struct Row {
    std::vector<const char*> names;
    Failure failure;
    std::optional<Confidence> confidence;
  };
  for (const auto& row :
       {Row{{"a.azure.com"}, Failure::timeout, Confidence::likely},  // the one address may be dead
        Row{{"a.azure.com", "b.azure.com"}, Failure::timeout, Confidence::likely},
        Row{{"a.azure.com", "pypi.org"}, Failure::timeout, Confidence::certain},
        Row{{"a.azure.com"}, Failure::net_unreachable, Confidence::certain},
        Row{{"a.azure.com", "pypi.org"}, Failure::refused, std::nullopt}}) {  // an answer over IPv6
    World world;
    world.node.interfaces.push_back({"eth0", "2001:db8::7", 64});
    for (const auto* name : row.names) {
      auto host = named(name);
      host.dns = {{"10.0.0.4", {}, {"20.60.1.1", "2603:1::1"}}};
      host.connect_at = {{"2603:1::1", row.failure}};
      world.add(host);
    }
    const auto d = world.diagnosis();
    const auto* found = find(d, "tcp.ipv6-broken");
    ASSERT_EQ(found != nullptr, row.confidence.has_value()) << row.names.size();
    if (found == nullptr) continue;
    EXPECT_EQ(found->confidence, *row.confidence) << row.names.size();
  }
}

}  // namespace
}  // namespace amlnet::test
