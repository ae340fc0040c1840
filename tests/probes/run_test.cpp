// The whole run against peers on loopback: what a deadline and a signal leave behind, that controls hold
// nothing up, and that every endpoint ends in records that say what happened.
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <map>

#include "tests/probes/peers.h"
#include "tests/probes/run_bed.h"

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Run, StagesFollowEachOtherAndOneFailureEndsThem) {
  const FaultPeer reset(Fault{Fault::Kind::reset_after_hello});
  Bed bed;
  bed.plan.endpoints = {endpoint("127.0.0.1", reset.port(), Protocol::https)};
  const RunResult result = bed.run();
  ASSERT_EQ(of_kind(result, ProbeKind::tcp).size(), 1U);
  ASSERT_EQ(of_kind(result, ProbeKind::tls).size(), 1U);
  EXPECT_THAT(of_kind(result, ProbeKind::http), IsEmpty());
  const ProbeRecord& tls = *of_kind(result, ProbeKind::tls)[0];
  EXPECT_EQ(tls.status, ProbeStatus::failed);
  EXPECT_EQ(detail_of<TlsDetail>(tls)->error.failure, Failure::reset);
  EXPECT_THAT(tls.after, ElementsAre(of_kind(result, ProbeKind::tcp)[0]->id));
}

TEST(Run, InACrowdHandshakesBeginWhenAllAreAsked) {
  DnsPeer server(answers_loopback);
  const FaultPeer reset(Fault{Fault::Kind::reset_after_hello});
  Bed bed;
  bed.plan.endpoints = {endpoint("first.lab.test", reset.port(), Protocol::tls)};
  bed.add_names(300);
  bed.options.nameservers = {server.address()};
  const RunResult result = bed.run();
  double last_connect = 0;
  for (const ProbeRecord* probe : of_kind(result, ProbeKind::tcp))
    last_connect = std::max(last_connect, probe->start_ms);
  const double handshake = of_kind(result, ProbeKind::tls).at(0)->start_ms;
  EXPECT_TRUE(handshake >= last_connect || handshake >= 100) << handshake << " is before " << last_connect;
}

TEST(Run, ResetsAndTimeoutsAreTriedAgain) {
  const FaultPeer reset(Fault{Fault::Kind::reset_after_hello});
  Bed bed;
  bed.options.retries = 2;
  bed.plan.endpoints = {endpoint("127.0.0.1", reset.port(), Protocol::tls)};
  const RunResult result = bed.run();
  EXPECT_EQ(of_kind(result, ProbeKind::tls).at(0)->attempts, 3);
}

TEST(Run, TheDeadlineLeavesRecordsUnfinishedAndNeverFailed) {
  const BlackHole hole;
  Bed bed;
  bed.options.timeout = Milliseconds(60000);
  bed.options.deadline = Milliseconds(200);
  bed.plan.endpoints = {endpoint("127.0.0.1", hole.port(), Protocol::tls)};
  const RunResult result = bed.run();
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.incomplete_because, "the deadline of 200ms came first");
  EXPECT_EQ(of_kind(result, ProbeKind::tcp).at(0)->status, ProbeStatus::unfinished);
}

TEST(Run, WhatWaitedForASlotAtTheDeadlineIsThereToo) {
  const BlackHole hole;
  Bed bed;
  bed.options.concurrency = 1;
  bed.options.timeout = Milliseconds(60000);
  bed.options.deadline = Milliseconds(200);
  for (int i = 1; i < 30; ++i)
    bed.plan.endpoints.push_back(endpoint("127.0.0." + std::to_string(i), hole.port(), Protocol::tcp));
  const RunResult result = bed.run();
  std::size_t unfinished = 0;
  for (const ProbeRecord* probe : of_kind(result, ProbeKind::tcp))
    unfinished += probe->status == ProbeStatus::unfinished;
  EXPECT_EQ(of_kind(result, ProbeKind::tcp).size(), 29U);
  EXPECT_GE(unfinished, 1U);
}

TEST(Run, AConnectionInItsHandshakeLeavesItsSlotToTheNext) {
  const FaultPeer silent({Fault::Kind::silent});
  Bed bed;
  bed.plan.endpoints = {endpoint("127.0.0.1", silent.port(), Protocol::tls),
                        endpoint("127.0.0.1", closed_port(), Protocol::tcp)};
  bed.options.concurrency = 1;
  const RunResult result = bed.run();
  const auto connections = of_kind(result, ProbeKind::tcp);
  const auto handshakes = of_kind(result, ProbeKind::tls);
  ASSERT_EQ(connections.size(), 2U);
  ASSERT_EQ(handshakes.size(), 1U);
  EXPECT_LT(connections[1]->start_ms, handshakes[0]->start_ms + handshakes[0]->duration_ms / 2);
}

TEST(Run, ASignalEndsTheRunWithWhatIsKnown) {
  const BlackHole hole;
  for (const int signal : {SIGINT, SIGTERM}) {
    Bed bed;
    bed.options.timeout = Milliseconds(60000);
    bed.plan.endpoints = {endpoint("127.0.0.1", hole.port(), Protocol::tls)};
    // Raised from the loop's own thread once the probe is under way: the handler is in place by then.
    bed.hooks.on_progress = [&, told = false](std::size_t, std::size_t begun) mutable {
      if (begun > 0 && !std::exchange(told, true)) std::raise(signal);
    };
    const RunResult result = bed.run();
    EXPECT_EQ(result.incomplete_because, signal == SIGINT ? "SIGINT" : "SIGTERM");
    EXPECT_EQ(of_kind(result, ProbeKind::tcp).at(0)->status, ProbeStatus::unfinished);
  }
}

TEST(Run, EachTcpOnlyPortHasOneCanary) {
  Bed bed;
  bed.options.timeout = Milliseconds(300);
  const std::uint16_t port = closed_port();
  bed.plan.endpoints = {endpoint("127.0.0.1", port, Protocol::tcp),
                        endpoint("127.0.0.2", port, Protocol::tcp),
                        endpoint("127.0.0.1", closed_port(), Protocol::tls)};
  const RunResult result = bed.run();
  const auto canaries = of_kind(result, ProbeKind::tcp, Purpose::control);
  ASSERT_EQ(canaries.size(), 1U);
  EXPECT_EQ(canaries[0]->control, "canary");
  EXPECT_EQ(canaries[0]->target, "192.0.2.1:" + std::to_string(port));
}

TEST(Run, EveryFinishedProbeIsToldOnce) {
  DnsPeer server(answers_loopback);
  Bed bed;
  bed.plan.endpoints = {endpoint("a.lab.test", closed_port(), Protocol::tls),
                        endpoint("b.lab.test", closed_port(), Protocol::tcp)};
  bed.options.nameservers = {server.address()};
  std::map<std::string, int> told;
  bed.hooks.on_probe = [&](const ProbeRecord& probe) { ++told[probe.id]; };
  const RunResult result = bed.run();
  for (const ProbeRecord& probe : result.evidence.probes)
    EXPECT_EQ(told[probe.id], 1) << probe.id << " " << probe.target;
}

TEST(Run, AnIcmpErrorForADatagramIsKept) {
  Bed bed;
  bed.options.timeout = Milliseconds(200);
  bed.plan.endpoints = {endpoint("127.0.0.1", free_port(), Protocol::udp)};
  const RunResult result = bed.run();
  const auto& udp = *detail_of<UdpDetail>(*of_kind(result, ProbeKind::udp).at(0));
  EXPECT_EQ(udp.error.failure, Failure::refused);  // loopback answers a closed port by ICMP
}

}  // namespace
}  // namespace amlnet
