// A run against peers on loopback, for the tests of agent/run: its inputs, the peers' usual answers, and what
// came of it.
#pragma once

#include <string>
#include <vector>

#include "agent/run/run.h"
#include "tests/probes/dns_peer.h"

namespace amlnet {

/// What run_plan() is given: one try of at most two seconds, nothing asked further.
struct Bed {
  Plan plan;
  Workspace workspace;
  Node node;
  RunOptions options;
  RunHooks hooks;

  Bed() {
    options.retries = 0;
    options.follow_ups = false;
    options.timeout = Milliseconds(2000);
  }
  /// So many endpoints h0.lab.test, h1.lab.test ..., each a closed port.
  void add_names(int count);
  RunResult run() { return run_plan(plan, workspace, node, options, hooks); }
};

Endpoint endpoint(std::string host, std::uint16_t port, Protocol protocol);

// What a nameserver says: 127.0.0.1, nothing at all, NXDOMAIN.
PeerReply answers_loopback(const DnsBytes& question);
PeerReply says_nothing(const DnsBytes& question);
PeerReply says_nxdomain(const DnsBytes& question);

std::vector<const ProbeRecord*> of_kind(const RunResult& result, ProbeKind kind,
                                        Purpose purpose = Purpose::requirement);
/// Of the first name that was resolved.
const DnsDetail& dns_of(const RunResult& result);

}  // namespace amlnet
