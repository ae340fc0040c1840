// What must hold for any combination of faults: seeded random worlds against the invariants of a diagnosis.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {
namespace {

using Random = std::mt19937;

int below(Random& random, int end) {
  return static_cast<int>(random() % static_cast<unsigned>(end));
}

void break_dns(Random& random, Host& host) {
  auto& says = host.dns.front();
  switch (below(random, 8)) {
    case 0:
      says.failure = Failure::timeout;
      break;
    case 1:
      says.rcode = 3;
      break;
    case 2:
      says.rcode = below(random, 12);
      break;
    case 3:
      says.addresses.clear();
      break;
    case 4:
      says.addresses = {"0.0.0.0"};
      break;
    case 5:
      says.chain = {"x.privatelink.blob.core.windows.net"};
      break;
    case 6:
      says.truncated = true;
      break;
    default:
      host.dns.push_back({"168.63.129.16", {}, {"10.0.2.10"}});
      return;  // `says` may have moved
  }
  if (says.failure != Failure::none || says.rcode != 0) says.addresses.clear();
}

void break_path(Random& random, Host& host) {
  constexpr Failure kConnect[] = {Failure::timeout,         Failure::refused,      Failure::host_unreachable,
                                  Failure::net_unreachable, Failure::local_reject, Failure::no_memory,
                                  Failure::reset,           Failure::other};
  constexpr Failure kHandshake[] = {Failure::timeout,     Failure::reset,     Failure::closed,
                                    Failure::tls_not_tls, Failure::tls_alert, Failure::tls_protocol,
                                    Failure::other};
  switch (below(random, 6)) {
    case 0:
      host.connect = kConnect[below(random, 8)];
      break;
    case 1:
      host.handshake = kHandshake[below(random, 7)];
      break;
    case 2:
      host.verify = below(random, 70);
      break;
    case 3:
      host.name_matches = false;
      break;
    case 4:
      host.chain = {"corp-leaf", "corp-ca"};
      host.verify = 19;
      break;
    default:
      host.protocol = below(random, 2) ? Protocol::http : Protocol::https;
      host.answerer = "azure-blob";
      host.status = 100 * below(random, 6);
      break;
  }
  if (below(random, 4) == 0) host.icmp = IcmpError{4, 3, 13, "10.0.1.1"};
  if (below(random, 6) == 0) {
    host.proxy = "http://10.0.9.9:3128";
    host.proxy_status = below(random, 2) ? 200 : 400 + below(random, 200);
  }
}

World random_world(unsigned seed) {
  Random random(seed);
  World world;
  world.node.default_route = below(random, 10) != 0;
  const int hosts = 1 + below(random, 12);
  for (int i = 0; i < hosts; ++i) {
    auto host =
        named("h" + std::to_string(i) + (below(random, 2) ? ".blob.core.windows.net" : ".example.org"));
    const auto last = std::to_string(below(random, 250));
    host.dns = {{"10.0.0.4", {}, {(below(random, 2) ? "20.60.1." : "10.0.2.") + last}}};
    host.scope = static_cast<Scope>(below(random, 3));
    host.scope_known = below(random, 3) != 0;
    host.origin = static_cast<Origin>(below(random, 3));
    host.level = static_cast<Level>(below(random, 3));
    if (below(random, 5) == 0) host.protocol = below(random, 2) ? Protocol::tcp : Protocol::udp;
    if (below(random, 3) == 0) break_dns(random, host);
    if (below(random, 2) == 0) break_path(random, host);
    world.add(host);
  }
  for (auto& probe : world.evidence.probes) {
    if (below(random, 20) == 0) probe.status = ProbeStatus::unfinished;
  }
  world.canary(443, below(random, 2) == 0);
  return world;
}

std::string shape(const Diagnosis& d) {
  std::string text;
  for (const auto& f : d.findings) {
    text += f.id + f.cause + f.subject + f.title + std::to_string(f.endpoints.size());
    for (const auto& e : f.evidence) text += e.probe + e.text;
  }
  for (const auto& e : d.endpoints) text += e.finding + std::to_string(static_cast<int>(e.status));
  return text;
}

void check_endpoints(const World& world, const Diagnosis& d, unsigned seed) {
  std::set<std::string> ids;
  for (const auto& finding : d.findings) ids.insert(finding.id);
  ASSERT_EQ(d.endpoints.size(), world.plan.endpoints.size());
  for (const auto& endpoint : d.endpoints) {
    EXPECT_TRUE(endpoint.status != Status::fail || ids.contains(endpoint.finding)) << seed;
    EXPECT_TRUE(endpoint.status != Status::pass || endpoint.finding.empty()) << seed;
    EXPECT_EQ(endpoint.status == Status::unknown, endpoint.unknown.has_value()) << seed;
  }
}

void check_findings(const World& world, const Diagnosis& d, unsigned seed) {
  std::map<std::string, int> blamed_by;  // failing endpoints by how many findings list them
  for (const auto& finding : d.findings) {
    EXPECT_FALSE(finding.title.empty() || finding.fix.summary.empty()) << seed << finding.cause;
    EXPECT_FALSE(finding.evidence.empty()) << seed << finding.cause;
    for (const auto& target : finding.endpoints) ++blamed_by[target];
  }
  for (std::size_t i = 0; i < d.endpoints.size(); ++i) {
    if (d.endpoints[i].status != Status::fail) continue;
    EXPECT_EQ(blamed_by[world.plan.endpoints[i].host + ":443"], 1) << seed;
  }
}

TEST(DiagnosisRandom, EveryFailureIsInExactlyOneFinding) {
  for (unsigned seed = 1; seed <= 500; ++seed) {
    const auto world = random_world(seed);
    const auto d = world.diagnosis();
    check_endpoints(world, d, seed);
    check_findings(world, d, seed);
    EXPECT_EQ(shape(d), shape(world.diagnosis())) << seed;
    follow_ups(world.facts());
  }
}

TEST(DiagnosisRandom, CausesDoNotDependOnTheOrderOfProbes) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    auto world = random_world(seed);
    const auto before = blamed(world.diagnosis());
    std::shuffle(world.evidence.probes.begin(), world.evidence.probes.end(), Random(seed));
    auto after = blamed(world.diagnosis());
    EXPECT_EQ(std::multiset<std::string>(before.begin(), before.end()),
              std::multiset<std::string>(after.begin(), after.end()))
        << seed;
  }
}

}  // namespace
}  // namespace amlnet::test
