#include "tests/probes/run_bed.h"

#include <utility>

#include "tests/probes/peers.h"

namespace amlnet {

Endpoint endpoint(std::string host, std::uint16_t port, Protocol protocol) {
  Endpoint made;
  made.host = std::move(host);
  made.port = port;
  made.protocol = protocol;
  return made;
}

void Bed::add_names(int count) {
  for (int i = 0; i < count; ++i)
    plan.endpoints.push_back(endpoint("h" + std::to_string(i) + ".lab.test", closed_port(), Protocol::tcp));
}

PeerReply answers_loopback(const DnsBytes& question) {
  return {{with_addresses(answer_to(question), 1)}};
}

PeerReply says_nothing(const DnsBytes&) {
  return {};
}

PeerReply says_nxdomain(const DnsBytes& question) {
  return {{answer_to(question, 0x81, 0x83)}};
}

std::vector<const ProbeRecord*> of_kind(const RunResult& result, ProbeKind kind, Purpose purpose) {
  std::vector<const ProbeRecord*> found;
  for (const ProbeRecord& probe : result.evidence.probes)
    if (probe.kind == kind && probe.purpose == purpose) found.push_back(&probe);
  return found;
}

const DnsDetail& dns_of(const RunResult& result) {
  return *detail_of<DnsDetail>(*of_kind(result, ProbeKind::dns).at(0));
}

}  // namespace amlnet
