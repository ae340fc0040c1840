// Diagnosis: evidence becomes findings, each failure in exactly one, explained with the fewest causes. Pure:
// the same plan, node and evidence give the same findings, on any machine.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "agent/plan/plan.h"
#include "agent/workspace/node.h"
#include "probes/record.h"
#include "probes/spec.h"
#include "reports/model/finding.h"
#include "reports/model/report.h"

namespace amlnet {

struct Cause;  // causes.h

/// What became of one endpoint of the plan.
struct EndpointOutcome {
  Status status = Status::unknown;
  std::optional<Unknown> unknown;
  std::string finding;              // "F1", of its earliest failing stage
  std::vector<std::string> probes;  // ids, in stage order
};

struct Diagnosis {
  std::vector<Finding> findings;           // blocking first, then by how many endpoints they explain
  std::vector<EndpointOutcome> endpoints;  // parallel to Plan::endpoints
};

/// What the rules may read. All references outlive the call.
struct Facts {
  const Plan& plan;
  const Workspace& workspace;
  const Node& node;
  const Evidence& evidence;
  std::int64_t started =
      0;  // the node's clock at the start of the run, seconds since the epoch; 0 when unknown
};

Diagnosis diagnose(const Facts& facts);
/// The same with a part of the table of causes (causes.h), in its order.
Diagnosis diagnose(const Facts& facts, std::span<const Cause> rules);

/// A further probe that tells look-alikes apart. `control` names what it varies: "neutral-sni",
/// "small-segments", ...; `endpoint` is the failing endpoint it is asked for.
struct FollowUp {
  std::size_t endpoint = 0;
  std::string control;
  std::string server;  // for a DnsSpec: the nameserver to ask
  TcpSpec tcp;         // the connection of a TLS follow-up, or the follow-up itself
  bool brief = false;  // one attempt, and little patience: many of them are asked, or silence is expected
  int turn = 0;        // brief ones: how many go before it, each with a moment to itself
  std::variant<std::monostate, DnsSpec, TlsSpec, HttpSpec> then;
};

/// The cheapest probes that separate the candidates of what failed so far; empty when nothing is left to ask.
/// Asked at most twice in a run, and never repeats a probe that the evidence already holds.
std::vector<FollowUp> follow_ups(const Facts& facts);

}  // namespace amlnet
