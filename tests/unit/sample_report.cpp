#include "tests/unit/sample_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace amlnet {
namespace {

constexpr const char* kFirewall =
    "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall";

Report base_report() {
  Report report;
  report.tool = {"0.3.0", "2026.1", std::string(64, 'a'), "2026-03-19"};
  report.run = {"5b0c8f3e-0000-4000-8000-000000000001",
                "2026-04-01T08:00:00Z",
                "2026-04-01T08:00:01Z",
                812.4,
                true,
                "",
                1,
                1024};
  report.node = {"ci1",
                 "Ubuntu 22.04",
                 "5.15.0",
                 "eastus2",
                 "Standard_DS3_v2",
                 {"eth0 10.0.1.7/24"},
                 {"10.0.0.4", "10.0.0.5"},
                 {},
                 {},
                 {}};
  *report.workspace = {
      {"cloud", "public"},
      {"region", "eastus2"},
      {"workspace", {{"name", "ws1"}, {"access", "private"}}},
      {"compute", {{"kind", "instance"}, {"name", "ci1"}}},
      {"sources", {{"region", "metadata"}, {"workspace", "resource-manager"}, {"cloud", "default"}}}};
  return report;
}

/// Adds a probe and returns its id.
std::string add_probe(Report& report, ProbeKind kind, std::string target, ProbeStatus status, double ms,
                      ProbeDetail detail) {
  ProbeRecord probe;
  probe.id = fmt::format("p{}", report.probes.size() + 1);
  probe.kind = kind;
  probe.target = std::move(target);
  probe.status = status;
  probe.start_ms = 3.1;
  probe.duration_ms = ms;
  probe.detail = std::move(detail);
  report.probes.push_back(std::move(probe));
  return report.probes.back().id;
}

DnsDetail answered(const std::string& host, const std::string& through, const std::string& address) {
  DnsDetail dns;
  dns.name = host;
  for (const char* server : {"10.0.0.4", "10.0.0.5", "168.63.129.16"}) {
    for (const char* type : {"A", "AAAA"}) {
      DnsAnswer answer;
      answer.server = server;
      answer.name = host;
      answer.type = type;
      answer.transport = "udp";
      answer.rcode = 0;
      answer.recursion_available = true;
      answer.size = 132;
      answer.start_ms = 3.1;
      answer.duration_ms = 8.9;
      answer.records = {{host, "CNAME", 60, through}};
      if (answer.type == "A") answer.records.push_back({through, "A", 10, address});
      dns.answers.push_back(answer);
    }
  }
  dns.addresses = {address};
  dns.answered_by = "10.0.0.4";
  return dns;
}

TcpDetail connected(const std::string& address) {
  TcpDetail tcp{address, 443, "10.0.1.7:50122", {}, {}, 900, 0, {}, {}};
  return tcp;
}

TlsDetail finished(const std::string& host, const std::string& address) {
  TlsDetail tls;
  tls.server_name = host;
  tls.address = address;
  tls.port = 443;
  tls.reached = TlsReached::finished;
  tls.version = "TLSv1.3";
  tls.cipher = "TLS_AES_256_GCM_SHA384";
  tls.bytes_sent = 601;
  tls.bytes_received = 4200;
  tls.chain = {std::string(64, 'b'), std::string(64, 'c')};
  tls.name_matches = true;
  tls.verdicts = {{"/etc/ssl/certs/ca-certificates.crt", 0, ""}};
  tls.handshake_ms = 4.2;
  return tls;
}

HttpDetail asked(const std::string& host, const std::string& address) {
  HttpDetail http;
  http.url = "https://" + host + "/";
  http.address = address;
  http.port = 443;
  http.status = 400;
  http.headers = {{"server", {"Windows-Azure-Blob/1.0"}}, {"x-ms-request-id", {"0a1b"}}};
  http.body = {"<Error><Code>InvalidQueryParameterValue</Code></Error>"};
  http.date = 1773936000;
  http.connect_ms = 1;
  http.tls_ms = 4;
  http.first_byte_ms = 7;
  return http;
}

/// An endpoint that passes all of its stages.
EndpointReport passing(Report& report, const std::string& host) {
  const std::string target = host + ":443";
  EndpointReport endpoint{host, "", 443, "https", Status::pass, {}, "", {}};
  endpoint.probes = {
      add_probe(report, ProbeKind::dns, host, ProbeStatus::ok, 8.9,
                answered(host, "x.privatelink.core.windows.net", "10.0.2.10")),
      add_probe(report, ProbeKind::tcp, target, ProbeStatus::ok, 0.9, connected("10.0.2.10")),
      add_probe(report, ProbeKind::tls, target, ProbeStatus::ok, 4.2, finished(host, "10.0.2.10")),
      add_probe(report, ProbeKind::http, target, ProbeStatus::ok, 7, asked(host, "10.0.2.10")),
  };
  return endpoint;
}

RequirementReport row(std::string id, std::string title, Status status,
                      std::vector<EndpointReport> endpoints) {
  RequirementReport row;
  row.id = std::move(id);
  row.title = std::move(title);
  row.status = status;
  row.because = "every compute needs it";
  row.endpoints = std::move(endpoints);
  row.docs = {{"Configure inbound and outbound network traffic", "Outbound", "2026-03-19", kFirewall}};
  return row;
}

RequirementReport untestable() {
  RequirementReport tag = row("nsg.batch", "Service tag BatchNodeManagement", Status::unknown, {});
  tag.unknown_because = Unknown::not_testable;
  tag.because = "a service tag names no host; compare the rules of the network security group";
  return tag;
}

void add_passing_rows(Report& report, int count) {
  for (int i = 0; i < count; ++i) {
    report.requirements.push_back(row(fmt::format("row.{}", i), fmt::format("service {}", i), Status::pass,
                                      {passing(report, fmt::format("service{}.example.net", i))}));
  }
}

Finding zone_finding() {
  Finding finding;
  finding.id = "F1";
  finding.cause = "dns.private-zone-not-linked";
  finding.severity = Severity::blocking;
  finding.confidence = Confidence::certain;
  finding.title = "stws1.blob.core.windows.net resolves to a public address";
  finding.subject = "privatelink.blob.core.windows.net";
  finding.endpoints = {"stws1.blob.core.windows.net:443"};
  finding.requirements = {"storage.ws.blob"};
  finding.evidence = {
      {"p1", "The private DNS zone privatelink.blob.core.windows.net is not linked to this VNet."},
      {"p1",
       "10.0.0.4, 10.0.0.5 and 168.63.129.16 all answer stws1.blob.core.windows.net → "
       "stws1.privatelink.blob.core.windows.net → 20.60.14.8 (public)"},
      {"p2", "stws1.file.core.windows.net, same account, resolves to 10.0.2.11 as it should"}};
  finding.fix = {
      "Link the zone to the VNet of the DNS servers, or create its record through the zone group of the "
      "private endpoint.",
      {},
      {{"Use your workspace with a custom DNS server (2026-03-26)",
        "https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns"}}};
  return finding;
}

Finding port_finding() {
  Finding finding;
  finding.id = "F2";
  finding.cause = "tcp.port-filtered";
  finding.severity = Severity::blocking;
  finding.confidence = Confidence::likely;
  finding.title = "Port 18881 of ci1.eastus2.instances.azureml.ms is silent; 443 of the same address answers";
  finding.subject = "18881";
  finding.endpoints = {"ci1.eastus2.instances.azureml.ms:18881"};
  finding.requirements = {"aml.instance-18881"};
  finding.evidence = {{"p3", "No answer to 3 SYN in 5 s from 10.0.2.20 port 18881."},
                      {"p2", "10.0.2.20 port 443 connected in 1 ms."}};
  finding.alternatives = {{"tcp.filtered", "another port of the address that is silent too would show it"}};
  finding.fix = {"Allow TCP 18881 from the subnet of the compute to the private endpoint.",
                 {"Network security group of subnet-compute: outbound, TCP 18881, to VirtualNetwork.",
                  "Where a firewall routes the traffic: the same rule there."},
                 {{"Configure inbound and outbound network traffic (2026-03-19)", kFirewall}}};
  return finding;
}

}  // namespace

Report failing_report() {
  Report report = base_report();
  DnsDetail dns =
      answered("stws1.blob.core.windows.net", "stws1.privatelink.blob.core.windows.net", "20.60.14.8");
  EndpointReport blob{
      "stws1.blob.core.windows.net", "*.blob.core.windows.net", 443, "https", Status::fail, {}, "F1", {}};
  blob.probes = {add_probe(report, ProbeKind::dns, blob.host, ProbeStatus::ok, 8.9, dns)};
  EndpointReport port = passing(report, "ci1.eastus2.instances.azureml.ms");
  port.port = 18881;
  port.protocol = "tcp";
  port.status = Status::fail;
  port.finding = "F2";
  TcpDetail silent{"10.0.2.20", 18881, "", {Failure::timeout, ErrorSource::amlnet, 0, ""}, {}, {}, 2, {}, {}};
  port.probes = {port.probes[0], add_probe(report, ProbeKind::tcp, "ci1.eastus2.instances.azureml.ms:18881",
                                           ProbeStatus::failed, 5000, silent)};
  report.requirements = {row("storage.ws.blob", "storage, blob", Status::fail, {blob}),
                         row("aml.instance-18881", "instance, 18881", Status::fail, {port})};
  add_passing_rows(report, 39);
  for (int i = 0; i < 9; ++i) report.requirements[static_cast<std::size_t>(i) + 2].level = Level::recommended;
  report.requirements.push_back(untestable());
  report.findings = {zone_finding(), port_finding()};
  report.summary = {Verdict::fail, {30, 2, 1, 0}, {9, 0, 0, 0}, {}};
  report.certificates[std::string(64, 'b')] = {std::string(64, 'b'),
                                               "CN=*.example.net",
                                               "CN=Microsoft Azure RSA TLS",
                                               "*.example.net",
                                               "Microsoft Azure RSA TLS",
                                               "Microsoft Corporation",
                                               {"*.example.net"},
                                               1700000000,
                                               1900000000,
                                               "01",
                                               "RSA 2048",
                                               false,
                                               false,
                                               {},
                                               {}};
  return report;
}

Report healthy_report() {
  Report report = base_report();
  add_passing_rows(report, 12);
  report.requirements[3].level = Level::optional;
  RequirementReport skipped = row("python.pypi", "Python packages", Status::skipped, {});
  skipped.because = "the feature python-packages is not used";
  report.requirements.push_back(skipped);
  report.requirements.push_back(untestable());
  report.summary = {Verdict::pass, {11, 0, 1, 1}, {}, {1, 0, 0, 0}};
  return report;
}

Report foreign_report() {
  Report report = base_report();
  report.node = {"laptop",        "Debian 12", "6.1.0", "", "", {"wlan0 192.168.1.20/24"},
                 {"192.168.1.1"}, {},          {},      {}};
  *report.workspace = {{"cloud", "public"},
                       {"compute", {{"kind", "vm"}}},
                       {"sources", {{"cloud", "default"}, {"compute.kind", "default"}}}};
  add_passing_rows(report, 4);
  RequirementReport unknown = row("aml.workspace-api", "workspace, API", Status::unknown, {});
  unknown.unknown_because = Unknown::not_known;
  unknown.because = "needs region and workspace.id: give --region and --config FILE with workspace.id";
  report.requirements.push_back(unknown);
  Finding finding;
  finding.id = "F1";
  finding.cause = "unknown";
  finding.confidence = Confidence::certain;
  finding.title = "Facts about the workspace are missing, so 1 requirement could not be checked";
  finding.subject = "node";
  finding.requirements = {"aml.workspace-api"};
  finding.evidence = {{"", "region: give --region"},
                      {"", "workspace.id: give --config FILE with workspace.id"}};
  report.findings = {finding};
  report.summary = {Verdict::incomplete, {4, 0, 1, 0}, {}, {}};
  return report;
}

Report incomplete_report() {
  Report report = base_report();
  report.run.complete = false;
  report.run.incomplete_because = "the deadline of 60 s passed";
  report.run.duration_ms = 60000;
  add_passing_rows(report, 5);
  EndpointReport cut = passing(report, "management.azure.com");
  cut.status = Status::unknown;
  cut.unknown_because = Unknown::not_finished;
  report.probes.back().status = ProbeStatus::unfinished;
  report.probes.back().detail = {};
  report.probes.back().note = "the deadline passed first";
  RequirementReport unfinished = row("arm.management", "Azure Resource Manager", Status::unknown, {cut});
  unfinished.unknown_because = Unknown::not_finished;
  report.requirements.push_back(unfinished);
  report.summary = {Verdict::incomplete, {5, 0, 1, 0}, {}, {}};
  return report;
}

Report large_report(int endpoints) {
  Report report = base_report();
  add_passing_rows(report, endpoints);
  report.summary = {Verdict::pass, {endpoints, 0, 0, 0}, {}, {}};
  return report;
}

Report partly_broken_report(int endpoints, int failed) {
  Report report = large_report(endpoints);
  Finding finding = zone_finding();
  finding.cause = "tls.intercepted";
  finding.subject = "CN=Inspection";
  finding.title = "TLS is intercepted by Inspection";
  finding.evidence.clear();
  finding.endpoints.clear();
  finding.requirements.clear();
  for (int i = 0; i < failed; ++i) {
    RequirementReport& row = report.requirements[static_cast<std::size_t>(i) * report.requirements.size() /
                                                 static_cast<std::size_t>(failed)];
    row.status = row.endpoints[0].status = Status::fail;
    row.endpoints[0].finding = "F1";
    finding.requirements.push_back(row.id);
    finding.endpoints.push_back(row.endpoints[0].host + ":443");
    for (ProbeRecord& probe : report.probes) {
      auto* tls = detail_of<TlsDetail>(probe);
      if (!tls || probe.id != row.endpoints[0].probes[2]) continue;
      probe.status = ProbeStatus::failed;
      tls->verdicts = {{"/etc/ssl/certs/ca-certificates.crt", 20, "unable to get local issuer certificate"}};
      finding.evidence.push_back({probe.id, tls->server_name + " shows a certificate of Inspection"});
    }
  }
  report.findings = {finding};
  report.summary = {Verdict::fail, {endpoints - failed, failed, 0, 0}, {}, {}};
  report.certificates = failing_report().certificates;
  return report;
}

}  // namespace amlnet
