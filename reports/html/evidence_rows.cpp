#include "reports/html/evidence_rows.h"

#include <fmt/format.h>

#include "reports/headline.h"
#include "reports/model/codec.h"
#include "reports/stages.h"

namespace amlnet {
namespace {

struct Rows {
  EvidenceRows rows;

  void add(std::string label, std::vector<std::string> values) {
    std::erase(values, "");
    if (!values.empty()) rows.emplace_back(std::move(label), std::move(values));
  }
  void add(std::string label, std::string value) { add(std::move(label), std::vector{std::move(value)}); }
};

std::string error_text(const WireError& error) {
  if (!error) return "";
  std::string out = fmt::format("{} ({}", name_of(error.failure), name_of(error.source));
  if (error.code != 0) out += fmt::format(" {}", error.code);
  return out + ")" + (error.text.empty() ? "" : ": " + error.text);
}

std::string icmp_text(const std::optional<IcmpError>& icmp) {
  if (!icmp) return "";
  return fmt::format("ICMP type {} code {} from {}", icmp->type, icmp->code,
                     icmp->sender.empty() ? "a sender that this kernel does not show" : icmp->sender);
}

std::string rcode_text(const DnsAnswer& answer) {
  if (!answer.rcode) return error_text(answer.error);
  constexpr const char* kNames[] = {"NOERROR",  "FORMERR", "SERVFAIL",
                                    "NXDOMAIN", "NOTIMP",  "REFUSED"};  // RFC 1035
  const int rcode = *answer.rcode;
  return rcode >= 0 && rcode <= 5 ? kNames[rcode] : fmt::format("rcode {}", rcode);
}

std::string answer_text(const DnsAnswer& answer) {
  std::string out =
      fmt::format("{} {} over {}: {}", answer.server, answer.type, answer.transport, rcode_text(answer));
  for (const DnsRecord& record : answer.records)
    out += fmt::format(", {} {} (TTL {})", record.type, record.data, record.ttl);
  for (const DnsRecord& record : answer.authority)
    out += fmt::format(", authority {} {}", record.owner, record.data);
  if (answer.truncated) out += ", truncated";
  if (!answer.edns) out += ", without EDNS";
  return out + fmt::format(", {:.1f} ms", answer.duration_ms);
}

std::vector<std::string> chain_text(const TlsDetail& tls, const Certificates& certificates) {
  std::vector<std::string> lines;
  for (const std::string& sha256 : tls.chain) {
    const auto found = certificates.find(sha256);
    if (found == certificates.end()) {
      lines.push_back(sha256);
      continue;
    }
    const Certificate& one = found->second;
    lines.push_back(fmt::format("{} issued by {}, {} to {}, {}{}, SHA-256 {}", one.subject, one.issuer,
                                rfc3339(one.not_before), rfc3339(one.not_after), one.key,
                                one.self_signed ? ", self-signed" : "", sha256));
    if (lines.size() == 1 && !one.names.empty()) lines.push_back("names: " + joined(one.names, ", "));
  }
  return lines;
}

struct Adder {
  Rows& rows;
  const Certificates& certificates;

  void operator()(std::monostate) const {}
  void operator()(const DnsDetail& dns) const {
    rows.add("hosts file", joined(dns.hosts_file, ", "));
    rows.add("searched", joined(dns.searched, ", "));
    std::vector<std::string> answers;
    for (const DnsAnswer& answer : dns.answers) answers.push_back(answer_text(answer));
    rows.add("answers", std::move(answers));
    rows.add("addresses", joined(dns.addresses, ", "));
    rows.add("answered by", dns.answered_by);
  }
  void operator()(const TcpDetail& tcp) const {
    rows.add("address", endpoint_name(tcp.address, tcp.port));
    rows.add("from", tcp.local_address);
    rows.add("error", error_text(tcp.error));
    rows.add("rejected by", icmp_text(tcp.icmp));
    if (tcp.rtt_us) rows.add("round trip", fmt::format("{} µs", *tcp.rtt_us));
    if (tcp.syn_retransmits) rows.add("SYN sent again", counted(*tcp.syn_retransmits, "time"));
    if (tcp.segment_size) rows.add("segment size", fmt::format("{} bytes", *tcp.segment_size));
    if (tcp.ttl) rows.add("life of the SYN", counted(static_cast<std::size_t>(std::max(*tcp.ttl, 0)), "hop"));
  }
  void operator()(const UdpDetail& udp) const {
    rows.add("address", endpoint_name(udp.address, udp.port));
    rows.add("from", udp.local_address);
    rows.add("answered", udp.answered ? "yes" : "no");
    rows.add("error", error_text(udp.error));
    rows.add("rejected by", icmp_text(udp.icmp));
  }
  void operator()(const TlsDetail& tls) const {
    rows.add("address", endpoint_name(tls.address, tls.port));
    rows.add("server name", tls.server_name.empty() ? "none sent" : tls.server_name);
    rows.add("reached", std::string(name_of(tls.reached)));
    rows.add("version", tls.version);
    rows.add("cipher", tls.cipher);
    rows.add("bytes", fmt::format("{} sent, {} received", tls.bytes_sent, tls.bytes_received));
    if (tls.alert) rows.add("alert", std::to_string(*tls.alert));
    rows.add("error", error_text(tls.error));
    rows.add("first bytes", tls.first_bytes.data);
    rows.add("certificates", chain_text(tls, certificates));
    if (!tls.chain.empty()) rows.add("name matches", tls.name_matches ? "yes" : "no");
    std::vector<std::string> verdicts;
    for (const StoreVerdict& one : tls.verdicts)
      verdicts.push_back(fmt::format("{}: {}", one.store,
                                     one.code == 0 ? "trusted" : fmt::format("{} ({})", one.text, one.code)));
    rows.add("trust stores", std::move(verdicts));
  }
  void operator()(const HttpDetail& http) const {
    rows.add("request", http.method + " " + http.url);
    rows.add("address", http.address.empty() ? "" : endpoint_name(http.address, http.port));
    rows.add("proxy", http.proxy);
    if (http.proxy_status != 0) rows.add("proxy says", std::to_string(http.proxy_status));
    if (http.status != 0) rows.add("status", std::to_string(http.status));
    rows.add("error", error_text(http.error));
    std::vector<std::string> headers;
    for (const auto& [name, value] : http.headers) headers.push_back(name + ": " + value.data);
    rows.add("headers", std::move(headers));
    rows.add(http.body_truncated ? "body, its beginning" : "body", http.body.data);
    rows.add("refused with", http.refusal);
    rows.add("client address seen", http.client_address);
    rows.add("times", fmt::format("connect {:.1f} ms, TLS {:.1f} ms, first byte {:.1f} ms", http.connect_ms,
                                  http.tls_ms, http.first_byte_ms));
  }
  void operator()(const IdentityDetail& identity) const {
    rows.add("method", identity.method);
    rows.add("audience", identity.audience);
    rows.add("address", identity.address.empty() ? "" : endpoint_name(identity.address, identity.port));
    rows.add("proxy", identity.proxy);
    if (identity.status != 0) rows.add("status", std::to_string(identity.status));
    rows.add("problem", joined({identity.problem, identity.code}, " "));
    rows.add("client id", identity.client_id);
    rows.add("tenant", identity.tenant);
    rows.add("object id", identity.object_id);
    if (identity.expires) rows.add("expires", rfc3339(*identity.expires));
    rows.add("error", error_text(identity.error));
  }
};

struct Shortener {
  const Certificates& certificates;

  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(const DnsDetail& dns) const {
    return dns.addresses.empty() ? "no address" : joined(dns.addresses, ", ") + " by " + dns.answered_by;
  }
  std::string operator()(const TcpDetail& tcp) const {
    return tcp.address + (tcp.error ? " " + error_text(tcp.error) : "");
  }
  std::string operator()(const UdpDetail& udp) const {
    return udp.address + (udp.error ? " " + error_text(udp.error) : "");
  }
  std::string operator()(const TlsDetail& tls) const {
    if (tls.error) return error_text(tls.error);
    const auto leaf = tls.chain.empty() ? certificates.end() : certificates.find(tls.chain.front());
    return tls.version + (leaf == certificates.end() ? "" : ", issued by " + leaf->second.issuer_cn);
  }
  std::string operator()(const HttpDetail& http) const {
    return http.status == 0 ? error_text(http.error) : std::to_string(http.status);
  }
  std::string operator()(const IdentityDetail& identity) const {
    return identity.problem.empty() ? "token for " + identity.audience : identity.problem;
  }
};

}  // namespace

EvidenceRows evidence_rows(const ProbeRecord& probe, const Certificates& certificates) {
  Rows rows;
  std::string purpose(name_of(probe.purpose));
  if (!probe.control.empty()) purpose += ", " + probe.control;
  rows.add("purpose", purpose);
  rows.add("time", fmt::format("began at {:.1f} ms, took {:.1f} ms, {}", probe.start_ms, probe.duration_ms,
                               counted(static_cast<std::size_t>(std::max(probe.attempts, 0)), "attempt")));
  if (probe.loop_lag_ms >= 1) rows.add("loop lag", fmt::format("{:.1f} ms", probe.loop_lag_ms));
  rows.add("after", joined(probe.after, ", "));
  rows.add("note", probe.note);
  visit_detail(Adder{rows, certificates}, probe.detail);
  return std::move(rows.rows);
}

std::string evidence_in_short(const ProbeRecord& probe, const Certificates& certificates) {
  return probe.note.empty() ? visit_detail(Shortener{certificates}, probe.detail) : probe.note;
}

}  // namespace amlnet
