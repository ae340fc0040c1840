"""Runs the cases of the bench inside its namespace and prints one Markdown table. Started by run.sh."""

import argparse
import pathlib
import signal
import sys
import tempfile

import lab
from cases import Bench
from table import Table
from tools import Amlnet


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--bare", type=pathlib.Path, required=True, help="the folder of the bare loops")
    parser.add_argument("--resolv-conf", required=True)
    parser.add_argument("--cases", default="ABCDEFGH")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--output", help="also write the table here")
    options = parser.parse_args()
    lab.require_namespace()
    lab.raise_descriptor_limit()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped
    table = Table()
    with tempfile.TemporaryDirectory(prefix="amlnet-bench-") as folder, lab.Lab(folder, options.resolv_conf) as network:
        bench = Bench(network, Amlnet(options.binary, network), options.bare, options.runs, table)
        for letter in options.cases.upper():
            getattr(bench, f"case_{letter.lower()}")()
    text = table.text(options.runs)
    print(text)
    if options.output:
        pathlib.Path(options.output).write_text(text + "\n")
    sys.exit(1 if table.missed else 0)


main()
