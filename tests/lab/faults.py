"""The verbs of the scenario files. Each is a function of its own name that breaks one thing in the design of the lab
before it is built; its parameters are the keys of the scenario's [[fault]] table."""

from dataclasses import dataclass, field

from authorized import MODES
from front import FIREWALL_PORT, HTTP_FIREWALL_PORT, OPENSSL_PORT, TRANSPARENT_PORT, hosts_matching
from gateway import Gateway
from proxies import Proxy
from services import AZURE_DNS, BY_HOST, PRIVATE_ZONES, PROXY, PROXY_HOST, SECOND_DNS, VNET_DNS, addresses_of
from zones import Records, healthy_records

INTERNET = "!= { 10.0.0.0/8, 168.63.129.16, 169.254.169.254 }"
_ACTIONS = {
    "drop": "drop",
    "reset": "reject with tcp reset",
    "port-unreachable": "reject with icmpx port-unreachable",
    "host-unreachable": "reject with icmpx host-unreachable",
    "prohibited": "reject with icmpx admin-prohibited",
}


@dataclass
class Design:
    """A healthy lab, and what the verbs make of it."""
    records: Records = field(default_factory=healthy_records)
    dns: dict[str, str] = field(default_factory=dict)        # nameserver -> behaviour, forward where nothing is said
    router_rules: list[str] = field(default_factory=list)    # nft rules on the path
    edge_rules: list[str] = field(default_factory=list)      # on a second router behind the first; none without rules
    snat_ports: int = 0                                      # outbound ports for the internet, 0 where none are translated
    ipv6: bool = False                                       # the node has an IPv6 address, and no way out with it
    openssl_servers: list[tuple[str, list[str]]] = field(default_factory=list)  # host, arguments of `openssl s_server`
    proxy_authenticates: bool = False
    slow_nameservers: dict[str, float] = field(default_factory=dict)  # address -> seconds
    narrow: dict[str, int] = field(default_factory=dict)     # address -> kbit/s from there to the node
    full_table: bool = False                                 # the node's connection table has no room
    small_link: int = 0                                      # MTU between router and services, 0 as it is
    redirects: list[str] = field(default_factory=list)       # nft rules before routing
    rewrites: list[str] = field(default_factory=list)        # nft rules that change single packets, before all else
    denied_names: list[str] = field(default_factory=list)    # server names the firewall stops
    denied_how: str = ""                                     # "" where no firewall reads names
    denied_hosts: list[str] = field(default_factory=list)    # Host headers the firewall stops
    denied_hosts_how: str = ""                               # "" where no firewall reads Host headers
    router_routes: list[str] = field(default_factory=list)   # arguments of `ip route`
    node_routes: list[str] = field(default_factory=list)
    certificates: dict[str, str] = field(default_factory=dict)
    plain_text: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    clock_offset_s: float = 0
    closed_ports: list[int] = field(default_factory=list)
    metadata: bool = True
    identity: str = "none"              # a mode of identity_answers.metadata_token
    entra: str = "bad-secret"           # of entra_token
    resource_manager: str = "forbidden"  # of resource_manager
    authorized: dict[str, str] = field(default_factory=dict)  # modes of authorized.py by host, granted where nothing is said
    token_endpoint: str = ""            # of token_endpoint.py, on the node; "" where there is none
    proxy: Proxy | None = None
    gateway: Gateway | None = None      # haproxy as the gateway of the aliases; the common web server where there is none
    azurite: bool = False
    listens: list[str] | None = None    # arguments of `amlnet listen` on the second node; None where it does not run
    peer: bool = False                  # there is a second node
    peer_services: dict[int, str] = field(default_factory=dict)  # port -> what else listens on the second node
    peer_rules: list[str] = field(default_factory=list)          # nft rules of the second node itself
    swallowed: bool | None = None       # whether a device that accepts for everybody passes nothing on; None where there is none
    upgrades: dict[str, str] = field(default_factory=dict)  # what becomes of upgrades to WebSocket, by host (front.py)


def _place(to: str | list[str]) -> str:
    """An nft match for "internet", an address or prefix, or the addresses of hosts given by globs."""
    if to == "internet":
        return INTERNET
    wanted = [to] if isinstance(to, str) else to
    numeric = [item for item in wanted if item[0].isdigit() and item.replace(".", "").replace("/", "").isdigit()]
    named = hosts_matching([item for item in wanted if item not in numeric])
    addresses = list(dict.fromkeys([*numeric, *(address for host in named for address in addresses_of(host))]))
    return "{ " + ", ".join(addresses) + " }"


def filter(design: Design, to: str | list[str], action: str, port: int = 0, protocol: str = "tcp", at: str = "router") -> None:
    """The router drops or rejects what goes to a place; port 0 is every port and every protocol. At "edge" a second router
    behind the first does it."""
    match = f" {protocol} dport {port}" if port else ""
    rules = {"router": design.router_rules, "edge": design.edge_rules}[at]
    rules.append(f"ip daddr {_place(to)}{match} {_ACTIONS[action]}")


def server_name_filter(design: Design, names: list[str], how: str = "reject", to: str | list[str] = "internet") -> None:
    """A firewall on the router that reads the server name of TLS to the internet, or to some hosts only: reject closes,
    silent-drop says nothing."""
    design.denied_names += hosts_matching(names)
    design.denied_how = how
    design.redirects.append(f"ip daddr {_place(to)} tcp dport 443 redirect to :{FIREWALL_PORT}")


def accept_connections(design: Design, ports: list[int]) -> None:
    """The router accepts every connection to these ports itself, wherever it was to go, and says nothing."""
    places = ", ".join(map(str, ports))
    design.denied_hosts_how = "silent-drop"
    design.redirects.append(f"tcp dport {{ {places} }} redirect to :{HTTP_FIREWALL_PORT}")


def tls_server(design: Design, host: str, arguments: list[str]) -> None:
    """`openssl s_server` with these arguments answers for the host, with its own certificate."""
    port = OPENSSL_PORT + len(design.openssl_servers)
    design.openssl_servers.append((host, arguments))
    for address in addresses_of(host):
        design.redirects.append(f"ip daddr {address} tcp dport 443 dnat to {address}:{port}")


def host_header_filter(design: Design, names: list[str], how: str = "reject") -> None:
    """A firewall on the router that reads the Host header of plain HTTP to the internet: reject closes, silent-drop says
    nothing."""
    design.denied_hosts += hosts_matching(names)
    design.denied_hosts_how = how
    design.redirects.append(f"ip daddr {INTERNET} tcp dport 80 redirect to :{HTTP_FIREWALL_PORT}")


def drop_packets(design: Design, match: str) -> None:
    """The router drops single packets by what is in them: a match in nft's words."""
    design.router_rules.append(f"{match} drop")


def alternate_nameserver(design: Design, address: str) -> None:
    """Every third question to this nameserver is answered by one that knows the internet's view only, in its name."""
    design.dns[SECOND_DNS] = "own-recursion"
    design.rewrites += [f"ip daddr {address} udp dport 53 numgen inc mod 3 == 0 ip daddr set {SECOND_DNS}",
                        f"ip saddr {SECOND_DNS} udp sport 53 ip saddr set {address}"]


def snat(design: Design, ports: int) -> None:
    """The router translates what goes to the internet to its own address, with this many ports for each destination; one is
    free again some seconds after its connection has ended."""
    design.snat_ports = ports


def crowd_limit(design: Design, burst: int, each_second: int) -> None:
    """The router forwards so many new connections to the internet at once, and after them so many each second; it drops the
    others. What a NAT without free ports does, seen from the node."""
    design.router_rules.append(f"ip daddr {INTERNET} tcp flags & (syn | ack) == syn limit rate over {each_second}/second "
                               f"burst {burst} packets drop")


def small_link(design: Design, mtu: int) -> None:
    """Packets above this size do not fit through to the node, and the router does not say so."""
    design.small_link = mtu


def slow_nameserver(design: Design, address: str, delay_s: float) -> None:
    """The nameserver gives the right answers, each after so many seconds."""
    design.dns |= {SECOND_DNS: "forward", address: "slow"}
    design.slow_nameservers[address] = delay_s


def narrow_way(design: Design, hosts: list[str], kbit: int) -> None:
    """What comes from the hosts to the node has so many kbit/s; connections are opened as fast as ever."""
    addresses = [address for host in hosts_matching(hosts) for address in addresses_of(host)]
    design.narrow |= dict.fromkeys(addresses, kbit)
    # in small packets, as such links have them: a certificate is several
    design.router_rules += [f"ip daddr {address} tcp flags syn tcp option maxseg size set 536" for address in addresses]


def full_connection_table(design: Design) -> None:
    """The node tracks connections, and has as many as the kernel allows."""
    design.full_table = True


def unlink_zone(design: Design, zones: list[str]) -> None:
    """The private DNS zone is not linked to the VNet; "*" is all of them."""
    wanted = set(PRIVATE_ZONES) if zones == ["*"] else set(zones)
    if unknown := wanted - set(PRIVATE_ZONES):
        raise ValueError(f"no such zone: {', '.join(unknown)}")
    design.records.linked -= wanted


def remove_private_record(design: Design, name: str) -> None:
    """The zone is linked, the record of this privatelink name is missing."""
    del design.records.private[name]


def record(design: Design, name: str, value: list[str], view: str = "public") -> None:
    """Sets the records of a name: lines such as "A 10.0.2.99". `view`: public, or private (the linked zones)."""
    {"public": design.records.public, "private": design.records.private}[view][name] = value


def nameserver(design: Design, address: str, behaviour: str) -> None:
    """silent, closed, servfail, refused, own-recursion, hijack, or echo: no DNS server, it sends back what it gets."""
    if behaviour not in ("silent", "closed", "servfail", "refused", "own-recursion", "hijack", "echo"):
        raise ValueError(f"no such behaviour: {behaviour}")
    design.dns[address] = behaviour
    if behaviour == "silent":
        design.router_rules.append(f"ip daddr {address} udp dport 53 drop")
        design.router_rules.append(f"ip daddr {address} tcp dport 53 drop")


def certificate(design: Design, hosts: list[str], kind: str) -> None:
    """intercepted, expired, not-yet-valid, no-intermediate, or of:OTHERHOST."""
    design.certificates |= {host: kind for host in hosts_matching(hosts)}


def plain_text(design: Design, hosts: list[str]) -> None:
    """Port 443 speaks HTTP without TLS."""
    design.plain_text += hosts_matching(hosts)


def answer(design: Design, hosts: list[str], gives: str) -> None:
    """The hosts answer over HTTP as another row of answers.py does."""
    design.answers |= {host: gives for host in hosts_matching(hosts)}


def public_access(design: Design, hosts: list[str]) -> None:
    """Accounts with a private endpoint admit everybody at their public addresses, too."""
    design.answers |= {host: BY_HOST[host].answer for host in hosts_matching(hosts)}


def clock(design: Design, offset_s: float) -> None:
    """Every Date header is off by so much: seen from the node, its own clock is."""
    design.clock_offset_s = offset_s


def close_port(design: Design, port: int) -> None:
    """Nothing listens on this port any more."""
    design.closed_ports.append(port)


def no_metadata(design: Design) -> None:
    """The metadata service does not listen."""
    design.metadata = False


def identity(design: Design, gives: str) -> None:
    """What the metadata service says of tokens: none, assigned, several, throttled, by-proxy or other."""
    design.identity = gives


def entra(design: Design, gives: str) -> None:
    """What Entra ID says to a service principal: granted, conditional-access or bad-secret."""
    design.entra = gives


def resource_manager(design: Design, gives: str) -> None:
    """What Resource Manager says to who brings a token: readable, workspace-only (not its accounts) or forbidden."""
    design.resource_manager = gives


def authorized(design: Design, hosts: list[str], gives: str) -> None:
    """What services of the workspace say to who brings a token, where it is not what was asked for: a mode of authorized.py."""
    if gives not in MODES:
        raise ValueError(f"no such mode: {gives}; there are {', '.join(MODES)}")
    design.authorized |= {host: gives for host in hosts_matching(hosts)}


def token_endpoint(design: Design, gives: str) -> None:
    """The node has the token endpoint of an Azure ML compute at 127.0.0.1:46808: granted or signed-out."""
    design.token_endpoint = gives


def route(design: Design, where: str, arguments: str) -> None:
    """Arguments of `ip route`, on the router or the node: "add blackhole 20.0.0.0/8"."""
    {"router": design.router_routes, "node": design.node_routes}[where].append(arguments)


def ipv6(design: Design) -> None:
    """The node has an IPv6 address and a default route, and the router forwards nothing of it."""
    design.ipv6 = True


def proxy(design: Design, denies: list[str] | None = None, resolves: str = "vnet", **how) -> None:
    """The internet is reached through a proxy at 10.0.0.8:3128 only. It asks the VNet's nameserver, or (squid) one that
    knows the internet's view only: `resolves` = "internet". `how`: the fields of Proxy."""
    dns = {"vnet": VNET_DNS, "internet": SECOND_DNS}[resolves]
    design.records.public[PROXY_HOST] = [f"A {PROXY}"]
    design.proxy = Proxy(denies=hosts_matching(denies or []), dns=dns, **how)
    if resolves == "internet":
        design.dns[dns] = "own-recursion"
    design.router_rules.append(f"ip daddr {INTERNET} drop")


def gateway(design: Design, **how) -> None:
    """What the aliases lead to is haproxy, which answers for itself as Application Gateway does. `how`: the fields of
    Gateway; `answer` says what the systems behind it give."""
    design.gateway = Gateway(**how)


def azurite(design: Design) -> None:
    """The blob, queue and table services of the storage account are Azurite."""
    design.azurite = True


def websocket(design: Design, hosts: list[str], how: str) -> None:
    """Upgrades to WebSocket do not get through to the hosts: stripped, refused, closed, as-page."""
    design.upgrades |= {host: how for host in hosts_matching(hosts)}


def peer(design: Design, listens: list[str] | None = None, serves: dict[str, str] | None = None, rejects: int = 0) -> None:
    """A second node, 10.0.3.8. `listens`: `amlnet listen` runs there with these arguments; `serves`: what else does, by port:
    ssh (a banner), web (an HTTP server) or quiet (accepts and says nothing); `rejects`: a port that its own filter rejects."""
    design.peer = True
    design.listens = listens
    design.peer_services = {int(port): what for port, what in (serves or {}).items()}
    if rejects:
        design.peer_rules.append(f"tcp dport {rejects} reject with icmpx port-unreachable")


def transparent_proxy(design: Design, ports: list[int], swallows: bool = False) -> None:
    """The router accepts every connection to these ports itself, wherever it was to go, and passes on what is said there,
    or nothing."""
    design.swallowed = swallows
    places = ", ".join(map(str, ports))
    design.redirects.append(f"tcp dport {{ {places} }} redirect to :{TRANSPARENT_PORT}")


VERBS = {verb.__name__: verb for verb in (
    filter, server_name_filter, accept_connections, tls_server, host_header_filter, drop_packets, alternate_nameserver, snat,
    crowd_limit, small_link, slow_nameserver, narrow_way, full_connection_table, unlink_zone, remove_private_record, record, nameserver,
    certificate, plain_text, answer, public_access, clock, close_port, no_metadata, identity, entra, resource_manager, authorized,
    token_endpoint, route, ipv6, proxy, gateway, azurite, websocket, peer, transparent_proxy)}


def design_of(faults: list[dict]) -> Design:
    design = Design()
    for fault in faults:
        arguments = dict(fault)
        verb = arguments.pop("verb")
        if verb not in VERBS:
            raise ValueError(f"no such verb: {verb}; there are {', '.join(VERBS)}")
        VERBS[verb](design, **arguments)
    return design


def nameservers_of(design: Design, asked: list[str]) -> dict[str, str]:
    """The VNet's nameservers to start, with their behaviour. The proxy asks the first."""
    wanted = {VNET_DNS: "forward"} if design.proxy else {}
    wanted |= {server: "forward" for server in asked if server != AZURE_DNS} | design.dns
    return {server: how for server, how in wanted.items() if how not in ("silent", "closed", "slow") and server != AZURE_DNS}


