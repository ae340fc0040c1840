"""The forward proxies of the lab, at 10.0.0.8:3128: squid, or tinyproxy; at 10.0.0.8:3129 haproxy, which speaks TLS for them."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from certificates import certificate_file
from services import PROXY, PROXY_HOST

_SQUID = """http_port {address}:3128
pid_filename none
cache deny all
access_log none
cache_log {folder}/squid.log
coredump_dir {folder}
dns_nameservers {dns}
shutdown_lifetime 0 seconds
visible_hostname proxy.contoso.com
acl ports port {ports}
acl denied dstdomain {denied}
{users}
http_access deny !ports
http_access deny denied
http_access allow all
"""
_SQUID_USERS = """auth_param basic program /usr/lib/squid/basic_ncsa_auth {file}
acl users proxy_auth REQUIRED
http_access deny !users"""

_TINYPROXY = """Listen {address}
Port 3128
Timeout 30
MaxClients 200
LogLevel Error
FilterType fnmatch
Filter "{filter}"
"""


_TLS = """global
  maxconn 500
defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend tls
  bind {address}:3129 ssl crt {file}
  default_backend proxy
backend proxy
  server proxy {address}:3128
"""


@dataclass
class Proxy:
    kind: str = "squid"                                    # or tinyproxy, which asks the node's nameservers
    denies: list[str] = field(default_factory=list)        # hosts
    authenticates: bool = False                            # asks who it is
    users: dict[str, str] = field(default_factory=dict)    # whom it then knows, name -> password
    ports: list[int] = field(default_factory=lambda: [80, 443])
    tls: str = ""                                          # the kind of its certificate, where it is spoken to over TLS too
    dns: str = ""                                          # the nameserver that squid asks


def _squid(folder: Path, proxy: Proxy) -> list[str]:
    users = ""
    if proxy.authenticates:
        file = folder / "squid.users"
        file.write_text("".join(f"{name}:{_hashed(password)}\n" for name, password in proxy.users.items()))
        users = _SQUID_USERS.format(file=file)
    path = folder / "squid.conf"
    path.write_text(_SQUID.format(address=PROXY, folder=folder, dns=proxy.dns, users=users, ports=" ".join(map(str, proxy.ports)),
                                  denied=" ".join(proxy.denies) or "none.invalid"))
    return ["squid", "-N", "-f", str(path)]


def _hashed(password: str) -> str:
    done = subprocess.run(["openssl", "passwd", "-apr1", "-stdin"], input=password, text=True, capture_output=True, check=True)
    return done.stdout.strip()


def _tinyproxy(folder: Path, proxy: Proxy) -> list[str]:
    denied = folder / "tinyproxy.filter"
    denied.write_text("".join(f"{host}\n" for host in proxy.denies or ["none.invalid"]))
    lines = [f"ConnectPort {port}" for port in proxy.ports] 
    lines += [f"BasicAuth {name} {password}" for name, password in (proxy.users or {"nobody": "x"}).items()
              ] if proxy.authenticates else []
    path = folder / "tinyproxy.conf"
    path.write_text(_TINYPROXY.format(address=PROXY, filter=denied) + "\n".join(lines) + "\n")
    return ["tinyproxy", "-d", "-c", str(path)]


def proxy_command(folder: Path, proxy: Proxy) -> list[str]:
    return {"squid": _squid, "tinyproxy": _tinyproxy}[proxy.kind](folder, proxy)


def proxy_tls_command(folder: Path, certificates: Path, kind: str) -> list[str]:
    """haproxy before the proxy. `kind`: a certificate of PROXY_HOST, public, genuine (the company's) or expired; or another
    host's, of:HOST."""
    host = kind.removeprefix("of:") if kind.startswith("of:") else PROXY_HOST
    shown = certificate_file(certificates, host, "genuine" if host != PROXY_HOST else kind).read_text()
    file, path = folder / "proxy.pem", folder / "proxy-tls.cfg"
    file.write_text(shown + (certificates / "leaf.key").read_text())
    path.write_text(_TLS.format(address=PROXY, file=file))
    return ["haproxy", "-db", "-f", str(path)]
