"""Asks every service of a healthy lab from its node, with the system's own resolver and trust store, and compares what
comes with the table. Run on the node by selftest.py; prints what is wrong, a line each."""

import http.client
import socket
import ssl
import subprocess
import sys

sys.dont_write_bytecode = True

from answers import ANSWERS
from services import ABSENT, AZURE_DNS, BY_HOST, CORP, METADATA, SERVICES, Service, addresses_of

_TRUST = ssl.create_default_context(cafile="/etc/ssl/certs/ca-certificates.crt")
_CORP_TRUST = ssl.create_default_context(cafile="/run/lab/corp-root.pem")


def _https(service: Service) -> list[str]:
    connection = http.client.HTTPSConnection(service.host, timeout=5,
                                             context=_CORP_TRUST if service.vendor == CORP else _TRUST)
    connection.request("GET", "/v2/" if service.answer in ("registry", "mcr") else "/")
    answer = connection.getresponse()
    body = answer.read().decode()
    status, headers, expected_body = ANSWERS[service.answer]
    wrong = [] if answer.status == status else [f"{service.host}: status {answer.status}, not {status}"]
    wrong += [f"{service.host}: no header {name}" for name in headers if name not in answer.headers]
    wrong += [] if body == expected_body.replace("{host}", service.host) else [f"{service.host}: body {body[:80]}"]
    return wrong + ([] if answer.headers["Date"] else [f"{service.host}: no Date"])


def _service(service: Service) -> list[str]:
    expected = {service.private} if service.private else set(addresses_of(service.host))
    if service.alias:
        expected = {BY_HOST[service.alias].private}
    found = {row[4][0] for row in socket.getaddrinfo(service.host, 443, type=socket.SOCK_STREAM)}
    wrong = [] if found == expected else [f"{service.host}: resolves to {found}, not {expected}"]
    for port in service.tcp:
        socket.create_connection((service.host, port), 5).close()
    for port in service.udp:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.settimeout(0.2)
            sender.connect((service.host, port))
            sender.send(b"x")
            try:
                wrong.append(f"{service.host}: UDP {port} answers {sender.recv(100)!r}")
            except TimeoutError:
                pass
    return wrong + (_file(service) if service.file else _https(service))


def _file(service: Service) -> list[str]:
    """A revocation list that openssl can read, or an OCSP response."""
    connection = http.client.HTTPConnection(service.host, timeout=5)
    connection.request("GET", "/any/path")
    body = connection.getresponse().read()
    if service.file.endswith(".crl"):
        read = subprocess.run(["openssl", "crl", "-inform", "DER", "-noout", "-issuer"], input=body, capture_output=True)
        return [] if b"CN" in read.stdout else [f"{service.host}: no revocation list: {read.stderr!r}"]
    return [] if body == bytes.fromhex("30030a0101") else [f"{service.host}: {body[:40]!r}"]


def _names_that_are_not() -> list[str]:
    wrong = []
    for name in (*ABSENT, "k3j4h5.blob.core.windows.net", "k3j4h5.invalid", "k3j4h5.privatelink.blob.core.windows.net"):
        try:
            wrong.append(f"{name} resolves: {socket.getaddrinfo(name, 443)}")
        except socket.gaierror as error:
            if error.errno != socket.EAI_NONAME:
                wrong.append(f"{name}: {error}")
    return wrong


def _platform() -> list[str]:
    wrong = []
    for headers, status in (({"Metadata": "true"}, 200), ({}, 400)):
        connection = http.client.HTTPConnection(METADATA, timeout=5)
        connection.request("GET", "/metadata/instance?api-version=2021-02-01", headers=headers)
        if (found := connection.getresponse().status) != status:
            wrong.append(f"metadata service: {found}, not {status}")
    socket.create_connection((AZURE_DNS, 32526), 5).close()
    try:
        socket.create_connection(("192.0.2.1", 443), 0.3)
        wrong.append("192.0.2.1:443 connects")
    except TimeoutError:
        pass
    return wrong


def main() -> int:
    wrong = [line for service in SERVICES if not service.absent for line in _service(service)] + _names_that_are_not() + _platform()
    print("\n".join(wrong) or f"{len(SERVICES)} services as they should be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
