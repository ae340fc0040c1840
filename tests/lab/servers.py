"""Starts the servers of a design and waits until each answers."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from azurite import BACKENDS, LAST_PORT, azurite_command
from faults import Design, nameservers_of
from front import (FIREWALL_PORT, HTTP_FIREWALL_PORT, OPENSSL_PORT, TRANSPARENT_PORT, answers_command, answers_orders,
                   haproxy_config, nginx_config, openssl_command, transparent_config)
from gateway import READY_PORT, gateway_command
from network import inside
from proxies import proxy_command, proxy_tls_command
from services import AZURE_DNS, PROXY, SECOND_DNS
from zones import azure_config, forwarder_config

_ROOT_QUESTION = b"\0\1\1\0\0\1\0\0\0\0\0\0\0\0\2\0\1"  # NS of the root
_PATIENCE_S = 15
TOKEN_PORT = 46808


def _start(folder: Path, name: str, namespace: str, command: list[str]) -> subprocess.Popen:
    with open(folder / f"{name}.out", "wb") as out:
        return subprocess.Popen(inside(namespace, command), cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                start_new_session=True)


def _answers_dns(address: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(0.1)
        try:
            asker.connect((address, 53))
            asker.send(_ROOT_QUESTION)
            return len(asker.recv(512)) > 0
        except OSError:
            return False


def _is_bound(address: str) -> bool:
    """Somebody has UDP port 53 of the address: it may take its time to answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        try:
            other.bind((address, 53))
            return False
        except OSError:
            return True


def _accepts(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), 0.2).close()
        return True
    except OSError:
        return False


def _accepts_on(namespace: str, port: int) -> bool:
    connect = f"import socket; socket.create_connection(('127.0.0.1', {port}), 0.2)"
    return subprocess.run(inside(namespace, [sys.executable, "-Sc", connect]), stderr=subprocess.DEVNULL).returncode == 0


def _wait(folder: Path, started: dict[str, tuple[subprocess.Popen, Callable[[], bool]]]) -> None:
    end = time.monotonic() + _PATIENCE_S
    for name, (process, ready) in started.items():
        while not ready():
            if process.poll() is not None or time.monotonic() > end:
                said = (folder / f"{name}.out").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{name} did not start:\n{said}")
            time.sleep(0.01)


def _peer_service(port: int, what: str) -> list[str]:
    """Something else than amlnet that listens on the second node."""
    if what == "web":
        serve = ("from http.server import SimpleHTTPRequestHandler; from socketserver import ThreadingTCPServer; "
                 f"ThreadingTCPServer(('', {port}), SimpleHTTPRequestHandler).serve_forever()")
        return [sys.executable, "-Bc", serve]
    says = {"ssh": "SYSTEM:echo SSH-2.0-OpenSSH_9.2; sleep 1", "quiet": "SYSTEM:sleep 30"}[what]
    return ["socat", f"TCP-LISTEN:{port},reuseaddr,fork", says]


def start_servers(folder: Path, certificates: Path, design: Design, asked: list[str], binary: str) -> None:
    """`asked`: the nameservers of the node's resolv.conf; `binary`: the amlnet that listens on the second node."""
    started: dict[str, tuple[subprocess.Popen, Callable[[], bool]]] = {}

    def start(name: str, namespace: str, command: list[str], ready: Callable[[], bool]) -> None:
        started[name] = _start(folder, name, namespace, command), ready

    def dns(address: str, config: Path) -> None:
        start(config.stem, "", ["unbound", "-d", "-c", str(config)], lambda: _answers_dns(address))

    dns(AZURE_DNS, azure_config(folder, design.records))
    for address, behaviour in nameservers_of(design, asked).items():
        if behaviour == "echo":
            start(f"echo-{address}", "", ["socat", f"UDP4-RECVFROM:53,bind={address},fork", "PIPE"], lambda: _answers_dns(address))
            continue
        dns(address, forwarder_config(folder, design.records, address, behaviour))
    for address, delay in design.slow_nameservers.items():
        program = Path(__file__).with_name("slow_dns.py")
        start(f"slow-{address}", "", [sys.executable, "-B", str(program), address, SECOND_DNS, str(delay)],
              lambda: _is_bound(address))
    orders = answers_orders(folder, design.answers, design.clock_offset_s, design.closed_ports, design.metadata,
                            {key: getattr(design, key) for key in ("identity", "entra", "resource_manager", "authorized")})
    start("answers", "", answers_command(orders), (folder / "listening").exists)
    if design.azurite:
        start("azurite", "", azurite_command(certificates), lambda: _accepts("127.0.0.1", LAST_PORT))
    nginx = nginx_config(folder, certificates, design.certificates, design.plain_text, design.upgrades,
                         BACKENDS if design.azurite else {}, "root")
    start("nginx", "", ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(nginx)], lambda: _accepts(AZURE_DNS, 443))
    for number, (host, arguments) in enumerate(design.openssl_servers):
        port = OPENSSL_PORT + number
        start(f"openssl-{port}", "", openssl_command(certificates, host, port, arguments), lambda: _accepts(AZURE_DNS, port))
    if design.denied_how or design.denied_hosts_how:
        haproxy = haproxy_config(folder, (design.denied_names, design.denied_how),
                                 (design.denied_hosts, design.denied_hosts_how))
        port = FIREWALL_PORT if design.denied_how else HTTP_FIREWALL_PORT
        start("haproxy", "router", ["haproxy", "-db", "-f", str(haproxy)], lambda: _accepts("10.255.0.1", port))
    if design.token_endpoint:
        program = Path(__file__).with_name("token_endpoint.py")
        start("token-endpoint", "node", [sys.executable, "-B", str(program), str(TOKEN_PORT), design.token_endpoint],
              lambda: _accepts_on("node", TOKEN_PORT))
    if design.swallowed is not None:
        config = transparent_config(folder, design.swallowed)
        start("transparent", "router", ["haproxy", "-db", "-f", str(config)],
              lambda: _accepts("10.255.0.1", TRANSPARENT_PORT))
    for port, what in design.peer_services.items():
        start(f"peer-{port}", "peer", _peer_service(port, what), lambda port=port: _accepts_on("peer", port))
    _wait(folder, started)  # a listener finds their ports taken
    if design.listens is not None:
        said = folder / "listen.out"
        start("listen", "peer", [binary, "listen", "--for", "100s", *design.listens], lambda: "listening for" in said.read_text())
    if design.proxy:
        os.chmod(folder, 0o777)  # squid gives up root
        start("proxy", "", proxy_command(folder, design.proxy), lambda: _accepts(PROXY, 3128))
        if design.proxy.tls:
            start("proxy-tls", "", proxy_tls_command(folder, certificates, design.proxy.tls), lambda: _accepts(PROXY, 3129))
    if design.gateway:
        command = gateway_command(folder, certificates, design.gateway)
        start("gateway", "router", command, lambda: _accepts("10.255.0.1", READY_PORT))
    _wait(folder, started)
    if design.full_table:  # last: nothing can be tried on the node any more
        full = folder / "full"
        started = {"full-table": (_start(folder, "full-table", "node", [
            sys.executable, "-B", str(Path(__file__).with_name("full_table.py")), str(full)]), full.exists)}
        _wait(folder, started)
