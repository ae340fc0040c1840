#!/usr/bin/env python3
"""`amlnet watch` as a service: what it serves over HTTP, and what it tells systemd: watch_service.py BINARY [TESTS...]."""

import os
import socket
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True

from watched import PATIENCE_S, SCHEMA_CHECK, SILENT, OneService, alone, get, metric, rounds_done


class Serving(OneService):
    def setUp(self):
        super().setUp()
        self.watched = self.watch("--listen", "0")
        self.port = self.watched.port()

    def test_metrics_are_what_promtool_accepts(self):
        self.watched.changes()
        deadline = time.monotonic() + PATIENCE_S
        while get(self.port, "/report").status != 200 and time.monotonic() < deadline:
            time.sleep(0.02)
        answer = get(self.port, "/metrics")
        self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        done = subprocess.run(["promtool", "check", "metrics"], input=answer.text, text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for line in ('amlnet_watch_rounds_total{outcome="complete"} 1', 'amlnet_watch_changes_total{change="newly_failing"} 1',
                     "amlnet_watch_state_kept 1", 'amlnet_verdict{verdict="fail"} 1'):
            self.assertIn(line, answer.text.splitlines())
        self.assertAlmostEqual(metric(self.port, "amlnet_watch_last_round_timestamp_seconds"), time.time(), delta=120)
        self.watched.round()
        self.assertEqual(self.watched.round(), [])
        self.assertGreaterEqual(rounds_done(self.port), 2)

    def test_the_report_as_json_and_as_a_page(self):
        self.watched.changes()
        self.watched.round()  # the first one is served by now
        path = self.folder / "served.json"
        path.write_text(get(self.port, "/report").text)
        done = subprocess.run([sys.executable, "-B", SCHEMA_CHECK, path], text=True, capture_output=True)
        self.assertEqual(done.stdout + done.stderr, "")
        page = get(self.port, "/report", Accept="text/html,*/*;q=0.8")
        self.assertEqual(page.headers["Content-Type"], "text/html; charset=utf-8")
        self.assertIn("tcp.refused", page.text)
        head = get(self.port, "/report.json", method="HEAD")
        self.assertEqual((head.status, head.text), (200, ""))
        self.assertGreater(int(head.headers["Content-Length"]), 1000)
        self.assertEqual((get(self.port, "/healthz").text, get(self.port, "/nowhere").status), ("ok\n", 404))

    def test_a_page_of_another_name_gets_nothing(self):
        self.watched.changes()
        self.assertEqual(get(self.port, "/report", Host=f"rebound.example:{self.port}").status, 421)

    def _raw(self, data: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as connection:
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
        self.assertEqual(get(self.port, "/healthz").status, 200)

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
        self.assertEqual(get(self.port, "/healthz").status, 200)  # once the first of them have had their time
        self.assertGreater(time.monotonic() - started, 5)

    def test_a_port_that_is_taken_is_status_2(self):
        other = self.watch("--listen", f"127.0.0.1:{self.port}", XDG_STATE_HOME=str(self.folder / "elsewhere"))
        self.assertEqual(other.process.wait(timeout=PATIENCE_S), 2)
        other.says(f"--listen 127.0.0.1:{self.port}: Address already in use")

    def test_an_address_of_the_network_is_warned_about(self):
        other = self.watch("--listen", "198.51.100.1:0", XDG_STATE_HOME=str(self.folder / "elsewhere"))
        other.says("anybody who reaches that address can read the report")
        self.assertFalse(any("anybody" in line for line in self.watched.errors))

    def test_an_address_that_is_none_is_status_2(self):
        other = self.watch("--listen", "localhost:9815")
        self.assertEqual(other.process.wait(timeout=PATIENCE_S), 2)
        other.says('--listen: expected none, a port for this machine alone like 9815')


class Manager(OneService):
    """systemd's part, played by a socket."""

    def _messages(self, name: str, shown: str) -> None:
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        manager.bind(name)
        manager.settimeout(PATIENCE_S)
        self.addCleanup(manager.close)
        said: list[tuple[float, str]] = []
        stopped = threading.Event()

        def listen() -> None:
            while not stopped.is_set():
                said.append((time.monotonic(), manager.recv(1000).decode()))
                if said[-1][1] == "STOPPING=1":
                    stopped.set()

        threading.Thread(target=listen, daemon=True).start()
        self.asks_for(SILENT, 443)
        watched = self.watch("--timeout", "1500ms", NOTIFY_SOCKET=shown, WATCHDOG_USEC="1000000")
        self.assertIn("newly failing", "".join(watched.changes()))  # two attempts: the round lasts 3 s
        time.sleep(1)
        self.assertEqual(watched.stop(), 0)
        self.assertTrue(stopped.wait(PATIENCE_S))
        texts = [text for _, text in said if text != "WATCHDOG=1"]
        self.assertEqual((texts[0], texts[2:]), ("READY=1\nSTATUS=the first round", ["STOPPING=1"]))
        self.assertTrue(texts[1].startswith("STATUS=FAIL: 1 of 1 required"), texts[1])
        beats = [moment for moment, text in said if text == "WATCHDOG=1"]
        self.assertGreater(len(beats), 6)
        # they go on while a round lasts; a busy machine may delay one
        self.assertLess(max(later - earlier for earlier, later in zip(beats, beats[1:])), 2.5)

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


if __name__ == "__main__":
    sys.exit(alone(unittest.main))
