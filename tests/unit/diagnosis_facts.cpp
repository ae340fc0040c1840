#include "tests/unit/diagnosis_facts.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "agent/diagnosis/domains.h"

namespace amlnet::test {
namespace {

bool needs_tls(const Host& host) {
  return host.protocol == Protocol::tls || host.protocol == Protocol::https;
}
bool needs_http(const Host& host) {
  return host.protocol == Protocol::http || host.protocol == Protocol::https;
}

Failure connect_of(const Host& host, const std::string& address) {
  const auto found = host.connect_at.find(address);
  return found == host.connect_at.end() ? host.connect : found->second;
}

std::vector<std::string> used_addresses(const Host& host) {
  if (is_address(host.name)) return {host.name};
  if (!host.used.empty()) return host.used;
  if (!host.hosts_file.empty()) return host.hosts_file;
  for (const auto& says : host.dns) {
    if (says.server != "168.63.129.16" && !says.addresses.empty() && !says.truncated) return says.addresses;
  }
  return {};
}

}  // namespace

WireError error_of(Failure failure) {
  WireError error;
  error.failure = failure;
  error.source = failure == Failure::none ? ErrorSource::none : ErrorSource::system;
  return error;
}

DnsAnswer answer_of(const Says& says, const std::string& name, const std::string& type) {
  DnsAnswer answer;
  answer.server = says.server;
  answer.name = name;
  answer.type = type;
  answer.transport = "udp";
  answer.duration_ms = says.ms;
  answer.error = error_of(says.failure);
  if (says.failure != Failure::none) return answer;
  answer.rcode = says.rcode;
  answer.truncated = says.truncated;
  auto owner = name;
  for (const auto& target : says.chain) {
    answer.records.push_back({owner, "CNAME", 60, target});
    owner = target;
  }
  for (const auto& address : says.addresses) {
    const bool v6 = address.find(':') != std::string::npos;
    if (v6 == (type == "AAAA")) answer.records.push_back({owner, type, 10, address});
  }
  return answer;
}

World::World() {
  node.default_route = true;
  node.interfaces = {{"eth0", "10.0.1.7", 24}};
  node.resolver.nameservers = {"10.0.0.4"};
  certificate("microsoft-leaf", "Microsoft Azure RSA TLS Issuing CA 03", "Microsoft Corporation");
  certificate("microsoft-ca", "DigiCert Global Root G2", "DigiCert Inc");
  certificate("other-leaf", "R11", "Let's Encrypt");
  certificate("other-ca", "ISRG Root X1", "Internet Security Research Group");
  certificate("corp-leaf", "Contoso Issuing CA", "Contoso");
  certificate("corp-ca", "Contoso Root", "Contoso", true);
}

World& World::certificate(const std::string& id, const std::string& issuer, const std::string& organization,
                          bool self_signed) {
  Certificate made;
  made.sha256 = id;
  made.issuer_cn = issuer;
  made.issuer_org = organization;
  made.subject_cn = id;
  made.subject = "CN=" + id;
  made.names = {id + ".example"};
  made.self_signed = self_signed;
  made.not_before = kStart - 86400;
  made.not_after = kStart + 86400;
  evidence.certificates[id] = made;
  return *this;
}

ProbeRecord& World::record(ProbeKind kind, std::string target, bool ok) {
  ProbeRecord made;
  made.id = fmt::format("p{}", evidence.probes.size() + 1);
  made.kind = kind;
  made.target = std::move(target);
  made.status = ok ? ProbeStatus::ok : ProbeStatus::failed;
  made.duration_ms = ok ? 5 : 5000;
  return evidence.probes.emplace_back(std::move(made));
}

std::string World::add_dns(const Host& host) {
  DnsDetail detail;
  detail.name = host.name;
  detail.hosts_file = host.hosts_file;
  detail.searched = host.searched;
  detail.search_first = host.search_first;
  for (const auto& says : host.dns) {
    for (const auto* type : {"A", "AAAA"}) detail.answers.push_back(answer_of(says, host.name, type));
    if (says.truncated) {
      auto over_tcp = answer_of(says, host.name, "A");
      over_tcp.transport = "tcp";
      over_tcp.rcode.reset();
      over_tcp.error = error_of(Failure::timeout);
      detail.answers.push_back(over_tcp);
    }
  }
  for (const auto& name : host.searched) {
    detail.answers.push_back(answer_of({"10.0.0.4", {}, {"10.9.9.9"}}, name, "A"));
  }
  detail.addresses = used_addresses(host);
  detail.answered_by = host.hosts_file.empty() ? host.dns.front().server : "hosts";
  auto& made = record(ProbeKind::dns, host.name, !detail.addresses.empty());
  if (!host.proxy.empty()) made.purpose = Purpose::control;
  made.detail = std::move(detail);
  return made.id;
}

void World::add_tls(const Host& host, const std::string& address, const std::string& after, Purpose purpose) {
  TlsDetail tls;
  tls.server_name = host.name;
  tls.address = address;
  tls.port = host.port;
  tls.error = error_of(host.handshake);
  tls.bytes_received = host.bytes_received;
  tls.alert = host.alert;
  tls.reached = host.handshake == Failure::none ? TlsReached::finished : TlsReached::hello_sent;
  if (host.handshake == Failure::none) {
    tls.version = "TLSv1.3";
    tls.chain = host.chain;
    tls.name_matches = host.name_matches;
    tls.verdicts = {{"system", host.verify, host.verify == 0 ? "ok" : "does not verify"}};
  }
  auto& made = record(ProbeKind::tls, host_port(host.name, host.port),
                      host.handshake == Failure::none && host.name_matches && host.verify == 0);
  made.after = {after};
  made.purpose = purpose;
  made.detail = std::move(tls);
}

void World::add_http(const Host& host, const std::string& address, const std::string& after) {
  HttpDetail http;
  http.url = fmt::format("{}://{}/", host.protocol == Protocol::http ? "http" : "https", host.name);
  http.address = address;
  http.port = host.port;
  http.proxy = host.proxy;
  http.error = error_of(host.http);
  http.status = host.http == Failure::none ? host.status : 0;
  http.body.data = host.body;
  http.date = host.date;
  for (const auto& [name, value] : host.headers) http.headers.push_back({name, {value}});
  auto& made = record(ProbeKind::http, host_port(host.name, host.port), host.http == Failure::none);
  made.duration_ms = 5;
  made.after = {after};
  made.detail = std::move(http);
}

void World::add_direct(const Host& host, const std::string& address, const std::string& dns) {
  const auto failure = connect_of(host, address);
  auto& made = record(host.protocol == Protocol::udp ? ProbeKind::udp : ProbeKind::tcp,
                      host_port(host.name, host.port), failure == Failure::none);
  const auto id = made.id;
  if (!dns.empty()) made.after = {dns};
  if (host.protocol == Protocol::udp) {
    UdpDetail udp;
    udp.address = address;
    udp.port = host.port;
    udp.error = error_of(failure);
    udp.icmp = host.icmp;
    udp.answered = failure == Failure::none;
    made.detail = udp;
    return;
  }
  TcpDetail tcp;
  tcp.address = address;
  tcp.port = host.port;
  tcp.error = error_of(failure);
  if (failure != Failure::none) tcp.icmp = host.icmp;
  made.detail = tcp;
  if (failure != Failure::none) return;
  if (needs_tls(host)) add_tls(host, address, id, Purpose::requirement);
  if (needs_http(host) && (!needs_tls(host) || host.handshake == Failure::none)) add_http(host, address, id);
}

void World::add_proxied(const Host& host) {
  if (host.protocol == Protocol::http) return add_http(host, "10.0.9.9", "");
  HttpDetail connect;
  connect.method = "CONNECT";
  connect.method = "CONNECT";
  connect.url = host_port(host.name, host.port);
  connect.proxy = host.proxy;
  connect.address = "10.0.9.9";
  connect.proxy_status = host.proxy_status;
  const bool open = host.proxy_status >= 200 && host.proxy_status < 300;
  connect.error = error_of(open ? Failure::none : host.proxy_status ? Failure::proxy_refused : host.http);
  auto& made = record(ProbeKind::http, host_port(host.name, host.port), open);
  made.detail = connect;
  const auto id = made.id;
  if (open) add_tls(host, "10.0.9.9", id, Purpose::requirement);
  if (open && needs_http(host)) add_http(host, "10.0.9.9", id);
  if (host.direct_too) {
    auto direct = host;
    direct.handshake = Failure::none;
    add_tls(direct, "10.0.2.10", "", Purpose::control);
  }
}

World& World::add(Host host) {
  Endpoint endpoint;
  endpoint.host = host.name;
  endpoint.port = host.port;
  endpoint.protocol = host.protocol;
  endpoint.origin = host.origin;
  endpoint.scope = host.scope;
  endpoint.scope_known = host.scope_known;
  endpoint.expected_address = host.expected_address;
  endpoint.answerer = host.answerer;
  endpoint.service_tag = host.service_tag;
  endpoint.ca_file = host.ca_file;
  PlannedRequirement requirement;
  requirement.id = host_port(host.name, host.port);
  requirement.level = host.level;
  requirement.applies = true;
  requirement.uses = {{plan.endpoints.size(), host.name, ""}};
  plan.endpoints.push_back(endpoint);
  plan.requirements.push_back(requirement);

  const auto dns = is_address(host.name) ? std::string() : add_dns(host);
  if (!host.proxy.empty()) {
    add_proxied(host);
  } else {
    for (const auto& address : used_addresses(host)) add_direct(host, address, dns);
  }
  return *this;
}

World& World::canary(std::uint16_t port, bool connects) {
  auto& made = record(ProbeKind::tcp, fmt::format("192.0.2.1:{}", port), connects);
  made.purpose = Purpose::control;
  made.control = "canary";
  TcpDetail tcp;
  tcp.address = "192.0.2.1";
  tcp.port = port;
  tcp.error = error_of(connects ? Failure::none : Failure::timeout);
  made.detail = tcp;
  return *this;
}

World& World::shown_a_token(const std::string& target, long status, const std::string& refusal,
                            const std::string& client_address) {
  auto& made = record(ProbeKind::http, target, status != 0);
  made.purpose = Purpose::control;
  made.control = "authenticated";
  HttpDetail http;
  http.url = "https://" + target + "/";
  http.status = status;
  http.refusal = refusal;
  http.client_address = client_address;
  http.error = error_of(status ? Failure::none : Failure::timeout);
  made.detail = http;
  return *this;
}

World& World::random_label(const Says& says) {
  auto& made = record(ProbeKind::dns, "x7k2q9.invalid", !says.addresses.empty());
  made.purpose = Purpose::control;
  made.control = "random-label";
  DnsDetail detail;
  detail.name = made.target;
  detail.answers = {answer_of(says, made.target, "A")};
  made.detail = detail;
  return *this;
}

Diagnosis World::diagnosis() const {
  auto result = diagnose(facts());
  for (const auto& finding : result.findings) {
    if (finding.confidence == Confidence::certain || finding.cause == "unknown") continue;
    EXPECT_FALSE(finding.alternatives.empty()) << finding.cause << " (" << finding.title
                                               << ") is not certain, and names nothing else that it could be";
  }
  return result;
}

}  // namespace amlnet::test
