"""The verbs of the scenario files. Each is a function of its own name that breaks one thing in the design of the lab
before it is built; its parameters are the keys of the scenario's [[fault]] table."""

from dataclasses import dataclass, field

from front import FIREWALL_PORT, HTTP_FIREWALL_PORT, hosts_matching
from gateway import Gateway
from proxies import Proxy
from services import (ALIASES, AZURE_DNS, BY_HOST, GATEWAY, PRIVATE_ZONES, SECOND_DNS, SECOND_GATEWAY, VNET_DNS,
                      addresses_of)
from zones import Records, healthy_records

_INTERNET = "!= { 10.0.0.0/8, 168.63.129.16, 169.254.169.254 }"
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
    proxy: Proxy | None = None
    gateway: Gateway | None = None
    azurite: bool = False
    upgrades: dict[str, str] = field(default_factory=dict)   # hosts through which no upgrade to WebSocket gets


def _place(to: str | list[str]) -> str:
    """An nft match for "internet", an address or prefix, or the addresses of hosts given by globs."""
    if to == "internet":
        return _INTERNET
    wanted = [to] if isinstance(to, str) else to
    numeric = [item for item in wanted if item[0].isdigit() and item.replace(".", "").replace("/", "").isdigit()]
    named = hosts_matching([item for item in wanted if item not in numeric])
    addresses = list(dict.fromkeys([*numeric, *(address for host in named for address in addresses_of(host))]))
    return "{ " + ", ".join(addresses) + " }"


def filter(design: Design, to: str | list[str], action: str, port: int = 0, protocol: str = "tcp") -> None:
    """The router drops or rejects what goes to a place; port 0 is every port and every protocol."""
    match = f" {protocol} dport {port}" if port else ""
    design.router_rules.append(f"ip daddr {_place(to)}{match} {_ACTIONS[action]}")


def server_name_filter(design: Design, names: list[str], how: str = "reject") -> None:
    """A firewall on the router that reads the server name of TLS to the internet: reject closes, silent-drop says nothing."""
    design.denied_names += hosts_matching(names)
    design.denied_how = how
    design.redirects.append(f"ip daddr {_INTERNET} tcp dport 443 redirect to :{FIREWALL_PORT}")


def host_header_filter(design: Design, names: list[str], how: str = "reject") -> None:
    """A firewall on the router that reads the Host header of plain HTTP to the internet: reject closes, silent-drop says
    nothing."""
    design.denied_hosts += hosts_matching(names)
    design.denied_hosts_how = how
    design.redirects.append(f"ip daddr {_INTERNET} tcp dport 80 redirect to :{HTTP_FIREWALL_PORT}")


def drop_packets(design: Design, match: str) -> None:
    """The router drops single packets by what is in them: a match in nft's words."""
    design.router_rules.append(f"{match} drop")


def alternate_nameserver(design: Design, address: str) -> None:
    """Every third question to this nameserver is answered by one that knows the internet's view only, in its name."""
    design.dns[SECOND_DNS] = "own-recursion"
    design.rewrites += [f"ip daddr {address} udp dport 53 numgen inc mod 3 == 0 ip daddr set {SECOND_DNS}",
                        f"ip saddr {SECOND_DNS} udp sport 53 ip saddr set {address}"]


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
    """silent, closed, servfail, refused, own-recursion or hijack."""
    if behaviour not in ("silent", "closed", "servfail", "refused", "own-recursion", "hijack"):
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
    """The hosts, or aliases of the gateway, answer over HTTP as another row of answers.py does."""
    design.answers |= {host: gives for host in hosts if host in ALIASES}
    design.answers |= {host: gives for host in hosts_matching([host for host in hosts if host not in ALIASES])}


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


def route(design: Design, where: str, arguments: str) -> None:
    """Arguments of `ip route`, on the router or the node: "add blackhole 20.0.0.0/8"."""
    {"router": design.router_routes, "node": design.node_routes}[where].append(arguments)


def proxy(design: Design, denies: list[str] | None = None, resolves: str = "vnet", direct: bool = False, **how) -> None:
    """A proxy at 10.0.0.8:3128, by which alone the internet is reached unless `direct`. It asks the VNet's nameserver, or
    (squid) one that knows the internet's view only: `resolves` = "internet". `how`: the fields of Proxy."""
    dns = {"vnet": VNET_DNS, "internet": SECOND_DNS}[resolves]
    design.proxy = Proxy(denies=hosts_matching(denies or []), dns=dns, **how)
    if resolves == "internet":
        design.dns[dns] = "own-recursion"
    if not direct:
        design.router_rules.append(f"ip daddr {_INTERNET} drop")


def gateway(design: Design, aliases: dict[str, str] | None = None, **how) -> None:
    """An Application Gateway at 10.80.0.4, to which the aliases lead, or to the addresses given here for some. `how`: the
    fields of Gateway; `answer` says what the systems behind it give."""
    design.gateway = Gateway(addresses=[GATEWAY, SECOND_GATEWAY], **how)
    for alias in ALIASES:
        address = (aliases or {}).get(alias, GATEWAY)
        design.records.public[alias] = [f"{'AAAA' if ':' in address else 'A'} {address}"] if address else []


def azurite(design: Design) -> None:
    """The blob, queue and table services of the storage account are Azurite."""
    design.azurite = True


def websocket(design: Design, hosts: list[str], how: str) -> None:
    """Upgrades to WebSocket do not get through to the hosts: stripped, refused, closed, as-page."""
    design.upgrades |= {host: how for host in hosts_matching(hosts)}


VERBS = {verb.__name__: verb for verb in (
    filter, server_name_filter, host_header_filter, drop_packets, alternate_nameserver, unlink_zone, remove_private_record,
    record, nameserver, certificate, plain_text, answer, public_access, clock, close_port, no_metadata, route, proxy, gateway,
    azurite, websocket)}


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
    return {server: how for server, how in wanted.items() if how not in ("silent", "closed") and server != AZURE_DNS}


