// Rows of the table of causes: DNS, in the order of precedence of the contract's section 4.
#include "agent/diagnosis/documents.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {

using namespace documents;

namespace {

std::vector<Cause> server_causes() {
  return {
      {"dns.server-unreachable",
       rule_server_unreachable,
       "A nameserver gives no reply, or its port is refused.",
       "Make nameserver {} reachable on port 53, or take it out of the VNet's DNS setting.",
       {"Check that the server runs and listens on UDP and TCP port 53.",
        "Allow UDP and TCP 53 from the node's subnet to it, in network security groups and firewalls.",
        "After a change of the VNet's DNS setting, restart the node so that its resolv.conf follows."},
       {kCustomDns}},
      {"dns.azure-dns-unreachable",
       rule_azure_dns_unreachable,
       "Azure's own DNS at 168.63.129.16 gives no reply.",
       "Allow UDP port 53 to 168.63.129.16.",
       {"Look for a rule that denies the service tag AzurePlatformDNS, and for a local firewall or VPN on "
        "the node that catches the address."},
       {kAzureDnsPage}},
      {"dns.blocked-by-policy",
       rule_blocked_by_policy,
       "An Azure DNS security policy blocks the name.",
       "Take {} out of the block list of the DNS security policy that is linked to this VNet.",
       {"Find the policy linked to the VNet and the domain list whose rule blocks; remove the domain or add "
        "an allowing rule before it."},
       {kDnsPolicy, kFirewall}},
      {"dns.hijacked",
       rule_hijacked,
       "A nameserver gives addresses that cannot be right.",
       "Exempt Azure's zones from the rewriting on {}, or use another nameserver.",
       {"Turn off NXDOMAIN redirection, sinkholes and wildcard records for the names in question.",
        "Forward them to 168.63.129.16 instead."},
       {kCustomDns}},
      {"dns.search-domain-capture",
       rule_search_domain_capture,
       "The name with a search suffix resolves and shadows the real one.",
       "Remove the wildcard record under the search domain, or lower ndots in resolv.conf.",
       {"Set options ndots:1, or drop the suffix from the search list.",
        "Remove the wildcard record from the suffix's zone."},
       {kCustomDns}},
  };
}

std::vector<Cause> scope_causes() {
  return {
      {"dns.answers-flap",
       rule_answers_flap,
       "One nameserver gives the same question answers of different kinds.",
       "Make {} forward the public zones of Azure's services, always to the same place.",
       {"A conditional forwarder for the privatelink zone alone works only until the public zone's answer is "
        "cached: forward the public zone (blob.core.windows.net) as well.",
        "Where the address is shared by several servers, give each of them the same forwarders."},
       {kCustomDns, kPrivateDns}},
      {"dns.servers-disagree",
       rule_servers_disagree,
       "The node's nameservers give answers of different kinds.",
       "Give {} the same zones and forwarders as the node's other nameservers.",
       {"Forward the public zones of Azure's services to 168.63.129.16 on every server of the VNet's DNS "
        "setting.",
        "Programs move to the next server on a timeout, so the wrong one is used sooner or later."},
       {kCustomDns}},
      {"dns.not-forwarded-to-azure",
       rule_not_forwarded,
       "The nameserver resolves Azure's names itself instead of asking Azure DNS.",
       "Forward Azure's public zones from {} to 168.63.129.16.",
       {"Add conditional forwarders for the public zone names (such as blob.core.windows.net and "
        "api.azureml.ms), not only for privatelink ones.",
        "A server outside Azure must forward to a resolver inside the VNet: 168.63.129.16 answers only "
        "there."},
       {kCustomDns, kPrivateDns}},
      {"dns.private-record-missing",
       rule_private_record_missing,
       "The private DNS zone is linked, and lacks the record.",
       "Create the record of {} in its private DNS zone, by the private endpoint's DNS zone group.",
       {"Add the zone group to the private endpoint; it writes and keeps the record.",
        "Where the endpoint belongs to another network, let the zone link fall back to the internet."},
       {kPrivateDns, kDnsFallback}},
      {"dns.private-zone-not-linked",
       rule_zone_not_linked,
       "The private DNS zone is not visible to the VNet that asks.",
       "Link the zone {} to the VNet of the node's DNS servers.",
       {"Link the private DNS zone to the VNet that asks 168.63.129.16: the node's own, or that of its DNS "
        "servers or firewall.",
        "See that the zone holds the record of the private endpoint (its DNS zone group)."},
       {kCustomDns, kPrivateDns}},
      {"dns.wrong-private-address",
       rule_wrong_private_address,
       "The private address contradicts a declared one, or the workspace's.",
       "Correct the record of {}: it must hold the address of the private endpoint that serves this network.",
       {"Compare the record with the private endpoint's network interface; a deleted endpoint leaves its old "
        "address.",
        "An instance's name must have the address of the workspace's private endpoint, not the node's.",
        "Where two private endpoints write one zone, give each network its own zone."},
       {kCustomDns, kPrivateDns}},
      {"gateway.alias-not-private",
       rule_alias_not_private,
       "A gateway alias leads to a public address, or outside the managed VNet.",
       "Create the private endpoint rule for {} in the workspace's managed network, so that the name leads "
       "there.",
       {"Add the name as a FQDN of the outbound rule to the Application Gateway, and approve and provision "
        "it."},
       {kOnPremises}},
      {"dns.no-private-endpoint",
       rule_no_private_endpoint,
       "Private access is declared, and the name has no private endpoint.",
       "Create a private endpoint for {}, with its private DNS zone.",
       {"Each storage service in use (blob, file, dfs, queue, table) needs its own private endpoint.",
        "If the resource is meant to be public, set its access to public in the workspace file."},
       {kWorkspaceVnet, kPrivateDns}},
  };
}

}  // namespace

std::vector<Cause> name_causes() {
  auto table = server_causes();
  for (auto& row : scope_causes()) table.push_back(std::move(row));
  const std::vector<Cause> rest = {
      {"dns.name-not-found",
       rule_name_not_found,
       "The name does not exist.",
       "Check the spelling of {} and that the resource exists; then the zone that should hold it.",
       {"For names of a workspace, see that its private DNS zones hold records for each hub project, "
        "instance and endpoint."},
       {kCustomDns}},
      {"dns.no-address",
       rule_no_address,
       "The name exists, without an address record.",
       "Add the address record of {}.",
       {"Ask over TCP as well: a server that cuts long answers may lose the last record."},
       {kCustomDns}},
      {"dns.servfail",
       rule_servfail,
       "The nameserver answers SERVFAIL.",
       "Mend the upstream of {}: it cannot get the answer itself.",
       {"Look at the server's log and at its forwarders for these zones.",
        "A server outside Azure must not forward to 168.63.129.16; use a resolver inside the VNet."},
       {kCustomDns}},
      {"dns.refused",
       rule_refused_by_server,
       "The nameserver refuses to answer.",
       "Let {} answer the node's subnet.",
       {"Add the subnet to the server's list of clients that may recurse."},
       {kCustomDns}},
      {"dns.malformed",
       rule_malformed,
       "The nameserver answers with no valid message.",
       "Find what answers in place of a DNS server at {}.",
       {"Compare answers with and without EDNS, over UDP and TCP: a middlebox may cut or rewrite them."},
       {kCustomDns}},
      {"dns.tcp-blocked",
       rule_dns_tcp_blocked,
       "The answer does not fit UDP, and TCP port 53 fails.",
       "Allow TCP port 53 to {} as well as UDP.",
       {},
       {kCustomDns}},
      {"dns.server-unreachable", rule_server_silent_on_name, "", "", {}, {}},
  };
  table.insert(table.end(), rest.begin(), rest.end());
  return table;
}

}  // namespace amlnet
