"""Fills this network namespace's connection table, as a node does that holds too many connections: with entries that the
kernel takes for alive, since it throws others out for new ones. Started by servers.py on the node; writes the file that it is
given once the table is full, and ends."""

import socket
import struct
import sys
from pathlib import Path

_NETLINK_NETFILTER = 12
_NEW_ENTRY = 1 << 8 | 0      # NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_NEW
_CREATE = 0x1 | 0x400        # NLM_F_REQUEST, NLM_F_CREATE
_ALIVE = 1 << 1 | 1 << 2 | 1 << 3  # IPS_SEEN_REPLY, IPS_ASSURED, IPS_CONFIRMED
_NESTED = 0x8000
_A_MESSAGE = 256             # entries of one send


def _attribute(kind: int, payload: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(payload), kind) + payload + b"\0" * (-len(payload) % 4)


def _tuple(kind: int, source: bytes, target: bytes, source_port: int, target_port: int) -> bytes:
    addresses = _attribute(1, source) + _attribute(2, target)
    ports = (_attribute(1, bytes([socket.IPPROTO_UDP])) + _attribute(2, struct.pack(">H", source_port))
             + _attribute(3, struct.pack(">H", target_port)))
    return _attribute(_NESTED | kind, _attribute(_NESTED | 1, addresses) + _attribute(_NESTED | 2, ports))


def _entry(number: int) -> bytes:
    """A UDP exchange between two addresses that nobody has (RFC 5737)."""
    here, there = socket.inet_aton("198.51.100.1"), socket.inet_aton(f"203.0.113.{1 + (number >> 16)}")
    port = number & 0xFFFF
    body = struct.pack("=BBH", socket.AF_INET, 0, 0)
    body += _tuple(1, here, there, 53, port) + _tuple(2, there, here, port, 53)
    body += _attribute(3, struct.pack(">I", _ALIVE)) + _attribute(7, struct.pack(">I", 600))
    return struct.pack("=IHHII", 16 + len(body), _NEW_ENTRY, _CREATE, 0, 0) + body


def main() -> None:
    limit = int(Path("/proc/sys/net/netfilter/nf_conntrack_max").read_text())
    table = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
    for first in range(0, limit + 1, _A_MESSAGE):
        table.send(b"".join(_entry(number) for number in range(first, min(first + _A_MESSAGE, limit + 1))))
    count = int(Path("/proc/sys/net/netfilter/nf_conntrack_count").read_text())
    if count < limit:
        sys.exit(f"the table holds {count} entries of {limit}")
    Path(sys.argv[1]).touch()


if __name__ == "__main__":
    main()
