// A report in which everything of a plan fails, for the tests of remedies.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "agent/remedy/remedies.h"
#include "agent/remedy/script.h"

namespace amlnet::test {

/// A report in which every endpoint of a plan fails, and the plan.
struct Broken {
  Report report;
  Plan plan;
  Workspace workspace;

  Broken() {
    workspace.cloud = Cloud::public_;
    workspace.region = "eastus2";
    workspace.network.firewall = "azure-firewall";
    workspace.network.vnet = {"10.0.0.0/16"};
    workspace.storage_accounts.push_back({"stws1", true, Access::private_, {"blob"}, {}});
    report.node.hostname = "ci1";
  }

  /// One more failing endpoint in a row of its own, `id`; the finding of its cause and subject is made where
  /// there is none.
  Broken& fail(const std::string& id, Endpoint endpoint, const std::string& cause,
               const std::string& subject = "node", const std::string& group = "") {
    PlannedRequirement planned;
    planned.id = id;
    planned.applies = true;
    planned.uses = {{plan.endpoints.size(), "", group}};
    planned.docs = {{"Document of " + id, "", "2026-03-19", "https://learn.microsoft.com/" + id}};
    RequirementReport row;
    row.id = id;
    row.status = Status::fail;
    row.endpoints = {failed(endpoint, finding(cause, subject))};
    plan.requirements.push_back(planned);
    plan.endpoints.push_back(std::move(endpoint));
    report.requirements.push_back(row);
    return *this;
  }

  /// What the last endpoint's DNS probe saw: a CNAME to `alias` where it is not "", then the addresses.
  Broken& resolves(const std::string& alias, const std::vector<std::string>& addresses) {
    EndpointReport& endpoint = report.requirements.back().endpoints.back();
    DnsDetail dns;
    dns.name = endpoint.host;
    dns.addresses = addresses;
    DnsAnswer answer;
    answer.name = endpoint.host;
    if (!alias.empty()) answer.records = {{endpoint.host, "CNAME", 60, alias}};
    dns.answers = {answer};
    add_probe(endpoint, ProbeKind::dns, dns);
    return *this;
  }

  Broken& rejected(int type, int code) {
    TcpDetail tcp;
    tcp.icmp = IcmpError{4, type, code, "10.0.1.1"};
    add_probe(report.requirements.back().endpoints.back(), ProbeKind::tcp, tcp);
    return *this;
  }

  Remedies mended() const { return remedies(report, plan, workspace); }

 private:
  std::string finding(const std::string& cause, const std::string& subject) {
    for (const Finding& one : report.findings)
      if (one.cause == cause && one.subject == subject) return one.id;
    Finding made;
    made.id = fmt::format("F{}", report.findings.size() + 1);
    made.cause = cause;
    made.subject = subject;
    made.title = "Title of " + cause;
    made.severity = Severity::blocking;
    made.confidence = Confidence::certain;
    made.fix.steps = {"Step of " + cause};
    report.findings.push_back(made);
    return made.id;
  }

  static EndpointReport failed(const Endpoint& endpoint, const std::string& finding) {
    EndpointReport one;
    one.host = endpoint.host;
    one.port = endpoint.port;
    one.protocol = name_of(endpoint.protocol);
    one.status = Status::fail;
    one.finding = finding;
    return one;
  }

  void add_probe(EndpointReport& endpoint, ProbeKind kind, ProbeDetail detail) {
    ProbeRecord probe;
    probe.id = fmt::format("p{}", report.probes.size() + 1);
    probe.kind = kind;
    probe.detail = std::move(detail);
    endpoint.probes.push_back(probe.id);
    report.probes.push_back(std::move(probe));
  }
};

inline Endpoint endpoint(const std::string& host, std::uint16_t port = 443, Protocol protocol = Protocol::tls,
                         const std::string& tag = "") {
  Endpoint one;
  one.host = host;
  one.port = port;
  one.protocol = protocol;
  one.service_tag = tag;
  return one;
}

/// What each rule allows or adds, without its kind.
inline std::vector<std::string> sentences(const Remedies& found) {
  std::vector<std::string> all;
  for (const Rule& rule : found.rules) {
    const std::string text = sentence_of(rule.kind);
    all.push_back(text.substr(0, text.find(':')));
  }
  return all;
}

/// Why the one failure has no rule.
inline std::string only_reason(const Remedies& found) {
  EXPECT_THAT(found.rules, testing::IsEmpty());
  return found.by_hand.size() == 1 ? found.by_hand.front().reason
                                   : fmt::format("{} by hand", found.by_hand.size());
}

}  // namespace amlnet::test
