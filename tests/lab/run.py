#!/usr/bin/env python3
"""Runs scenarios: builds each one's lab, runs `amlnet check` on its node, holds the report against what is expected.

One line a scenario; for a failure what differs, then the report that a person would see. Status 1 if any failed, also
where a lab cannot be built for want of privilege."""

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True

import golden
from expect import judge
from matrix import keep_outcome
from scenario import Scenario, all_names, read_scenario
from start import on_terminal, preloaded, run_on_node

# A silent endpoint costs two of these. Long enough for sanitized builds on a busy machine.
_QUICK = [("--timeout", "1500ms"), ("--deadline", "40s")]


def _check(options: argparse.Namespace, scenario: Scenario) -> list[str]:
    loaded = preloaded(options.preload.resolve()) if options.preload else []
    quick = [part for pair in _QUICK if pair[0] not in scenario.arguments for part in pair]
    return [*loaded, str(options.binary), *scenario.command, "--config", "/run/lab/amlnet.json", *quick]


def _run(scenario: Scenario, options: argparse.Namespace) -> bool:
    outcome = run_on_node(scenario.name, options.cache, _check(options, scenario), peers=bool(options.outcomes))
    wrong = judge(scenario.expect, outcome)
    if options.golden and not wrong:
        wrong += golden.differences(options.binary, scenario.name, outcome.get("report"))
    numbers = "".join(f"  {name} {outcome[key]:.1f} s" for name, key in (("build", "build_s"), ("run", "run_s"))
                      if key in outcome)
    text = f"{'FAIL' if wrong else 'ok  '} {scenario.name}{numbers}\n"
    if wrong:
        text += "".join(f"       {line}\n" for line in wrong)
        text += "".join(f"     | {line}\n" for line in outcome.get("human", "").splitlines())
    print(text, end="", flush=True)
    if options.outcomes:
        keep_outcome(options.outcomes, scenario, outcome, passed=not wrong)
    if options.keep:
        folder = options.keep / scenario.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "human.txt").write_text(outcome.get("human", ""))
        (folder / "report.json").write_text(outcome.get("report") or "")
    return not wrong


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, help="the amlnet to test")
    parser.add_argument("--cache", type=Path, help="where certificates are kept (beside the binary)")
    parser.add_argument("--preload", type=Path, help="load this module into amlnet first")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="labs at once")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep each report, as FOLDER/SCENARIO/report.json")
    parser.add_argument("--outcomes", type=Path, metavar="FOLDER",
                        help="ask other tools about the same endpoints too, and keep what each said for matrix.py")
    parser.add_argument("--golden", action="store_true", help="hold what a person sees against tests/golden/lab")
    parser.add_argument("--list", action="store_true", help="list the scenarios")
    parser.add_argument("--terminal", action="store_true", help="run one scenario with this terminal, expecting nothing")
    parser.add_argument("--shell", action="store_true", help="open a shell on the node of one scenario")
    parser.add_argument("scenarios", nargs="*", help="names; all if none is given")
    options = parser.parse_args()
    if not options.list and not options.binary:
        parser.error("--binary is needed")
    if (options.shell or options.terminal) and len(options.scenarios) != 1:
        parser.error("--shell and --terminal take one scenario")
    if options.binary:
        options.binary = options.binary.resolve()
        options.cache = (options.cache or options.binary.parent / "lab").resolve()
    return options


def main() -> int:
    options = _options()
    names = options.scenarios or all_names()
    if options.list:
        print("\n".join(f"{name:28} {read_scenario(name).title}" for name in names))
        return 0
    if options.shell:
        return on_terminal(names[0], options.cache, ["bash", "--norc"])
    if options.terminal:
        return on_terminal(names[0], options.cache, _check(options, read_scenario(names[0])))
    scenarios = [read_scenario(name) for name in names]
    with ThreadPoolExecutor(max(1, options.jobs)) as pool:
        passed = list(pool.map(lambda scenario: _run(scenario, options), scenarios))
    if len(passed) > 1:
        print(f"{passed.count(True)} of {len(passed)} scenarios passed")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
