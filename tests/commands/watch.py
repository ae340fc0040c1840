#!/usr/bin/env python3
"""`amlnet watch` in a network namespace of its own, whose only services are this test's: watch.py BINARY [TESTS...]. What the
lab's faults look like to it is in tests/lab/watch.py."""

import http.client
import json
import os
import pty
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

_BINARY = ""
_PORT = 9901
_SILENT = "198.51.100.9"    # on a link where nobody is
_SCHEMA_CHECK = Path(__file__).parent.parent / "schema_check.py"
_PATIENCE_S = 60
_ALONE = ["--offline", "--identity", "none", "--only", "custom.*", "--timeout", "400ms", "--interval", "10m"]


def _prepare_namespace() -> None:
    for command in ("ip link set lo up", "ip link add nobody0 type veth peer name nobody1", "ip link set nobody1 up", "ip addr add 198.51.100.1/24 dev nobody0",
                    "ip link set nobody0 up", f"ip neigh add {_SILENT} lladdr 02:00:00:00:00:09 dev nobody0"):
        subprocess.run(command.split(), check=True)


class Service:
    """Accepts connections at 127.0.0.1:_PORT until it is closed; then the port refuses."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", _PORT))
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

    def __init__(self, *arguments: str, output=subprocess.PIPE, **variables: str):
        command = [_BINARY, "watch", "-v", *_ALONE, *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE, text=True,
                                        env=os.environ | variables)
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
            _, kind, text = self._lines.get(timeout=_PATIENCE_S).split("  ", 2)
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
        deadline = time.monotonic() + _PATIENCE_S
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
        return self.process.wait(timeout=_PATIENCE_S)


class OneService(unittest.TestCase):
    """A workspace with one custom endpoint, which the test opens and closes; everything in a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.workspace = self.folder / "workspace.json"
        self.asks_for("127.0.0.1", _PORT)
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


_BROKEN = ("verdict", "cause found", "newly failing")
_MENDED = ("verdict", "cause gone", "newly passing")


class Changes(OneService):
    def test_each_change_is_told_once(self):
        self.accept()
        watched = self.watch()
        watched.changes()
        self.assertEqual(watched.round(), [])
        self.refuse()
        broken = watched.round()
        self.told(broken, *_BROKEN)
        self.assertIn("tcp.refused (blocking): 127.0.0.1 refuses connections on port 9901", broken[1])
        self.assertIn(f"custom.127.0.0.1:{_PORT}", broken[2])
        self.assertEqual(watched.round(), [])
        self.accept()
        self.told(watched.round(), *_MENDED)
        self.assertEqual(watched.round(), [])
        self.assertEqual((watched.stop(), watched.errors), (0, []))

    def test_what_was_told_is_not_told_again_after_a_restart(self):
        watched = self.watch()
        self.assertIn("newly failing", "".join(watched.changes()))
        self.assertEqual(watched.stop(), 0)
        watched = self.watch()
        self.assertEqual(watched.changes(), [])
        watched.stop(signal.SIGKILL)
        self.accept()
        watched = self.watch()
        self.told(watched.changes(), *_MENDED)
        self.assertEqual(watched.stop(signal.SIGINT), 0)
        self.assertEqual((self.state / "amlnet/watch.json").stat().st_mode & 0o777, 0o600)

    def test_systemds_folder_comes_first_and_holds_a_report(self):
        folder = self.folder / "lib"
        watched = self.watch(STATE_DIRECTORY=f"{folder}:{self.folder}/other")
        watched.changes()
        watched.stop()
        self.assertEqual([path.name for path in folder.iterdir()], ["watch.json"])
        done = subprocess.run([sys.executable, "-B", _SCHEMA_CHECK, folder / "watch.json"], text=True, capture_output=True)
        self.assertEqual(done.stdout + done.stderr, "")
        shown = subprocess.run([_BINARY, "show", folder / "watch.json"], text=True, capture_output=True)
        self.assertIn("tcp.refused", shown.stdout)

    def test_a_state_that_cannot_be_read_is_said_and_replaced(self):
        path = self.state / "amlnet/watch.json"
        path.parent.mkdir(parents=True)
        for damage in ('{"schema": "amlnet.report/1"', "x" * 100, ""):
            path.write_text(damage)
            watched = self.watch()
            self.assertIn("newly failing", "".join(watched.changes()))
            watched.says("what was told before is not known")
            watched.stop()
            self.assertEqual(json.loads(path.read_text())["schema"], "amlnet.report/1")

    def test_the_resolver_is_read_in_each_round(self):
        resolv = self.folder / "resolv.conf"
        resolv.write_text("nameserver 127.0.0.2\n")
        subprocess.run(["mount", "--bind", resolv, os.path.realpath("/etc/resolv.conf")], check=True)
        self.addCleanup(subprocess.run, ["umount", os.path.realpath("/etc/resolv.conf")], check=True)
        watched = self.watch()
        watched.changes()
        resolv.write_text("nameserver 127.0.0.3\n")
        changes = watched.round()
        self.assertIn("fact  node.resolvers: 127.0.0.2 -> 127.0.0.3", changes)
        self.assertTrue(any(change.startswith("cause found  dns.server-unreachable") and "127.0.0.3" in change for change in changes))
        self.assertTrue(any(change.startswith("cause gone  dns.server-unreachable") and "127.0.0.2" in change for change in changes))

    def test_a_workspace_file_that_breaks_meanwhile_is_said_once(self):
        self.accept()
        watched = self.watch()
        watched.changes()
        good = self.workspace.read_text()
        self.workspace.write_text('{"regoin": 1}')
        for _ in range(3):
            watched.hang_up()
            watched.says("regoin")
            time.sleep(0.3)
        self.workspace.write_text(good)
        self.assertEqual(watched.round(), [])
        watched.says("can be used again")
        self.assertEqual(len(watched.errors), 2, watched.errors)
        self.workspace.write_text('{"regoin": 1}')
        self.assertEqual(watched.stop(), 0)
        again = self.watch()
        self.assertEqual(again.process.wait(timeout=_PATIENCE_S), 2)


class Disks(OneService):
    def _small_disk(self) -> Path:
        disk = self.folder / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        return disk

    @staticmethod
    def _fill(disk: Path) -> Path:
        filler = disk / "filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(512))
            except OSError:
                return filler

    def test_a_full_disk_is_said_once_and_recovered_from(self):
        disk = self._small_disk()
        self.accept()
        watched = self.watch(XDG_STATE_HOME=str(disk))
        watched.changes()
        state = disk / "amlnet/watch.json"
        before = state.read_text()
        filler = self._fill(disk)
        self.refuse()
        self.told(watched.round(), *_BROKEN)
        self.assertEqual(watched.round(), [])
        self.assertEqual(watched.errors, [f"amlnet: cannot write {state}: No space left on device; watch goes on"])
        self.assertEqual(state.read_text(), before)
        filler.unlink()
        self.assertEqual(watched.round(), [])
        watched.says("the state is kept again")
        self.assertEqual(json.loads(state.read_text())["summary"]["verdict"], "fail")
        self.assertEqual([path.name for path in state.parent.iterdir()], ["watch.json"])

    def test_lines_that_found_no_room_are_written_later(self):
        disk = self._small_disk()
        lines = disk / "lines"
        self.accept()
        with open(lines, "a") as output:
            watched = self.watch("--interval", "20ms", output=output)
        filler = self._fill(disk)
        watched.says("cannot write to standard output: No space left on device; watch goes on")
        self.refuse()
        time.sleep(1)
        self.assertNotIn("newly failing", lines.read_text())
        filler.unlink()
        watched.says("standard output can be written again")
        self.assertEqual(watched.stop(), 0)
        text = lines.read_text()
        self.assertEqual(text.count("  newly failing  custom"), 1)
        numbers = [int(line.split("  ")[2].split(":")[0]) for line in text.splitlines() if "  round  " in line]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        self.assertEqual(sum("standard output" in line for line in watched.errors), 2, watched.errors)

    def test_a_reader_that_has_gone_ends_it(self):
        reading, writing = os.pipe()
        watched = self.watch(output=writing)
        os.close(writing)
        os.close(reading)
        self.assertEqual(watched.process.wait(timeout=_PATIENCE_S), 4)
        watched.says("cannot write to standard output: Broken pipe")


def _get(port: int, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    answer.text = answer.read().decode()
    connection.close()
    return answer


def _metric(port: int, name: str) -> float:
    return next(float(line.split(" ")[-1]) for line in _get(port, "/metrics").text.splitlines() if line.startswith(name))


def _rounds_done(port: int) -> float:
    return sum(_metric(port, f'amlnet_watch_rounds_total{{outcome="{outcome}"}}') for outcome in ("complete", "incomplete"))


class Serving(OneService):
    def setUp(self):
        super().setUp()
        self.watched = self.watch("--listen", "0")
        self.port = self.watched.port()

    def test_metrics_are_what_promtool_accepts(self):
        self.watched.changes()
        deadline = time.monotonic() + _PATIENCE_S
        while _get(self.port, "/report").status != 200 and time.monotonic() < deadline:
            time.sleep(0.02)
        answer = _get(self.port, "/metrics")
        self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        done = subprocess.run(["promtool", "check", "metrics"], input=answer.text, text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for line in ('amlnet_watch_rounds_total{outcome="complete"} 1', 'amlnet_watch_changes_total{change="newly_failing"} 1',
                     "amlnet_watch_state_kept 1", 'amlnet_verdict{verdict="fail"} 1'):
            self.assertIn(line, answer.text.splitlines())
        self.assertAlmostEqual(_metric(self.port, "amlnet_watch_last_round_timestamp_seconds"), time.time(), delta=120)
        self.watched.round()
        self.assertEqual(self.watched.round(), [])
        self.assertGreaterEqual(_rounds_done(self.port), 2)

    def test_the_report_as_json_and_as_a_page(self):
        self.watched.changes()
        self.watched.round()  # the first one is served by now
        path = self.folder / "served.json"
        path.write_text(_get(self.port, "/report").text)
        done = subprocess.run([sys.executable, "-B", _SCHEMA_CHECK, path], text=True, capture_output=True)
        self.assertEqual(done.stdout + done.stderr, "")
        page = _get(self.port, "/report", Accept="text/html,*/*;q=0.8")
        self.assertEqual(page.headers["Content-Type"], "text/html; charset=utf-8")
        self.assertIn("tcp.refused", page.text)
        head = _get(self.port, "/report.json", method="HEAD")
        self.assertEqual((head.status, head.text), (200, ""))
        self.assertGreater(int(head.headers["Content-Length"]), 1000)
        self.assertEqual((_get(self.port, "/healthz").text, _get(self.port, "/nowhere").status), ("ok\n", 404))

    def test_a_page_of_another_name_gets_nothing(self):
        self.watched.changes()
        self.assertEqual(_get(self.port, "/report", Host=f"rebound.example:{self.port}").status, 421)

    def _raw(self, data: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE_S) as connection:
            try:
                connection.sendall(data)
                return connection.recv(100)
            except ConnectionError:
                return b""

    def test_what_is_no_request_is_refused(self):
        for data in (b"\x16\x03\x01" + bytes(200), b"GET /metrics\r\n\r\n", b"\r\n" * 5000, b"GET / HTTP/9.9\r\n\r\n",
                     b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n"):
            said = self._raw(data)
            self.assertNotIn(b" 200 ", said, data[:30])
        for method in (b"POST", b"PUT", b"DELETE", b"OPTIONS", b"X" * 3000):
            said = self._raw(method + b" /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n" + bytes(50_000))
            self.assertNotIn(b" 200 ", said)
        self.assertIn(b" 405 ", self._raw(b"DELETE /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        self.assertEqual(_get(self.port, "/healthz").status, 200)

    def test_clients_that_say_little_keep_nobody_else_out_for_long(self):
        self.watched.changes()
        slow = []
        for _ in range(40):
            connection = socket.create_connection(("127.0.0.1", self.port))
            connection.sendall(b"GET /metrics HTTP/1.1\r\n")
            slow.append(connection)
            self.addCleanup(connection.close)
        ended = threading.Event()

        def trickle() -> None:
            while not ended.wait(2):
                for one in slow:
                    try:
                        one.send(b"X")
                    except OSError:
                        pass

        threading.Thread(target=trickle, daemon=True).start()
        self.addCleanup(ended.set)
        self.assertEqual(self.watched.round(), [])  # rounds wait for no client
        self.assertLess(len(list(Path(f"/proc/{self.watched.process.pid}/fd").iterdir())), 60)
        started = time.monotonic()
        self.assertEqual(_get(self.port, "/healthz").status, 200)  # once the first of them have had their time
        self.assertGreater(time.monotonic() - started, 5)

    def test_a_port_that_is_taken_is_status_2(self):
        other = self.watch("--listen", f"127.0.0.1:{self.port}")
        self.assertEqual(other.process.wait(timeout=_PATIENCE_S), 2)
        other.says(f"--listen 127.0.0.1:{self.port}: Address already in use")

    def test_an_address_of_the_network_is_warned_about(self):
        other = self.watch("--listen", "198.51.100.1:0")
        other.says("anybody who reaches that address can read the report")
        self.assertFalse(any("anybody" in line for line in self.watched.errors))

    def test_an_address_that_is_none_is_status_2(self):
        other = self.watch("--listen", "localhost:9815")
        self.assertEqual(other.process.wait(timeout=_PATIENCE_S), 2)
        other.says('--listen: expected none, a port for this machine alone like 9815')


class Stopping(OneService):
    def test_in_the_middle_of_a_round(self):
        watched = self.watch()
        watched.changes()
        before = (self.state / "amlnet/watch.json").read_text()
        self.asks_for(_SILENT, 443)
        for which in (signal.SIGTERM, signal.SIGINT):
            watched = self.watch("--timeout", "30s")
            time.sleep(1.5)
            self.assertIsNone(watched.process.poll())
            started = time.monotonic()
            self.assertEqual(watched.stop(which), 0)
            self.assertLess(time.monotonic() - started, 5)
            self.assertEqual(watched.errors, [])
            self.assertEqual((self.state / "amlnet/watch.json").read_text(), before)

    def test_at_any_moment(self):
        """Rounds without a pause: the signal finds it planning, probing, judging or writing."""
        for moment in range(30):
            watched = self.watch("--interval", "1ms")
            watched.changes()
            time.sleep(moment * 0.0013)
            self.assertEqual(watched.stop(), 0)

    def test_a_terminal_that_closes_ends_it(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ["XDG_STATE_HOME"] = str(self.state)
            os.execv(_BINARY, [_BINARY, "watch", "--config", str(self.workspace), *_ALONE])
        self.assertIn(b"verdict  FAIL", os.read(terminal, 10_000))
        os.close(terminal)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)


class Manager(OneService):
    """systemd's part, played by a socket."""

    def _messages(self, name: str, shown: str) -> None:
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        manager.bind(name)
        manager.settimeout(_PATIENCE_S)
        self.addCleanup(manager.close)
        said: list[tuple[float, str]] = []
        stopped = threading.Event()

        def listen() -> None:
            while not stopped.is_set():
                said.append((time.monotonic(), manager.recv(1000).decode()))
                if said[-1][1] == "STOPPING=1":
                    stopped.set()

        threading.Thread(target=listen, daemon=True).start()
        self.asks_for(_SILENT, 443)
        watched = self.watch("--timeout", "1500ms", NOTIFY_SOCKET=shown, WATCHDOG_USEC="400000")
        self.assertIn("newly failing", "".join(watched.changes()))  # two attempts: the round lasts 3 s
        time.sleep(1)
        self.assertEqual(watched.stop(), 0)
        self.assertTrue(stopped.wait(_PATIENCE_S))
        texts = [text for _, text in said if text != "WATCHDOG=1"]
        self.assertEqual((texts[0], texts[2:]), ("READY=1\nSTATUS=the first round", ["STOPPING=1"]))
        self.assertTrue(texts[1].startswith("STATUS=FAIL: 1 of 1 required"), texts[1])
        beats = [moment for moment, text in said if text == "WATCHDOG=1"]
        self.assertGreater(len(beats), 15)
        self.assertLess(max(later - earlier for earlier, later in zip(beats, beats[1:])), 0.4)

    def test_a_socket_in_the_file_system(self):
        path = str(self.folder / "notify")
        self._messages(path, path)

    def test_an_abstract_socket(self):
        self._messages(f"\0amlnet-{os.getpid()}", f"@amlnet-{os.getpid()}")

    def test_a_manager_that_has_gone_is_no_trouble(self):
        watched = self.watch(NOTIFY_SOCKET=str(self.folder / "nobody"), WATCHDOG_USEC="1000")
        watched.changes()
        watched.round()
        self.assertEqual((watched.stop(), watched.errors), (0, []))


class Clocks(OneService):
    def test_a_clock_that_jumps_moves_no_round(self):
        """Wall-clock time jumps by a year, forward and back, under libfaketime; rounds go on every half second."""
        setting = self.folder / "clock"
        setting.write_text("+0")
        library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
        watched = self.watch("--interval", "500ms", "--listen", "0", LD_PRELOAD=str(library), FAKETIME_TIMESTAMP_FILE=str(setting),
                             FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1")
        port = watched.port()
        watched.changes()
        shown = []
        for jump in ("+0", "+365d", "-365d", "+0"):
            setting.write_text(jump)
            first = _rounds_done(port)
            time.sleep(4)
            self.assertIn(_rounds_done(port) - first, range(5, 11), jump)
            shown.append(_metric(port, "amlnet_watch_last_round_timestamp_seconds"))
        year_s = 365 * 86400
        self.assertAlmostEqual(shown[1] - shown[0], year_s, delta=100)
        self.assertAlmostEqual(shown[2] - shown[0], -year_s, delta=100)
        self.assertEqual(watched.stop(), 0)


class Memory(OneService):
    _ROUNDS = 10_000

    def test_ten_thousand_rounds_take_no_more_than_a_few(self):
        self.state.mkdir()  # of a file system that does not wait for a disk
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", self.state], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.state], check=True)
        watched = self.watch("--interval", "1ms", "--listen", "0")
        port = watched.port()
        threading.Thread(target=self._flap, daemon=True).start()
        samples = []
        started = time.monotonic()
        while (done := _rounds_done(port)) < self._ROUNDS:
            self.assertLess(time.monotonic() - started, 500)
            self.assertIsNone(watched.process.poll())
            samples.append((done, watched.resident_kib()))
            time.sleep(0.2)
        early = max(kib for done, kib in samples if done < self._ROUNDS / 10)
        late = max(kib for done, kib in samples if done > self._ROUNDS * 9 / 10)
        print(f"{self._ROUNDS} rounds in {time.monotonic() - started:.0f} s; at most {early} KiB in the first tenth, {late} KiB in the "
              "last", file=sys.stderr)
        self.assertLess(late, early + 1024)
        self.assertEqual(watched.stop(), 0)

    def _flap(self) -> None:
        while True:
            self.accept()
            time.sleep(0.3)
            self.refuse()
            time.sleep(0.3)


def main() -> int:
    global _BINARY
    if "AMLNET_ALONE" not in os.environ:
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        command = ["unshare", *as_root, "--net", "--mount", sys.executable, "-B", *sys.argv]
        return subprocess.run(command, env=os.environ | {"AMLNET_ALONE": "1"}).returncode
    _prepare_namespace()
    _BINARY = os.path.abspath(sys.argv.pop(1))
    unittest.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
