#!/usr/bin/env python3
"""`amlnet watch`: what it tells, and that nothing ends it or makes it grow: watch.py BINARY [TESTS...]. What the lab's faults look
like to it is in tests/lab/watch.py."""

import http.server
import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True

from watched import ALONE, BROKEN, MENDED, PATIENCE_S, PORT, SCHEMA_CHECK, SILENT, OneService, Watched, alone, get, metric, refuse_record_locks, rounds_done


class Changes(OneService):
    def test_each_change_is_told_once(self):
        self.accept()
        watched = self.watch()
        watched.changes()
        self.assertEqual(watched.round(), [])
        self.refuse()
        broken = watched.round()
        self.told(broken, *BROKEN)
        self.assertIn("tcp.refused (blocking): 127.0.0.1 refuses connections on port 9901", broken[1])
        self.assertIn(f"custom.127.0.0.1:{PORT}", broken[2])
        self.assertEqual(watched.round(), [])
        self.accept()
        self.told(watched.round(), *MENDED)
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
        self.told(watched.changes(), *MENDED)
        self.assertEqual(watched.stop(signal.SIGINT), 0)
        self.assertEqual((self.state / "amlnet/watch.json").stat().st_mode & 0o777, 0o600)

    def test_systemds_folder_comes_first_and_holds_a_report(self):
        folder = self.folder / "lib"
        watched = self.watch(STATE_DIRECTORY=f"{folder}:{self.folder}/other")
        watched.changes()
        watched.stop()
        self.assertEqual(sorted(path.name for path in folder.iterdir()), ["watch.json", "watch.json.lock"])
        done = subprocess.run([sys.executable, "-B", SCHEMA_CHECK, folder / "watch.json"], text=True, capture_output=True)
        self.assertEqual(done.stdout + done.stderr, "")
        shown = subprocess.run([Watched.binary, "show", folder / "watch.json"], text=True, capture_output=True)
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
        self.assertEqual(again.process.wait(timeout=PATIENCE_S), 2)


class Facts(OneService):
    """What only the metadata service tells."""

    def setUp(self):
        super().setUp()
        self.accept()
        self._metadata: http.server.HTTPServer | None = None
        self.addCleanup(self._say_nothing)

    def _say(self, region: str) -> None:
        answer = json.dumps({"location": region, "vmSize": "Standard_DS3_v2", "azEnvironment": "AzureUSGovernmentCloud"}).encode()

        class Answers(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self._say_nothing()
        self._metadata = http.server.HTTPServer(("169.254.169.254", 80), Answers)
        threading.Thread(target=self._metadata.serve_forever, daemon=True).start()

    def _say_nothing(self) -> None:
        if self._metadata:
            self._metadata.shutdown()
            self._metadata.server_close()
        self._metadata = None

    def _watch(self) -> Watched:
        return self.watch("--listen", "0", alone=("--identity", "none", "--only", "custom.*", "--timeout", "400ms", "--interval", "10m"))

    def _served(self, watched: Watched) -> dict:
        return json.loads(get(watched.port(), "/report.json").text)

    def test_one_that_was_not_learned_is_not_gone(self):
        self._say("usgovvirginia")
        watched = self._watch()
        watched.changes()
        self._say_nothing()
        for _ in range(3):
            self.assertEqual(watched.round(), [])
        report = self._served(watched)
        self.assertEqual((report["workspace"]["region"], report["workspace"]["cloud"], report["node"]["vm_size"]),
                         ("usgovvirginia", "usgov", "Standard_DS3_v2"))
        self.assertEqual(report["workspace"]["sources"]["region"], "metadata (an earlier round)")
        self.assertEqual([line for line in watched.errors if "serving" not in line],
                         ["amlnet: not learned this time, as they were in an earlier round: cloud (metadata), region (metadata); watch "
                          "goes on"])
        self._say("usgovvirginia")
        self.assertEqual(watched.round(), [])
        watched.says("all facts have been learned again")
        self.assertEqual(self._served(watched)["workspace"]["sources"]["region"], "metadata")
        self._say("usgovarizona")
        self.assertEqual(watched.round(), ["fact  region: usgovvirginia -> usgovarizona"])

    def test_not_after_a_restart_either(self):
        self._say("usgovvirginia")
        watched = self._watch()
        watched.changes()
        watched.stop()
        self._say_nothing()
        watched = self._watch()
        self.assertEqual(watched.changes(), [])
        self.assertEqual(self._served(watched)["workspace"]["region"], "usgovvirginia")

    def test_another_node_has_its_own(self):
        self._say("usgovvirginia")
        watched = self._watch()
        watched.changes()
        watched.stop()
        self._say_nothing()
        state = self.state / "amlnet/watch.json"
        told = json.loads(state.read_text())
        told["node"]["hostname"] = "another"
        state.write_text(json.dumps(told))
        watched = self._watch()
        self.assertIn("fact  region: usgovvirginia -> none", watched.changes())
        self.assertNotIn("region", self._served(watched)["workspace"])


class Locks(OneService):
    def test_a_second_watch_of_the_same_state_ends_at_once(self):
        first = self.watch()
        first.changes()
        for _ in range(2):
            second = self.watch()
            self.assertEqual(second.process.wait(timeout=PATIENCE_S), 2)
            self.assertEqual(second.says("another amlnet watch"),
                             f"amlnet: {self.state}/amlnet/watch.json: another amlnet watch keeps its state there (process "
                             f"{first.process.pid}); stop that one, or give this one a folder of its own by XDG_STATE_HOME")
            self.assertEqual(first.round(), [])  # which replaces the state file
        elsewhere = self.watch(XDG_STATE_HOME=str(self.folder / "elsewhere"))
        self.assertIn("newly failing", "".join(elsewhere.changes()))
        self.assertEqual((first.stop(), first.errors), (0, []))

    def test_one_under_systemd_is_told_of_its_folder(self):
        first = self.watch(STATE_DIRECTORY=str(self.state))
        first.changes()
        second = self.watch(STATE_DIRECTORY=str(self.state))
        self.assertEqual(second.process.wait(timeout=PATIENCE_S), 2)
        self.assertTrue(second.says(f"{self.state}/watch.json: another").endswith("of its own by STATE_DIRECTORY"))

    def test_a_watch_that_was_killed_leaves_no_lock(self):
        first = self.watch()
        first.changes()
        first.stop(signal.SIGKILL)
        second = self.watch()
        self.assertEqual((second.changes(), second.errors), ([], []))

    def test_a_folder_that_cannot_be_written_is_no_obstacle(self):
        (self.state / "amlnet").mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", self.state / "amlnet"], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.state / "amlnet"], check=True)
        for watched in (self.watch(), self.watch()):
            self.assertIn("newly failing", "".join(watched.changes()))
            watched.says("watch.json.lock: cannot be locked: Read-only file system; a second watch there would not be noticed")

    def test_a_file_system_without_locks_is_no_obstacle(self):
        for watched in (self.watch(before=refuse_record_locks), self.watch(before=refuse_record_locks)):
            watched.changes()
            watched.says("watch.json.lock: cannot be locked: No locks available; a second watch there would not be noticed")
            self.assertEqual(watched.round(), [])


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
        self.told(watched.round(), *BROKEN)
        self.assertEqual(watched.round(), [])
        self.assertEqual(watched.errors, [f"amlnet: cannot write {state}: No space left on device; watch goes on"])
        self.assertEqual(state.read_text(), before)
        filler.unlink()
        self.assertEqual(watched.round(), [])
        watched.says("the state is kept again")
        self.assertEqual(json.loads(state.read_text())["summary"]["verdict"], "fail")
        self.assertEqual(sorted(path.name for path in state.parent.iterdir()), ["watch.json", "watch.json.lock"])

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

    def test_lines_that_a_crash_lost_are_told_after_a_restart(self):
        disk = self._small_disk()
        self.accept()
        watched = self.watch()
        watched.changes()
        watched.stop()
        with open(disk / "lines", "a") as output:
            watched = self.watch("--interval", "20ms", output=output)
        filler = self._fill(disk)
        watched.says("cannot write to standard output")
        self.refuse()
        time.sleep(1)
        watched.stop(signal.SIGKILL)
        filler.unlink()
        self.assertNotIn("newly failing", (disk / "lines").read_text())
        self.told(self.watch().changes(), *BROKEN)

    def test_lines_that_are_due_are_written_at_the_end(self):
        disk = self._small_disk()
        with open(disk / "lines", "a") as output:
            filler = self._fill(disk)
            watched = self.watch(output=output)
        watched.says("cannot write to standard output")
        time.sleep(1)
        self.assertFalse((self.state / "amlnet/watch.json").exists())
        filler.unlink()
        self.assertEqual(watched.stop(), 0)
        self.assertIn("newly failing", (disk / "lines").read_text())
        self.assertEqual(self.watch().changes(), [])

    def test_a_reader_that_has_gone_ends_it(self):
        reading, writing = os.pipe()
        watched = self.watch(output=writing)
        os.close(writing)
        os.close(reading)
        self.assertEqual(watched.process.wait(timeout=PATIENCE_S), 4)
        watched.says("cannot write to standard output: Broken pipe")


class Stopping(OneService):
    def test_in_the_middle_of_a_round(self):
        watched = self.watch()
        watched.changes()
        watched.stop()
        before = (self.state / "amlnet/watch.json").read_text()
        self.asks_for(SILENT, 443)
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
            os.execv(Watched.binary, [Watched.binary, "watch", "--config", str(self.workspace), *ALONE])
        self.assertIn(b"verdict  FAIL", os.read(terminal, 10_000))
        os.close(terminal)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)


class Clocks(OneService):
    def test_a_clock_that_jumps_moves_no_round(self):
        """Wall-clock time jumps by a year, forward and back, under libfaketime; rounds go on every half second."""
        setting = self.folder / "clock"
        setting.write_text("+0")
        library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
        watched = self.watch("--interval", "500ms", "--listen", "0", LD_PRELOAD=str(library), FAKETIME_TIMESTAMP_FILE=str(setting),
                             FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1",
                             ASAN_OPTIONS=f"{os.environ.get('ASAN_OPTIONS', '')}:verify_asan_link_order=0")
        port = watched.port()
        watched.changes()
        shown = []
        for jump in ("+0", "+365d", "-365d", "+0"):
            setting.write_text(jump)
            first = rounds_done(port)
            time.sleep(4)
            self.assertIn(rounds_done(port) - first, range(5, 11), jump)
            shown.append(metric(port, "amlnet_watch_last_round_timestamp_seconds"))
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
        while (done := rounds_done(port)) < self._ROUNDS:
            self.assertLess(time.monotonic() - started, 900)
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


if __name__ == "__main__":
    sys.exit(alone(unittest.main))
