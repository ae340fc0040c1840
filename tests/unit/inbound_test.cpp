// The plan of `reach`, and what its evidence means: each cause beside what looks like it.
#include "agent/plan/inbound.h"

#include <gmock/gmock.h>

#include "agent/catalog/catalog.h"
#include "agent/diagnosis/causes.h"
#include "probes/serve/greeting.h"
#include "probes/target.h"
#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kPeer = "10.0.3.8";
const std::string kNonce = "0123456789abcdef0123456789abcdef";

const PlannedRequirement& row_of(const Plan& plan, const std::string& id) {
  static const PlannedRequirement none;
  for (const auto& row : plan.requirements)
    if (row.id == id) return row;
  ADD_FAILURE() << "no row " << id;
  return none;
}

TEST(InboundPlan, DocumentedPortsHaveTheirRows) {
  for (const std::uint16_t port : documented_inbound_ports()) {
    const std::string id = inbound_requirement(port);
    const auto& rows = builtin_catalog().requirements;
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& one) { return one.id == id; });
    ASSERT_NE(row, rows.end()) << port;
    EXPECT_EQ(row->direction, "inbound") << id;
    EXPECT_FALSE(row->testable) << id;
    EXPECT_THAT(row->fix, HasSubstr(std::to_string(port)));
  }
}

TEST(InboundPlan, OnlyWhatIsDocumentedTodayIsRequired) {
  const Plan plan = plan_inbound(builtin_catalog(), kPeer, documented_inbound_ports(), false);
  EXPECT_EQ(plan.endpoints.size(), 4U);
  EXPECT_EQ(row_of(plan, "in.aml.44224").level, Level::required);
  EXPECT_EQ(row_of(plan, "in.ssh.22").level, Level::optional);
  const auto& batch = row_of(plan, "in.batch.29876");
  EXPECT_EQ(batch.level, Level::optional);
  EXPECT_EQ(batch.uses.size(), 2U);
  EXPECT_THAT(batch.because, HasSubstr("no longer documented since 2023-01-10"));
}

TEST(InboundPlan, WhatTheUserNamesIsRequired) {
  const Plan plan = plan_inbound(builtin_catalog(), kPeer, {22, 6105}, true);
  EXPECT_EQ(row_of(plan, "in.ssh.22").level, Level::required);
  const auto& between = row_of(plan, "custom.inbound:6105");
  EXPECT_EQ(between.level, Level::required);
  EXPECT_EQ(between.direction, "inbound");
  EXPECT_EQ(between.service_tag, "VirtualNetwork");
  EXPECT_THAT(between.docs, Not(IsEmpty()));
}

/// A port of the peer, as the plan of `reach` has it.
Host port_of_peer(std::uint16_t port, Failure connect = Failure::none) {
  Host host = named(kPeer, port);
  host.protocol = Protocol::http;
  host.origin = Origin::custom;
  host.answerer = kListenAnswerer;
  host.dns = {};
  host.used = {kPeer};
  host.connect = connect;
  return host;
}

/// The listener's proof at this port, with the ports that it holds.
void prove(World& world, std::uint16_t port, std::vector<std::uint16_t> open) {
  for (auto& record : world.evidence.probes) {
    auto* http = detail_of<HttpDetail>(record);
    if (!http || http->port != port) continue;
    http->url = "http://10.0.3.8:44224/amlnet-reach/" + kNonce;
    http->body.data = greeting_text({"10.0.1.7:40000", host_port(kPeer, port), std::move(open)}, kNonce);
  }
}

TEST(DiagnosisInbound, TheProofIsAPass) {
  World world;
  world.add(port_of_peer(44224)).canary(44224, false);
  prove(world, 44224, {44224});
  const auto d = world.diagnosis();
  EXPECT_THAT(d.findings, IsEmpty());
  EXPECT_EQ(d.endpoints[0].status, Status::pass);
}

TEST(DiagnosisInbound, SilenceIsBlockedAndCertainWhereAnotherPortAnswers) {
  World world;
  world.add(port_of_peer(44224, Failure::timeout));
  auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("inbound.blocked[44224]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::likely);
  EXPECT_EQ(d.findings[0].severity, Severity::blocking);
  EXPECT_EQ(d.endpoints[0].status, Status::fail);

  world.add(port_of_peer(22, Failure::refused));
  d = world.diagnosis();
  const auto* blocked = find(d, "inbound.blocked");
  ASSERT_NE(blocked, nullptr);
  EXPECT_EQ(blocked->confidence, Confidence::certain);
}

TEST(DiagnosisInbound, AnIcmpErrorIsBlockedByWhoSentIt) {
  for (const auto& [sender, says] : {std::pair("10.0.1.1", "10.0.1.1 rejects"),
                                     std::pair(kPeer, "the node itself rejects by its own filter"),
                                     std::pair("", "an unnamed router rejects")}) {
    World world;
    auto host = port_of_peer(44224, Failure::host_unreachable);
    host.icmp = IcmpError{4, 3, 13, sender};
    world.add(host);
    const auto d = world.diagnosis();
    ASSERT_THAT(blamed(d), ElementsAre("inbound.blocked[44224]"));
    EXPECT_THAT(d.findings[0].title, HasSubstr(says));
    EXPECT_EQ(d.findings[0].confidence, *sender ? Confidence::certain : Confidence::likely);
  }
}

TEST(DiagnosisInbound, ARefusalAloneIsNobodyListeningAndUndecided) {
  World world;
  world.add(port_of_peer(44224, Failure::refused));
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("inbound.not-listening[44224]"));
  EXPECT_EQ(d.findings[0].confidence, Confidence::likely);
  EXPECT_EQ(d.findings[0].severity, Severity::warning);
  EXPECT_EQ(d.findings[0].alternatives.at(0).cause, "inbound.blocked");
  EXPECT_EQ(d.endpoints[0].status, Status::unknown);
  EXPECT_EQ(d.endpoints[0].unknown, Unknown::not_finished);
  EXPECT_EQ(d.endpoints[0].finding, "F1");
}

TEST(DiagnosisInbound, TheListenersWordTellsARefusalFromAReject) {
  for (const bool held : {true, false}) {
    World world;
    world.add(port_of_peer(29876)).add(port_of_peer(44224, Failure::refused));
    prove(world, 29876, held ? std::vector<std::uint16_t>{29876, 44224} : std::vector<std::uint16_t>{29876});
    const auto d = world.diagnosis();
    ASSERT_THAT(blamed(d), ElementsAre(held ? "inbound.blocked[44224]" : "inbound.not-listening[44224]"));
    EXPECT_EQ(d.findings[0].confidence, Confidence::certain);
    EXPECT_EQ(d.endpoints[1].status, held ? Status::fail : Status::unknown);
  }
}

TEST(DiagnosisInbound, AnotherProgramIsTold) {
  World world;
  auto host = port_of_peer(22);
  host.http = Failure::http_malformed;
  host.body = "SSH-2.0-OpenSSH_9.2\r\n\x1b[31m";
  world.add(host).canary(22, false);
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("inbound.not-listening[22]"));
  EXPECT_THAT(d.findings[0].title, HasSubstr("Another program than amlnet listen answers"));
  EXPECT_THAT(d.findings[0].evidence.at(0).text, HasSubstr("SSH-2.0-OpenSSH_9.2"));
  EXPECT_THAT(d.findings[0].evidence.at(0).text, Not(HasSubstr("\x1b")));
}

TEST(DiagnosisInbound, AProofForAnotherNonceIsAnotherProgram) {
  World world;
  world.add(port_of_peer(44224)).canary(44224, false);
  prove(world, 44224, {44224});
  for (auto& record : world.evidence.probes)
    if (auto* http = detail_of<HttpDetail>(record)) http->url.back() = '0';
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre("inbound.not-listening[44224]"));
}

TEST(DiagnosisInbound, WhatAcceptsAndSaysNothingIsNotNamedAProgram) {
  World world;
  auto host = port_of_peer(44224);
  host.http = Failure::closed;
  world.add(host).canary(44224, false);
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("inbound.not-listening[44224]"));
  EXPECT_THAT(d.findings[0].title, HasSubstr("Something accepts connections"));
}

TEST(DiagnosisInbound, ADeviceThatAcceptsForEverybodyDecidesNothing) {
  World world;
  auto host = port_of_peer(44224);
  host.http = Failure::timeout;
  world.add(host).canary(44224, true);
  const auto d = world.diagnosis();
  EXPECT_EQ(find(d, "inbound.not-listening"), nullptr);
  EXPECT_EQ(find(d, "inbound.blocked"), nullptr);
  const auto* device = find(d, "tcp.transparent-proxy");
  ASSERT_NE(device, nullptr);
  EXPECT_EQ(d.endpoints[0].finding, device->id);
  EXPECT_EQ(d.endpoints[0].unknown, Unknown::not_finished);
}

TEST(DiagnosisInbound, TheListenersWordShowsThatADeviceAcceptsInItsPlace) {
  World world;
  auto host = port_of_peer(44224);
  host.http = Failure::timeout;
  world.add(port_of_peer(29876)).add(host).canary(44224, true).canary(29876, false);
  prove(world, 29876, {29876, 44224});
  const auto d = world.diagnosis();
  const auto* blocked = find(d, "inbound.blocked");
  ASSERT_NE(blocked, nullptr);
  EXPECT_EQ(blocked->confidence, Confidence::certain);

  World full;  // the listener may only have as many connections as it takes
  full.add(port_of_peer(29876)).add(host).canary(44224, false).canary(29876, false);
  prove(full, 29876, {29876, 44224});
  const auto maybe = full.diagnosis();
  ASSERT_NE(find(maybe, "inbound.blocked"), nullptr);
  EXPECT_EQ(find(maybe, "inbound.blocked")->confidence, Confidence::likely);
}

TEST(DiagnosisInbound, AnAddressThatNobodyOwnsIsNotBlocked) {
  World world;
  world.node.interfaces = {{"eth0", "10.0.3.7", 24}};
  world.add(port_of_peer(44224, Failure::host_unreachable));
  const auto d = world.diagnosis();
  ASSERT_THAT(blamed(d), ElementsAre("inbound.not-listening[44224]"));
  EXPECT_THAT(d.findings[0].title, HasSubstr("No machine answers for 10.0.3.8"));
}

TEST(DiagnosisInbound, TheNodesOwnBlockIsTheNodes) {
  World world;
  world.add(port_of_peer(44224, Failure::local_reject));
  EXPECT_THAT(blamed(world.diagnosis()), ElementsAre(HasSubstr("route.local-block")));
}

}  // namespace
}  // namespace amlnet::test
