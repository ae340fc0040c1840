// Words for what a probe saw. They are chosen with care: "silent" is no answer, "refused" a reset of the SYN,
// "rejected" an ICMP error, "closed" an orderly end before the step was done.
#include "reports/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace amlnet {
namespace {

struct FailureWord {
  Failure failure;
  const char* word;
};
constexpr std::array kFailureWords{
    FailureWord{Failure::timeout, "silent"},
    FailureWord{Failure::refused, "refused"},
    FailureWord{Failure::reset, "reset"},
    FailureWord{Failure::closed, "closed"},
    FailureWord{Failure::host_unreachable, "no route"},
    FailureWord{Failure::net_unreachable, "no route"},
    FailureWord{Failure::local_blackhole, "blackhole"},
    FailureWord{Failure::local_prohibited, "prohibited"},
    FailureWord{Failure::local_reject, "own firewall"},
    FailureWord{Failure::no_descriptors, "no resources"},
    FailureWord{Failure::no_memory, "no resources"},
    FailureWord{Failure::no_local_port, "no resources"},
    FailureWord{Failure::dns_malformed, "malformed"},
    FailureWord{Failure::dns_bad_name, "bad name"},
    FailureWord{Failure::tls_alert, "alert"},
    FailureWord{Failure::tls_not_tls, "not TLS"},
    FailureWord{Failure::tls_protocol, "TLS error"},
    FailureWord{Failure::http_malformed, "not HTTP"},
    FailureWord{Failure::http_too_large, "too large"},
    FailureWord{Failure::proxy_refused, "proxy says no"},
    FailureWord{Failure::proxy_unresolved, "no proxy"},
    FailureWord{Failure::cancelled, "stopped"},
    FailureWord{Failure::other, "failed"},
};

struct CauseWord {
  std::string_view cause;
  ProbeKind stage;
  const char* word;
};
// Stages that answered, but not what they should have; of several servers, what the one that is blamed
// answered.
constexpr std::array kCauseWords{
    CauseWord{"dns.servfail", ProbeKind::dns, "SERVFAIL"},
    CauseWord{"dns.refused", ProbeKind::dns, "REFUSED"},
    CauseWord{"dns.name-not-found", ProbeKind::dns, "NXDOMAIN"},
    CauseWord{"dns.private-zone-not-linked", ProbeKind::dns, "public"},
    CauseWord{"dns.no-private-endpoint", ProbeKind::dns, "public"},
    CauseWord{"dns.not-forwarded-to-azure", ProbeKind::dns, "public"},
    CauseWord{"gateway.alias-not-private", ProbeKind::dns, "public"},
    CauseWord{"dns.wrong-private-address", ProbeKind::dns, "wrong"},
    CauseWord{"config.hosts-override", ProbeKind::dns, "hosts file"},
    CauseWord{"dns.servers-disagree", ProbeKind::dns, "differs"},
    CauseWord{"dns.answers-flap", ProbeKind::dns, "changes"},
    CauseWord{"dns.hijacked", ProbeKind::dns, "false"},
    CauseWord{"dns.search-domain-capture", ProbeKind::dns, "shadowed"},
    CauseWord{"dns.blocked-by-policy", ProbeKind::dns, "blocked"},
    CauseWord{"tcp.transparent-proxy", ProbeKind::tcp, "by proxy"},
    CauseWord{"tls.intercepted", ProbeKind::tls, "intercepted"},
};

std::string word_of(const WireError& error) {
  const auto* row = std::ranges::find(kFailureWords, error.failure, &FailureWord::failure);
  return row == kFailureWords.end() ? "failed" : row->word;
}

std::string rcode_word(int rcode) {
  constexpr std::array kNames{"", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};  // RFC 1035 4.1.1
  return rcode > 0 && rcode < static_cast<int>(kNames.size()) ? kNames[static_cast<std::size_t>(rcode)]
                                                              : fmt::format("rcode {}", rcode);
}

/// The trouble of a detail in a word; empty when there is none.
struct Trouble {
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(const DnsDetail& dns) const {
    if (!dns.addresses.empty()) return "";
    // What became of the name itself says more than of those that the search list makes of it, a code from a
    // server more than the silence of another.
    for (const bool itself : {true, false}) {
      for (const DnsAnswer& answer : dns.answers) {
        const bool meant = (answer.name == dns.name) == itself;
        if (meant && answer.rcode.value_or(0) != 0) return rcode_word(*answer.rcode);
      }
      for (const DnsAnswer& answer : dns.answers) {
        const bool meant = (answer.name == dns.name) == itself;
        if (meant && answer.error) return word_of(answer.error);
      }
    }
    return "no address";
  }
  std::string operator()(const TcpDetail& tcp) const { return icmp_or(tcp.icmp, tcp.error); }
  std::string operator()(const UdpDetail& udp) const {
    std::string trouble = icmp_or(udp.icmp, udp.error);
    return trouble.empty() ? "" : "udp " + trouble;
  }
  std::string operator()(const TlsDetail& tls) const {
    if (tls.alert) return fmt::format("alert {}", *tls.alert);
    if (tls.error) return word_of(tls.error);
    const int verdict = tls.verdicts.empty() ? 0 : tls.verdicts.front().code;
    if (verdict == 9) return "not yet valid";  // X509_V_ERR_CERT_NOT_YET_VALID
    if (verdict == 10) return "expired";       // X509_V_ERR_CERT_HAS_EXPIRED
    if (!tls.name_matches) return "other name";
    return verdict == 0 ? "" : "untrusted";
  }
  std::string operator()(const IdentityDetail& identity) const {
    return identity.code.empty() ? identity.problem : identity.code;
  }
  std::string operator()(const HttpDetail& http) const {
    if (http.error && http.proxy_status >= 400) return fmt::format("proxy {}", http.proxy_status);
    if (http.error) return word_of(http.error);
    return http.status == 0 ? "" : fmt::format("{}", http.status);
  }

 private:
  static std::string icmp_or(const std::optional<IcmpError>& icmp, const WireError& error) {
    if (!error) return "";
    return icmp && error.failure != Failure::refused ? "rejected" : word_of(error);
  }
};

std::string milliseconds(double ms) {
  return ms < 1 ? "<1 ms" : fmt::format("{:.0f} ms", ms);
}

}  // namespace

Cell cell_of(const std::vector<const ProbeRecord*>& probes, ProbeKind kind, std::string_view cause) {
  // Any address that passes makes the stage pass, so a good probe speaks for its stage; else the first does.
  const ProbeRecord* chosen = nullptr;
  for (const ProbeRecord* probe : probes) {
    if (probe->kind != kind) continue;
    if (!chosen || (probe->status == ProbeStatus::ok && chosen->status != ProbeStatus::ok)) chosen = probe;
  }
  if (!chosen || chosen->status == ProbeStatus::skipped) return {};
  if (chosen->status == ProbeStatus::unfinished) return {"not done", Status::unknown};
  for (const CauseWord& row : kCauseWords) {
    if (row.cause == cause && row.stage == kind) return {row.word, Status::fail};
  }
  if (chosen->status == ProbeStatus::ok) return {milliseconds(chosen->duration_ms), Status::pass};
  const std::string trouble = visit_detail(Trouble{}, chosen->detail);
  return {trouble.empty() ? "failed" : trouble, Status::fail};
}

std::array<Cell, 4> cells_of(const std::vector<const ProbeRecord*>& probes, std::string_view cause) {
  std::array<Cell, 4> cells{cell_of(probes, ProbeKind::dns, cause), cell_of(probes, ProbeKind::tcp, cause),
                            cell_of(probes, ProbeKind::tls, cause), cell_of(probes, ProbeKind::http, cause)};
  if (cells[1].text.empty()) cells[1] = cell_of(probes, ProbeKind::udp, cause);
  return cells;
}

bool stands_out(Status status, std::optional<Unknown> because) {
  return status == Status::fail || (status == Status::unknown && because != Unknown::not_testable);
}

}  // namespace amlnet
