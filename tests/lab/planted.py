"""Faults that can be planted in a running lab and taken out again, each with what watch must tell of it. They touch different
hosts, so that any of them can be there together. Used on the node, as root of the lab's namespaces."""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from apply_fix import resolved, processes_of
from front import nginx_config
from network import inside
from zones import Records, azure_config, healthy_records

FOLDER = Path("/run/lab")
_PATIENCE_S = 10


def _until(true) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not true():
        if time.monotonic() > deadline:
            raise RuntimeError("the lab does not become what was planted")
        time.sleep(0.02)


def _nft(*words: str) -> None:
    subprocess.run(inside("router", ["nft", *words]), check=True, stdout=subprocess.DEVNULL)


def _web_servers(role: bytes) -> set[int]:
    """The processes of nginx that are called so."""
    found = set()
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cmdline").read_bytes().startswith(b"nginx: " + role):
                found.add(int(entry.name))
        except OSError:  # ended meanwhile
            pass
    return found


@dataclass(frozen=True, eq=False)
class Planted(ABC):
    cause: str
    requirements: tuple[str, ...]
    verdict: str                     # of a check that finds nothing else

    @abstractmethod
    def switch(self, on: bool) -> None: ...


@dataclass(frozen=True, eq=False)
class Rule(Planted):
    """A rule of the router, by its place: a chain of its own for each."""
    name: str
    rule: str
    kind: str = "filter hook forward priority 0"

    def switch(self, on: bool) -> None:
        if not on:
            return _nft("delete", "table", "ip", self.name)
        _nft("add", "table", "ip", self.name)
        _nft("add", "chain", "ip", self.name, "planted", f"{{ type {self.kind}; policy accept; }}")
        _nft("add", "rule", "ip", self.name, "planted", *self.rule.split())


@dataclass(frozen=True, eq=False)
class Name(Planted):
    """A change of the private zones; unbound reads them anew."""
    records: Records
    zone: str
    name: str           # of the private zone; "": the zone is not linked
    host: str

    def switch(self, on: bool) -> None:
        before = resolved(self.host)
        if not self.name:
            (self.records.linked.discard if on else self.records.linked.add)(self.zone)
        elif on:
            del self.records.private[self.name]
        else:
            self.records.private[self.name] = healthy_records().private[self.name]
        azure_config(FOLDER, self.records)
        for process in processes_of("unbound"):
            os.kill(process, signal.SIGHUP)
        _until(lambda: resolved(self.host) != before)
        _until(lambda: resolved("login.microsoftonline.com"))


@dataclass(frozen=True, eq=False)
class Certificate(Planted):
    """A web server with another certificate; nginx reads its configuration anew."""
    certificates: Path
    host: str
    shows: str

    def switch(self, on: bool) -> None:
        nginx_config(FOLDER, self.certificates, {self.host: self.shows} if on else {}, [], {}, {}, "root")
        before = _web_servers(b"worker")
        for process in _web_servers(b"master"):
            os.kill(process, signal.SIGHUP)
        _until(lambda: _web_servers(b"worker") and not before & _web_servers(b"worker"))


# Each round with it waits for its timeouts.
SILENT = Rule("tcp.port-filtered", ("ci.lsp.18881",), "FAIL", "filtered", "ip daddr 10.0.2.4 tcp dport 18881 drop")


def planted_faults(certificates: Path) -> list[Planted]:
    records = healthy_records()
    return [
        Name("dns.private-zone-not-linked", ("pe.storage.blob", "storage.ws.blob"), "FAIL", records,
             "privatelink.blob.core.windows.net", "", "stws1.blob.core.windows.net"),
        Name("dns.private-record-missing", ("kv.workspace", "pe.vault"), "FAIL", records, "privatelink.vaultcore.azure.net",
             "kvws1.privatelink.vaultcore.azure.net", "kvws1.vault.azure.net"),
        Rule("tcp.refused", ("graph.microsoft",), "FAIL", "refused", "ip daddr 20.190.151.70 tcp dport 443 reject with tcp reset"),
        Rule("tcp.prohibited", ("arm.management", "azure.portal"), "FAIL", "prohibited",
             "ip daddr 20.42.4.211 tcp dport 443 reject with icmp type admin-prohibited"),
        Rule("tls.not-tls", ("py.anaconda.org",), "WARN", "plain", "ip daddr 104.17.92.24 tcp dport 443 dnat to 20.190.151.7:80",
             "nat hook prerouting priority dstnat"),
        Certificate("tls.expired", ("py.pypi",), "WARN", certificates, "pypi.org", "expired"),
    ]
