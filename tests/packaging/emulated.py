#!/usr/bin/env python3
"""The static binary for arm64 under user-mode emulation, beside one of this machine: emulated.py CACHE NATIVE EMULATED. What it finds
in labs is held against the other by same_findings.py; here is what stands in its reports beside the findings, and what the
emulator keeps from it.

A real arm64 node has what the emulator does not translate: TCP_INFO, of which it gives four bytes. So the round trip of a connection
and the number of SYNs sent again are not known here. No cause is told by them, and no number may come of it. The emulator's own
system calls also say nothing of Linux 4.4 (static_binary.py, Amd64)."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent.parent / "lab"))

from start import run_on_node

_CACHE = Path()
_PROGRAMS: dict[str, Path] = {}
_OF_TCP_INFO = ("rtt_us", "syn_retransmits")


def _reports(scenario: str) -> dict[str, dict]:
    found = {}
    for name, program in _PROGRAMS.items():
        outcome = run_on_node(scenario, _CACHE, [str(program), "check", "--config", "/run/lab/amlnet.json", "--timeout", "6s"])
        if not outcome.get("report"):
            sys.exit(f"{scenario}, {name}: {outcome.get('error') or outcome.get('errors')}")
        found[name] = json.loads(outcome["report"])
    return found


def _connections(report: dict) -> list[dict]:
    """The details of every connection that was tried."""
    return [probe["detail"] for probe in report["probes"] if probe["kind"] == "tcp"]


def _icmp_errors(report: dict) -> set[str]:
    return {json.dumps([probe["target"], probe["detail"]["address"], probe["detail"]["icmp"]]) for probe in report["probes"]
            if probe["kind"] in ("tcp", "udp") and probe["detail"].get("icmp")}


class Emulated(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.reports = _reports("prohibited")

    def test_no_number_comes_of_a_short_tcp_info(self):
        for key in _OF_TCP_INFO:
            self.assertTrue(any(key in one for one in _connections(self.reports["native"])), key)
            self.assertEqual([one for one in _connections(self.reports["emulated"]) if key in one], [])

    def test_all_else_of_a_connection_is_known(self):
        keys = [{key for one in _connections(self.reports[name]) for key in one} - set(_OF_TCP_INFO) for name in _PROGRAMS]
        self.assertIn("local_address", keys[0])
        self.assertEqual(keys[0], keys[1])

    def test_icmp_errors_have_their_type_and_sender(self):
        native = _icmp_errors(self.reports["native"])
        self.assertIn('"type": 3, "code": 13, "sender": "10.0.1.1"', "".join(native))
        self.assertEqual(_icmp_errors(self.reports["emulated"]), native)

    def test_the_node_is_described_alike(self):
        described = []
        for name in _PROGRAMS:
            node = {key: value for key, value in self.reports[name]["node"].items() if key not in ("clock_offset_ms", "conntrack_count")}
            # The kernel gives a link its own address when it comes to it.
            node["interfaces"] = [one for one in node["interfaces"] if " fe80:" not in one]
            described.append(node)
        self.assertEqual(described[0]["interfaces"], ["eth0 10.0.1.7/24"])
        self.assertEqual(described[0], described[1])

    def test_a_stored_report_is_judged_alike(self):
        for name, report in self.reports.items():
            with self.subTest(report=name), tempfile.TemporaryDirectory() as home:
                stored = Path(home, "report.json")
                stored.write_text(json.dumps(report))
                for form in ("json", "human"):
                    done = [subprocess.run([program, "diagnose", stored, "--format", form], text=True, capture_output=True, cwd=home)
                            for program in _PROGRAMS.values()]
                    said = [(one.returncode, one.stdout, one.stderr) for one in done]
                    self.assertIn("tcp.prohibited", said[0][1])
                    self.assertEqual(said[0], said[1])


if __name__ == "__main__":
    _CACHE, native, emulated = (Path(sys.argv.pop(1)).resolve() for _ in range(3))
    _PROGRAMS = {"native": native, "emulated": emulated}
    unittest.main()
