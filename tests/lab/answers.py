"""What the services say: one process behind the web server that gives each service's documented anonymous answer, the
metadata service, and the ports that only accept. Started by front.py with its orders in a JSON file."""

import base64
import email.utils
import hashlib
import json
import selectors
import socket
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from authorized import KINDS, Asked, authorized
from identity_answers import entra_token, metadata_token, resource_manager

REQUEST_ID = "7f3a1c52-501e-0041-6b7c-2d9be4000000"
_WEBSOCKET = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
_AZURE = {"x-ms-request-id": REQUEST_ID}
_JSON = {"Content-Type": "application/json; charset=utf-8"}
_STORAGE = {"Server": "Microsoft-HTTPAPI/2.0", "Content-Type": "application/xml", **_AZURE, "x-ms-version": "2021-10-04"}
_HTML = {"Content-Type": "text/html; charset=utf-8"}


def _xml(code: str, message: str, extra: str = "") -> str:
    return (f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}\n'
            f"RequestId:{REQUEST_ID}\nTime:2026-03-19T10:00:00.0000000Z</Message>{extra}</Error>")


_BAD_QUERY = (400, _STORAGE, _xml(
    "InvalidQueryParameterValue", "Value for one of the query parameters specified in the request URI is invalid.",
    "<QueryParameterName>comp</QueryParameterName><QueryParameterValue /><Reason />"))
_TOKEN = 'Bearer realm="https://{host}/oauth2/token",service="{host}"'

# name -> status, headers, body. {host} and {client} are filled in.
ANSWERS = {
    "blob": _BAD_QUERY, "file": _BAD_QUERY, "queue": _BAD_QUERY, "table": _BAD_QUERY,
    "dfs": (400, {**_STORAGE, **_JSON}, '{"error":{"code":"MissingRequiredQueryParameter","message":"A query parameter '
            "that's mandatory for this request is not specified.\"}}"),
    "storage-firewall": (403, _STORAGE,
                         _xml("AuthorizationFailure", "This request is not authorized to perform this operation.")),
    "storage-tls-version": (400, _STORAGE, _xml(
        "TlsVersionNotPermitted", "The TLS version of the connection is not permitted on this storage account.")),
    "storage-no-role": (403, {**_STORAGE, "x-ms-error-code": "AuthorizationPermissionMismatch"},
                        _xml("AuthorizationPermissionMismatch",
                             "This request is not authorized to perform this operation using this permission.")),
    "vault": (401, {**_JSON, **_AZURE, "x-ms-keyvault-service-version": "1.9.1652.1", "WWW-Authenticate":
                    'Bearer authorization="https://login.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47", '
                    'resource="https://vault.azure.net"'},
              '{"error":{"code":"Unauthorized","message":"AKV10000: Request is missing a Bearer or PoP token."}}'),
    "vault-private-only": (403, {**_JSON, **_AZURE}, json.dumps({"error": {
        "code": "Forbidden", "message": "Public network access is disabled and request is not from a trusted service nor "
        "via an approved private link.\r\nCaller: appid=\r\nVault: kvws1", "innererror": {"code": "ForbiddenByConnection"}}})),
    "vault-firewall": (403, {**_JSON, **_AZURE}, json.dumps({"error": {
        "code": "Forbidden", "message": "Client address is not authorized and caller is not a trusted service.\r\nClient "
        "address: {client}\r\nCaller: appid=\r\nVault: kvws1", "innererror": {"code": "ForbiddenByFirewall"}}})),
    "vault-no-role": (403, {**_JSON, **_AZURE}, json.dumps({"error": {
        "code": "Forbidden", "message": "Caller is not authorized to perform action on resource.\r\nVault: kvws1",
        "innererror": {"code": "ForbiddenByRbac"}}})),
    "registry": (401, {**_JSON, "Server": "openresty", "Docker-Distribution-Api-Version": "registry/2.0",
                       "Www-Authenticate": _TOKEN},
                 '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required, visit https://aka.ms/acr/authorization"}]}'),
    "registry-firewall": (403, {**_JSON, "Server": "openresty"}, '{"errors":[{"code":"DENIED","message":"client with IP '
                          "'{client}' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.\"}]}"),
    "registry-data": (404, {**_JSON, **_AZURE, "Server": "AzureContainerRegistry"}, '{"errors":[{"code":"NOT_FOUND"}]}'),
    "mcr": (200, {**_JSON, "Docker-Distribution-Api-Version": "registry/2.0", "x-ms-correlation-request-id": REQUEST_ID}, "{}"),
    "entra": (200, {**_JSON, **_AZURE}, json.dumps({
        "token_endpoint": "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0",
        "authorization_endpoint": "https://login.microsoftonline.com/common/oauth2/v2.0/authorize"})),
    "entra-http": (307, {**_AZURE, "Location": "https://{host}/"}, ""),
    "arm": (401, {**_JSON, **_AZURE, "x-ms-correlation-request-id": REQUEST_ID, "WWW-Authenticate":
                  'Bearer authorization_uri="https://login.windows.net/", error="invalid_token"'},
            '{"error":{"code":"AuthenticationFailed","message":"Authentication failed. The \'Authorization\' header is missing."}}'),
    "graph": (401, {**_JSON, "request-id": REQUEST_ID, "client-request-id": REQUEST_ID, "WWW-Authenticate": 'Bearer realm=""'},
              '{"error":{"code":"InvalidAuthenticationToken","message":"Access token is empty."}}'),
    "studio": (200, {**_HTML, "x-ms-version": "2026.03.19"},
               "<!doctype html><title>Azure Machine Learning studio</title>"),
    "azureml": (401, {**_JSON, "x-ms-response-type": "error", "x-request-time": "0.004"},
                '{"error":{"code":"UserError","message":"Bearer token not provided."}}'),
    "workspace-private-only": (403, {**_JSON, "x-ms-response-type": "error"}, '{"error":{"code":"UserError","message":'
                               '"Access to workspace was denied based on workspace private link configuration."}}'),
    "notebooks": (404, {**_JSON, **_AZURE}, '{"error":{"code":"NotFound"}}'),
    "instance": (302, {**_AZURE, "Location": "https://login.microsoftonline.com/common/oauth2/authorize"}, ""),
    "instance-signed-out": (403, {**_JSON}, '{"message":"Forbidden","reason":null}'),
    "no-upgrade-came": (400, {"Content-Type": "text/html; charset=UTF-8"}, 'Can "Upgrade" only to "WebSocket".'),
    "artifactory": (302, {"Server": "Artifactory/7.77.5", "Location": "/ui/"}, ""),
    "private-api": (404, {**_JSON, "Server": "Kestrel"}, '{"status":404,"title":"Not Found"}'),
    "batch": (403, {**_JSON, "request-id": REQUEST_ID, "api-supported-versions": "2024-07-01.20.0"},
              '{"odata.error":{"code":"AuthenticationFailed"}}'),
    "monitor": (404, {**_JSON, **_AZURE}, ""),
    "packages": (200, _HTML, "<!doctype html><title>{host}</title>"),
    "block-page": (200, {**_HTML, "Server": "gateway"}, "<!doctype html><html><title>Access denied</title><h1>This site is "
                   "blocked by the policy of Contoso</h1><p>Category: uncategorized</p></html>"),
    "firewall-denied": (470, {"Content-Type": "text/plain"},
                        "Action: Deny. Reason: No rule matched. Proceeding with default action."),
    "gateway-502": (502, {**_HTML, "Server": "Microsoft-Azure-Application-Gateway/v2"}, "<html><title>502 Bad Gateway</title>"
                    "<center><h1>502 Bad Gateway</h1></center></html>"),
    "gateway-403": (403, {**_HTML, "Server": "Microsoft-Azure-Application-Gateway/v2"}, "<html><title>403 Forbidden</title>"
                    "<center><h1>403 Forbidden</h1></center></html>"),
    "bad-gateway": (502, {**_HTML, "Server": "nginx"}, "<html><title>502 Bad Gateway</title></html>"),
    "wire-server": (200, {"Content-Type": "text/xml"}, "<Versions><Preferred><Version>2015-04-05</Version></Preferred></Versions>"),
    "no-metadata-header": (400, {**_JSON, "Server": "IMDS/150.870.65.1854"},
                           '{"error":"Bad request. Required metadata header not specified"}'),
    "metadata": (200, {**_JSON, "Server": "IMDS/150.870.65.1854"}, json.dumps({"compute": {
        "azEnvironment": "AzurePublicCloud", "location": "eastus2", "name": "ci1", "osType": "Linux",
        "provider": "Microsoft.Compute", "resourceGroupName": "rg1", "vmSize": "Standard_DS3_v2",
        "subscriptionId": "6d0c9fb1-2f42-4b5b-8f0e-0d0b2c6f1a77", "tagsList": []}})),
}


class Handler(BaseHTTPRequestHandler):
    """The web server names the host, client and address in X-Lab headers; the plain ports come without them."""
    orders: dict = {}
    protocol_version = "HTTP/1.1"

    body = ""

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        self.do_GET()

    def do_GET(self) -> None:
        host = self.headers.get("X-Lab-Host", self.headers.get("Host", "")).split(":")[0]
        if self.orders["by_host"].get(host) == "instance" and self._upgraded():
            return
        status, headers, body = self._answer(host)
        data = body.replace("{host}", host).replace("{client}", self.headers.get("X-Lab-Client", "")).encode()
        self.send_response_only(status, "Denied" if status == 470 else None)
        fixed = {"Date": email.utils.formatdate(time.time() + self.orders["clock_offset_s"], usegmt=True), "Server": "Front"}
        for name, value in {**fixed, **headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value.replace("{host}", host))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_HEAD = do_GET

    def _answer(self, host: str) -> tuple[int, dict, str]:
        if host == self.orders["metadata"]:
            return self._metadata()
        if host == self.orders["resource_manager_host"] and "Authorization" in self.headers:
            return resource_manager(self.orders["resource_manager"], self.path, self.headers["Authorization"],
                                    self.orders["workspace"])
        if self.command == "POST" and self.path.split("?")[0].endswith("/oauth2/v2.0/token"):
            return entra_token(self.orders["entra"], self.body)
        address = self.headers.get("X-Lab-Address", "")
        if self.path.endswith("/channels") and self.orders["by_host"].get(host) == "instance":
            return ANSWERS["no-upgrade-came"]  # as Jupyter's web server says it
        name = self.orders["by_address"].get(f"{host} {address}") or self.orders["by_host"].get(host, "bad-gateway")
        if name in KINDS and ("Authorization" in self.headers or self.path == "/oauth2/exchange"):
            return self._authorized(name, host)
        if self.headers.get("X-Lab-Scheme") == "http" and name == "entra":
            name = "entra-http"
        return ANSWERS[name]

    def _authorized(self, kind: str, host: str) -> tuple[int, dict, str]:
        mode = self.orders["authorized"].get(host, "granted")
        if mode == "silent":
            time.sleep(3600)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return authorized(mode, Asked(kind, host, self.path, headers, self.body, self.headers.get("X-Lab-Client", "")))

    def _upgraded(self) -> bool:
        """Switches to WebSocket for those who ask for it, and then waits for the client to go."""
        if self.headers.get("Upgrade", "").lower() != "websocket" or "upgrade" not in self.headers.get("Connection", "").lower():
            return False
        digest = hashlib.sha1((self.headers["Sec-WebSocket-Key"] + _WEBSOCKET).encode()).digest()
        self.send_response_only(101)
        for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade"),
                            ("Sec-WebSocket-Accept", base64.b64encode(digest).decode())):
            self.send_header(name, value)
        self.end_headers()
        self.rfile.read(1)
        self.close_connection = True
        return True

    def _metadata(self) -> tuple[int, dict, str]:
        if self.headers.get("Metadata", "").lower() != "true" or "X-Forwarded-For" in self.headers:
            return ANSWERS["no-metadata-header"]
        if not self.path.startswith("/metadata/instance"):
            return metadata_token(self.orders["identity"], self.path)
        whole = ANSWERS["metadata"]
        if not self.path.startswith("/metadata/instance/compute"):
            return whole
        return whole[0], whole[1], json.dumps(json.loads(whole[2])["compute"])

    def log_message(self, *_: object) -> None:
        pass

    def address_string(self) -> str:
        return ""


class _Behind(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 256


class _Plain(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def _serve(server: socketserver.BaseServer) -> None:
    threading.Thread(target=server.serve_forever, daemon=True).start()


def _listen_silently(tcp: list, udp: list) -> None:
    """Accepts on every address and port of `tcp` and keeps the connection open; reads and forgets what comes on `udp`."""
    waiting = selectors.DefaultSelector()
    kept = []
    for address, port in tcp:
        waiting.register(socket.create_server((address, port), backlog=64), selectors.EVENT_READ, "tcp")
    for address, port in udp:
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiver.bind((address, port))
        waiting.register(receiver, selectors.EVENT_READ, "udp")
    Path("listening").touch()
    while True:
        for key, _ in waiting.select():
            if key.data == "tcp":
                kept.append(key.fileobj.accept()[0])
            else:
                key.fileobj.recv(65536)


def main() -> None:
    Handler.orders = json.loads(Path(sys.argv[1]).read_text())
    _serve(_Behind("answers.socket", Handler))
    for address in Handler.orders["plain_http"]:
        _serve(_Plain((address, 80), Handler))
    _listen_silently(Handler.orders["tcp"], Handler.orders["udp"])


if __name__ == "__main__":
    main()
