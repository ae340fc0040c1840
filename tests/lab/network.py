"""The VNet itself: three network namespaces (the node; the router, which is the firewall; the services, which is the one
that this process lives in), their routes and rules, and the node's files. Nothing here needs undoing: it all ends with
the process that unshared it."""

import os
import subprocess
from pathlib import Path

from faults import Design
from services import GATEWAY, NODE, ROUTER, SECOND_GATEWAY, served_addresses

_SETTINGS = {
    "router": ["net/ipv4/ip_forward=1", "net/ipv4/icmp_ratelimit=0", "net/ipv4/conf/all/rp_filter=0"],
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
addr add {GATEWAY}/32 dev lo
addr add {SECOND_GATEWAY}/32 dev lo
"""
_NODE_LINKS = f"""link set lo up
addr add {NODE}/24 dev eth0
link set eth0 up
route add default via {ROUTER}
route add 10.0.0.0/16 via {ROUTER}
route add 168.63.129.16/32 via {ROUTER}
route add 169.254.169.254/32 via {ROUTER}
"""


def _run(command: list[str], text: str = "") -> None:
    done = subprocess.run(command, input=text, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}\n{text}")


def inside(namespace: str, command: list[str]) -> list[str]:
    """The command line that runs `command` in a namespace; "" is the services' own."""
    return ["nsenter", f"--net=/run/netns/{namespace}", "--", *command] if namespace else command


def _links() -> None:
    addresses = "".join(f"addr add {address}/32 dev lo\n" for address in served_addresses())
    _run(["ip", "-batch", "-"], "netns add node\nnetns add router\n"
         "link add eth0 netns node type veth peer name vnet0 netns router\n"
         "link add services0 type veth peer name uplink0 netns router\n"
         f"link set lo up\n{addresses}addr add 10.255.0.2/30 dev services0\nlink set services0 up\n"
         "route add 10.0.1.0/24 via 10.255.0.1\n"
         "route add 10.80.0.0/16 via 10.255.0.1\n")
    _run(["ip", "-n", "router", "-batch", "-"], _ROUTER_LINKS)
    _run(["ip", "-n", "node", "-batch", "-"], _NODE_LINKS)


def _settings() -> None:
    for namespace, settings in _SETTINGS.items():
        writes = "; ".join(f"echo {value} > /proc/sys/{name}" for name, value in (item.split("=") for item in settings))
        _run(inside(namespace, ["sh", "-ec", writes]))


def _rules(design: Design) -> None:
    text = "table inet firewall {\n chain filtering {\n  type filter hook forward priority 0; policy accept;\n"
    text += "".join(f"  {rule}\n" for rule in design.router_rules) + " }\n}\n"
    if design.rewrites:
        text += "table ip rewriting {\n chain before {\n  type filter hook prerouting priority raw; policy accept;\n"
        text += "".join(f"  {rule}\n" for rule in design.rewrites) + " }\n}\n"
    if design.redirects:
        text += "table ip redirects {\n chain before {\n  type nat hook prerouting priority dstnat; policy accept;\n"
        text += "".join(f"  {rule}\n" for rule in design.redirects) + " }\n}\n"
    _run(inside("router", ["nft", "-f", "-"]), text)


def _routes(namespace: str, routes: list[str]) -> None:
    if routes:
        _run(["ip", "-n", namespace, "-batch", "-"], "".join(f"route {route}\n" for route in routes))


def build_network(design: Design) -> None:
    _links()
    _settings()
    _rules(design)
    _routes("router", design.router_routes)
    _routes("node", design.node_routes)


def place_file(source: Path, path: str) -> None:
    """Shows `source` at `path`, in this mount namespace only. A link into /run, which is empty here, is filled in."""
    target = Path(os.path.realpath(path))
    if not target.exists() and target.is_relative_to("/run"):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _run(["mount", "--bind", str(source), str(target)])


def place_trust(bundle: Path | None) -> None:
    """The node's certificate store: one bundle at the system's path, or an empty folder."""
    _run(["mount", "-t", "tmpfs", "tmpfs", "/etc/ssl/certs"])
    if bundle:
        Path("/etc/ssl/certs/ca-certificates.crt").write_bytes(bundle.read_bytes())
