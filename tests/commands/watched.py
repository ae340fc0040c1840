"""What the tests of `amlnet watch` share: a network namespace of its own, whose only services are the tests', and a running watch
whose rounds are asked for. Used by watch.py and watch_service.py."""

import ctypes
import errno
import fcntl
import http.client
import json
import os
import platform
import queue
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

PORT = 9901
SILENT = "198.51.100.9"    # on a link where nobody is
SCHEMA_CHECK = Path(__file__).parent.parent / "schema_check.py"
PATIENCE_S = 60
ALONE = ["--offline", "--identity", "none", "--only", "custom.*", "--timeout", "400ms", "--interval", "10m"]
# The kinds of lines when the one endpoint breaks, and when it is mended.
BROKEN = ("verdict", "cause found", "newly failing")
MENDED = ("verdict", "cause gone", "newly passing")


def prepare_namespace() -> None:
    for command in ("ip link set lo up", "ip link add nobody0 type veth peer name nobody1", "ip link set nobody1 up", "ip addr add 198.51.100.1/24 dev nobody0",
                    "ip link set nobody0 up", f"ip neigh add {SILENT} lladdr 02:00:00:00:00:09 dev nobody0",
                    "ip addr add 169.254.169.254/32 dev lo"):
        subprocess.run(command.split(), check=True)


class Service:
    """Accepts connections at 127.0.0.1:PORT until it is closed; then the port refuses."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", PORT))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        try:
            while True:
                self._socket.accept()[0].close()
        except OSError:
            pass

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Watched:
    """A running watch: `round()` asks for one and returns the changes that it told."""

    binary = ""

    def __init__(self, *arguments: str, output=subprocess.PIPE, alone=ALONE, before=None, **variables: str):
        command = [self.binary, "watch", "-v", *alone, *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE, text=True,
                                        preexec_fn=before, env=os.environ | variables)
        self._lines: queue.Queue[str] = queue.Queue()
        self.errors: list[str] = []
        if output == subprocess.PIPE:
            threading.Thread(target=self._read, args=[self.process.stdout, self._lines.put], daemon=True).start()
        threading.Thread(target=self._read, args=[self.process.stderr, self.errors.append], daemon=True).start()

    @staticmethod
    def _read(stream, take) -> None:
        with stream:
            for line in stream:
                take(line.rstrip("\n"))

    def changes(self) -> list[str]:
        """Of the next round, without their times."""
        told = []
        while True:
            _, kind, text = self._lines.get(timeout=PATIENCE_S).split("  ", 2)
            if kind == "round":
                return told
            told.append(f"{kind}  {text}")

    def hang_up(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def round(self) -> list[str]:
        self.hang_up()
        return self.changes()

    def says(self, text: str) -> str:
        """The line of standard error that has this text, once it is there."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            for line in self.errors:
                if text in line:
                    return line
            time.sleep(0.02)
        raise AssertionError(f"{text!r} is not in {self.errors}")

    def port(self) -> int:
        return int(self.says("serving http").rsplit(":", 1)[1])

    def resident_kib(self) -> int:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS:")))

    def stop(self, which: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(which)
        return self.process.wait(timeout=PATIENCE_S)


class OneService(unittest.TestCase):
    """A workspace with one custom endpoint, which the test opens and closes; everything in a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.workspace = self.folder / "workspace.json"
        self.asks_for("127.0.0.1", PORT)
        self.state = self.folder / "state"
        self._service: Service | None = None
        self.addCleanup(self.refuse)

    def asks_for(self, host: str, port: int) -> None:
        self.workspace.write_text(json.dumps({"custom": [{"host": host, "port": port, "protocol": "tcp", "why": "test"}]}))

    def accept(self) -> None:
        self._service = self._service or Service()

    def refuse(self) -> None:
        if self._service:
            self._service.close()
        self._service = None

    def watch(self, *arguments: str, **how) -> Watched:
        watched = Watched("--config", str(self.workspace), *arguments, **{"XDG_STATE_HOME": str(self.state)} | how)
        self.addCleanup(watched.stop, signal.SIGKILL)
        return watched

    def told(self, changes: list[str], *kinds: str) -> None:
        self.assertEqual([change.split("  ")[0] for change in changes], list(kinds), changes)


def refuse_record_locks() -> None:
    """What a file system without locks says, to fcntl(F_SETLK) of this process and its programs: by a filter of system calls."""
    number = {"x86_64": 72, "aarch64": 25}[platform.machine()]
    load, same, give = 0x20, 0x15, 0x06                                       # of <linux/bpf_common.h>
    words = [(load, 0, 0, 0), (same, 0, 3, number), (load, 0, 0, 24),         # the call, the low half of its second argument
             (same, 0, 1, fcntl.F_SETLK), (give, 0, 0, 0x00050000 | errno.ENOLCK), (give, 0, 0, 0x7fff0000)]
    text = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *word) for word in words))
    program = struct.pack("HxxxxxxP", len(words), ctypes.addressof(text))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, seccomp, filters = 38, 22, 2
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) or libc.prctl(seccomp, filters, program):
        raise OSError(ctypes.get_errno(), "prctl")


def get(port: int, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    answer.text = answer.read().decode()
    connection.close()
    return answer


def metric(port: int, name: str) -> float:
    return next(float(line.split(" ")[-1]) for line in get(port, "/metrics").text.splitlines() if line.startswith(name))


def rounds_done(port: int) -> float:
    return sum(metric(port, f'amlnet_watch_rounds_total{{outcome="{outcome}"}}') for outcome in ("complete", "incomplete"))


def alone(main) -> int:
    """Runs the tests in their namespaces: PROGRAM BINARY [TESTS...]."""
    if "AMLNET_ALONE" not in os.environ:
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        command = ["unshare", *as_root, "--net", "--mount", sys.executable, "-B", *sys.argv]
        return subprocess.run(command, env=os.environ | {"AMLNET_ALONE": "1"}).returncode
    prepare_namespace()
    Watched.binary = os.path.abspath(sys.argv.pop(1))
    main()
    return 0
