"""Faults that can be combined: for each the verbs that plant it, the one cause that explains it, and which endpoints it
breaks at which stage. draw.py mixes them; from stage and endpoints follows what must be said of any mixture."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from fnmatch import fnmatchcase

from services import (ABSENT, ALIASES, AZURE_DNS, BY_HOST, CORP, METADATA, OTHER, PRIVATE_ZONES, PROXY, REGION, SECOND_DNS,
                      SERVICES, VNET_DNS, addresses_of, zone_of)


class Stage(IntEnum):
    """Where a fault shows; one that shows earlier hides the later ones of the same endpoint."""
    NAME_SERVER = 0  # whatever is asked of it
    NAME = 1
    CONNECT = 2
    HELLO = 3        # before any certificate is seen
    CERTIFICATE = 4
    INSPECTION = 5   # of every certificate that nothing else has changed
    ANSWER = 6
    UPGRADE = 7


@dataclass(frozen=True)
class Fault:
    name: str
    cause: str
    stage: Stage = Stage.NAME_SERVER
    breaks: tuple[str, ...] = ()          # globs of host:port; nothing for a mere risk
    verbs: tuple[dict, ...] = ()
    node: dict = field(default_factory=dict)
    workspace: dict = field(default_factory=dict)
    slots: tuple[str, ...] = ()           # what only one fault of a mixture can have
    websocket_only: bool = False          # the plain request to the same host and port passes
    shown_by: tuple[str, ...] = ()        # a risk that can be seen only while one of these endpoints passes
    by_proxy: bool = False                # public hosts are reached by a proxy, round what the router does to them

    def covers(self, target: str, protocol: str) -> bool:
        return (not self.websocket_only or protocol == "wss") and any(fnmatchcase(target, glob) for glob in self.breaks)


_API = next(service.host for service in SERVICES if service.host.endswith(f"workspace.{REGION}.api.azureml.ms"))
_INSTANCE = f"ci1.{REGION}.instances.azureml.ms"
_LOGIN, _ARM, _MCR = "login.microsoftonline.com", "management.azure.com", "mcr.microsoft.com"
_VAULT, _REGISTRY, _DATA = "kvws1.vault.azure.net", "acrws1.azurecr.io", f"acrws1.{REGION}.data.azurecr.io"
_STORAGE = tuple(f"stws1.{service}.core.windows.net" for service in ("blob", "file", "dfs", "queue", "table"))
_UNPLANNED = {"cloud.r-project.org", *(service.host for service in SERVICES if service.vendor == CORP or service.file), *ABSENT}
_PLANNED = tuple(service.host for service in SERVICES if service.host not in _UNPLANNED and not service.udp)  # with TLS
_PRIVATE = tuple(host for host in _PLANNED if BY_HOST[host].privatelink)
PUBLIC = tuple(host for host in _PLANNED if host not in _PRIVATE and host != _INSTANCE)


def _sharing(host: str) -> tuple[str, ...]:
    """All hosts behind the addresses of this one."""
    return tuple(other for other in _PLANNED if set(addresses_of(other)) & set(addresses_of(host)))


_ALONE = tuple(host for host in _PLANNED if _sharing(host) == (host,))
# A name that is nowhere else the end of another: without its own records it exists all the same.
_WITHOUT_CHILDREN = tuple(host for host in PUBLIC if not any(other.endswith(f".{host}") for other in BY_HOST))
_ALONE_PUBLIC = tuple(host for host in _ALONE if host in PUBLIC and host != _LOGIN)


def _all_ports(hosts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{host}:*" for host in hosts)


def _led_astray(host: str) -> tuple[str, ...]:
    """A wrong record of the workspace's API is one of its instance, too."""
    return _all_ports((host, _INSTANCE) if host == _API else (host,))


def _about_names(cause: str, hosts: tuple[str, ...], value: Callable[[str], list[str]]) -> Callable:
    def draw(dice: random.Random) -> Fault:
        host = dice.choice(hosts)
        verb = {"verb": "record", "name": host, "value": value(host)}
        return Fault(f"{cause} {host}", cause, Stage.NAME, _led_astray(host), (verb,), slots=(f"record of {host}",))
    return draw


def _zone_not_linked(dice: random.Random) -> Fault:
    zone = dice.choice(PRIVATE_ZONES)
    hosts = tuple(host for host in _PRIVATE if zone_of(BY_HOST[host].privatelink) == zone)
    return Fault(f"not linked {zone}", "dns.private-zone-not-linked", Stage.NAME,
                 tuple(glob for host in hosts for glob in _led_astray(host)), ({"verb": "unlink_zone", "zones": [zone]},))


def _record_missing(dice: random.Random) -> Fault:
    host = dice.choice(_PRIVATE)
    return Fault(f"no private record {host}", "dns.private-record-missing", Stage.NAME, _led_astray(host),
                 ({"verb": "remove_private_record", "name": BY_HOST[host].privatelink},))


def _wrong_address(dice: random.Random) -> Fault:
    verb = {"verb": "record", "view": "private", "name": BY_HOST[_VAULT].privatelink, "value": ["A 10.0.2.99"]}
    return Fault(f"wrong address {_VAULT}", "dns.wrong-private-address", Stage.NAME, _all_ports((_VAULT,)), (verb,),
                 workspace={"key_vault": {"address": "10.0.2.20"}})


def _instance_itself(dice: random.Random) -> Fault:
    verb = {"verb": "record", "name": _INSTANCE, "value": ["A 10.0.1.7"]}
    return Fault("the instance is the node", "dns.wrong-private-address", Stage.NAME, _all_ports((_INSTANCE,)), (verb,))


def _dropped(dice: random.Random) -> Fault:
    host = dice.choice(_ALONE)
    cause = "tcp.private-endpoint-silent" if host in _PRIVATE else "tcp.filtered"
    return Fault(f"dropped {host}", cause, Stage.CONNECT, _all_ports((host,)),
                 ({"verb": "filter", "to": [host], "action": "drop"},))


def _rejected(dice: random.Random) -> Fault:
    host = dice.choice(_ALONE)
    action = dice.choice(("reset", "prohibited", "host-unreachable", "port-unreachable"))
    cause = "tcp.refused" if action == "reset" else "tcp.prohibited"
    return Fault(f"{action} {host}", cause, Stage.CONNECT, (f"{host}:443",),
                 ({"verb": "filter", "to": [host], "port": 443, "action": action},))


def _port_filtered(dice: random.Random) -> Fault:
    host, port = dice.choice(((_INSTANCE, 18881), (_INSTANCE, 8787), ("stws1.file.core.windows.net", 445)))
    return Fault(f"port {port}", "tcp.port-filtered", Stage.CONNECT, (f"{host}:{port}",),
                 ({"verb": "filter", "to": [host], "port": port, "action": "drop"},))


def _datagrams_rejected(dice: random.Random) -> Fault:
    host = f"{REGION}.tundra.azureml.ms"
    return Fault("UDP 5831", "udp.rejected", Stage.CONNECT, (f"{host}:5831",),
                 ({"verb": "filter", "to": [host], "protocol": "udp", "port": 5831, "action": "prohibited"},), slots=("UDP",))


def _no_egress(dice: random.Random) -> Fault:
    return Fault("no egress", "route.no-egress", Stage.CONNECT, _all_ports(PUBLIC),
                 ({"verb": "filter", "to": "internet", "action": "drop"},), slots=("everything", "UDP"))


def _metadata_closed(dice: random.Random) -> Fault:
    return Fault("no metadata service", "identity.imds-unreachable", Stage.CONNECT, (f"{METADATA}:80",),
                 ({"verb": "no_metadata"},))


def _server_name(dice: random.Random) -> Fault:
    host = dice.choice([host for host in PUBLIC if BY_HOST[host].vendor != OTHER])
    how = dice.choice(("reject", "silent-drop"))
    return Fault(f"server name {how} {host}", "tls.sni-filtered", Stage.HELLO, (f"{host}:443",),
                 ({"verb": "server_name_filter", "names": [host], "how": how, "to": [host]},),
                 slots=("redirected",))


def _old_version(dice: random.Random) -> Fault:
    host = dice.choice(_ALONE_PUBLIC)
    return Fault(f"TLS 1.1 {host}", "tls.version-refused", Stage.HELLO, (f"{host}:443",),
                 ({"verb": "tls_server", "host": host, "arguments": ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]},),
                 slots=("redirected",))


def _plain_text(dice: random.Random) -> Fault:
    host = dice.choice(_ALONE)
    return Fault(f"plain text {host}", "tls.not-tls", Stage.HELLO, (f"{host}:443",),
                 ({"verb": "plain_text", "hosts": [host]},))


def _small_link(dice: random.Random) -> Fault:
    return Fault("small link", "path.mtu-blackhole", Stage.HELLO, ("*:443",), ({"verb": "small_link", "mtu": 900},),
                 slots=("everything",))


def _bad_certificate(dice: random.Random) -> Fault:
    host = dice.choice(_PLANNED)
    kind, cause = dice.choice((("expired", "tls.expired"), ("not-yet-valid", "tls.not-yet-valid"),
                               ("no-intermediate", "tls.incomplete-chain"), (f"of:{_MCR}", "tls.name-mismatch")))
    if host == _MCR and kind.startswith("of:"):
        kind = f"of:{_ARM}"
    return Fault(f"certificate {kind} {host}", cause, Stage.CERTIFICATE, (f"{host}:443",),
                 ({"verb": "certificate", "hosts": [host], "kind": kind},))


def _inspection(dice: random.Random) -> Fault:
    return Fault("inspection", "tls.intercepted", Stage.INSPECTION, ("*:443",),
                 ({"verb": "certificate", "hosts": ["*"], "kind": "intercepted"},), slots=("everything",))


def _answer(dice: random.Random) -> Fault:
    host, gives, cause = dice.choice((
        (_ARM, "block-page", "http.block-page"), (_VAULT, "block-page", "http.block-page"),
        (_REGISTRY, "block-page", "http.block-page"), (_STORAGE[0], "block-page", "http.block-page"),
        (_ARM, "firewall-denied", "http.firewall-denied"), (_LOGIN, "firewall-denied", "http.firewall-denied"),
        *((storage, "storage-firewall", "service.storage-firewall") for storage in _STORAGE),
        (_STORAGE[1], "storage-tls-version", "service.tls-version"),
        (_VAULT, "vault-firewall", "service.keyvault-firewall"),
        (_VAULT, "vault-private-only", "service.keyvault-private-only"),
        (_DATA, "registry-firewall", "service.registry-data-blocked"),
        (_API, "workspace-private-only", "service.workspace-private-only"),
        (_INSTANCE, "bad-gateway", "http.instance-unhealthy")))
    return Fault(f"{gives} {host}", cause, Stage.ANSWER, _all_ports((host,)) if gives == "firewall-denied" else (f"{host}:443",),
                 ({"verb": "answer", "hosts": [host], "gives": gives},), slots=(f"answer of {host}",))


def _role_missing(dice: random.Random) -> Fault:
    host, gives = dice.choice(((_STORAGE[0], "storage-no-role"), (_VAULT, "vault-no-role")))
    return Fault(f"{gives} {host}", "service.permission-denied", verbs=({"verb": "answer", "hosts": [host], "gives": gives},),
                 slots=(f"answer of {host}",), shown_by=(f"{host}:443",))


def _registry_denies(dice: random.Random) -> Fault:
    return Fault(f"registry-firewall {_REGISTRY}", "service.registry-firewall", Stage.ANSWER, (f"{_REGISTRY}:443",),
                 ({"verb": "answer", "hosts": [_REGISTRY], "gives": "registry-firewall"},), slots=(f"answer of {_DATA}",))


def _no_upgrade(dice: random.Random) -> Fault:
    how = dice.choice(("stripped", "refused", "closed", "as-page"))
    return Fault(f"upgrade {how}", "http.websocket-blocked", Stage.UPGRADE, (f"{_INSTANCE}:443",),
                 ({"verb": "websocket", "hosts": [_INSTANCE], "how": how},), websocket_only=True)


def _wrong_clock(dice: random.Random) -> Fault:
    return Fault("clock", "node.clock-skew", verbs=({"verb": "clock", "offset_s": dice.choice((-7200, 900))},),
                 shown_by=tuple(f"{host}:443" for host in (*_STORAGE, _VAULT, _REGISTRY, _ARM)), slots=("clock",))


def _second_nameserver(dice: random.Random) -> Fault:
    how, cause = dice.choice((("silent", "dns.server-unreachable"), ("closed", "dns.server-unreachable"),
                              ("servfail", "dns.servfail"), ("refused", "dns.refused"),
                              ("own-recursion", "dns.servers-disagree")))
    shown_by = tuple(f"{host}:443" for host in _PRIVATE) if how == "own-recursion" else ()
    return Fault(f"second nameserver {how}", cause, verbs=({"verb": "nameserver", "address": SECOND_DNS, "behaviour": how},),
                 node={"nameservers": [VNET_DNS, SECOND_DNS]}, slots=("nameserver",), shown_by=shown_by)


def _not_forwarding(dice: random.Random) -> Fault:
    return Fault("not forwarding", "dns.not-forwarded-to-azure", Stage.NAME, _all_ports((*_PRIVATE, _INSTANCE)),
                 ({"verb": "nameserver", "address": VNET_DNS, "behaviour": "own-recursion"},), slots=("nameserver",))


def _one_address_of_two(dice: random.Random) -> Fault:
    return Fault("one of two addresses", "tcp.some-addresses-dead",
                 verbs=({"verb": "filter", "to": "20.190.151.9", "action": "drop"},), shown_by=(f"{_LOGIN}:443",))


def _no_edns(dice: random.Random) -> Fault:
    match = f"ip daddr {VNET_DNS} udp dport 53 @th,144,16 != 0"
    return Fault("no EDNS", "dns.edns-blocked", verbs=({"verb": "drop_packets", "match": match},), slots=("nameserver",),
                 shown_by=tuple(f"{host}:443" for host in _PLANNED))


def _pinned(dice: random.Random) -> Fault:
    host = dice.choice((_VAULT, *_STORAGE))
    return Fault(f"pinned {host}", "config.hosts-override", Stage.NAME, _all_ports((host,)),
                 node={"hosts": [f"10.0.2.99 {host}"]}, slots=("hosts file",))


def _ipv6(dice: random.Random) -> Fault:
    verb = {"verb": "record", "name": _ARM, "value": [f"A {BY_HOST[_ARM].public[0]}", "AAAA 2603:1030::211"]}
    return Fault("IPv6", "tcp.ipv6-broken", verbs=({"verb": "ipv6"}, verb), slots=(f"record of {_ARM}",),
                 shown_by=(f"{_ARM}:443",))


def _host_header(dice: random.Random) -> Fault:
    return Fault("Host header", "http.host-filtered", Stage.ANSWER, (f"{_LOGIN}:80",),
                 ({"verb": "host_header_filter", "names": [_LOGIN]},), slots=("redirected", f"answer of {_LOGIN}"))


def _gateway(dice: random.Random) -> Fault:
    ca_file, public = {"ca_file": f"/run/lab/{CORP}-root.pem"}, {"verb": "record", "name": ALIASES[1], "value": ["A 20.42.4.211"]}
    name, cause, stage, broken, verb, given = dice.choice((
        ("root unknown", "tls.untrusted-issuer", Stage.CERTIFICATE, ALIASES, (), {}),
        ("alias public", "gateway.alias-not-private", Stage.NAME, ALIASES[1:], (public,), ca_file),
        ("back end down", "gateway.backend", Stage.ANSWER, ALIASES, ({"verb": "gateway", "backend": "down"},), ca_file)))
    aliases = [{"fqdn": alias, "port": 443, "protocol": "https"} | given for alias in ALIASES]
    return Fault(f"gateway: {name}", cause, stage, _all_ports(broken), verb, slots=("everything",),
                 workspace={"app_gateway": {"managed_vnet": ["10.80.0.0/16"], "aliases": aliases}})


def _proxy_denies(dice: random.Random) -> Fault:
    host = dice.choice([host for host in PUBLIC if host != _LOGIN])
    by_itself = [METADATA, AZURE_DNS, "core.windows.net", "vault.azure.net", _REGISTRY, _DATA, f"workspace.{REGION}.api.azureml.ms",
                 f"workspace.{REGION}.cert.api.azureml.ms", "instances.azureml.ms", "notebooks.azure.net"]
    environment = {"https_proxy": f"http://{PROXY}:3128", "http_proxy": f"http://{PROXY}:3128", "no_proxy": ",".join(by_itself)}
    kind = dice.choice(("squid", "tinyproxy"))
    return Fault(f"{kind} denies {host}", "proxy.denied", Stage.CONNECT, (f"{host}:443",),
                 ({"verb": "proxy", "kind": kind, "denies": [host]},), node={"environment": environment},
                 slots=("everything", "redirected"), by_proxy=True)


_RARELY, _OFTEN = 1, 4
KINDS: tuple[tuple[Callable[[random.Random], Fault], int], ...] = (
    (_zone_not_linked, _OFTEN), (_record_missing, _OFTEN), (_wrong_address, _RARELY), (_instance_itself, _RARELY),
    (_about_names("dns.name-not-found", _WITHOUT_CHILDREN, lambda host: []), 2),
    (_about_names("dns.no-address", PUBLIC, lambda host: ['TXT "v=spf1 -all"']), _RARELY),
    (_about_names("dns.blocked-by-policy", PUBLIC, lambda host: ["CNAME blockpolicy.azuredns.invalid."]), _RARELY),
    (_about_names("dns.no-private-endpoint", tuple(host for host in _PRIVATE if host != _API),
                  lambda host: [f"A {address}" for address in BY_HOST[host].public]), 2),
    (_dropped, _OFTEN), (_rejected, _OFTEN), (_port_filtered, _OFTEN), (_datagrams_rejected, 2), (_no_egress, _RARELY),
    (_metadata_closed, _RARELY), (_server_name, _OFTEN), (_old_version, _RARELY), (_plain_text, 2), (_small_link, _RARELY),
    (_bad_certificate, _OFTEN), (_inspection, 2), (_answer, 2 * _OFTEN), (_registry_denies, _RARELY), (_role_missing, _RARELY), (_no_upgrade, 2),
    (_wrong_clock, 2), (_second_nameserver, _OFTEN), (_not_forwarding, _RARELY), (_one_address_of_two, _RARELY),
    (_no_edns, _RARELY), (_pinned, _RARELY), (_ipv6, _RARELY), (_host_header, _RARELY), (_gateway, 2), (_proxy_denies, 2))
