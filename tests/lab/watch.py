#!/usr/bin/env python3
"""Whether `amlnet watch` tells each change of the lab once, and takes no more memory for it; and whether it keeps the facts of
services that fall silent. The tests are in watch_on_node.py and watch_facts_on_node.py, which this runs on the nodes of labs where
all is well until the test plants faults."""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from certificates import certificates
from scenario import Scenario, read_scenario
from start import on_terminal


def _discovered(gives: str) -> Scenario:
    """A node without a workspace file, whose identity may read so much."""
    scenario = read_scenario("discovered-instance")
    for fault in scenario.faults:
        if fault["verb"] == "resource_manager":
            fault["gives"] = gives
    return scenario


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, required=True, help="the amlnet to test")
    parser.add_argument("--cache", type=Path, required=True, help="where certificates are kept")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261123)
    options = parser.parse_args()
    cache = options.cache.resolve()
    binary = str(options.binary.resolve())
    tests = [(_discovered(gives), ["watch_facts_on_node.py", binary, gives]) for gives in ("readable", "workspace-only")]
    tests.append((read_scenario("healthy"), ["watch_on_node.py", binary, str(certificates(cache)), str(options.rounds), str(options.seed)]))
    failed = [lab.name for lab, (name, *words) in tests
              if on_terminal(lab, cache, [sys.executable, "-B", str(Path(__file__).with_name(name)), *words])]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
