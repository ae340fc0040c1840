#!/usr/bin/env python3
"""Tests of packaging/examples on 64 nodes: the MPI job's script under mpirun, ClusterShell, and Slurm. They are in
cluster_on_nodes.py, which this runs in a lab."""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from start import on_terminal


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, required=True, help="the amlnet to test")
    parser.add_argument("--cache", type=Path, required=True, help="where certificates are kept")
    parser.add_argument("tests", nargs="*", help="Cluster.test_... [all]")
    options = parser.parse_args()
    tests = [sys.executable, "-B", str(Path(__file__).with_name("cluster_on_nodes.py")), str(options.binary.resolve())]
    return on_terminal("healthy", options.cache.resolve(), tests + options.tests)


if __name__ == "__main__":
    sys.exit(main())
