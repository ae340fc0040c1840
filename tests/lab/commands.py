#!/usr/bin/env python3
"""Tests of what `amlnet check` promises beside its findings: exit statuses, report files, messages, signals. They are in
commands_on_node.py, which this runs on the node of a lab."""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from start import on_terminal

# In the second one, a check lasts long enough to be interrupted; the third has no workspace file.
_LABS = {"healthy": ["Files", "DeadMount", "Usage", "Inbound"], "no-egress": ["Interrupted"], "demo": ["Bundled"], "discovered-instance": ["Discovered"]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, required=True, help="the amlnet to test")
    parser.add_argument("--cache", type=Path, required=True, help="where certificates are kept")
    options = parser.parse_args()
    tests = [sys.executable, "-B", str(Path(__file__).with_name("commands_on_node.py")), str(options.binary.resolve())]
    failed = [name for name, classes in _LABS.items() if on_terminal(name, options.cache.resolve(), [*tests, *classes])]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
