#!/usr/bin/env python3
"""Tests of packaging/azureml/setup.sh, the script that runs the check while a node starts. They are in
node_start_on_node.py, which this runs on the node of a lab where all is well until a test breaks it."""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from start import on_terminal


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, required=True, help="the amlnet to test")
    parser.add_argument("--cache", type=Path, required=True, help="where certificates are kept")
    options = parser.parse_args()
    tests = [sys.executable, "-B", str(Path(__file__).with_name("node_start_on_node.py")), str(options.binary.resolve())]
    return on_terminal("healthy", options.cache.resolve(), tests)


if __name__ == "__main__":
    sys.exit(main())
