#!/usr/bin/env python3
"""Whether what `amlnet fix` writes mends what `amlnet check` found, and opens nothing else. The tests are in fix_on_node.py,
which this runs on the node of labs that are broken."""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from start import on_terminal

# Scenario -> the tests that run in it. In the healthy one a test puts up a firewall of its own.
_LABS = {"demo": ["Demo"], "private-record-missing": ["Record"], "two-zones": ["Zones"], "healthy": ["Firewall"]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, required=True, help="the amlnet to test")
    parser.add_argument("--cache", type=Path, required=True, help="where certificates are kept")
    options = parser.parse_args()
    tests = [sys.executable, "-B", str(Path(__file__).with_name("fix_on_node.py")), str(options.binary.resolve())]
    failed = [name for name, classes in _LABS.items()
              if on_terminal(name, options.cache.resolve(), [*tests, name, *classes])]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
