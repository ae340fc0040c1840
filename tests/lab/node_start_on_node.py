"""What packaging/azureml/setup.sh promises, tried on the node of a lab. Run there by node_start.py, as root of its own mount
and network namespaces: BINARY."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

_BINARY = ""
_SETUP = Path(__file__).parent.parent.parent / "packaging/azureml/setup.sh"
_ROUTER = ["nsenter", "--net=/run/netns/router", "nft"]
_DNS_DEAD_S = 20


class NodeStart(unittest.TestCase):
    """A folder such as a file share is: the script, with the program or a stand-in beside it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir="/run/lab")
        self.addCleanup(folder.cleanup)
        self.share = Path(folder.name, "share")
        self.share.mkdir()
        self.reports = Path(folder.name, "reports")
        shutil.copy(_SETUP, self.share)

    def _place(self, script: str = "", name: str = "amlnet") -> None:
        """amlnet beside the script, or a stand-in."""
        program = self.share / name
        if script:
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)
        else:
            shutil.copy(_BINARY, program)

    def _start(self, *arguments: str, **variables: str) -> tuple[int, list[str], float]:
        environment = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "AMLNET_CONFIG": "/run/lab/amlnet.json", "AMLNET_TIMEOUT": "1500ms",
                       "AMLNET_WAIT": "0s", "AMLNET_REPORTS": str(self.reports)} | variables
        started = time.monotonic()
        done = subprocess.run(["bash", str(self.share / "setup.sh"), *arguments], stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, env=environment, cwd="/")
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout.splitlines(), time.monotonic() - started

    def _verdict(self, expected_status: int, *words: str, **variables: str) -> str:
        status, lines, _ = self._start(**variables)
        self.assertEqual((status, len(lines)), (expected_status, 1), lines)
        for word in words:
            self.assertIn(word, lines[0])
        return lines[0]

    def _break_dns(self) -> None:
        subprocess.run([*_ROUTER, "insert", "rule", "inet", "firewall", "filtering", "ip", "daddr", "{ 10.0.0.4, 168.63.129.16 }",
                        "meta", "l4proto", "{ tcp, udp }", "th", "dport", "53", "drop"], check=True)
        self.addCleanup(self._mend)

    def _mend(self) -> None:
        subprocess.run([*_ROUTER, "flush", "chain", "inet", "firewall", "filtering"], check=True)

    def test_a_good_start_is_one_line_and_a_report(self):
        self._place()
        line = self._verdict(0, "amlnet: PASS", "status=0", AMLNET_GATE="1")
        report = Path(line.split("report=")[1])
        self.assertEqual(report.parent, self.reports)
        self.assertEqual(json.loads(report.read_text())["summary"]["verdict"], "pass")
        self.assertIn("amlnet: PASS", report.with_suffix(".txt").read_text())
        self.assertEqual(self.reports.stat().st_mode & 0o077, 0)

    def test_dns_that_comes_late_is_waited_for(self):
        self._place()
        self._break_dns()
        timer = threading.Timer(_DNS_DEAD_S, self._mend)
        timer.start()
        self.addCleanup(timer.join)
        line = self._verdict(0, "amlnet: PASS", "status=0", "waited", "dns.", AMLNET_GATE="1", AMLNET_WAIT="60s")
        self.assertGreaterEqual(int(line.split("waited ")[1].split()[0]), _DNS_DEAD_S - 2)
        self.assertGreater(json.loads(Path(line.split("report=")[1]).read_text())["run"]["attempt"], 1)

    def test_the_gate_alone_turns_a_failure_into_a_status(self):
        self._place()
        self._break_dns()
        self._verdict(0, "amlnet: FAIL", "status=1")
        self._verdict(0, "amlnet: FAIL", "status=1", AMLNET_GATE="0")
        self._verdict(1, "amlnet: FAIL", "status=1", AMLNET_GATE="1")

    def test_whatever_the_check_does_the_start_goes_on_without_a_gate(self):
        for script, words in (("exit 0", ["NO REPORT", "status=0"]), ("exit 2", ["NO REPORT", "status=2"]),
                              ("echo went wrong >&2; exit 4", ["NO REPORT", "status=4", "went wrong"]),
                              ("kill -SEGV $$", ["NO REPORT", "status=139"]), ("", ["status=2", "--nonsense"])):
            with self.subTest(script=script):
                self._place(script)
                arguments = () if script else ("--nonsense",)
                status, lines, _ = self._start(*arguments)
                self.assertEqual((status, len(lines)), (0, 1), lines)
                for word in words:
                    self.assertIn(word, lines[0])
                self.assertEqual(self._start(*arguments, AMLNET_GATE="1")[0], 0 if script == "exit 0" else 1)

    def test_a_folder_for_nodes_of_two_architectures_has_one_binary_for_each(self):
        own = os.uname().machine
        other = {"x86_64": "aarch64"}.get(own, "x86_64")
        self._place("echo the one of any node >&2; exit 4")
        self._place("echo the other kind of node >&2; exit 4", f"amlnet-{other}")
        self._verdict(0, "NO REPORT", "the one of any node")
        self._place("echo the own kind of node >&2; exit 4", f"amlnet-{own}")
        self._verdict(0, "NO REPORT", "the own kind of node")

    def test_what_cannot_run_is_said(self):
        self._verdict(0, "NOT RUN: no amlnet beside")
        self._verdict(1, "NOT RUN: no amlnet beside", AMLNET_GATE="1")
        self._place()
        self._verdict(1, "NOT RUN: cannot write to /proc/none", AMLNET_GATE="1", AMLNET_REPORTS="/proc/none")
        self._verdict(1, "NOT RUN: AMLNET_BUDGET: expected a number of seconds", AMLNET_GATE="1", AMLNET_BUDGET="3m")
        self._verdict(1, "NOT RUN: no amlnet", AMLNET_GATE="1", AMLNET_BINARY="/nowhere/amlnet")

    def test_the_budget_ends_a_check_that_deserves_its_report(self):
        self._place()
        self._break_dns()
        status, lines, lasted_s = self._start(AMLNET_WAIT="10m", AMLNET_BUDGET="16")
        self.assertEqual(status, 0)
        self.assertIn("report=", lines[0])
        self.assertLess(lasted_s, 30)

    def test_a_budget_with_a_zero_before_it_is_decimal(self):
        self._place('while [ $# -gt 0 ]; do [ "$1" != --output ] || echo "amlnet: PASS report=x" > "$2"; shift; done')
        self._verdict(0, "amlnet: PASS", AMLNET_BUDGET="090")

    def test_the_budget_ends_what_does_not_end(self):
        self._place("trap '' TERM; while :; do sleep 1; done")
        status, lines, lasted_s = self._start(AMLNET_BUDGET="3", AMLNET_GATE="1")
        self.assertEqual(status, 1)
        self.assertIn("NO REPORT", lines[0])
        self.assertLess(lasted_s, 15)

    def test_a_share_that_does_not_answer_does_not_hold_the_start_up(self):
        self._place()
        # The first to read the share, and to wait as one does for a server that is gone.
        waits = self.share / "cp"
        waits.write_text("#!/bin/sh\nexec sleep 1000\n")
        waits.chmod(0o755)
        status, lines, lasted_s = self._start(AMLNET_BUDGET="3", PATH=f"{self.share}:/usr/bin:/bin")
        self.assertIn("not finished after 3 s", lines[0])
        self.assertEqual((status, len(lines)), (0, 1))
        self.assertLess(lasted_s, 15)

    def test_the_last_ten_reports_are_kept(self):
        self._place('while [ $# -gt 0 ]; do [ "$1" != --output ] || echo "amlnet: PASS report=x" > "$2"; shift; done')
        for _ in range(13):
            self._verdict(0, "amlnet: PASS")
        names = sorted(path.name for path in self.reports.iterdir())
        self.assertEqual(len(names), 20)
        last = self._verdict(0, "amlnet: PASS").split("report=")[1]
        left = {path.name for path in self.reports.iterdir()}
        self.assertEqual(len(left), 20)
        self.assertIn(Path(last).name, left)
        self.assertNotIn(names[0], left)

    def test_the_last_ten_bundles_are_kept_too(self):
        self._place('while [ $# -gt 0 ]; do [ "$1" != --output ] || echo "amlnet: PASS report=x" > "$2"; shift; done')
        for _ in range(12):
            self._verdict(0, "amlnet: PASS", " upload=done ", AMLNET_UPLOAD="https://stws1.blob.core.windows.net/c")
        kinds = [path.name.split("Z.")[1] for path in self.reports.iterdir()]
        self.assertEqual({kind: kinds.count(kind) for kind in kinds}, {"json": 10, "txt": 10, "tar.gz": 10, "sent": 10})

    def test_it_runs_from_a_share_without_the_right_to_execute(self):
        self._place()
        subprocess.run(["mount", "--bind", self.share, self.share], check=True)
        self.addCleanup(subprocess.run, ["umount", self.share], check=True)
        subprocess.run(["mount", "-o", "remount,bind,noexec", self.share], check=True)
        self._verdict(0, "amlnet: PASS")


if __name__ == "__main__":
    _BINARY = sys.argv.pop(1)
    unittest.main()
