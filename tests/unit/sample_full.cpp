#include <nlohmann/json.hpp>

#include "tests/unit/sample_report.h"

namespace amlnet {
namespace {

WireError an_error() {
  return {Failure::reset, ErrorSource::system, 104, "Connection reset by peer"};
}

ProbeRecord probe(std::string id, ProbeKind kind, std::string target, ProbeDetail detail) {
  ProbeRecord record;
  record.id = std::move(id);
  record.kind = kind;
  record.target = std::move(target);
  record.purpose = Purpose::follow_up;
  record.control = "neutral-sni";
  record.status = ProbeStatus::failed;
  record.start_ms = 3.1;
  record.duration_ms = 8.9;
  record.attempts = 2;
  record.loop_lag_ms = 0.4;
  record.after = {"p1"};
  record.note = "asked again";
  record.detail = std::move(detail);
  return record;
}

DnsAnswer answer(std::string server, std::string type, double start) {
  DnsAnswer answer;
  answer.server = std::move(server);
  answer.name = "stws1.blob.core.windows.net";
  answer.type = std::move(type);
  answer.transport = "tcp";
  answer.edns = false;
  answer.rcode = 0;
  answer.authoritative = answer.truncated = answer.recursion_available = true;
  answer.size = 180;
  answer.records = {{"stws1.blob.core.windows.net", "CNAME", 60, "stws1.privatelink.blob.core.windows.net"},
                    {"stws1.privatelink.blob.core.windows.net", "A", 10, "10.0.2.10"},
                    {"other.example", "A", 11, "10.0.2.11"}};
  answer.authority = {{"blob.core.windows.net", "SOA", 5, "ns1.example"}};
  answer.error = an_error();
  answer.attempts = 2;
  answer.start_ms = start;
  answer.duration_ms = 1.5;
  return answer;
}

ProbeDetail dns_detail() {
  DnsDetail dns{"stws1.blob.core.windows.net.corp",
                {"10.9.9.9"},
                {"a.example", "b.example"},
                true,
                {},
                {"10.0.2.10"},
                "10.0.0.4"};
  dns.answers = {answer("10.0.0.4", "A", 1), answer("10.0.0.4", "AAAA", 2), answer("10.0.0.5", "A", 3),
                 answer("10.0.0.5", "AAAA", 4)};
  return dns;
}

ProbeDetail tls_detail() {
  return TlsDetail{"other.example",
                   "10.0.2.10",
                   444,
                   TlsReached::certificate,
                   "TLSv1.3",
                   "TLS_AES_256_GCM_SHA384",
                   517,
                   1200,
                   112,
                   {std::string("SSH-\xff\x00", 6)},
                   {"aa11"},
                   true,
                   {{"/etc/ssl/certs/ca-certificates.crt", 20, "unable to get local issuer certificate"}},
                   true,
                   12.5,
                   an_error()};
}

ProbeDetail http_detail() {
  return HttpDetail{"HEAD",
                    "https://stws1.blob.core.windows.net/",
                    "10.0.2.10",
                    8443,
                    "http://10.0.0.9:3128",
                    true,
                    200,
                    403,
                    {{"server", {"Windows-Azure-Blob/1.0"}}, {"x-bad", {"\xff\xfe"}}},
                    {"<Error>\xc3"},
                    true,
                    1773936000,
                    1.5,
                    2.5,
                    3.5,
                    an_error(),
                    "ForbiddenByFirewall",
                    "10.0.1.7"};
}

Finding finding() {
  return {"F1",
          "dns.private-zone-not-linked",
          Severity::blocking,
          Confidence::certain,
          "a title",
          "a subject",
          {"stws1.blob.core.windows.net:443"},
          {"storage.ws.blob"},
          {{"p1", "a fact"}},
          {{"dns.no-private-endpoint", "ask the owner"}},
          {"Link the zone.", {"first", "second"}, {{"a document", "https://learn.microsoft.com/a"}}}};
}

RequirementReport requirement() {
  return {"storage.ws.blob",
          "storage, blob",
          Level::recommended,
          "inbound",
          Status::fail,
          Unknown::not_finished,
          "always",
          {{"stws1.blob.core.windows.net",
            "*.blob.core.windows.net",
            443,
            "tls",
            Status::fail,
            Unknown::not_known,
            "F1",
            {"p1", "p2"}}},
          {{"a document", "a section", "2026-03-19", "https://learn.microsoft.com/a"}}};
}

}  // namespace

Report full_report() {
  const IcmpError icmp{6, 3, 13, "10.0.1.1"};
  Report report;
  report.tool = {"0.1.0", "2026.1", "ab12", "2026-03-19"};
  report.run = {"5b0c8f3e-0000-4000-8000-000000000001",
                "2026-03-19T08:00:00Z",
                "2026-03-19T08:00:01Z",
                812.4,
                false,
                "the deadline",
                2,
                1024};
  report.node = {"ci1",        "Ubuntu 22.04",    "5.15.0",
                 "eastus2",    "Standard_DS3_v2", {"eth0 10.0.1.7/24"},
                 {"10.0.0.4"}, {"corp.example"},  {{"https_proxy", "http://10.0.0.9:3128"}},
                 12.5};
  *report.workspace = {{"region", "eastus2"}, {"cloud", "public"}, {"sources", {{"region", "metadata"}}}};
  report.summary = {Verdict::fail, {41, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}};
  report.findings = {finding()};
  report.requirements = {requirement()};
  report.live_requirements = {"no token",
                              3,
                              {{"a.azurebatch.example", {443, 8443}, {"Azure Batch"}}},
                              {{"b.example", {445}, {"storage.ws.file"}}}};
  report.certificates["aa11"] = {"aa11",
                                 "CN=a",
                                 "CN=b",
                                 "a",
                                 "b",
                                 "Microsoft",
                                 {"a.example"},
                                 1700000000,
                                 1800000000,
                                 "01ff",
                                 "EC P-256",
                                 true,
                                 true,
                                 {"http://ocsp.example"},
                                 {"http://crl.example"}};
  report.probes = {
      probe("p1", ProbeKind::dns, "stws1.blob.core.windows.net", dns_detail()),
      probe("p2", ProbeKind::tcp, "stws1.blob.core.windows.net:443",
            TcpDetail{"10.0.2.10", 444, "10.0.1.7:5000", an_error(), icmp, 900, 2, 536, 7}),
      probe("p3", ProbeKind::udp, "tundra.example:5831",
            UdpDetail{"10.0.2.10", 5832, "10.0.1.7:5000", true, an_error(), icmp}),
      probe("p4", ProbeKind::tls, "stws1.blob.core.windows.net:443", tls_detail()),
      probe("p5", ProbeKind::http, "stws1.blob.core.windows.net:443", http_detail()),
      probe("p6", ProbeKind::identity, "login.microsoftonline.com:443",
            IdentityDetail{"service-principal", "https://storage.azure.com/", "20.190.151.7", 444,
                           "http://10.0.0.9:3128", 400, "refused", "AADSTS53003",
                           "9a8b7c6d-5e4f-4a3b-9c2d-1e0f9a8b7c6d", "72f988bf-86f1-41af-91ab-2d7cd011db47",
                           "3f1c5a7e-09b2-4f4e-8d7a-51c0e9a2b6d4", 1774000000, an_error()}),
  };
  return report;
}

}  // namespace amlnet
