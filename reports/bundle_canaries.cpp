#include "reports/bundle_canaries.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace amlnet {
namespace {

/// Letters that no other text has by chance, from the bundle's key.
std::string letters(const std::string& key, std::string_view purpose) {
  std::size_t state = 1469598103934665603U;  // FNV-1a
  for (const char c : key + std::string(purpose))
    state = (state ^ static_cast<unsigned char>(c)) * 1099511628211U;
  std::string out;
  for (int i = 0; i < 12; ++i, state /= 26) out += static_cast<char>('a' + state % 26);
  return out;
}

std::string sentence(const Canaries& canaries) {
  return fmt::format(
      "http://user:{}@{}:3128/{}?sig={}&x=1 answers {} from {} and {}; Authorization: Bearer {}, {} of {} "
      "says "
      "{{\"access_token\": \"{}\"}}\n",
      canaries.password, canaries.host, canaries.word, canaries.parameter, canaries.host, canaries.address4,
      canaries.address6, canaries.token, canaries.secret, canaries.word, canaries.token);
}

ProbeRecord dns_probe(const Canaries& canaries) {
  DnsAnswer answer;
  answer.server = canaries.address4;
  answer.name = canaries.host;
  answer.type = "A";
  answer.transport = "udp";
  answer.records = {{canaries.host, "CNAME", 60, "x." + canaries.host},
                    {"x." + canaries.host, "A", 60, canaries.address4}};
  DnsDetail detail{canaries.host, {canaries.address4}, {canaries.host},  false,
                   {answer},      {canaries.address6}, canaries.address4};
  ProbeRecord probe;
  probe.id = "canary-dns";
  probe.target = canaries.host;
  probe.note = sentence(canaries);
  probe.detail = detail;
  return probe;
}

ProbeRecord http_probe(const Canaries& canaries) {
  HttpDetail detail;
  detail.url = fmt::format("https://{}/?sig={}", canaries.host, canaries.parameter);
  detail.address = canaries.address4;
  detail.port = 443;
  detail.proxy = "http://" + canaries.host + ":3128";
  detail.headers = {{"authorization", {canaries.secret}},
                    {"set-cookie", {"a=" + canaries.secret}},
                    {"location", {sentence(canaries)}}};
  detail.body = {sentence(canaries)};
  ProbeRecord probe;
  probe.id = "canary-http";
  probe.kind = ProbeKind::http;
  probe.target = canaries.host + ":443";
  probe.detail = detail;
  return probe;
}

void plant(Report& report, const Canaries& canaries) {
  const std::string text = sentence(canaries);
  report.node.hostname = canaries.word;
  report.node.search_domains.push_back(canaries.host);
  report.node.interfaces.push_back("canary0 " + canaries.address4 + "/24");
  report.node.resolvers.push_back(canaries.address6);
  report.node.proxy.emplace_back("https_proxy",
                                 fmt::format("http://user:{}@{}:3128", canaries.password, canaries.host));
  if (!report.workspace->is_object()) *report.workspace = nlohmann::ordered_json::object();
  (*report.workspace)["custom"].push_back(
      {{"host", canaries.host}, {"port", 443}, {"protocol", "tls"}, {"why", text}});
  (*report.workspace)["storage_accounts"].push_back(
      {{"name", canaries.word}, {"addresses", {{"blob", canaries.address4}}}});
  Finding finding;
  finding.id = "F0";
  finding.cause = "unknown";
  finding.subject = canaries.host;
  finding.title = text;
  finding.endpoints = {canaries.host + ":443"};
  finding.evidence = {{"canary-http", text}};
  finding.alternatives = {{"unknown", text}};
  finding.fix = {text, {text}, {{text, "https://" + canaries.host}}};
  report.findings.push_back(finding);
  RequirementReport row;
  row.id = "canary";
  row.title = row.because = text;
  row.endpoints = {
      {canaries.host, "*." + canaries.host, 443, "tls", Status::fail, std::nullopt, "F0", {"canary-http"}}};
  row.docs = {{text, text, "2026-01-01", "https://" + canaries.host}};
  report.requirements.push_back(row);
  report.live_requirements =
      LiveRequirements{text, 1, {{canaries.host, {443}, {text}}}, {{canaries.host, {443}, {"canary"}}}};
  Certificate certificate;
  certificate.sha256 = std::string(64, 'c');
  certificate.subject = certificate.issuer = "CN=" + canaries.host;
  certificate.subject_cn = certificate.issuer_cn = canaries.host;
  certificate.names = {canaries.host, canaries.address4};
  certificate.ocsp = certificate.crl = {"http://" + canaries.host + "/x"};
  report.certificates[certificate.sha256] = certificate;
  report.probes.push_back(dns_probe(canaries));
  report.probes.push_back(http_probe(canaries));
  report.run.incomplete_because = text;
}

}  // namespace

Canaries canaries_for(const std::string& key, const Redaction& what) {
  Canaries canaries;
  canaries.secret = letters(key, "secret");
  canaries.parameter = letters(key, "parameter");
  canaries.token =
      "eyJ" + letters(key, "header") + "." + letters(key, "payload") + "." + letters(key, "signature");
  canaries.password = letters(key, "password");
  canaries.label = letters(key, "label");
  canaries.word = letters(key, "word");
  canaries.host = fmt::format("{}.{}.com", canaries.label, letters(key, "domain"));
  const std::size_t number = letters(key, "address")[0] - 'a' + 100;
  canaries.address4 = fmt::format("10.211.{}.{}", number, number + 1);
  canaries.address6 = fmt::format("fd00:c0de:{}::{}", number, number + 1);
  canaries.hidden = {canaries.secret, canaries.parameter, canaries.token, letters(key, "payload"),
                     canaries.password};
  if (what.names)
    canaries.hidden.insert(canaries.hidden.end(),
                           {canaries.host, canaries.label, canaries.word, letters(key, "domain")});
  if (what.addresses) canaries.hidden.insert(canaries.hidden.end(), {canaries.address4, canaries.address6});
  return canaries;
}

BundleInput planted(BundleInput input, const Canaries& canaries) {
  plant(input.report, canaries);
  for (BundleText& text : input.texts) text.content += sentence(canaries);
  input.environment.emplace_back("AMLNET_CANARY", sentence(canaries));
  input.environment.emplace_back("PASSWORD", canaries.secret);
  input.secrets.push_back(canaries.secret);
  return input;
}

}  // namespace amlnet
