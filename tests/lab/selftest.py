"""Tests of the lab itself: its services are as the table says, its judge catches lies, and it leaves nothing behind."""

import argparse
import copy
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True

from expect import judge
from faults import VERBS, design_of
from lookalikes import FAMILIES, LOOKALIKES
from scenario import Expect, ExpectedFinding, all_names, read_scenario
from services import BY_HOST, PLATFORM_ADDRESSES
from start import on_terminal, run_on_node

_HERE = Path(__file__).parent
_CACHE = Path()
_BINARY = Path()

_REPORT = {
    "run": {"duration_ms": 900.0}, "summary": {"verdict": "fail"}, "probes": [{"id": "p1"}],
    "requirements": [{"id": "arm.management", "status": "fail", "endpoints": [
        {"host": "management.azure.com", "port": 443, "status": "fail", "finding": "F1", "probes": ["p1"]}]}],
    "findings": [{"id": "F1", "cause": "tcp.filtered", "subject": "management.azure.com", "severity": "blocking",
                  "confidence": "likely", "title": "silent", "endpoints": ["management.azure.com:443"],
                  "requirements": ["arm.management"], "evidence": [{"probe": "p1", "text": "no answer"}],
                  "alternatives": [{"cause": "tcp.port-filtered", "text": ""}], "fix": {"summary": "", "steps": []}}],
}
_EXPECT = Expect(status=1, verdict="fail", must_mention=["silent"], must_not=["dns.*"], failing=["arm.management"], within_s=1,
                 finding=[ExpectedFinding("tcp.filtered", "management.azure.com", "blocking", "likely",
                                          ["management.azure.com:443"], ["arm.management"], ["tcp.port-filtered"],
                                          ["no answer"])])


def _found(change=lambda report: None, **outcome) -> list[str]:
    """What the judge says of the report after a change."""
    report = copy.deepcopy(_REPORT)
    change(report)
    return judge(_EXPECT, {"status": 1, "human": "silent", "errors": "", "invalid": "", "replayed": "", "leaks": "", "differs": "", "anonymous": "",
                           "report": json.dumps(report)} | outcome)


class Judge(unittest.TestCase):
    def test_accepts_what_is_expected(self):
        self.assertEqual(_found(), [])

    def test_catches_every_lie(self):
        def finding(key, value):
            return lambda report: report["findings"][0].update({key: value})

        def endpoint(key, value):
            return lambda report: report["requirements"][0]["endpoints"][0].update({key: value})

        another = copy.deepcopy(_REPORT["findings"][0]) | {"id": "F2", "cause": "dns.hijacked"}
        lies = [finding(key, "other") for key in ("cause", "subject", "severity", "confidence")]
        lies += [finding(key, []) for key in ("endpoints", "requirements", "alternatives", "evidence")]
        lies += [finding("evidence", [{"probe": "p9", "text": "no answer"}]), finding("cause", "unknown")]
        lies += [endpoint("finding", "F7"), endpoint("finding", None)]
        lies += [lambda report: report["findings"].append(another), lambda report: report["findings"].clear()]
        lies += [lambda report: report["summary"].update(verdict="pass"), lambda report: report["run"].update(duration_ms=1001)]
        lies += [lambda report: report["requirements"][0].update(status="pass"),
                 lambda report: report["requirements"][0]["endpoints"].append(
                     {"host": "h", "port": 1, "status": "pass", "finding": None, "probes": []})]
        for number, lie in enumerate(lies):
            with self.subTest(lie=number):
                self.assertNotEqual(_found(lie), [])

    def test_catches_a_likely_cause_without_alternative(self):
        report = copy.deepcopy(_REPORT)
        report["findings"][0]["alternatives"] = []
        expect = copy.deepcopy(_EXPECT)
        expect.finding[0].alternatives.clear()
        outcome = {"status": 1, "human": "silent", "errors": "", "invalid": "", "replayed": "", "leaks": "", "differs": "", "anonymous": ""}
        self.assertIn("names nothing else", " ".join(judge(expect, outcome | {"report": json.dumps(report)})))

    def test_catches_wrong_outcomes(self):
        for outcome in ({"status": 0}, {"human": ""}, {"errors": "leak"}, {"invalid": "no"}, {"report": None}, {"error": "no lab"},
                        {"replayed": "findings differ"}, {"leaks": "report.json has it"}, {"differs": "the rows differ"},
                        {"anonymous": "findings differ"}):
            with self.subTest(outcome=outcome):
                self.assertNotEqual(_found(**outcome), [])


class Scenarios(unittest.TestCase):
    def test_are_well_formed_and_use_every_verb(self):
        used = set()
        for name in all_names():
            with self.subTest(scenario=name):
                scenario = read_scenario(name)
                design_of(scenario.faults)
                used |= {fault["verb"] for fault in scenario.faults}
        self.assertEqual(set(VERBS) - used, set())

    def test_look_alikes_stand_beside_their_causes(self):
        rows = (_HERE.parents[1] / "agent/diagnosis").glob("causes_*.cpp")
        codes = {code for path in rows for code in re.findall(r'^ *\{"([a-z0-9.-]+)",$', path.read_text(), re.MULTILINE)}
        self.assertEqual({code for code in codes if code.startswith(FAMILIES)}, set(LOOKALIKES))
        for cause, (broken, alike) in LOOKALIKES.items():
            with self.subTest(cause=cause):
                expected = [{one.cause for one in read_scenario(name).expect.finding} for name in (broken, alike)]
                self.assertIn(cause, expected[0])
                self.assertNotIn(cause, expected[1])


def _processes_with(text: str) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if text in (entry / "cmdline").read_text().replace("\0", " "):
                found.append(int(entry.name))
        except OSError:
            pass
    return [pid for pid in found if pid != os.getpid()]


def _network_of(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return ""


class Lab(unittest.TestCase):
    def test_services_are_as_the_table_says(self):
        self.assertEqual(on_terminal("healthy", _CACHE, [sys.executable, str(_HERE / "on_node.py")]), 0)

    def test_every_planned_host_is_in_the_table(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as config:
            json.dump(read_scenario("healthy").workspace, config)
            config.flush()
            plan = json.loads(subprocess.run([_BINARY, "plan", "--config", config.name, "--offline", "--format", "json"],
                                             check=True, capture_output=True).stdout)
        hosts = {endpoint["host"] for row in plan["requirements"] for endpoint in row["endpoints"]}
        self.assertGreater(len(hosts), 20)
        self.assertEqual({host for host in hosts if "*" not in host} - set(BY_HOST) - set(PLATFORM_ADDRESSES), set())

    def test_a_binary_that_does_nothing_fails_even_the_healthy_scenario(self):
        for command in ("/does/not/exist", "/bin/true"):
            self.assertNotEqual(judge(read_scenario("healthy").expect, run_on_node("healthy", _CACHE, [command])), [])

    def test_leaves_nothing_behind_when_killed(self):
        token = f"8640{os.getpid()}"
        code = (f"import sys; sys.path.insert(0, {str(_HERE)!r}); from pathlib import Path; from start import on_terminal; "
                f"on_terminal('healthy', Path({str(_CACHE)!r}), ['sleep', '{token}'])")
        runner = subprocess.Popen([sys.executable, "-B", "-c", code])
        end = time.monotonic() + 30
        sleeping: list[int] = []
        while not sleeping and time.monotonic() < end:
            time.sleep(0.05)
            sleeping = [pid for pid in _processes_with(f"sleep {token}") if _network_of(pid) and Path(
                f"/proc/{pid}/comm").read_text().strip() == "sleep"]
        self.assertTrue(sleeping, "the lab did not start")
        networks = {_network_of(pid) for pid in _processes_with(token)} - {_network_of(os.getpid())}
        self.assertGreaterEqual(len(networks), 2)  # the node's and the services'
        runner.send_signal(signal.SIGKILL)
        runner.wait()
        left: list[int] = [0]
        while left and time.monotonic() < end:
            time.sleep(0.05)
            left = [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _network_of(int(entry.name)) in networks]
        self.assertEqual(left, [])


def main() -> None:
    global _CACHE, _BINARY
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    options, rest = parser.parse_known_args()
    _BINARY, _CACHE = options.binary.resolve(), options.cache.resolve()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
