#include <nlohmann/json.hpp>

#include "tests/unit/sample_report.h"

namespace amlnet {
namespace {

void spoil(Finding& finding, const std::string& evil) {
  finding.cause = finding.title = finding.subject = evil;
  finding.endpoints = {evil, evil};
  finding.evidence = {{finding.evidence.empty() ? "" : finding.evidence.front().probe, evil}, {evil, evil}};
  finding.alternatives = {{evil, evil}};
  finding.fix = {evil, {evil, evil}, {{evil, evil}, {evil, "javascript:alert(1)"}}};
}

void spoil(RequirementReport& row, const std::string& evil) {
  row.title = row.because = row.direction = evil;
  row.docs = {{evil, evil, evil, evil}, {evil, evil, evil, "javascript:alert(1)"}};
  for (EndpointReport& endpoint : row.endpoints) {
    endpoint.host = endpoint.documented_as = evil;
    endpoint.probes.push_back(evil);
  }
}

struct Spoiler {
  const std::string& evil;

  void operator()(std::monostate&) const {}
  void operator()(DnsDetail& dns) const {
    dns.name = dns.answered_by = evil;
    dns.hosts_file = dns.searched = dns.addresses = {evil};
    for (DnsAnswer& answer : dns.answers) {
      answer.server = answer.name = evil;
      for (DnsRecord& record : answer.records) record.data = evil;
    }
  }
  void operator()(TcpDetail& tcp) const { tcp.address = tcp.local_address = tcp.error.text = evil; }
  void operator()(UdpDetail& udp) const { udp.address = udp.local_address = udp.error.text = evil; }
  void operator()(TlsDetail& tls) const {
    tls.server_name = tls.address = tls.version = tls.cipher = tls.error.text = evil;
    tls.first_bytes = {evil};
    tls.verdicts.push_back({evil, 1, evil});
    tls.chain.push_back(evil);
  }
  void operator()(HttpDetail& http) const {
    http.method = http.url = http.address = http.proxy = http.error.text = evil;
    http.headers.emplace_back(evil, Bytes{evil});
    http.body = {evil};
    http.refusal = http.client_address = evil;
  }
  void operator()(IdentityDetail& identity) const {
    identity.method = identity.audience = identity.address = identity.proxy = identity.error.text = evil;
    identity.problem = identity.code = identity.client_id = identity.tenant = identity.object_id = evil;
  }
};

void spoil(ProbeRecord& probe, const std::string& evil) {
  probe.target = probe.control = probe.note = evil;
  probe.after.push_back(evil);
  visit_detail(Spoiler{evil}, probe.detail);
}

Certificate certificate_of(const std::string& evil) {
  return {evil, evil, evil, evil, evil, evil, {evil}, 0, 1, evil, evil, false, true, {evil}, {evil}};
}

}  // namespace

Report hostile_report(const std::string& evil) {
  Report report = failing_report();
  const Report full = full_report();
  report.probes.insert(report.probes.end(), full.probes.begin(), full.probes.end());
  report.tool = {evil, evil, evil, evil};
  report.run.id = report.run.started = report.run.finished = report.run.incomplete_because = evil;
  report.run.complete = false;
  report.node = {evil, evil, evil, evil, evil, {evil}, {evil}, {evil}, {{evil, evil}}, 1.0};
  (*report.workspace)["workspace"]["name"] = (*report.workspace)["compute"]["kind"] = evil;
  (*report.workspace)[evil] = evil;
  for (Finding& finding : report.findings) spoil(finding, evil);
  for (RequirementReport& row : report.requirements) spoil(row, evil);
  for (ProbeRecord& probe : report.probes) spoil(probe, evil);
  report.requirements.front().id = report.findings.front().requirements.front() = evil;
  report.live_requirements = {"", 1, {{evil, {443}, {evil}}}, {{evil, {443}, {evil}}}};
  report.certificates[evil] = certificate_of(evil);
  return report;
}

}  // namespace amlnet
