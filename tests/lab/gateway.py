"""An Application Gateway as a workspace's managed network sees it: haproxy at an address of that network, with a listener
for each alias, and the systems on premises behind it. Its own pages are those that Application Gateway shows."""

from dataclasses import dataclass, field
from pathlib import Path

from certificates import certificate_file
from services import ALIASES, AZURE_DNS, GATEWAY

_CONFIG = """global
  maxconn 500
defaults
  mode http
  retries 0
  timeout connect 2s
  timeout client 30s
  timeout server {patience}
  errorfile 400 {folder}/gateway-400.http
  errorfile 503 {folder}/gateway-502.http
  errorfile 504 {folder}/gateway-504.http
frontend listeners
{binds}
  acl listener hdr(host),field(1,:) -i {listeners}
  http-request return status 404 hdr Server Microsoft-Azure-Application-Gateway/v2 content-type text/html file {folder}/gateway-404.html if !listener
{rules}
  default_backend premises
backend premises
  server premises {backend}
"""
_PAGE = """<html>
<head><title>{title}</title></head>
<body>
<center><h1>{title}</h1></center>
<hr><center>Microsoft-Azure-Application-Gateway/v2</center>
</body>
</html>
"""
_TITLES = {400: "400 Bad Request", 403: "403 Forbidden", 404: "404 Not Found", 502: "502 Bad Gateway", 504: "504 Gateway Time-out"}
_FIREWALL = ("  http-request return status 403 hdr Server Microsoft-Azure-Application-Gateway/v2 content-type text/html "
             "file {folder}/gateway-403.html")


READY_PORT = 3140  # of the router, where the services see that it has started


@dataclass
class Gateway:
    certificate: str = "genuine"      # the company's; public (a public authority's), none: 443 speaks HTTP
    listeners: list[str] = field(default_factory=lambda: list(ALIASES))
    backend: str = "healthy"          # healthy, down, slow
    firewall: bool = False            # its web application firewall refuses everything


def _certificates(folder: Path, certificates: Path, kind: str) -> str:
    key = (certificates / "leaf.key").read_text()
    for alias in ALIASES:
        (folder / f"gateway-{alias}.pem").write_text(certificate_file(certificates, alias, kind).read_text() + key)
    return " ".join(f"crt {folder}/gateway-{alias}.pem" for alias in ALIASES)


def gateway_command(folder: Path, certificates: Path, gateway: Gateway) -> list[str]:
    for status, title in _TITLES.items():
        page = _PAGE.format(title=title)
        (folder / f"gateway-{status}.html").write_text(page)
        (folder / f"gateway-{status}.http").write_text(
            f"HTTP/1.1 {title}\r\nServer: Microsoft-Azure-Application-Gateway/v2\r\nContent-Type: text/html\r\n"
            f"Content-Length: {len(page)}\r\nConnection: close\r\n\r\n{page}")
    tls = "" if gateway.certificate == "none" else "ssl " + _certificates(folder, certificates, gateway.certificate)
    binds = f"  bind {GATEWAY}:443 {tls}\n  bind {GATEWAY}:80\n  bind 10.255.0.1:{READY_PORT}\n"
    backend = {"healthy": f"unix@{folder}/answers.socket", "down": "127.0.0.1:9", "slow": f"{AZURE_DNS}:32526"}[gateway.backend]
    path = folder / "gateway.cfg"
    path.write_text(_CONFIG.format(
        folder=folder, binds=binds, listeners=" ".join(gateway.listeners) or "none.invalid", backend=backend,
        rules=_FIREWALL.format(folder=folder) if gateway.firewall else "", patience="400ms"))
    return ["haproxy", "-db", "-f", str(path)]
