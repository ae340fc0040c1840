"""Holds pairs.toml to its word: each look-alike has its pairs of scenarios, which exist, differ in one thing and expect
different causes. That the causes are found is the business of the scenarios."""

import json
import sys
import tomllib
import unittest
from pathlib import Path

sys.dont_write_bytecode = True

from scenario import FOLDER, read_scenario

_HERE = Path(__file__).parent
_LOOK_ALIKES = 10  # each sort of failures that is known to be mistaken for another; more may come


def _rows() -> list[dict]:
    return tomllib.loads((_HERE / "pairs.toml").read_text())["look-alike"]


def _pairs() -> list[tuple[str, str]]:
    return [tuple(pair) for row in _rows() for pair in row["pairs"]]


def _leaves(table: dict, where: str) -> set[str]:
    """What is set, one text each; a list counts as a whole."""
    return {leaf for key, value in table.items()
            for leaf in (_leaves(value, f"{where}.{key}") if isinstance(value, dict) else {f"{where}.{key} = {json.dumps(value)}"})}


def _within(fault: dict, others: list[dict]) -> bool:
    """Whether the other scenario has this fault and only says more of it."""
    return any(fault.items() <= other.items() for other in others)


def things_of(table: dict, other: dict) -> set[str]:
    """What `table` breaks or sets, and `other` does not: each fault as a whole, each key of the node or the workspace."""
    found = {json.dumps(fault) for fault in table.get("fault", []) if not _within(fault, other.get("fault", []))}
    for part in ("node", "workspace"):
        found |= _leaves(table.get(part, {}), part) - _leaves(other.get(part, {}), part)
    return found | ({json.dumps(table.get("arguments"))} if table.get("arguments") != other.get("arguments") else set())


def _table(name: str) -> dict:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text())


class Pairs(unittest.TestCase):
    def test_every_look_alike_has_its_pairs(self):
        rows = _rows()
        self.assertGreaterEqual(len(rows), _LOOK_ALIKES)
        for row in rows:
            with self.subTest(row["what"]):
                self.assertTrue(row["decides"])
                # each of the things that look alike is in some pair
                scenarios = {name for pair in row["pairs"] for name in pair}
                self.assertGreaterEqual(len(scenarios), row["what"].count(", ") + 1)

    def test_scenarios_exist(self):
        for name in {name for pair in _pairs() for name in pair}:
            with self.subTest(name):
                self.assertTrue((FOLDER / f"{name}.toml").exists())

    def test_causes_differ(self):
        for one, other in _pairs():
            with self.subTest(f"{one}, {other}"):
                causes = [{finding.cause for finding in read_scenario(name).expect.finding} for name in (one, other)]
                self.assertTrue(causes[0] or causes[1])
                self.assertFalse(causes[0] & causes[1])

    def test_one_thing_differs(self):
        for one, other in _pairs():
            with self.subTest(f"{one}, {other}"):
                tables = _table(one), _table(other)
                self.assertLessEqual(len(things_of(*tables)), 1)
                self.assertLessEqual(len(things_of(*reversed(tables))), 1)
                self.assertTrue(things_of(*tables) or things_of(*reversed(tables)))


class Difference(unittest.TestCase):
    def test_counts_what_is_different(self):
        drop = {"verb": "filter", "to": "a", "action": "drop"}
        rows = (({}, {}, 0), ({"fault": [drop]}, {"fault": [drop]}, 0), ({"fault": [drop]}, {}, 1),
                ({"fault": [drop]}, {"fault": [drop | {"action": "reset"}]}, 1), ({"fault": [drop]}, {"fault": [drop | {"port": 1}]}, 0),
                ({"fault": [drop | {"port": 1}]}, {"fault": [drop]}, 1),
                ({"fault": [drop, {"verb": "clock"}]}, {}, 2), ({"fault": [drop], "node": {"trust": "none"}}, {}, 2),
                ({"workspace": {"a": {"b": 1}}}, {"workspace": {"a": {"b": 2}}}, 1), ({"arguments": ["x"]}, {}, 1))
        for table, other, expected in rows:
            with self.subTest(table=table):
                self.assertEqual(len(things_of(table, other)), expected)


if __name__ == "__main__":
    unittest.main()
