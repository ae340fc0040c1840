#include "agent/remedy/mend.h"

#include <algorithm>
#include <array>

#include "agent/plan/inbound.h"

namespace amlnet {
namespace {

enum class Remedy { allow, allow_by_name, link_zone, add_record, private_endpoint };

/// The causes that a rule mends. Whatever is not here is for people.
constexpr std::array<std::pair<std::string_view, Remedy>, 11> kMended = {{
    {"tcp.filtered", Remedy::allow},
    {"tcp.port-filtered", Remedy::allow},
    {"tcp.prohibited", Remedy::allow},
    {"udp.rejected", Remedy::allow},
    {"tls.sni-filtered", Remedy::allow_by_name},
    {"tls.no-answer", Remedy::allow_by_name},
    {"http.firewall-denied", Remedy::allow_by_name},
    {"http.host-filtered", Remedy::allow_by_name},
    {"dns.private-zone-not-linked", Remedy::link_zone},
    {"dns.private-record-missing", Remedy::add_record},
    {"dns.no-private-endpoint", Remedy::private_endpoint},
}};

/// An ICMP error that a filter sends (RFC 1812, 5.2.7.1), not a router without a route.
bool sent_by_filter(const FailedEndpoint& failed) {
  return std::ranges::any_of(failed.probes, [](const ProbeRecord* probe) {
    const auto* tcp = detail_of<TcpDetail>(*probe);
    if (tcp == nullptr || !tcp->icmp || tcp->icmp->family != 4 || tcp->icmp->type != 3) return false;
    const int code = tcp->icmp->code;
    return code == 9 || code == 10 || code == 13;
  });
}

/// A drop does not say whose it is, and a documented source is not this node: its service tag may be admitted
/// or not, whatever became of our connection.
NoRule no_inbound_rule(const Endpoint& endpoint) {
  const bool documented = !inbound_requirement(endpoint.port).empty();
  return NoRule{
      std::string("the report does not say which device drops: the security group of either node's subnet, a "
                  "firewall between, or the other node's own filter") +
      (documented
           ? "; nor does a connection from this node show whether the documented source of the port is "
             "admitted"
           : "")};
}

}  // namespace

bool is_managed(const Workspace& workspace) {
  return workspace.network.mode == NetworkMode::managed_internet_outbound ||
         workspace.network.mode == NetworkMode::managed_approved_outbound;
}

std::variant<std::vector<RuleKind>, NoRule> mend(const FailedEndpoint& failed) {
  const auto found = std::ranges::find(kMended, failed.finding.cause,
                                       [](const auto& row) { return std::string(row.first); });
  if (failed.finding.cause == "inbound.blocked") return no_inbound_rule(failed.endpoint);
  if (found == kMended.end()) return NoRule{"nothing that a firewall or zone holds mends this cause"};
  if (failed.finding.cause == "tcp.prohibited" && !sent_by_filter(failed))
    return NoRule{"the router's error does not say that a filter rejects: it may lack a route"};
  switch (found->second) {
    case Remedy::allow:
      return mend_path(failed, false);
    case Remedy::allow_by_name:
      return mend_path(failed, true);
    case Remedy::link_zone:
      return mend_zone_link(failed);
    case Remedy::add_record:
      return mend_zone_record(failed);
    case Remedy::private_endpoint:
      break;
  }
  return mend_without_endpoint(failed);
}

}  // namespace amlnet
