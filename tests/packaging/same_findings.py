#!/usr/bin/env python3
"""Two builds of amlnet in the same labs: what they find must be the same. Findings with subject, severity, confidence,
endpoints and requirements, the status of every requirement and endpoint, and the exit status are compared; words and times
are not. Of scenarios named by `--varying`, in which chance decides whom a fault hits, only what is found and the exit status
are. `--wrapper` puts a command before the first build, such as one that enters a chroot."""

import argparse
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent.parent / "lab"))

from scenario import all_names, read_scenario
from start import run_on_node


def _found(outcome: dict, varying: bool) -> dict[str, list]:
    if not outcome.get("report"):
        return {"error": [outcome.get("error") or outcome.get("errors") or "no report"]}
    report = json.loads(outcome["report"])
    keys = ("cause", "subject", "severity", "confidence", *(() if varying else ("endpoints", "requirements")))
    found = {
        "exit status": [outcome["status"]],
        "findings": sorted(json.dumps([finding[key] for key in keys]) for finding in report["findings"]),
    }
    return found if varying else found | {
        "requirements": sorted(f"{row['id']} {row['status']} {row['unknown_because']} " + " ".join(sorted(
            f"{end['host']}:{end['port']}={end['status']}" for end in row["endpoints"])) for row in report["requirements"]),
    }


def _differences(first: dict[str, list], second: dict[str, list]) -> list[str]:
    wrong = [f"no report: {found['error'][0]}" for found in (first, second) if "error" in found]
    for key in first.keys() & second.keys():
        wrong += [f"{key}: only the first: {item}" for item in first[key] if item not in second[key]]
        wrong += [f"{key}: only the second: {item}" for item in second[key] if item not in first[key]]
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True, help="where certificates are kept")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="labs at once")
    parser.add_argument("--wrapper", default="", help="command before the first build, split at blanks")
    parser.add_argument("--timeout", default="1500ms", help="of both; silent endpoints cost two of them (1500ms)")
    parser.add_argument("--varying", default="", help="scenarios, split at commas")
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("scenarios", nargs="*", help="names; all if none is given")
    options = parser.parse_args()

    def compare(name: str) -> bool:
        scenario = read_scenario(name)
        times = [("--timeout", options.timeout), ("--deadline", "60s")]
        rest = [*scenario.command, "--config", "/run/lab/amlnet.json",
                *(word for pair in times if pair[0] not in scenario.arguments for word in pair)]
        builds = [[*options.wrapper.split(), str(options.first.resolve())], [str(options.second.resolve())]]
        outcomes = [run_on_node(name, options.cache.resolve(), [*build, *rest]) for build in builds]
        wrong = _differences(*(_found(outcome, name in options.varying.split(",")) for outcome in outcomes))
        print(f"{'FAIL' if wrong else 'same'} {name}\n" + "".join(f"       {line}\n" for line in wrong), end="", flush=True)
        return not wrong

    with ThreadPoolExecutor(max(1, options.jobs)) as pool:
        same = list(pool.map(compare, options.scenarios or all_names()))
    print(f"{same.count(True)} of {len(same)} scenarios are the same")
    return 0 if all(same) else 1


if __name__ == "__main__":
    sys.exit(main())
