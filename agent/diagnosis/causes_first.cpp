// Rows of the table of causes: what explains failures before the network is asked.
#include "agent/diagnosis/documents.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {

using namespace documents;

Cause transparent_proxy_row(void (*rule)(Case&)) {
  return {"tcp.transparent-proxy",
          rule,
          "A device on the way accepts every connection, so TCP proves nothing on this port.",
          "Nothing needs to change; the endpoints on port {} can be judged only by using them.",
          {"Test them from the studio, or exempt the port from the device that accepts connections."},
          {kFirewallRules}};
}

std::vector<Cause> first_causes() {
  return {
      {"node.resource-limit",
       rule_resource_limit,
       "The process ran out of descriptors, ports or memory.",
       "Raise the limit that is named, or run with a lower --concurrency.",
       {"Raise the open-files limit (ulimit -n, LimitNOFILE= of a service), or free memory on the node.",
        "Out of ports: widen net.ipv4.ip_local_port_range, or find what holds so many connections (ss -s).",
        "Run again with --concurrency 64."},
       {kTrainingVnet}},
      {"node.conntrack-full",
       rule_conntrack_full,
       "The kernel's connection table is full.",
       "Raise net.netfilter.nf_conntrack_max, or find what opens so many connections.",
       {"sysctl -w net.netfilter.nf_conntrack_max=N, with N at least twice the present value."},
       {kFirewall}},
      {"config.privatelink-name",
       rule_privatelink_name,
       "A configured host is a privatelink name.",
       "Configure the public name instead of {}; private DNS leads it to the private endpoint.",
       {"Replace the name by the one without the privatelink label (for a key vault: NAME.vault.azure.net)."},
       {kPrivateDns}},
      {"config.alias-labels",
       rule_alias_labels,
       "An Application Gateway alias has fewer than three labels.",
       "Give the alias {} a name of at least three labels, such as host.domain.tld.",
       {"Change the alias in the workspace's outbound rule and in the gateway's listener."},
       {kOnPremises}},
      {"config.alias-on-spark",
       rule_alias_on_spark,
       "Application Gateway aliases on Spark compute, which is not supported.",
       "Use another kind of compute for jobs that need the gateway's aliases.",
       {},
       {kOnPremises}},
      {"config.hosts-override",
       rule_hosts_override,
       "The hosts file pins a probed name to an address that DNS does not give.",
       "Remove the line for {} from /etc/hosts, or correct its address.",
       {"Compare the pinned address with the private endpoint's network interface, then remove or correct "
        "the line."},
       {kCustomDns}},
      {"route.none",
       rule_no_route,
       "The node has no route to the network.",
       "Give the node a default route: check its network interface, DHCP and route table.",
       {"Look at ip route and ip address on the node.",
        "In Azure, see that the network interface is attached to a subnet and that DHCP works; the default "
        "route comes with the lease."},
       {kFirewall}},
  };
}

std::vector<Cause> last_causes() {
  return {
      {"unknown",
       rule_unknown,
       "No rule explains the failure.",
       "Look at the evidence; it holds everything that was seen.",
       {"Save the report and send it with the support request: a cause that is missing here is a defect to "
        "mend."},
       {},
       true},
      {"proxy.imds",
       rule_proxy_imds,
       "The environment sends the metadata service through the proxy.",
       "Add 169.254.169.254 and 168.63.129.16 to NO_PROXY and no_proxy.",
       {"Set NO_PROXY=169.254.169.254,168.63.129.16 beside what it holds, in both spellings."},
       {kMetadataService}},
      {"config.no-proxy-syntax",
       rule_no_proxy_syntax,
       "NO_PROXY has entries that common clients ignore.",
       "Write NO_PROXY as plain suffixes and addresses, parted by commas: it is the only form that all "
       "clients read.",
       {"Instead of *.core.windows.net write core.windows.net; instead of 10.0.0.0/16 the names of the "
        "private "
        "endpoints; leave ports out.",
        "Set NO_PROXY and no_proxy to the same value."},
       {kPrivateLink}},
      {"dns.edns-blocked",
       rule_edns_blocked,
       "Questions with EDNS are lost, without it they are answered.",
       "Let DNS messages with EDNS pass to and from {}.",
       {"Look for a firewall between that inspects DNS and drops the OPT record or answers over 512 bytes; "
        "turn "
        "that inspection off or update it.",
        "Every name costs a timeout of its resolver first: options no-aaaa or edns0 in resolv.conf do not "
        "help."},
       {kCustomDns}},
      {"dns.slow",
       rule_dns_slow,
       "Right answers that take over 2 s.",
       "Find what delays {}: a dead upstream it tries first, or an overloaded server.",
       {"Time a question to the server itself, and one to each of its forwarders."},
       {kCustomDns}},
      {"path.mtu-blackhole", rule_upload_blackhole, "", "", {}, {}},
      {"path.large-hello-dropped",
       rule_large_hello_dropped,
       "A large ClientHello is lost, a small one passes.",
       "Update the device on the way that cannot read a ClientHello of more than one packet.",
       {"Programs with post-quantum key shares send such ClientHellos (OpenSSL 3.5, Go 1.24, current "
        "browsers): they "
        "hang where older ones work.",
        "Until then, leave the large key shares out: for Go GODEBUG=tlsmlkem=0, for OpenSSL Groups = "
        "X25519:P-256 in "
        "openssl.cnf."},
       {kFirewall}},
      {"tls.ca-bundle", rule_program_stores, "", "", {}, {}},
      {"tls.revocation-blocked",
       rule_revocation_blocked,
       "Hosts that say whether a certificate is revoked (OCSP, CRL) cannot be reached.",
       "Allow TCP port 80 to {}: programs ask it whether a certificate is revoked.",
       {"Revocation goes over plain HTTP on port 80, where the programs' own proxy settings for http:// "
        "count.",
        "Most programs go on without an answer, some after waiting for it; Snowflake's drivers, and Java or "
        ".NET "
        "where "
        "told to check, refuse the connection.",
        "Until then, such programs can be told to go on without (Snowflake: OCSP fail-open mode)."},
       {kAuthorities}},
      {"path.slow",
       rule_path_slow,
       "Connecting is quick, but handshake or answer trickles.",
       "Find what slows the way to {}: a small link, an overloaded appliance, lost packets.",
       {"Compare the throughput from this node to a host before and one behind the firewall or VPN.",
        "Look at the processor load and the size of the network appliance, and at the VM size's network "
        "limit."},
       {kTcpTuning}},
      {"tcp.some-addresses-dead",
       rule_some_addresses_dead,
       "Some addresses of a name are dead, others pass.",
       "Allow every address of {}, by service tag or name instead of by address.",
       {"Programs try one address at a time: each dead one costs a timeout, or fails the call."},
       {kFirewall},
       true},
      {"tcp.ipv6-broken",
       rule_ipv6_broken,
       "IPv6 addresses answer nothing, IPv4 is fine.",
       "Remove the node's IPv6 address, or give it a path.",
       {"Disable IPv6 on the node, or prefer IPv4 in /etc/gai.conf: precedence ::ffff:0:0/96 100."},
       {kFirewall}},
      transparent_proxy_row(rule_transparent_proxy),
      {"config.facts-missing",
       rule_missing_facts,
       "Facts about the workspace that requirements need are not known.",
       "Give the missing facts, so that the rows that wait for them can be checked.",
       {},
       {kFirewall}},
  };
}

}  // namespace amlnet
