"""Asks for each URL of its arguments with requests, and says which address it was about to connect to. Nothing is sent: names
do not resolve here, and connections are refused."""

import socket
import sys

import requests

reached = ""


def _resolve(host, port, *_, **__):
    global reached
    reached = f"{host}:{port}"
    raise OSError("not today")


socket.getaddrinfo = _resolve

for url in sys.argv[1:]:
    reached = ""
    try:
        requests.get(url, timeout=1)
    except (requests.exceptions.RequestException, OSError):
        pass
    print(reached)
