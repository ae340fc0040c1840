"""Holds the formats that other programs read against those programs: JUnit XML against a schema (xmllint), metrics against
promtool. Also for a report full of hostile text.

usage: formats.py AMLNET WRITE_SAMPLES
"""

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

_SAMPLES = ("failing", "healthy", "foreign", "incomplete", "full", "large", "hostile")
failures = []


def expect(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)


def shown(folder: Path, name: str, form: str) -> str:
    done = subprocess.run([sys.argv[1], "show", folder / f"{name}.json", "--format", form], capture_output=True, timeout=60)
    expect(done.returncode == 0, f"{form} of {name}: {done.stderr.decode()}")
    return done.stdout.decode("utf-8")


def check_junit(folder: Path) -> None:
    schema = Path(__file__).parent.parent / "junit.rng"
    for name in _SAMPLES:
        text = shown(folder, name, "junit")
        done = subprocess.run(["xmllint", "--noout", "--nonet", "--relaxng", schema, "-"], input=text.encode(),
                              capture_output=True, timeout=60)
        expect(done.returncode == 0, f"xmllint of {name}: {done.stderr.decode()[:500]}")
        root = ElementTree.fromstring(text)
        cases = list(root.iter("testcase"))
        expect(int(root.get("tests")) == len(cases), f"{name}: the number of tests")
        for kind, total in (("failure", "failures"), ("error", "errors")):
            expect(int(root.get(total)) == len(list(root.iter(kind))), f"{name}: the number of {total}")
        expect(all(case.get("classname").startswith("amlnet.") for case in cases), f"{name}: class names")
    failing = ElementTree.fromstring(shown(folder, "failing", "junit"))
    case = failing.find(".//testcase[@name='storage.ws.blob']")
    expect(case.find("failure").get("type") == "dns.private-zone-not-linked", "a failure has its cause as type")
    expect("20.60.14.8" in case.find("failure").text, "a failure has its evidence as text")
    expect(failing.find(".//testcase[@name='nsg.batch']/skipped") is not None, "what no probe can decide is skipped")
    cut = ElementTree.fromstring(shown(folder, "incomplete", "junit"))
    expect(cut.find(".//testcase[@name='arm.management']/error").get("type") == "not-finished", "what was cut is an error")


def check_prometheus(folder: Path) -> None:
    for name in _SAMPLES:
        text = shown(folder, name, "prometheus")
        done = subprocess.run(["promtool", "check", "metrics"], input=text.encode(), capture_output=True, timeout=60)
        expect(done.returncode == 0 and done.stderr == b"", f"promtool of {name}: {done.stderr.decode()[:500]}")
    failing = shown(folder, "failing", "prometheus").splitlines()
    for line in ('amlnet_verdict{verdict="fail"} 1', 'amlnet_requirements{level="required",status="fail"} 2',
                 'amlnet_requirement_pass{requirement="storage.ws.blob",level="required"} 0', "amlnet_run_complete 1"):
        expect(line in failing, f"metrics lack {line}")
    expect(not any('requirement="nsg.batch"' in line for line in failing), "unknown is no number")


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([sys.argv[2], name], check=True)
        check_junit(Path(name))
        check_prometheus(Path(name))
    for failure in failures:
        print("failed:", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
