"""What the package's units do under a real systemd. Run on the node of a lab by systemd.py: ROOT DEB. The router forbids the address of
mcr.microsoft.com, and here also a UDP port, both by ICMP."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
import uuid
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lab"))

from planted import Rule

_ROOT = _DEB = Path()
_PATIENCE_S = 60
_OPTIONS = "AMLNET_TIMEOUT=1500ms\nAMLNET_DEADLINE=40s\nAMLNET_INTERVAL=10m\n"
_FORBIDDEN_UDP = Rule("udp.rejected", (), "FAIL", "forbidden", "udp dport 5831 reject with icmp type admin-prohibited")


def until(true, what: str):
    deadline = time.monotonic() + _PATIENCE_S
    while not (found := true()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {_PATIENCE_S} s: {what}")
        time.sleep(0.1)
    return found


class Machine:
    """systemd as process 1, with the lab's files and its network."""

    def __init__(self):
        self._files = tempfile.TemporaryDirectory()
        self._lay_files(Path(self._files.name))
        groups = next(line.split()[1] for line in Path("/proc/mounts").read_text().splitlines() if line.split()[2] == "cgroup2")
        self._group = Path(groups) / f"amlnet-{uuid.uuid4()}"
        self._group.mkdir()
        boot = Path(__file__).with_name("boot_systemd.sh")
        self._process = subprocess.Popen([boot, _ROOT, self._files.name, self._group], stdin=subprocess.DEVNULL)
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        self._first = until(lambda: children.read_text().split(), "a process 1")[0]
        until(lambda: Path(f"/proc/{self._first}/comm").read_text() == "systemd\n", "systemd")
        until(lambda: self.run("systemctl", "is-system-running").stdout.strip() == "running", "a system that runs")

    @staticmethod
    def _lay_files(folder: Path) -> None:
        for path in ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt"):
            (folder / path[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / path[1:])
        for name in ("amlnet", "default"):
            (folder / "etc" / name).mkdir()
        shutil.copyfile("/run/lab/amlnet.json", folder / "etc/amlnet/config.json")
        (folder / "etc/default/amlnet").write_text(_OPTIONS)
        shutil.copyfile(_DEB, folder / "amlnet.deb")

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess:
        entered = ["nsenter", "-t", self._first, "--mount", "--pid", "--ipc", "--uts", "--cgroup", "--root", "--wd=/", "env", "-i",
                   "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *(f"{name}={value}" for name, value in variables.items())]
        return subprocess.run([*entered, *command], stdin=subprocess.DEVNULL, text=True, capture_output=True)

    def must(self, *command: str) -> str:
        done = self.run(*command)
        if done.returncode:
            raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def shown(self, unit: str, field: str) -> str:
        return self.must("systemctl", "show", "--value", f"--property={field}", unit).strip()

    def journal(self, unit: str) -> list[str]:
        return self.must("journalctl", "--unit", unit, "--output", "cat", "--no-pager").splitlines()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for folder in (*sorted(self._group.rglob("*/"), reverse=True), self._group):
            until(lambda: self._is_gone(folder), f"an end of {folder}")
        self._files.cleanup()

    @staticmethod
    def _is_gone(group: Path) -> bool:
        try:
            group.rmdir()
        except FileNotFoundError:
            pass
        except OSError:  # its processes have not ended yet
            return False
        return True


def _served(path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:9815{path}", timeout=_PATIENCE_S) as answer:
        return answer.read().decode()


def _rounds() -> int:
    return int(re.search(r'^amlnet_watch_rounds_total{outcome="complete"} (\d+)', _served("/metrics"), re.MULTILINE).group(1))


def _judged(report: dict) -> list:
    keys = ("cause", "subject", "severity", "confidence", "endpoints", "requirements")
    findings = sorted(json.dumps([finding[key] for key in keys]) for finding in report["findings"])
    return findings + sorted(f"{row['id']} {row['status']}" for row in report["requirements"])


class Units(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        _FORBIDDEN_UDP.switch(True)
        cls.machine = Machine()
        cls.addClassCleanup(cls.machine.end)
        cls.machine.must("dpkg", "--install", "/amlnet.deb")

    def setUp(self):
        self.addCleanup(self.machine.run, "systemctl", "stop", "amlnet-watch", "amlnet-check.timer", "amlnet-check")

    def _watch(self) -> str:
        """The process of the watch, once its first round is told."""
        self.machine.must("systemctl", "start", "amlnet-watch")  # returns when it says that it is ready
        until(lambda: _rounds() > 0, "a first round")
        return self.machine.shown("amlnet-watch", "MainPID")

    def _no_complaint(self, unit: str) -> None:
        """Of systemd: what it cannot do here it says, and goes on."""
        run = self.machine.shown(unit, "InvocationID")
        said = self.machine.must("journalctl", f"INVOCATION_ID={run}", "_PID=1", "--priority=warning", "--output", "cat", "--no-pager")
        ended = ("Failed with result 'exit-code'.", "Failed to start ")
        self.assertEqual([line for line in said.splitlines() if not any(words in line for words in ended)], [])

    def test_none_is_enabled(self):
        for unit in ("amlnet-watch.service", "amlnet-check.timer"):
            self.assertEqual(self.machine.run("systemctl", "is-enabled", unit).stdout, "disabled\n")
            self.assertEqual(self.machine.run("systemctl", "is-active", unit).stdout, "inactive\n")

    def test_check_gives_the_icmp_evidence_from_its_sandbox(self):
        started = self.machine.run("systemctl", "start", "amlnet-check")
        self.assertNotEqual(started.returncode, 0)  # something required is broken, and the unit says so
        self.assertEqual((self.machine.shown("amlnet-check", "Result"), self.machine.shown("amlnet-check", "ExecMainStatus")),
                         ("exit-code", "1"))
        report = json.loads(self.machine.must("cat", "/var/lib/amlnet/last.json"))
        found = {finding["cause"]: finding for finding in report["findings"]}
        self.assertEqual(found["tcp.prohibited"]["subject"], "10.0.1.1")
        self.assertEqual(found["tcp.prohibited"]["confidence"], "certain")
        self.assertIn("mcr.microsoft.com:443", found["tcp.prohibited"]["endpoints"])
        self.assertIn("10.0.1.1", found["udp.rejected"]["evidence"][0]["text"])
        probes = {probe["id"]: probe for probe in report["probes"]}
        for cause in ("tcp.prohibited", "udp.rejected"):
            seen = [probes[line["probe"]]["detail"].get("icmp") for line in found[cause]["evidence"] if line.get("probe")]
            self.assertIn({"family": 4, "type": 3, "code": 13, "sender": "10.0.1.1"}, seen)  # administratively prohibited
        # and what is found without a sandbox is no more
        outside = self.machine.run("amlnet", "check", "--format", "json", AMLNET_TIMEOUT="1500ms", AMLNET_DEADLINE="40s")
        self.assertEqual(_judged(report), _judged(json.loads(outside.stdout)))
        self._no_complaint("amlnet-check.service")

    def test_watch_runs_as_nobody_in_particular_with_nothing_to_lose(self):
        process = self._watch()
        status = self.machine.must("cat", f"/proc/{process}/status")
        for line in ("NoNewPrivs:\t1", "Seccomp:\t2", *(f"Cap{kind}:\t{0:016x}" for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb"))):
            self.assertIn(line + "\n", status)
        user = re.search(r"^Uid:\t(\d+)", status, re.MULTILINE).group(1)
        self.assertIn(int(user), range(61184, 65520))  # those that systemd gives out
        for kind in ("user", "mnt", "ipc", "uts"):
            spaces = [self.machine.must("readlink", f"/proc/{one}/ns/{kind}") for one in ("1", process)]
            self.assertNotEqual(*spaces, kind)
        mounts = self.machine.must("cat", f"/proc/{process}/mountinfo")
        self.assertRegex(mounts, r"(?m)^\S+ \S+ \S+ \S+ / ro,")
        self.assertRegex(mounts, r"(?m) /var/lib/private/amlnet rw,")
        self.assertEqual(self.machine.must("stat", "--format=%u %a", "/var/lib/private/amlnet"), f"{user} 700\n")
        self._no_complaint("amlnet-watch.service")

    def test_watch_serves_reloads_stops_and_goes_on(self):
        self._watch()
        self.assertEqual(self.machine.shown("amlnet-watch", "ActiveState"), "active")
        self.assertRegex(self.machine.shown("amlnet-watch", "StatusText"), r"^FAIL: 3 of \d+ required are broken by 2 causes · ")
        self.assertIn('amlnet_finding{cause="tcp.prohibited"', _served("/metrics"))
        self.assertEqual(_served("/healthz"), "ok\n")
        report = json.loads(_served("/report.json"))
        self.assertIn("tcp.prohibited", [finding["cause"] for finding in report["findings"]])
        before = _rounds()
        self.machine.must("systemctl", "reload", "amlnet-watch")
        until(lambda: _rounds() > before, "a round that was asked for")
        told = [line for line in self.machine.journal("amlnet-watch") if "newly failing" in line]
        self.assertTrue(told)
        began = time.monotonic()
        self.machine.must("systemctl", "stop", "amlnet-watch")
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual((self.machine.shown("amlnet-watch", "Result"), self.machine.shown("amlnet-watch", "ExecMainStatus")), ("success", "0"))
        self.assertEqual(self.machine.must("stat", "--format=%a", "/var/lib/amlnet/watch.json"), "600\n")
        self._watch()
        again = [line for line in self.machine.journal("amlnet-watch") if "newly failing" in line]
        self.assertEqual(again, told)

    def test_a_second_watch_of_its_state_is_told_who_has_it(self):
        process = self._watch()
        second = self.machine.run("amlnet", "watch", STATE_DIRECTORY="/var/lib/amlnet")
        self.assertEqual(second.returncode, 2)
        self.assertIn(f"another amlnet watch keeps its state there (process {process})", second.stderr)

    def test_the_watchdog_is_kept_quiet_and_bites_a_watch_that_hangs(self):
        folder = "/run/systemd/system/amlnet-watch.service.d"
        self.machine.must("mkdir", "-p", folder)
        self.machine.must("sh", "-c", f"printf '[Service]\\nWatchdogSec=2s\\nTimeoutAbortSec=1s\\n' > {folder}/soon.conf")
        self.machine.must("systemctl", "daemon-reload")
        self.addCleanup(self.machine.run, "sh", "-c", f"rm -r {folder}; systemctl daemon-reload")
        process = self._watch()
        first = self.machine.shown("amlnet-watch", "WatchdogTimestampMonotonic")
        time.sleep(5)
        self.assertGreater(int(self.machine.shown("amlnet-watch", "WatchdogTimestampMonotonic")), int(first))
        self.assertEqual(self.machine.shown("amlnet-watch", "MainPID"), process)
        self.machine.must("sh", "-c", f"kill -STOP {process}")
        until(lambda: self.machine.shown("amlnet-watch", "Result") == "watchdog", "a watchdog that bites")

    def test_the_timer_waits_for_its_hour(self):
        self.machine.must("systemctl", "start", "amlnet-check.timer")
        self.assertEqual(self.machine.shown("amlnet-check.timer", "ActiveState"), "active")
        self.assertNotIn(self.machine.shown("amlnet-check.timer", "NextElapseUSecMonotonic"), ("", "infinity"))

    def test_z_purging_leaves_nothing(self):
        self._watch()
        self.machine.must("dpkg", "--purge", "amlnet")
        self.assertEqual(self.machine.run("pidof", "amlnet").stdout, "")
        left = self.machine.must("find", "/var/lib", "/usr", "/etc", "/lib", "-xdev", "-name", "*amlnet*", "-not", "-path", "/var/lib/dpkg/*")
        self.assertEqual(sorted(left.split()), ["/etc/amlnet", "/etc/default/amlnet"])  # the test's own


if __name__ == "__main__":
    _ROOT, _DEB = Path(sys.argv[1]), Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
