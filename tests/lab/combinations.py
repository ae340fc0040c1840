#!/usr/bin/env python3
"""Runs random mixtures of two to four faults, each in a lab of its own, and holds every report to what must be true of
any mixture (mixture.py): every failure in exactly one finding, no finding without a failed probe or a risk, nothing
blamed that was not planted, every fault named that no other hides. The seed is the name of a mixture."""

import argparse
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True

from composable import Fault
from draw import mixture
from mixture import judge_mixture
from scenario import Scenario, combined
from start import on_terminal, run_on_node

_MORE_TRIES = 3
_HELD_UP_MS = 500  # as agent/diagnosis/held_up.h has it
_QUICK = ["--timeout", "1500ms", "--deadline", "60s"]


def scenario_of(seed: int, faults: list[Fault]) -> Scenario:
    return combined(f"combination {seed}", [fault.node for fault in faults], [fault.workspace for fault in faults],
                    [dict(verb) for fault in faults for verb in fault.verbs])


def _words(faults: list[Fault]) -> str:
    return "; ".join(fault.name for fault in faults)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, required=True, help="the amlnet to test")
    parser.add_argument("--cache", type=Path, help="where certificates are kept (beside the binary)")
    parser.add_argument("--jobs", type=int, default=3 * (os.cpu_count() or 1), help="labs at once; most of a run is waiting")
    parser.add_argument("--count", type=int, default=300, help="how many mixtures, from --seed on (300)")
    parser.add_argument("--seed", type=int, default=1, help="the first (1)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the reports of those that fail")
    parser.add_argument("--terminal", action="store_true", help="run the first one with this terminal")
    options = parser.parse_args()
    options.binary = options.binary.resolve()
    options.cache = (options.cache or options.binary.parent / "lab").resolve()
    return options


def _held_up(outcome: dict) -> bool:
    """Whether the machine kept the check from running, by its own clock: then time limits were missed that no fault did."""
    report = json.loads(outcome.get("report") or "{}")
    return any(probe.get("loop_lag_ms", 0) > _HELD_UP_MS for probe in report.get("probes", []))


def _run(seed: int, options: argparse.Namespace, command: list[str], last: bool = False) -> list[str] | None:
    """What is wrong with this mixture; nothing known where the machine held the check up, unless it is the `last` try."""
    faults = mixture(seed)
    outcome = run_on_node(scenario_of(seed, faults), options.cache, command, validate=False)
    wrong = judge_mixture(faults, outcome)
    if wrong and not last and _held_up(outcome):
        return None
    if wrong:
        print("\n".join([f"FAIL {seed}: {_words(faults)}", *(f"       {line}" for line in wrong)]), flush=True)
    if wrong and options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        (options.keep / f"{seed}.json").write_text(outcome.get("report") or "")
    return wrong


def main() -> int:
    options = _options()
    command = [str(options.binary), "check", "--config", "/run/lab/amlnet.json", *_QUICK]
    if options.terminal:
        faults = mixture(options.seed)
        print(_words(faults))
        return on_terminal(scenario_of(options.seed, faults), options.cache, command)
    started = time.monotonic()
    seeds = range(options.seed, options.seed + options.count)
    with ThreadPoolExecutor(max(1, options.jobs)) as pool:
        wrong = dict(zip(seeds, pool.map(lambda seed: _run(seed, options, command), seeds)))
    again = [seed for seed, found in wrong.items() if found is None]
    for seed in again:
        for left in reversed(range(_MORE_TRIES)):
            if wrong[seed] is None:
                wrong[seed] = _run(seed, options, command, last=left == 0)
    faults = [fault for seed in seeds for fault in mixture(seed)]
    failed = sum(map(bool, wrong.values()))
    print(f"{len(wrong)} mixtures of {len(faults)} faults with {len({fault.cause for fault in faults})} causes, {failed} wrong, "
          f"{len(again)} run again, {time.monotonic() - started:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
