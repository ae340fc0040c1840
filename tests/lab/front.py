"""The servers that the lab starts, and their configuration: nginx for TLS, answers.py behind it, haproxy on the router as
a firewall that reads server names."""

import json
import sys
from fnmatch import fnmatchcase
from pathlib import Path

from certificates import DEFAULT_HOST, certificate_file
from services import AZURE_DNS, BY_HOST, METADATA, SERVICES, WORKSPACE, addresses_of

_NGINX = """user {user};
pid {folder}/nginx.pid;
error_log stderr warn;
daemon off;
worker_processes 1;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  server_names_hash_bucket_size 256;
  ssl_protocols TLSv1.2 TLSv1.3;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  proxy_http_version 1.1;
  proxy_pass_header Date; proxy_pass_header Server;
  map $http_upgrade $upgrade_or_not {{ default upgrade; "" ""; }}
  proxy_set_header Host $host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $upgrade_or_not;
  proxy_set_header X-Lab-Host $host; proxy_set_header X-Lab-Client $remote_addr;
  proxy_set_header X-Lab-Address $server_addr; proxy_set_header X-Lab-Scheme $scheme;
  upstream answers {{ server unix:{folder}/answers.socket; }}
  server {{ listen 443 ssl default_server backlog=512; server_name _; {default} return 400; }}
{servers}}}
"""
_SERVER = "  server {{ {listen} server_name {host}; {certificate} {more}location / {{ proxy_pass {behind}; }} }}\n"
# Revocation lists, and what an OCSP responder says to a request that holds no question.
_FILE = ("  server {{ {listen} server_name {host}; default_type application/octet-stream; "
         "location / {{ root {certificates}; try_files /{file} =404; }} }}\n")
# What a web server does to an upgrade to WebSocket that it was not made for, or made against.
_UPGRADES = {
    "": "",
    "stripped": 'proxy_set_header Connection ""; proxy_set_header X-Lab-Host $host; proxy_set_header X-Lab-Client $remote_addr; '
                "proxy_set_header X-Lab-Address $server_addr; proxy_set_header X-Lab-Scheme $scheme; ",
    "refused": "if ($http_upgrade) { return 403; } ",
    "closed": "if ($http_upgrade) { return 444; } ",
    "as-page": "if ($http_upgrade) { return 200; } ",
}

_HAPROXY_HEAD = """global
  maxconn 2000
defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
backend onward
  server onward 0.0.0.0
"""
_SERVER_NAMES = """frontend firewall
  bind 0.0.0.0:{port}
  # a client that has reset already leaves no original destination: onward would lead back here, for ever
  tcp-request connection reject if {{ dst_port {port} }}
  tcp-request inspect-delay 3s
  acl denied req.ssl_sni -i {names}
  tcp-request content {action} if denied
  tcp-request content accept if {{ req.ssl_hello_type 1 }}
  default_backend onward
"""
_HOST_HEADERS = """frontend plain
  mode http
  timeout http-request 30s
  bind 0.0.0.0:{port}
  tcp-request connection reject if {{ dst_port {port} }}
  http-request {action} if {{ req.hdr(host) -i {hosts} }}
  default_backend onward_plain
backend onward_plain
  mode http
  server onward 0.0.0.0
"""
# more than anybody says: it waits for it, and passes nothing on
_SWALLOW = """  tcp-request inspect-delay 30s
  tcp-request content accept if { req.len gt 15000 }"""
FIREWALL_PORT = 3129
HTTP_FIREWALL_PORT = 3130
TRANSPARENT_PORT = 3131
OPENSSL_PORT = 4443  # of the first `openssl s_server`; the others follow


def nginx_config(folder: Path, certificates: Path, shown: dict[str, str], plain_text: list[str], upgrades: dict[str, str],
                 behind: dict[str, str], user: str) -> Path:
    """`shown`: the kind of certificate of each host; `plain_text`: hosts whose port 443 speaks HTTP without TLS; `upgrades`:
    what becomes of upgrades to WebSocket (_UPGRADES) where they do not pass;
    `behind`: the server of each host that does not have the common one."""
    def with_certificate(file: Path) -> str:
        return f"ssl_certificate {file}; ssl_certificate_key {certificates / 'leaf.key'};"

    servers = ""
    for service in SERVICES:
        if service.file:
            servers += _FILE.format(listen=" ".join(f"listen {address}:80;" for address in service.public), host=service.host,
                                    certificates=certificates, file=service.file)
            continue
        plain = [f"listen {address}:80;" for address in service.public if service.http]
        listen = " ".join(["listen 443 ssl;", *plain])
        kind = shown.get(service.host, "genuine")
        certificate = with_certificate(certificate_file(certificates, service.host, kind))
        if service.host in plain_text:
            listen = " ".join(f"listen {address}:443;" for address in addresses_of(service.host))
            certificate = ""
        servers += _SERVER.format(listen=listen, host=service.host, certificate=certificate,
                                  more=_UPGRADES[upgrades.get(service.host, "")],
                                  behind=behind.get(service.host, "http://answers"))
    default = with_certificate(certificate_file(certificates, DEFAULT_HOST, "genuine"))
    path = folder / "nginx.conf"
    path.write_text(_NGINX.format(folder=folder, default=default, servers=servers, user=user))
    return path


def answers_orders(folder: Path, changed: dict[str, str], clock_offset_s: float, closed_ports: list[int],
                   metadata: bool, modes: dict) -> Path:
    """`modes`: what identity_answers.py and authorized.py say. `changed`: the answer of each host that does not give its own. An account
    with a private endpoint admits nobody at its public address."""
    refusals = {"vault": "vault-private-only", "registry": "registry-firewall", "azureml": "workspace-private-only"}
    by_address = {}
    for service in SERVICES:
        if service.private:
            refusal = refusals.get(service.answer, "storage-firewall" if ".core.windows.net" in service.host else "")
            by_address |= {f"{service.host} {address}": refusal for address in service.public if refusal}
    orders = {
        "by_host": {service.host: service.answer for service in SERVICES} | {AZURE_DNS: "wire-server"} | changed,
        "by_address": {key: value for key, value in by_address.items() if key.split()[0] not in changed},
        "clock_offset_s": clock_offset_s,
        "metadata": METADATA,
        "resource_manager_host": "management.azure.com",
        "workspace": WORKSPACE["workspace"],
        **modes,
        "plain_http": [AZURE_DNS] + ([METADATA] if metadata else []),
        "tcp": [[address, port] for service in SERVICES for address in service.addresses for port in service.tcp
                if port not in closed_ports] + [[AZURE_DNS, 32526]],
        "udp": [[address, port] for service in SERVICES for address in service.addresses for port in service.udp
                if port not in closed_ports],
    }
    path = folder / "answers.json"
    path.write_text(json.dumps(orders))
    return path


def answers_command(orders: Path) -> list[str]:
    return [sys.executable, "-I", str(Path(__file__).with_name("answers.py")), str(orders)]


def haproxy_config(folder: Path, names: tuple[list[str], str], hosts: tuple[list[str], str]) -> Path:
    """Server names and Host headers that are denied, each with haproxy's action: reject (closed), silent-drop, or nothing
    where the firewall does not read them."""
    text = _HAPROXY_HEAD
    if names[1]:
        text += _SERVER_NAMES.format(port=FIREWALL_PORT, names=" ".join(names[0]), action=names[1])
    if hosts[1]:
        shown = " ".join(hosts[0]) or "none.invalid"
        text += _HOST_HEADERS.format(port=HTTP_FIREWALL_PORT, hosts=shown, action=hosts[1])
    path = folder / "haproxy.cfg"
    path.write_text(text)
    return path


def transparent_config(folder: Path, swallows: bool) -> Path:
    """A proxy that nobody knows of: it accepts, and then connects to where the connection was to go, or says nothing."""
    path = folder / "transparent.cfg"
    path.write_text(_HAPROXY_HEAD + f"""frontend transparent
  bind 0.0.0.0:{TRANSPARENT_PORT}
  tcp-request connection reject if {{ dst_port {TRANSPARENT_PORT} }}
{_SWALLOW if swallows else ""}
  default_backend onward
""")
    return path


def openssl_command(certificates: Path, host: str, port: int, arguments: list[str]) -> list[str]:
    shown = certificate_file(certificates, host, "genuine")
    return ["openssl", "s_server", "-accept", str(port), "-quiet", "-www", "-cert", str(shown), "-cert_chain", str(shown),
            "-key", str(certificates / "leaf.key"), *arguments]


def hosts_matching(patterns: list[str]) -> list[str]:
    """The hosts of the table that match any of the globs; an error for a glob that matches none."""
    found = []
    for pattern in patterns:
        matching = [host for host in BY_HOST if fnmatchcase(host, pattern)]
        if not matching:
            raise ValueError(f"{pattern}: no host of the lab matches")
        found += matching
    return list(dict.fromkeys(found))
