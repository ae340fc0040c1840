#include "agent/diagnosis/observed.h"

#include <fmt/format.h>

#include "agent/diagnosis/answers.h"
#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/handshakes.h"

namespace amlnet {
namespace {

std::string describe_icmp(const IcmpError& icmp) {
  const auto sender =
      icmp.sender.empty() ? "an unnamed router (this kernel does not tell which)" : icmp.sender;
  return fmt::format("rejected by {}, ICMP{} type {} code {}", sender, icmp.family == 6 ? "v6" : "",
                     icmp.type, icmp.code);
}

std::string describe_error(const WireError& error, double ms) {
  if (error.failure == Failure::timeout) return fmt::format("silent for {:.0f} ms", ms);
  if (error.text.empty()) return std::string(words_of(error.failure));
  return fmt::format("{} ({})", words_of(error.failure), excerpt_of(error.text, 80));
}

std::string describe_tcp(const ProbeRecord& record, const TcpDetail& tcp) {
  const auto where = host_port(tcp.address, tcp.port);
  if (tcp.icmp) return fmt::format("{} is {}", where, describe_icmp(*tcp.icmp));
  if (!tcp.error) return fmt::format("{} connects in {:.0f} ms", where, record.duration_ms);
  auto text = fmt::format("{} is {}", where, describe_error(tcp.error, record.duration_ms));
  if (tcp.error.failure == Failure::timeout && record.attempts > 1)
    text += fmt::format(", {} attempts", record.attempts);
  return text;
}

std::string describe_udp(const ProbeRecord& record, const UdpDetail& udp) {
  const auto where = fmt::format("UDP {}", host_port(udp.address, udp.port));
  if (udp.icmp) return fmt::format("{} is {}", where, describe_icmp(*udp.icmp));
  return udp.answered ? where + " answers"
                      : fmt::format("{} is {}", where, describe_error(udp.error, record.duration_ms));
}

}  // namespace

bool passes_in_small_segments(const Case& c, const Trail& trail) {
  const auto* record = c.follow_up_of(trail, "small-segments");
  const auto* tls = detail_of<TlsDetail>(record);
  return tls && tls->reached >= TlsReached::certificate;
}

bool accepts_or_refuses(const TcpDetail& tcp) {
  return !tcp.error || (tcp.error.failure == Failure::refused && !tcp.icmp);
}

std::string_view words_of(Failure failure) {
  switch (failure) {
    case Failure::none:
      return "answering";
    case Failure::timeout:
      return "silent";
    case Failure::refused:
      return "refused";
    case Failure::reset:
      return "reset";
    case Failure::closed:
      return "closed early";
    case Failure::host_unreachable:
      return "unreachable (no way to the host)";
    case Failure::net_unreachable:
      return "unreachable (no route)";
    case Failure::local_blackhole:
      return "dropped by a blackhole route of this node";
    case Failure::local_prohibited:
      return "forbidden by a prohibit route of this node";
    case Failure::local_reject:
      return "rejected by this node's own firewall";
    case Failure::no_descriptors:
      return "not tried: this process is out of file descriptors";
    case Failure::no_memory:
      return "not tried: out of memory or buffers";
    case Failure::no_local_port:
      return "not tried: no local port or address is left";
    case Failure::proxy_unresolved:
      return "unreachable: its name does not resolve";
    case Failure::proxy_refused:
      return "refusing the tunnel";
    default:
      return "broken";
  }
}

std::string describe_connect(const ProbeRecord& record) {
  if (const auto* tcp = detail_of<TcpDetail>(record)) return describe_tcp(record, *tcp);
  if (const auto* udp = detail_of<UdpDetail>(record)) return describe_udp(record, *udp);
  return {};
}

std::string describe_handshake(const TlsDetail& tls) {
  const auto where = host_port(tls.address, tls.port);
  const auto name =
      tls.server_name.empty() ? std::string("no server name") : "the server name " + tls.server_name;
  switch (kind_of(tls)) {
    case HandshakeKind::good:
      return fmt::format("{} finishes a TLS handshake for {}", where, name);
    case HandshakeKind::not_verified:
      return fmt::format("{} shows a certificate for {} that is not right: {}", where, name,
                         tls.name_matches ? "the chain does not verify" : "the name is not in it");
    case HandshakeKind::not_tls:
      return fmt::format("{} does not speak TLS; it begins: {}", where, excerpt_of(tls.first_bytes.data));
    case HandshakeKind::version:
    case HandshakeKind::alert:
      return tls.alert ? fmt::format("{} sends TLS alert {} after {}", where, *tls.alert, name)
                       : fmt::format("{} offers only {}", where, tls.version);
    default:
      break;
  }
  const auto* how = tls.error.failure == Failure::timeout  ? "falls silent"
                    : tls.error.failure == Failure::reset  ? "resets the connection"
                    : tls.error.failure == Failure::closed ? "closes the connection"
                                                           : "breaks the handshake";
  return fmt::format("{} {} after {}, {} bytes received", where, how, name, tls.bytes_received);
}

std::string describe_answer(const HttpDetail& http) {
  const auto url = excerpt_of(http.url, 200);
  if (http.status == 0) return fmt::format("{} gives no HTTP answer: {}", url, words_of(http.error.failure));
  auto text = fmt::format("{} answers HTTP {}", url, http.status);
  if (const auto server = header_of(http, "server"); !server.empty())
    text += ", server " + excerpt_of(server, 60);
  if (const auto to = header_of(http, "location"); !to.empty()) text += ", to " + excerpt_of(to);
  if (!http.body.data.empty()) text += ": " + excerpt_of(http.body.data, 160);
  return text;
}

const ProbeRecord* probe_of(const Trail& trail) {
  if (trail.stage == TrailStage::name) return trail.dns;
  if (trail.stage == TrailStage::tunnel) return trail.tunnel;
  const auto* row = trail.shown();
  if (row == nullptr) return trail.dns;
  return trail.stage == TrailStage::connect     ? row->connect
         : trail.stage == TrailStage::handshake ? row->handshake
         : trail.stage == TrailStage::upgrade   ? row->upgrade
                                                : row->answer;
}

void say_detour(const Case& c, Draft& draft, const Trail& trail) {
  const auto suffixed = detour_of(c, trail);
  if (suffixed.empty()) return;
  draft.say(fmt::format("programs go on to the search domain, and are led to {} at {}", suffixed,
                        joined(trail.names()->addresses)),
            trail.dns);
}

std::string describe_trail(const Case& c, const Trail& trail) {
  const auto* probe = probe_of(trail);
  if (probe == nullptr) return trail.target + " failed";
  if (detail_of<DnsDetail>(*probe)) {
    std::string text;
    for (const auto& view : c.configured_views(trail)) {
      text += fmt::format("{}{} says {}", text.empty() ? "" : "; ", view.server,
                          describe(view, trail.endpoint->host, c.facts.workspace));
    }
    return text.empty() ? trail.target + " has no address" : text;
  }
  std::string text;
  if (const auto* tls = detail_of<TlsDetail>(*probe)) text = describe_handshake(*tls);
  if (const auto* http = detail_of<HttpDetail>(*probe)) text = describe_answer(*http);
  if (text.empty()) text = describe_connect(*probe);
  return is_address(trail.endpoint->host) ? text : fmt::format("{}: {}", trail.endpoint->host, text);
}

std::string joined(const std::vector<std::string>& items, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < items.size() && i < most; ++i) text += (i ? ", " : "") + items[i];
  return items.size() > most ? fmt::format("{} and {} more", text, items.size() - most) : text;
}

}  // namespace amlnet
