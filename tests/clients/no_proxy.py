"""What curl, Python requests and Go do with values of NO_PROXY, held against what the program says of them: the clients
themselves, as they are installed, each asked for every host under every value. They never get further than a port of this
machine."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

HERE = Path(__file__).parent
CLIENTS = ("curl", "Python requests", "Go")

HOSTS = (
    ("stws1.blob.core.windows.net", 443), ("stws1.blob.core.windows.net", 8443), ("blob.core.windows.net", 443),
    ("evilcore.windows.net", 443), ("kvws1.vault.azure.net", 443), ("10.0.2.10", 443), ("10.0.2.10", 8787),
    ("10.1.2.10", 443), ("169.254.169.254", 443), ("localhost", 443), ("127.0.0.1", 8443), ("node1", 443),
)
LISTS = (
    "", "*", " * ", "*,", "x.example,*", "core.windows.net", ".core.windows.net", "..core.windows.net", "*.core.windows.net",
    "*core.windows.net", "stws1.*", "stws1.blob.core.windows.net", "Core.Windows.NET", "CORE.WINDOWS.NET.", "core.windows.net.",
    "stws1.blob.core.windows.net:443", "stws1.blob.core.windows.net:8443", "core.windows.net:8443", ".core.windows.net:443",
    "x.example, core.windows.net", "x.example ,core.windows.net", "x.example core.windows.net", "x.example\tcore.windows.net",
    "x.example;core.windows.net", " core.windows.net ", ",,core.windows.net,,", "vault.azure.net,core.windows.net",
    "10.0.2.10", "10.0.2.10:443", "10.0.2.10:8787", "10.0.0.0/16", "10.0.0.0/16,10.1.0.0/16", "10.0.2.0/24 ,x", "10.0.*", "10.0.2",
    "10.0.2.10/32", "10.0.0.0/8", "10.0.2.10/33", "010.0.2.10", "169.254.169.254,168.63.129.16", "169.254.0.0/16",
    "localhost", "127.0.0.1", "127.0.0.0/8", "node1", ".node1", "net", ".", "windows.net,.", "http://core.windows.net",
    "https://10.0.2.10",
)


def _url(host: str, port: int) -> str:
    return f"https://{host}/" if port == 443 else f"https://{host}:{port}/"


class _Listener:
    """Takes connections and hangs up; remembers how many came."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._hang_up, daemon=True).start()

    def _hang_up(self) -> None:
        while True:
            try:
                self.socket.accept()[0].close()
            except OSError:
                return


class NoProxy(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        version = subprocess.run(["/usr/bin/python3", "-c", "import requests; print(requests.__version__)"], capture_output=True,
                                 text=True, check=True).stdout
        cls.requests = tuple(map(int, version.split(".")[:2]))
        cls.proxy, cls.direct = _Listener(), _Listener()
        environment = os.environ | {"GOCACHE": str(cls.folder / "go"), "GOFLAGS": "-mod=mod", "GO111MODULE": "off"}
        subprocess.run(["go", "build", "-o", str(cls.folder / "asker"), str(HERE / "asker.go")], check=True, env=environment,
                       cwd=cls.folder)

    @classmethod
    def tearDownClass(cls) -> None:
        for listener in (cls.proxy, cls.direct):
            listener.socket.close()

    def _environment(self, value: str) -> dict[str, str]:
        proxy = f"http://127.0.0.1:{self.proxy.port}"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {"https_proxy": proxy, "HTTPS_PROXY": proxy, "no_proxy": value, "NO_PROXY": value}

    def _curl(self, value: str) -> list[bool]:
        """curl connects for what it takes for the host to a port of ours; to which one, it says itself."""
        command = ["curl", "-sq", "--max-time", "5"]
        for number, (host, port) in enumerate(HOSTS):
            command += ["--next", "-sq"] if number else []
            command += ["--connect-to", f"{host}:{port}:127.0.0.1:{self.direct.port}", "-o", os.devnull,
                        "-w", "%{remote_port}\n", _url(host, port)]
        done = subprocess.run(command, env=self._environment(value), capture_output=True, text=True)
        reached = done.stdout.split()
        known = {str(self.direct.port): True, str(self.proxy.port): False}
        self.assertEqual((len(reached), set(reached) - set(known)), (len(HOSTS), set()), done.stderr)
        return [known[port] for port in reached]

    def _asker(self, command: list[str], value: str) -> list[bool]:
        done = subprocess.run([*command, *(_url(*host) for host in HOSTS)], env=self._environment(value), capture_output=True,
                              text=True, check=True)
        reached = done.stdout.splitlines()
        self.assertEqual(len(reached), len(HOSTS), done.stderr)
        for (host, port), address in zip(HOSTS, reached):
            self.assertIn(address, (f"{host}:{port}", f"127.0.0.1:{self.proxy.port}"), f"{value!r} {host}:{port}")
        return [address != f"127.0.0.1:{self.proxy.port}" for address in reached]

    def _told(self) -> list[list[bool]]:
        """For each value and host, what the program says of each client."""
        lines = [f"{value}\t{host}\t{port}" for value in LISTS for host, port in HOSTS if "\t" not in value]
        done = subprocess.run([sys.argv[-1]], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
        return [[word == "direct" for word in line.split()] for line in done.stdout.splitlines()]

    def _older_requests(self, value: str, host: str) -> bool:
        """Before 2.34, requests took an entry for the end of a name without looking for a dot before it."""
        entries = [entry for entry in value.replace(" ", "").split(",") if entry]
        return self.requests < (2, 34) and any(host.endswith(entry) and not entry[0].isdigit() for entry in entries)

    def test_clients_do_what_the_program_says(self) -> None:
        lists = [value for value in LISTS if "\t" not in value]
        told = iter(self._told())
        wrong, seen = [], {client: set() for client in CLIENTS}
        for value in lists:
            done = dict(zip(CLIENTS, (self._curl(value), self._asker(["/usr/bin/python3", str(HERE / "asker.py")], value),
                                      self._asker([str(self.folder / "asker")], value))))
            for number, (host, port) in enumerate(HOSTS):
                for client, says in zip(CLIENTS, next(told)):
                    does = done[client][number]
                    says = says or client == "Python requests" and self._older_requests(value, host)
                    seen[client].add(does)
                    if does != says:
                        wrong.append(f"{client} goes {'direct' if does else 'by the proxy'} to {host}:{port} with NO_PROXY={value!r}")
        self.assertFalse(wrong, "\n" + "\n".join(wrong))
        self.assertEqual(seen, {client: {True, False} for client in CLIENTS})


if __name__ == "__main__":
    for needed in ("curl", "go", "/usr/bin/python3"):
        if not shutil.which(needed):
            sys.exit(f"{needed} is missing: tests/run.sh installs it")
    unittest.main(argv=sys.argv[:1])
