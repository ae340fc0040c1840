"""Applies the commands that `amlnet fix --format az-cli` writes to the lab, as Azure would to its own: an application or
network rule and a security rule to the router's nftables, an application rule also to the haproxy that reads names, links
and records of private zones to unbound. It knows nothing of what is broken: only what the commands say."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from network import inside
from services import zone_of
from zones import Records, azure_config

FOLDER = Path("/run/lab")
_PATIENCE_S = 10
# What the service tags of the lab hold. The real ones are lists of prefixes that Azure keeps.
TAGS = {"AzureResourceManager": ["20.42.4.208/28"], "AzureActiveDirectory": ["20.190.151.0/26"]}


def processes_of(*words: str) -> list[int]:
    """Of the lab's own process namespace, by words of their command lines."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            line = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if Path(line[0]).name == words[0] and all(any(word in part for part in line) for word in words[1:]):
                found.append(int(entry.name))
    return found


def resolved(host: str) -> list[str]:
    """As a firewall resolves a name: by the VNet's DNS, which is the node's."""
    try:
        return sorted({row[4][0] for row in socket.getaddrinfo(host, None, family=socket.AF_INET)})
    except socket.gaierror:
        return []


class Lab:
    """`records`: what the scenario's zones hold. `apply` takes the arguments of one `az` after the other."""

    def __init__(self, records: Records):
        self._records = records
        self._rules: list[tuple[str, str, list[str]]] = []  # protocol, port, hosts or prefixes

    def apply(self, commands: list[tuple[str, dict[str, list[str]]]]) -> None:
        for command, options in commands:
            one = {name: values[0] for name, values in options.items()}
            match command.split()[-2:]:
                case ["rule-collection-group", "create"]:
                    pass
                case ["collection", "add-filter-collection"]:
                    self._firewall_rule(one, options)
                case ["rule", "create"]:
                    prefixes = [part for to in options["--destination-address-prefixes"] for part in TAGS.get(to, [to])]
                    self._rules.append((one["--protocol"].lower(), one["--destination-port-ranges"], prefixes))
                case ["vnet", "create"]:
                    self._records.linked.add(one["--zone-name"])
                case ["a", "add-record"]:
                    name = f"{one['--record-set-name']}.{one['--zone-name']}"
                    self._records.private.setdefault(name, []).append(f"A {one['--ipv4-address']}")
                case _:
                    raise ValueError(f"what does {command} do?")
        self._serve_zones()
        self._open()

    def _firewall_rule(self, one: dict[str, str], options: dict[str, list[str]]) -> None:
        assert one["--action"] == "Allow" and one["--source-addresses"] == "10.0.1.0/24", one
        if one["--rule-type"] == "ApplicationRule":
            _, port = one["--protocols"].split("=")
            self._rules.append(("tcp", port, options["--target-fqdns"]))
            _admit_names(options["--target-fqdns"])
        else:
            self._rules.append((one["--ip-protocols"].lower(), one["--destination-ports"], options["--destination-fqdns"]))

    def _serve_zones(self) -> None:
        """Unbound reads its zones again on SIGHUP; the forwarders forget what they were told. Ends when the node sees it."""
        azure_config(FOLDER, self._records)
        for process in processes_of("unbound"):
            os.kill(process, signal.SIGHUP)
        due = {name: lines[0].removeprefix("A ") for name, lines in self._records.private.items()
               if zone_of(name) in self._records.linked}
        deadline = time.monotonic() + _PATIENCE_S
        while due and time.monotonic() < deadline:
            due = {name: address for name, address in due.items() if resolved(name) != [address]}
            time.sleep(0.02)
        if due:
            raise RuntimeError(f"the node does not see {due}")

    def _open(self) -> None:
        for protocol, port, where in self._rules:
            places = [part for one in where for part in ([one] if one[0].isdigit() else resolved(one))]
            subprocess.run(inside("router", [
                "nft", "insert", "rule", "inet", "firewall", "filtering", "ip", "saddr", "10.0.1.0/24", "ip", "daddr",
                "{ " + ", ".join(places) + " }", protocol, "dport", port, "accept"]), check=True)
        self._rules.clear()


def _admit_names(hosts: list[str]) -> None:
    """haproxy's list of names that it stops, without these. It is started again where it runs."""
    config = FOLDER / "haproxy.cfg"
    if not config.exists():
        return
    lines = []
    for line in config.read_text().splitlines():
        if "acl denied req.ssl_sni" in line:
            head, names = line.split(" -i ")
            left = [name for name in names.split() if name not in hosts]
            line = f"{head} -i {' '.join(left) or 'none.invalid'}"
        lines.append(line)
    config.write_text("\n".join(lines) + "\n")
    for process in processes_of("haproxy"):
        os.kill(process, signal.SIGKILL)
    deadline = time.monotonic() + _PATIENCE_S
    while processes_of("haproxy") and time.monotonic() < deadline:
        time.sleep(0.02)
    subprocess.run(inside("router", ["haproxy", "-D", "-f", str(config)]), check=True)
