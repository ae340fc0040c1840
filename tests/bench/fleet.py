"""Measures `amlnet fleet`: makes thousands of reports of real ones, plants one fact that tells the failing nodes
from the others, merges them, and holds time, memory and the answer against what is asked.

usage: fleet.py AMLNET HEALTHY_REPORT FAILING_REPORT [--nodes N]
The two reports come from the lab: tests/lab/run.py --keep. Status 1 where a target is missed.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_MOST_SECONDS, _MOST_MB = 20, 200
_SIZES = ["Standard_DS3_v2", "Standard_E4s_v3", "Standard_NC6s_v3"]
_RESOLVERS = ["10.0.0.4", "10.0.0.5"]


def _report(text: str, node: int, subnet: int) -> str:
    """The report as this node would have written it; nothing but a few facts is another, so no JSON is read."""
    for old, new in (('"hostname": "ci1"', f'"hostname": "node-{node:05}"'),
                     ('"eth0 10.0.1.7/24"', f'"eth0 10.{subnet}.{node % 250}.{node // 250 % 250 + 4}/16"'),
                     ('"vm_size": "Standard_DS3_v2"', f'"vm_size": "{_SIZES[node % 3]}"'),
                     ('"resolvers": ["10.0.0.4"]', f'"resolvers": ["{_RESOLVERS[node % 2]}"]')):
        assert text.count(old) == 1, f"the report has not one {old}"
        text = text.replace(old, new)
    run = json.loads(text[text.index('"run": ') + 7:text.index('"node": ')].rstrip().rstrip(","))["id"]
    return text.replace(run, f"{node:08x}{run[8:]}")


def _write(folder: Path, healthy: str, failing: str, nodes: int) -> int:
    """Each fifth node is in the subnet that is broken. Returns how many bytes there are."""
    total = 0
    for node in range(nodes):
        broken = node % 5 == 3
        text = _report(failing if broken else healthy, node, 77 if broken else (10, 11, 12)[node // 5 % 3])
        (folder / f"{node:05}.json").write_text(text)
        total += len(text)
    return total


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("amlnet")
    parser.add_argument("healthy", type=Path)
    parser.add_argument("failing", type=Path)
    parser.add_argument("--nodes", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "reports")
        folder.mkdir()
        size = _write(folder, options.healthy.read_text(), options.failing.read_text(), options.nodes)
        started = time.monotonic()
        done = subprocess.run([options.amlnet, "fleet", folder, "--format", "human", "--format", "json", "--output",
                               f"{name}/fleet.json", "--format", "html", "--output", f"{name}/fleet.html"],
                              capture_output=True, text=True)
        seconds = time.monotonic() - started
        megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        merged = json.loads(Path(name, "fleet.json").read_text())
        pages = Path(name, "fleet.html").stat().st_size / 1e6
    print(done.stdout, done.stderr, sep="")
    planted = [one for one in merged["separators"] if (one["fact"], one["value"], one["exact"]) == ("subnet", "10.77.0.0/16", True)]
    print(f"{options.nodes} reports, {size / 1e6:.0f} MB: {seconds:.1f} s, {megabytes:.0f} MB at the peak, page {pages:.1f} MB, "
          f"planted fact {'named' if planted else 'NOT named'}")
    good = done.returncode == 0 and seconds < _MOST_SECONDS and megabytes < _MOST_MB and planted
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
