#include "reports/model/probe_json.h"

#include <charconv>

#include "reports/model/dns_json.h"
#include "reports/model/wire_json.h"

namespace amlnet {
namespace {

template <class Detail>
void write_wire(std::string& out, const Detail& detail, const Target& target) {
  Encoder encoder(out);
  members(encoder, detail, target);
  if constexpr (std::is_same_v<Detail, HttpDetail>) {
    std::vector<Header> headers;
    for (const auto& [name, value] : detail.headers) headers.push_back({name, value});
    encoder.may("headers", headers);
  }
  encoder.close();
}

template <class Detail>
void decode_wire(const Place& place, const Target& target, ProbeDetail& out) {
  Decoder decoder(place);
  if (place.failed()) return;
  Detail detail;
  members(decoder, detail, target);
  if constexpr (std::is_same_v<Detail, HttpDetail>) {
    std::vector<Header> headers;
    decoder.may("headers", headers);
    for (Header& header : headers)
      detail.headers.emplace_back(std::move(header.name), std::move(header.value));
  }
  decoder.finish();
  out = std::move(detail);
}

struct DetailWriter {
  std::string& out;
  const std::string& target;
  void operator()(std::monostate) const { out += "{}"; }
  void operator()(const DnsDetail& detail) const { write_dns(out, detail, target); }
  void operator()(const auto& detail) const { write_wire(out, detail, target_of(target)); }
};

void decode_detail(const Place& place, const ProbeRecord& probe, ProbeDetail& out) {
  out = std::monostate{};
  if (place.value.is_object() && place.value.empty()) return;
  switch (probe.kind) {
    case ProbeKind::dns:
      return decode_dns(place, probe.target, out.emplace<DnsDetail>());
    case ProbeKind::tcp:
      return decode_wire<TcpDetail>(place, target_of(probe.target), out);
    case ProbeKind::udp:
      return decode_wire<UdpDetail>(place, target_of(probe.target), out);
    case ProbeKind::tls:
      return decode_wire<TlsDetail>(place, target_of(probe.target), out);
    case ProbeKind::http:
      return decode_wire<HttpDetail>(place, target_of(probe.target), out);
    case ProbeKind::identity:
      return decode_wire<IdentityDetail>(place, target_of(probe.target), out);
  }
}

/// All but the detail, whose shape depends on the kind.
template <class C>
void head_members(C& codec, typename C::template of<ProbeRecord>& probe) {
  codec.must("id", probe.id);
  codec.must("kind", probe.kind);
  codec.must("target", probe.target);
  codec.must("purpose", probe.purpose);
  codec.may("control", probe.control);
  codec.must("status", probe.status);
  codec.must("start_ms", probe.start_ms);
  codec.must("duration_ms", probe.duration_ms);
  codec.must("attempts", probe.attempts);
  codec.may("loop_lag_ms", probe.loop_lag_ms);
  codec.must("after", probe.after);
  codec.may("note", probe.note);
}

}  // namespace

Target target_of(const std::string& text) {
  Target target{text, 0};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return target;
  const char* end = text.data() + text.size();
  std::uint16_t port = 0;
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc{} || stop != end) return target;
  target = {text.substr(0, colon), port};
  if (target.host.starts_with('[') && target.host.ends_with(']')) {
    target.host = target.host.substr(1, target.host.size() - 2);
  }
  return target;
}

void write_json(std::string& out, const ProbeRecord& probe) {
  Encoder encoder(out);
  head_members(encoder, probe);
  encoder.add("detail", "");
  visit_detail(DetailWriter{out, probe.target}, probe.detail);
  encoder.close();
}

void decode(const Place& place, ProbeRecord& out) {
  Decoder decoder(place);
  if (place.failed()) return;
  head_members(decoder, out);
  if (const Json* json = decoder.find("detail", true)) {
    decode_detail(Place{*json, place.error, &place, "detail"}, out, out.detail);
  }
  decoder.finish();
}

void write_json(std::string& out, const Certificate& certificate) {
  Encoder encoder(out);
  members(encoder, certificate);
  encoder.close();
}

void write_json(std::string& out, const Certificates& certificates) {
  Encoder encoder(out);
  for (const auto& [sha256, certificate] : certificates) encoder.must(sha256, certificate);
  encoder.close();
}

void decode(const Place& place, Certificates& out) {
  out.clear();
  if (!place.value.is_object()) return place.expected("an object");
  for (const auto& [sha256, json] : place.value.get_ref<const Json::object_t&>()) {
    Certificate& certificate = out[sha256];
    decode(Place{json, place.error, &place, sha256}, certificate);
    certificate.sha256 = sha256;
    if (place.failed()) return;
  }
}

}  // namespace amlnet
