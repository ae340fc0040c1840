"""The VNet itself: three network namespaces (the node; the router, which is the firewall; the services, which is the one
that this process lives in), their routes and rules, and the node's files. Nothing here needs undoing: it all ends with
the process that unshared it."""

import os
import subprocess
from pathlib import Path

from faults import INTERNET, Design
from services import GATEWAY, NODE, PEER, ROUTER, served_addresses

_SETTINGS = {
    "router": ["net/ipv4/ip_forward=1", "net/ipv4/icmp_ratelimit=0", "net/ipv4/conf/all/rp_filter=0"],
    "edge": ["net/ipv4/ip_forward=1", "net/ipv4/icmp_ratelimit=0", "net/ipv4/conf/all/rp_filter=0"],
    "node": ["net/ipv4/conf/all/rp_filter=0"],
    "": ["net/ipv4/icmp_ratelimit=0", "net/ipv4/conf/all/rp_filter=0"],
}
# Interface names must not read as words of `ip`.
_ROUTER_LINKS = f"""link set lo up
addr add {ROUTER}/24 dev vnet0
link set vnet0 up
addr add 10.255.0.1/30 dev uplink0
link set uplink0 up
route add default via 10.255.0.2
"""
_EDGE_LINKS = """link set lo up
addr add 10.255.0.2/30 dev inner0
link set inner0 up
addr add 10.255.1.1/30 dev outer0
link set outer0 up
route add 10.0.1.0/24 via 10.255.0.1
route add default via 10.255.1.2
"""
_NODE_LINKS = f"""link set lo up
addr add {NODE}/24 dev eth0
link set eth0 up
route add default via {ROUTER}
route add 10.0.0.0/16 via {ROUTER}
route add 168.63.129.16/32 via {ROUTER}
route add 169.254.169.254/32 via {ROUTER}
"""


_PEER_ROUTER = "10.0.3.1"
_PEER_LINKS = f"""link set lo up
addr add {PEER}/24 dev eth0
link set eth0 up
route add default via {_PEER_ROUTER}
"""


def _run(command: list[str], text: str = "") -> None:
    done = subprocess.run(command, input=text, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}\n{text}")


def inside(namespace: str, command: list[str]) -> list[str]:
    """The command line that runs `command` in a namespace; "" is the services' own."""
    return ["nsenter", f"--net=/run/netns/{namespace}", "--", *command] if namespace else command


def _links(edge: bool) -> None:
    """With an edge, a second router stands between the first and the services."""
    addresses = "".join(f"addr add {address}/32 dev lo\n" for address in served_addresses())
    far, near, back = ("10.255.1.2", "10.255.1.1", "route add 10.255.0.0/30 via 10.255.1.1\n") if edge else (
        "10.255.0.2", "10.255.0.1", "")
    inner = ("netns add edge\nlink add inner0 netns edge type veth peer name uplink0 netns router\n"
             "link add services0 type veth peer name outer0 netns edge\n") if edge else (
                 "link add services0 type veth peer name uplink0 netns router\n")
    _run(["ip", "-batch", "-"], "netns add node\nnetns add router\n"
         "link add eth0 netns node type veth peer name vnet0 netns router\n" + inner +
         f"link set lo up\n{addresses}addr add {far}/30 dev services0\nlink set services0 up\n")
    _run(["ip", "-n", "router", "-batch", "-"], _ROUTER_LINKS)
    if edge:
        _run(["ip", "-n", "edge", "-batch", "-"], _EDGE_LINKS)
    _run(["ip", "-batch", "-"], f"route add 10.0.1.0/24 via {near}\n{back}")
    _run(["ip", "-n", "node", "-batch", "-"], _NODE_LINKS)


def _peer(rules: list[str]) -> None:
    """The second node, behind the router like the first."""
    _run(["ip", "-batch", "-"], "netns add peer\nlink add eth0 netns peer type veth peer name vnet1 netns router\n")
    _run(["ip", "-n", "router", "-batch", "-"], f"addr add {_PEER_ROUTER}/24 dev vnet1\nlink set vnet1 up\n")
    _run(["ip", "-n", "peer", "-batch", "-"], _PEER_LINKS)
    if rules:
        text = "table inet own {\n chain coming {\n  type filter hook input priority 0; policy accept;\n"
        _run(inside("peer", ["nft", "-f", "-"]), text + "".join(f"  {rule}\n" for rule in rules) + " }\n}\n")
        _run(inside("peer", ["sh", "-ec", "echo 0 > /proc/sys/net/ipv4/icmp_ratelimit"]))


def _settings(edge: bool) -> None:
    for namespace, settings in _SETTINGS.items():
        if namespace == "edge" and not edge:
            continue
        writes = "; ".join(f"echo {value} > /proc/sys/{name}" for name, value in (item.split("=") for item in settings))
        _run(inside(namespace, ["sh", "-ec", writes]))


def _rules(design: Design) -> None:
    text = "table inet firewall {\n chain filtering {\n  type filter hook forward priority 0; policy accept;\n"
    text += "".join(f"  {rule}\n" for rule in design.router_rules) + " }\n}\n"
    if design.small_link:
        text += ("table inet own {\n chain said {\n  type filter hook output priority 0; policy accept;\n"
                 "  icmp type destination-unreachable drop\n }\n}\n")
    if design.rewrites:
        text += "table ip rewriting {\n chain before {\n  type filter hook prerouting priority raw; policy accept;\n"
        text += "".join(f"  {rule}\n" for rule in design.rewrites) + " }\n}\n"
    if design.redirects:
        text += "table ip redirects {\n chain before {\n  type nat hook prerouting priority dstnat; policy accept;\n"
        text += "".join(f"  {rule}\n" for rule in design.redirects) + " }\n}\n"
    if design.snat_ports:
        text += "table ip translation {\n chain after {\n  type nat hook postrouting priority srcnat; policy accept;\n"
        ports = f"20000-{19999 + design.snat_ports}"
        text += f"  ip daddr {INTERNET} oifname uplink0 meta l4proto tcp masquerade to :{ports}\n }}\n}}\n"
    _run(inside("router", ["nft", "-f", "-"]), text)
    if design.edge_rules:
        text = "table inet firewall {\n chain filtering {\n  type filter hook forward priority 0; policy accept;\n"
        _run(inside("edge", ["nft", "-f", "-"]), text + "".join(f"  {rule}\n" for rule in design.edge_rules) + " }\n}\n")


def _routes(namespace: str, routes: list[str]) -> None:
    if routes:
        _run(["ip", "-n", namespace, "-batch", "-"], "".join(f"route {route}\n" for route in routes))


def _translate_for_a_while() -> None:
    """How long a translated port stays taken after its connection; the kernel has these only once it tracks connections."""
    names = ("time_wait", "close", "fin_wait", "last_ack", "close_wait", "syn_sent")
    writes = "; ".join(f"echo {1 if name == 'syn_sent' else 2} > /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_{name}"
                       for name in names)
    _run(inside("router", ["sh", "-ec", writes]))


def _ipv6() -> None:
    _run(["ip", "-n", "router", "-batch", "-"], "addr add 2001:db8:1::1/64 dev vnet0 nodad\n")
    _run(["ip", "-n", "node", "-batch", "-"], "addr add 2001:db8:1::7/64 dev eth0 nodad\n"
         "route add default via 2001:db8:1::1\n")


def _shrink(mtu: int) -> None:
    """The link to the node carries small packets only; what the router says of it is dropped by its rules."""
    _run(["ip", "-n", "router", "link", "set", "vnet0", "mtu", str(mtu)])


def _narrow(rates: dict[str, int]) -> None:
    """A class of the router's link to the node for each address; what is not in one has the whole link. A burst holds the
    answer to a SYN, and no packet is many in one."""
    _run(["ip", "link", "set", "services0", "gso_max_segs", "1"])
    lines = ["qdisc add dev vnet0 root handle 1: htb default 1 r2q 1000", "class add dev vnet0 parent 1: classid 1:1 htb rate 1gbit"]
    for number, (address, kbit) in enumerate(rates.items(), 2):
        lines += [f"class add dev vnet0 parent 1: classid 1:{number} htb rate {kbit}kbit burst 200 cburst 200 quantum 1600",
                  f"filter add dev vnet0 parent 1: protocol ip u32 match ip src {address}/32 flowid 1:{number}"]
    _run(inside("router", ["tc", "-batch", "-"]), "\n".join(lines) + "\n")


def _track_on_node() -> None:
    """A rule of the node's own firewall that looks at connections makes the kernel keep a table of them."""
    _run(inside("node", ["nft", "-f", "-"]), "table inet own {\n chain out {\n  type filter hook output priority 0; policy accept;\n"
         "  ct state established accept\n }\n}\n")


def build_network(design: Design) -> None:
    edge = bool(design.edge_rules)
    _links(edge)
    if design.peer:
        _peer(design.peer_rules)
    if design.gateway:
        _run(["ip", "-n", "router", "addr", "add", f"{GATEWAY}/32", "dev", "lo"])
    _settings(edge)
    _rules(design)
    if design.ipv6:
        _ipv6()
    if design.snat_ports:
        _translate_for_a_while()
    if design.small_link:
        _shrink(design.small_link)
    if design.narrow:
        _narrow(design.narrow)
    if design.full_table:
        _track_on_node()
    _routes("router", design.router_routes)
    _routes("node", design.node_routes)


def place_file(source: Path, path: str) -> None:
    """Shows `source` at `path`, in this mount namespace only. A link into /run, which is empty here, is filled in."""
    target = Path(os.path.realpath(path))
    if not target.exists() and target.is_relative_to("/run"):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _run(["mount", "--bind", str(source), str(target)])


def place_instance_file(text: str) -> None:
    """What marks a compute instance of Azure ML, and says its name."""
    _run(["mount", "-t", "tmpfs", "tmpfs", "/mnt"])
    Path("/mnt/azmnt").mkdir()
    Path("/mnt/azmnt/.nbvm").write_text(text)


def hide_bundles(roots: Path) -> None:
    """Copies of certifi on the machine that runs the lab know nothing of the lab's authorities: they show these instead."""
    for prefix in ("/usr/local", "/anaconda*", "/opt/*conda*", "/opt/venv", "/miniconda*", "/*/envs/*", "/opt/*/envs/*", "/azureml-envs/*"):
        for bundle in Path("/").glob(f"{prefix[1:]}/lib/python3*/*-packages/certifi/cacert.pem"):
            place_file(roots, str(bundle))


def place_trust(bundle: Path | None) -> None:
    """The node's certificate store: one bundle at the system's path, or an empty folder."""
    _run(["mount", "-t", "tmpfs", "tmpfs", "/etc/ssl/certs"])
    if bundle:
        Path("/etc/ssl/certs/ca-certificates.crt").write_bytes(bundle.read_bytes())
