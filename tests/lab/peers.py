"""What other tools would say of the same endpoints, from the same node: whether a TCP connect succeeds, and how curl
exits. Run on the node by inside.py: reads [[host, port, is it a web endpoint], ...] and prints {tool: {host:port: answer}}."""

import json
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

_LIMIT_S = 2
_CURL = {0: "passes", 5: "proxy's name not found", 6: "name not found", 7: "could not connect", 28: "timed out",
         35: "TLS connect error", 52: "empty reply", 56: "receive failure", 60: "certificate problem"}


def _connects(endpoint: tuple[str, int, bool]) -> str:
    host, port, _ = endpoint
    try:
        socket.create_connection((host, port), _LIMIT_S).close()
    except TimeoutError:
        return "timed out"
    except socket.gaierror as error:
        return "name not found" if error.errno == socket.EAI_NONAME else "name lookup failed"
    except OSError as error:
        return os.strerror(error.errno or 0).lower()
    return "passes"


def _curl(endpoint: tuple[str, int, bool]) -> str:
    host, port, _ = endpoint
    command = ["curl", "-s", "-o", "/dev/null", "-m", str(_LIMIT_S), f"https://{host}:{port}/"]
    code = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode
    return _CURL.get(code, "fails") + (f" ({code})" if code else "")


def main() -> None:
    endpoints = [tuple(row) for row in json.load(sys.stdin)]
    os.environ["RES_OPTIONS"] = "timeout:1 attempts:1"  # a dead nameserver would cost libc five seconds a try
    answers = {}
    with ThreadPoolExecutor(32) as pool:
        for tool, ask, asked in (("TCP connect", _connects, endpoints), ("curl", _curl, [e for e in endpoints if e[2]])):
            answers[tool] = {f"{host}:{port}": said for (host, port, _), said in zip(asked, pool.map(ask, asked))}
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
