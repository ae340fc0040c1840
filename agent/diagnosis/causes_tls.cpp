// Rows of the table of causes: TLS, and the deny answer that explains a cut handshake.
#include <algorithm>

#include "agent/diagnosis/documents.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {

using namespace documents;

namespace {

std::vector<Cause> handshake_causes() {
  return {
      {"http.firewall-denied",
       rule_firewall_denied,
       "A firewall's deny answer came in place of the service's.",
       "Allow {} in the firewall, as an application rule.",
       {"Look for the name in the firewall's log: the deny line names the rule collection."},
       {kFirewallRules, kFirewall},
       true},
      {"path.mtu-blackhole",
       rule_mtu_blackhole,
       "Large packets are lost on the way without a word.",
       "Let ICMP \"fragmentation needed\" (type 3 code 4) pass, or clamp the segment size on the tunnel or "
       "firewall.",
       {"Clamp TCP MSS to the path's MTU at the VPN, ExpressRoute or firewall hop.",
        "As a stopgap, lower the MTU of the node's interface."},
       {kFirewall}},
      {"tls.sni-filtered",
       rule_sni_filtered,
       "This server name is cut off, another at the same address is answered.",
       "Allow the host names under {} in the firewall that filters by server name.",
       {"In Azure Firewall: an application rule for the names, protocol https, port 443."},
       {kFirewall, kFirewallRules},
       true},
      {"tls.not-tls",
       rule_not_tls,
       "The peer does not speak TLS.",
       "See what listens at {}, or which device answers in its place.",
       {"The first bytes it sent are in the evidence.",
        "A proxy reached with the wrong scheme (https:// for http://) shows this too."},
       {kFirewall}},
      {"tls.version-refused",
       rule_version_refused,
       "No TLS version or cipher is shared.",
       "Enable TLS 1.2 or 1.3 on {} or on the device that ends TLS before it.",
       {},
       {kFirewall}},
      {"tls.alert",
       rule_alert,
       "The peer ends the handshake with an alert.",
       "See what the listener at {} expects: the server name, or a client certificate.",
       {"For a gateway alias: the listener's host name must be the alias."},
       {kOnPremises}},
      {"tls.no-answer",
       rule_tls_no_answer,
       "The connection is accepted, and TLS is not answered.",
       "See whether a firewall accepts connections for {} and denies what follows; allow the name there.",
       {"Look for the name in the firewall's log."},
       {kFirewall, kFirewallRules},
       true},
  };
}

/// What a host's TLS may suffer from, a proxy's may too: each row once more, with the rule for proxies.
void add_proxy_rows(std::vector<Cause>& table) {
  const std::pair<std::string_view, void (*)(Case&)> rules[] = {
      {"tls.not-tls", rule_proxy_not_tls},
      {"tls.version-refused", rule_proxy_version_refused},
      {"tls.alert", rule_proxy_alert},
      {"tls.no-answer", rule_proxy_tls_no_answer},
      {"tls.ca-bundle", rule_proxy_ca_bundle},
      {"tls.untrusted-issuer", rule_proxy_untrusted_issuer},
      {"tls.name-mismatch", rule_proxy_name_mismatch},
      {"tls.incomplete-chain", rule_proxy_incomplete_chain},
      {"tls.expired", rule_proxy_expired},
      {"tls.not-yet-valid", rule_proxy_not_yet_valid},
  };
  for (const auto& [code, rule] : rules) {
    Cause row = *std::ranges::find(table, code, &Cause::code);
    row.rule = rule;
    table.push_back(std::move(row));
  }
}

}  // namespace

std::vector<Cause> tls_causes() {
  auto table = handshake_causes();
  const std::vector<Cause> rest = {
      {"tls.intercepted",
       rule_intercepted,
       "TLS is intercepted.",
       "Exempt the documented hosts from TLS inspection.",
       {"Add the hosts of the broken requirements to the inspecting device's bypass list.",
        "If inspection must stay: install its root in the node's image and in each runtime's own bundle "
        "(REQUESTS_CA_BUNDLE, SSL_CERT_FILE)."},
       {kFirewall, kAuthorities}},
      {"tls.ca-bundle",
       rule_ca_bundle,
       "The trust store is missing or too old.",
       "Update the node's certificate authorities.",
       {"apt-get install --only-upgrade ca-certificates (or the distribution's equivalent), then "
        "update-ca-certificates.",
        "See that SSL_CERT_FILE and SSL_CERT_DIR, if set, name a bundle that exists."},
       {kAuthorities}},
      {"node.clock-skew",
       rule_clock_skew,
       "The node's clock is wrong.",
       "Set the node's clock, and let it follow a time source.",
       {"See chronyc tracking or timedatectl; on Azure the host's clock is at /dev/ptp_hyperv."},
       {kTimeSync}},
      {"tls.untrusted-issuer",
       rule_untrusted_issuer,
       "A private root that the node does not trust.",
       "Install the root certificate {} on the node, or name it in the workspace file (ca_file).",
       {"For a gateway with a private back end, upload the same root to the gateway."},
       {kOnPremises}},
      {"tls.name-mismatch",
       rule_name_mismatch,
       "The certificate is for other names.",
       "Lead {} to the service that it names, or give the listener a certificate for it.",
       {"If the names are those of another Azure service, the DNS record points at that service's private "
        "endpoint.",
        "For a gateway alias: the listener's certificate must carry the alias in its names."},
       {kPrivateDns, kOnPremises}},
      {"tls.incomplete-chain",
       rule_incomplete_chain,
       "An intermediate certificate is missing.",
       "Configure the server or gateway behind {} to send its intermediate certificates.",
       {},
       {kOnPremises}},
      {"tls.expired",
       rule_expired,
       "The certificate has expired.",
       "Renew the certificate of {}.",
       {},
       {kOnPremises}},
      {"tls.not-yet-valid",
       rule_not_yet_valid,
       "The certificate is not valid yet.",
       "Replace the certificate of {}, or wait for its first day.",
       {},
       {kOnPremises}},
  };
  table.insert(table.end(), rest.begin(), rest.end());
  add_proxy_rows(table);
  return table;
}

}  // namespace amlnet
