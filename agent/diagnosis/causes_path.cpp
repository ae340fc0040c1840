// Rows of the table of causes: proxies, routes, TCP and UDP.
#include "agent/diagnosis/documents.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {

using namespace documents;

namespace {

std::vector<Cause> proxy_causes() {
  return {
      {"proxy.unreachable",
       rule_proxy_unreachable,
       "The configured proxy does not answer.",
       "Make the proxy {} reachable, or take it out of the environment.",
       {"Check https_proxy, http_proxy and that the proxy listens there.",
        "Run again with --proxy none to see the direct path."},
       {kFirewall}},
      {"proxy.auth-required",
       rule_proxy_auth,
       "The proxy asks for credentials.",
       "Give the node credentials for {}, or let its subnet through without.",
       {"Azure ML's own services do not authenticate to proxies: exempt the documented hosts."},
       {kFirewall}},
      {"proxy.private-traffic",
       rule_private_traffic,
       "Traffic to private endpoints goes through the proxy.",
       "Add the hosts of private endpoints to NO_PROXY.",
       {"Use plain suffixes, without asterisks: many clients ignore patterns.",
        "In a PAC file, send private endpoints and compute instances direct."},
       {kPrivateLink}},
      {"proxy.port-refused",
       rule_proxy_port,
       "CONNECT works for port 443, not for this one.",
       "Allow CONNECT to the ports in question on {}, or let these hosts go direct.",
       {"In Squid: add the ports to SSL_ports and Safe_ports. In tinyproxy: ConnectPort."},
       {kFirewall}},
      {"proxy.denied",
       rule_proxy_denied,
       "The proxy refuses CONNECT to hosts that are needed.",
       "Allow the documented hosts on {}.",
       {},
       {kFirewall},
       true},
      {"proxy.cannot-reach",
       rule_proxy_cannot_reach,
       "The proxy cannot resolve or reach the host.",
       "Let {} resolve Azure's private names, or let these hosts go direct by NO_PROXY.",
       {"The proxy resolves the names: its DNS must forward to 168.63.129.16 of a VNet that sees the private "
        "zones."},
       {kPrivateLink}},
  };
}

std::vector<Cause> route_causes() {
  return {
      {"route.local-block",
       rule_local_block,
       "A route or firewall of the node itself rejects.",
       "Remove the route or local firewall rule on the node that blocks {}.",
       {"ip route get ADDRESS shows the route; nft list ruleset or iptables -S the local rules."},
       {kFirewall}},
      {"inbound.blocked",
       rule_inbound_blocked,
       "Connections from this node to the port of another are dropped or rejected on the way.",
       "Allow inbound TCP {} to the node, in its network security groups and in each firewall between.",
       {"In the network security group of the node's subnet: 44224 from the service tag "
        "AzureMachineLearning, "
        "29876 and 29877 from BatchNodeManagement, traffic between nodes from VirtualNetwork.",
        "A rule that denies and has a smaller priority number wins over the default that lets VirtualNetwork "
        "in: look at the effective security rules of both nodes' network interfaces.",
        "Look for a filter on the node itself, too: nft list ruleset or iptables -S."},
       {kTrainingVnet, kFirewall, kSecurityGroups},
       true},
      transparent_proxy_row(rule_inbound_swallowed),
      {"inbound.not-listening",
       rule_inbound_not_listening,
       "amlnet listen does not hold the port: the way there is shown neither open nor blocked.",
       "Run amlnet listen --ports {} on the other node, and amlnet reach again while it runs.",
       {"amlnet listen says which ports it could not open, and why; ss -ltnp shows there which program holds "
        "them.",
        "A port that another program needs is tested by that program's own client."},
       {kTrainingVnet}},
      {"identity.imds-unreachable",
       rule_imds_unreachable,
       "The metadata service gives no answer.",
       "Let the node reach 169.254.169.254 port 80 directly.",
       {"Look for a route that catches 169.254.0.0/16 (VPN, container bridge) and for a local firewall "
        "rule."},
       {kMetadataService}},
      {"route.no-egress",
       rule_no_egress,
       "Every public address is silent, private endpoints are fine.",
       "Give the subnet a way out: a NAT gateway, or a route to a firewall that allows the documented hosts.",
       {"Associate a NAT gateway with the subnet, or a route table whose 0.0.0.0/0 leads to a firewall that "
        "works.",
        "A node without a public IP has no default outbound access."},
       {kOutbound, kFirewall}},
      {"route.all-dead",
       rule_all_dead,
       "Nothing beyond the subnet answers.",
       "Check the subnet's route table: its next hop does not forward.",
       {"Look at the effective routes of the network interface, and whether the appliance at the next hop "
        "runs and forwards.",
        "Look at the effective security rules for one that denies everything."},
       {kOutbound, kFirewall}},
  };
}

}  // namespace

std::vector<Cause> path_causes() {
  auto table = proxy_causes();
  for (auto& row : route_causes()) table.push_back(std::move(row));
  const std::vector<Cause> rest = {
      {"tcp.snat-exhausted",
       rule_snat_exhausted,
       "Connections that are opened at once die, one after the other they pass.",
       "Give the subnet more outbound ports: a NAT gateway, or more public addresses on the one it has.",
       {"Look at the SNAT connection count and the dropped packets of the NAT gateway, load balancer or "
        "firewall.",
        "Move what goes to Azure services to private endpoints: they need no translated port.",
        "Close connections that idle: a port is held until some time after its connection ends."},
       {kSnat, kOutbound}},
      {"gateway.aliases-differ",
       rule_aliases_differ,
       "Aliases of one gateway lead to different private addresses.",
       "Give all aliases of the gateway the address of its one managed private endpoint.",
       {"Put the aliases into one outbound rule of the workspace's managed network, or correct the odd "
        "record."},
       {kOnPremises}},
      {"tcp.private-endpoint-silent",
       rule_private_endpoint_silent,
       "A private endpoint's address is silent.",
       "Check that the private endpoint of {} exists, is approved, and lies in a network that this one "
       "reaches.",
       {"See that its connection state is Approved.",
        "Compare the address with the private endpoint's network interface.",
        "If it lies in another VNet: peer the networks, or create a private endpoint here."},
       {kPrivateEndpoint, kPrivateLink}},
      {"tcp.port-filtered",
       rule_port_filtered,
       "Silent on this port, the same address answers on another.",
       "Allow TCP port {} to these hosts: in a firewall as a network rule, since application rules cover 80 "
       "and 443 only.",
       {"Check the network security group of the node's subnet and each firewall on the way."},
       {kFirewall},
       true},
      {"udp.rejected",
       rule_udp_rejected,
       "A documented UDP port is rejected.",
       "Allow UDP port {} as a network rule.",
       {},
       {kFirewall},
       true},
      {"tcp.prohibited",
       rule_prohibited,
       "A router on the way rejects the connections.",
       "Change the rule on the router {} that rejects these destinations.",
       {"ICMP type 3 code 13, 10 or 9 is a filter; code 1 or 0 a missing route there; type 11 a routing "
        "loop."},
       {kFirewall},
       true},
      {"tcp.refused",
       rule_refused,
       "The connection is refused.",
       "See whether the service behind {} runs, then which device rejects.",
       {"On ports 8787 and 18881 nothing may be listening: start RStudio or open a notebook on the instance "
        "and check again."},
       {kFirewall},
       true},
      {"tcp.filtered",
       rule_filtered,
       "Silent on every port tried, others answer.",
       "Allow outbound traffic to {}.",
       {"Check network security groups, firewalls and route tables on the way from the node's subnet."},
       {kFirewall},
       true},
  };
  table.insert(table.end(), rest.begin(), rest.end());
  return table;
}

}  // namespace amlnet
