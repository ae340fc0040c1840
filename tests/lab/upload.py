#!/usr/bin/env python3
"""Tests of `amlnet bundle --upload`, and of the node start's script with it, against Azurite over a link that is cut. They are
in upload_on_node.py and start_upload_on_node.py, which this runs on the node of a lab."""

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
    cache = options.cache.resolve()
    here = Path(__file__)
    programs = {"upload_on_node.py": [str(cache)], "start_upload_on_node.py": []}
    failed = [name for name, more in programs.items() if on_terminal("azurite-token", cache, [
        sys.executable, "-B", str(here.with_name(name)), str(options.binary.resolve()), *more])]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
