"""The lab's DNS: one unbound for 168.63.129.16 that holds the internet's names and the private zones, and one for each
nameserver of the VNet that forwards to it. A private zone that is not linked shows the internet's records instead."""

from dataclasses import dataclass, field
from pathlib import Path

from services import AZURE_DNS, PRIVATE_ZONES, SERVICES, SINKHOLE, zone_of

_SERVER = """server:
  interface: {address}
  outgoing-interface: {address}
  access-control: 0.0.0.0/0 {access}
  chroot: ""
  username: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  verbosity: 0
  do-daemonize: no
  do-ip6: no
  do-not-query-localhost: no
  module-config: "iterator"
{extra}
remote-control:
  control-enable: no
"""
_ZONE = """auth-zone:
  name: "{name}"
  zonefile: "{file}"
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
"""
_HEAD = """$ORIGIN {origin}
$TTL 10
@ IN SOA ns1.azure-dns.com. hostmaster.azure.com. 1 3600 300 2419200 10
@ IN NS ns1.azure-dns.com.
"""


@dataclass
class Records:
    """What the zones say, ready for a scenario to change: name -> lines such as "A 10.0.2.10"."""
    public: dict[str, list[str]] = field(default_factory=dict)
    private: dict[str, list[str]] = field(default_factory=dict)
    linked: set[str] = field(default_factory=lambda: set(PRIVATE_ZONES))


def healthy_records() -> Records:
    records = Records()
    for service in SERVICES:
        if service.absent:
            continue
        addresses = [f"A {address}" for address in service.public]
        if service.alias:
            records.public[service.host] = [f"CNAME {service.alias}."]
        elif service.privatelink:
            front = service.privatelink.replace("privatelink", "frontdoor")
            records.public[service.host] = [f"CNAME {service.privatelink}."]
            records.public[service.privatelink] = [f"CNAME {front}."]
            records.public[front] = addresses
            records.private[service.privatelink] = [f"A {service.private}"]
        else:
            records.public[service.host] = addresses
    return records


def _lines(names: dict[str, list[str]]) -> str:
    return "".join(f"{name}. IN {line}\n" for name, lines in names.items() for line in lines)


def _write_zones(folder: Path, records: Records, linked: set[str], prefix: str) -> str:
    """Zone files for one view, and the configuration that serves them. Private zones are zones of their own in either
    view, so that a CNAME into one is followed there, and a name missing from it is NXDOMAIN."""
    def zone(name: str, text: str) -> str:
        path = folder / f"{prefix}-{name.strip('.') or 'root'}.zone"
        path.write_text(text)
        return _ZONE.format(name=name, file=path)

    outside = {name: lines for name, lines in records.public.items() if not zone_of(name)}
    cuts = "".join(f"{name}. IN NS ns1.azure-dns.com.\n" for name in PRIVATE_ZONES)
    config = zone(".", _HEAD.format(origin=".") + cuts + _lines(outside))
    for name in PRIVATE_ZONES:
        view = records.private if name in linked else records.public
        inside = {owner: lines for owner, lines in view.items() if zone_of(owner) == name}
        config += zone(name, _HEAD.format(origin=name + ".") + _lines(inside))
    return config


def azure_config(folder: Path, records: Records) -> Path:
    """The configuration of 168.63.129.16."""
    text = _SERVER.format(address=AZURE_DNS, access="allow", folder=folder, extra="")
    path = folder / "azure-dns.conf"
    path.write_text(text + _write_zones(folder, records, records.linked, "azure"))
    return path


def forwarder_config(folder: Path, records: Records, address: str, behaviour: str) -> Path:
    """The configuration of a nameserver in the VNet. `behaviour`: forward (to Azure DNS), own-recursion (knows the
    internet's view only), servfail (cannot load what it serves), refused (its access list), hijack (one address for all)."""
    extra = ""
    if behaviour == "hijack":  # unbound knows "invalid" by itself, unless told otherwise
        extra = "".join(f'  local-zone: "{zone}" redirect\n  local-data: "{zone} 10 IN A {SINKHOLE}"\n'
                        for zone in (".", "invalid."))
    access = "refuse" if behaviour == "refused" else "allow"
    text = _SERVER.format(address=address, access=access, folder=folder, extra=extra)
    if behaviour == "own-recursion":
        text += _write_zones(folder, records, set(), address)
    elif behaviour == "servfail":
        text += _ZONE.format(name=".", file="") + "  primary: 127.0.0.1@9\n"
    else:
        text += f'forward-zone:\n  name: "."\n  forward-addr: {AZURE_DNS}\n'
    path = folder / f"dns-{address}.conf"
    path.write_text(text)
    return path
