// The members of what was seen on the wire, for the JSON codec: errors, certificates and the `detail` of the
// tcp, udp, tls and http probes. What a detail does not say is as the probe's target says it. Used by
// probe_json and dns_json.
#pragma once

#include <string>

#include "reports/model/codec.h"

namespace amlnet {

/// A probe's target taken apart: "host:port", "[fd00::4]:443", or a name alone with port 0.
struct Target {
  std::string host;
  std::uint16_t port = 0;
};
Target target_of(const std::string& text);

template <class C>
void members(C& codec, typename C::template of<WireError>& error) {
  codec.may("failure", error.failure);
  codec.may("source", error.source);
  codec.may("code", error.code);
  codec.may("text", error.text);
}

template <class C>
void members(C& codec, typename C::template of<IcmpError>& icmp) {
  codec.must("family", icmp.family);
  codec.must("type", icmp.type);
  codec.must("code", icmp.code);
  codec.may("sender", icmp.sender);
}

template <class C>
void members(C& codec, typename C::template of<StoreVerdict>& verdict) {
  codec.must("store", verdict.store);
  codec.must("code", verdict.code);
  codec.may("text", verdict.text);
}

/// All but the fingerprint, which is the certificate's key in the report.
template <class C>
void members(C& codec, typename C::template of<Certificate>& certificate) {
  codec.must("subject", certificate.subject);
  codec.must("issuer", certificate.issuer);
  codec.may("subject_cn", certificate.subject_cn);
  codec.may("issuer_cn", certificate.issuer_cn);
  codec.may("issuer_org", certificate.issuer_org);
  codec.may("names", certificate.names);
  codec.must_time("not_before", certificate.not_before);
  codec.must_time("not_after", certificate.not_after);
  codec.may("serial", certificate.serial);
  codec.may("key", certificate.key);
  codec.may("is_ca", certificate.is_ca);
  codec.may("self_signed", certificate.self_signed);
  codec.may("ocsp", certificate.ocsp);
  codec.may("crl", certificate.crl);
}

template <class C>
void members(C& codec, typename C::template of<TcpDetail>& tcp, const Target& target) {
  codec.must("address", tcp.address);
  codec.may("port", tcp.port, target.port);
  codec.may("local_address", tcp.local_address);
  codec.may("rtt_us", tcp.rtt_us);
  codec.may("syn_retransmits", tcp.syn_retransmits);
  codec.may("segment_size", tcp.segment_size);
  codec.may("ttl", tcp.ttl);
  codec.may("icmp", tcp.icmp);
  codec.may("error", tcp.error);
}

template <class C>
void members(C& codec, typename C::template of<UdpDetail>& udp, const Target& target) {
  codec.must("address", udp.address);
  codec.may("port", udp.port, target.port);
  codec.may("local_address", udp.local_address);
  codec.may("answered", udp.answered);
  codec.may("icmp", udp.icmp);
  codec.may("error", udp.error);
}

template <class C>
void members(C& codec, typename C::template of<TlsDetail>& tls, const Target& target) {
  codec.may("server_name", tls.server_name, target.host);
  codec.must("address", tls.address);
  codec.may("port", tls.port, target.port);
  codec.must("reached", tls.reached);
  codec.may("version", tls.version);
  codec.may("cipher", tls.cipher);
  codec.may("bytes_sent", tls.bytes_sent);
  codec.may("bytes_received", tls.bytes_received);
  codec.may("alert", tls.alert);
  codec.may("first_bytes", tls.first_bytes);
  codec.may("chain", tls.chain);
  codec.may("name_matches", tls.name_matches);
  codec.may("verdicts", tls.verdicts);
  codec.may("ocsp_stapled", tls.ocsp_stapled);
  codec.may("handshake_ms", tls.handshake_ms);
  codec.may("error", tls.error);
}

/// One header of an answer.
struct Header {
  std::string name;
  Bytes value;
};

template <class C>
void members(C& codec, typename C::template of<Header>& header) {
  codec.must("name", header.name);
  codec.must("value", header.value);
}

/// All but the headers, which probe_json writes as an array of Header.
template <class C>
void members(C& codec, typename C::template of<HttpDetail>& http, const Target& target) {
  codec.may("method", http.method, "GET");
  codec.must("url", http.url);
  codec.must("address", http.address);
  codec.may("port", http.port, target.port);
  codec.may("proxy", http.proxy);
  codec.may("proxy_credentials", http.proxy_credentials);
  codec.may("proxy_status", http.proxy_status);
  codec.may("status", http.status);
  codec.may("body", http.body);
  codec.may("body_truncated", http.body_truncated);
  codec.may_time("date", http.date);
  codec.may("connect_ms", http.connect_ms);
  codec.may("tls_ms", http.tls_ms);
  codec.may("first_byte_ms", http.first_byte_ms);
  codec.may("error", http.error);
  codec.may("refusal", http.refusal);
  codec.may("client_address", http.client_address);
}

template <class C>
void members(C& codec, typename C::template of<IdentityDetail>& identity, const Target& target) {
  codec.must("method", identity.method);
  codec.must("audience", identity.audience);
  codec.may("address", identity.address);
  codec.may("port", identity.port, target.port);
  codec.may("proxy", identity.proxy);
  codec.may("status", identity.status);
  codec.may("problem", identity.problem);
  codec.may("code", identity.code);
  codec.may("client_id", identity.client_id);
  codec.may("tenant", identity.tenant);
  codec.may("object_id", identity.object_id);
  codec.may_time("expires", identity.expires);
  codec.may("error", identity.error);
}

}  // namespace amlnet
