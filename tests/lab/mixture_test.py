"""Tests of the random mixtures themselves: they can be built, are the same for the same seed, and their judge catches lies."""

import copy
import json
import sys
import unittest

sys.dont_write_bytecode = True

from composable import Fault, Stage
from draw import mixture
from faults import design_of
from mixture import judge_mixture
from scenario import combined

_SEEDS = range(1, 301)
_ARM, _LOGIN = "management.azure.com", "login.microsoftonline.com"
_DROP = Fault("dropped", "tcp.filtered", Stage.CONNECT, (f"{_ARM}:*",))
_PAGE = Fault("page", "http.block-page", Stage.ANSWER, (f"{_ARM}:*", f"{_LOGIN}:*"))
_CLOCK = Fault("clock", "node.clock-skew")


def _row(host: str, status: str, finding: str | None) -> dict:
    return {"host": host, "port": 443, "protocol": "https", "status": status, "finding": finding, "probes": ["p1"]}


def _finding(number: int, cause: str, hosts: list[str], severity: str = "blocking") -> dict:
    return {"id": f"F{number}", "cause": cause, "subject": "s", "severity": severity,
            "endpoints": [f"{host}:443" for host in hosts], "evidence": [{"probe": "p1", "text": ""}]}


_REPORT = {
    "summary": {"verdict": "fail"}, "probes": [{"id": "p1"}],
    "requirements": [{"level": "required", "status": "fail", "endpoints": [
        _row(_ARM, "fail", "F1"), _row(_LOGIN, "fail", "F2"), _row("ml.azure.com", "pass", None)]}],
    "findings": [_finding(1, "tcp.filtered", [_ARM]), _finding(2, "http.block-page", [_LOGIN]),
                 _finding(3, "node.clock-skew", [], "warning")],
}


def _wrong(change=lambda report: None, faults=(_DROP, _PAGE, _CLOCK), **outcome) -> list[str]:
    report = copy.deepcopy(_REPORT)
    change(report)
    return judge_mixture(list(faults), {"report": json.dumps(report), "errors": "", "replayed": "", "leaks": "", "status": 1} | outcome)


class Mixtures(unittest.TestCase):
    def test_each_can_be_built(self):
        for seed in _SEEDS:
            with self.subTest(seed=seed):
                faults = mixture(seed)
                self.assertIn(len(faults), (2, 3, 4))
                design_of(combined("x", [], [], [verb for fault in faults for verb in fault.verbs]).faults)

    def test_same_seed_same_mixture(self):
        self.assertEqual([fault.name for fault in mixture(7)], [fault.name for fault in mixture(7)])
        self.assertGreater(len({tuple(fault.name for fault in mixture(seed)) for seed in _SEEDS}), 290)

    def test_most_causes_are_among_them(self):
        self.assertGreaterEqual(len({fault.cause for seed in _SEEDS for fault in mixture(seed)}), 50)


class Judge(unittest.TestCase):
    def test_accepts_the_truth(self):
        self.assertEqual(_wrong(), [])

    def test_a_later_stage_is_hidden(self):
        self.assertEqual(_wrong(faults=(_DROP, _PAGE, _CLOCK)), [])
        self.assertNotEqual(_wrong(faults=(_PAGE, _CLOCK)), [])

    def test_catches_every_lie(self):
        def row(number, **change):
            return lambda report: report["requirements"][0]["endpoints"][number].update(change)

        def finding(number, **change):
            return lambda report: report["findings"][number].update(change)

        lies = [row(0, finding="F9"), row(0, finding=None), row(0, finding="F2"), row(1, status="pass"), row(2, status="fail", finding="F1"),
                finding(0, cause="tcp.refused"), finding(0, endpoints=[]), finding(2, endpoints=[f"{_ARM}:443"]),
                finding(2, severity="blocking"), finding(1, evidence=[]), finding(1, evidence=[{"probe": "p9", "text": ""}]),
                lambda report: report["findings"].pop(), lambda report: report["summary"].update(verdict="warn"),
                lambda report: report["findings"].append(_finding(4, "dns.hijacked", ["ml.azure.com"], "warning"))]
        for number, lie in enumerate(lies):
            with self.subTest(lie=number):
                self.assertNotEqual(_wrong(lie), [])

    def test_catches_wrong_outcomes(self):
        for outcome in ({"status": 0}, {"errors": "x"}, {"replayed": "x"}, {"leaks": "x"}, {"report": None}, {"error": "no lab"}):
            with self.subTest(outcome=outcome):
                self.assertNotEqual(_wrong(**outcome), [])


if __name__ == "__main__":
    unittest.main()
