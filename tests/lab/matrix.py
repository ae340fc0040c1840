#!/usr/bin/env python3
"""The confusion matrix of the lab: for every cause that a scenario plants, what amlnet names and what a TCP connect and
curl's exit code say of the very endpoints that the cause breaks. Made from the outcomes that run.py --outcomes kept."""

import argparse
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

sys.dont_write_bytecode = True

from scenario import Scenario, all_names

_PEERS = ("TCP connect", "curl")
_SILENT = ("passes", "not asked")


def keep_outcome(folder: Path, scenario: Scenario, outcome: dict, passed: bool) -> None:
    """What the matrix needs of one scenario, and its report. `passed`: amlnet said what was expected, and no more."""
    report = json.loads(outcome.get("report") or "{}")
    kept = {"passed": passed, "status": scenario.expect.status, "expected": [one.cause for one in scenario.expect.finding],
            "findings": [{key: found[key] for key in ("cause", "severity", "endpoints")}
                         for found in report.get("findings", [])],
            "peers": outcome.get("peers", {})}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{scenario.name}.json").write_text(json.dumps(kept))
    if outcome.get("report"):
        (folder / f"{scenario.name}.report.json").write_text(outcome["report"])


def _said(outcome: dict, tool: str, endpoints: list[str]) -> str:
    """The most frequent answer other than success, of the endpoints that the cause breaks; of all where it has none."""
    answers = outcome["peers"].get(tool, {})
    about = Counter(answers[name] for name in endpoints if name in answers) if endpoints else Counter(answers.values())
    bad = [(count, said) for said, count in about.items() if said != "passes"]
    return max(bad)[1] if bad else "passes" if about else "not asked"


def _row(outcome: dict, cause: str, tool: str) -> str:
    endpoints = [name for found in outcome["findings"] if found["cause"] == cause for name in found["endpoints"]]
    return _said(outcome, tool, endpoints)


def _counted(answers: Counter) -> str:
    return ", ".join(said + (f" ×{count}" if count > 1 else "") for said, count in sorted(answers.items()))


def _summary(outcomes: dict[str, dict], said: dict[str, dict[str, Counter]]) -> list[str]:
    broken = [one for one in outcomes.values() if one["status"] == 1]
    whole = [one for one in outcomes.values() if one["status"] == 0]
    lines = ["| tool | broken scenarios noticed | sound scenarios left alone | different answers for the causes |",
             "| --- | --- | --- | --- |"]
    right = sum(one["passed"] for one in broken), sum(one["passed"] for one in whole)
    lines.append(f"| amlnet | {right[0]} of {len(broken)}, each by its cause | {right[1]} of {len(whole)} "
                 f"| {len(said)} for {len(said)} |")
    for tool in _PEERS:
        noticed = sum(any(_row(one, cause, tool) not in _SILENT for cause in one["expected"]) for one in broken)
        alone = sum(set(one["peers"].get(tool, {}).values()) <= {"passes"} for one in whole)
        answers = {answer for cause in said for answer in said[cause][tool]} - {"not asked"}
        lines.append(f"| {tool} | {noticed} of {len(broken)} | {alone} of {len(whole)} | {len(answers)} for {len(said)} |")
    return lines


def matrix(outcomes: dict[str, dict]) -> str:
    said: dict[str, dict[str, Counter]] = defaultdict(lambda: {tool: Counter() for tool in _PEERS})
    named: dict[str, list[bool]] = defaultdict(list)
    for one in outcomes.values():
        for cause in one["expected"]:
            named[cause].append(cause in [found["cause"] for found in one["findings"]])
            for tool in _PEERS:
                said[cause][tool][_row(one, cause, tool)] += 1
    lines = _summary(outcomes, said) + ["", "| cause | amlnet names it | a TCP connect says | curl says |", "| --- | --- | --- | --- |"]
    lines += [f"| `{cause}` | {sum(named[cause])} of {len(named[cause])} | {_counted(said[cause]['TCP connect'])} "
              f"| {_counted(said[cause]['curl'])} |" for cause in sorted(said)]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("outcomes", type=Path, help="the folder that run.py --outcomes filled")
    parser.add_argument("--output", type=Path, help="write the tables here too")
    options = parser.parse_args()
    missing = [name for name in all_names() if not (options.outcomes / f"{name}.json").exists()]
    if missing:
        print("no outcome of: " + ", ".join(missing), file=sys.stderr)
        return 1
    outcomes = {name: json.loads((options.outcomes / f"{name}.json").read_text()) for name in all_names()}
    text = matrix(outcomes)
    print(text)
    if options.output:
        options.output.write_text(text + "\n")
    wrong = [name for name, one in outcomes.items() if not one["passed"]]
    if wrong:
        print("not as expected: " + ", ".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
