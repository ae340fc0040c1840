"""Runs the commands that read saved reports as a user does: show, explain and diagnose.

usage: reports.py AMLNET WRITE_SAMPLES
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

failures = []


def expect(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)


def run(*arguments: object, text: str | None = None, **environment: str) -> subprocess.CompletedProcess:
    clean = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
    return subprocess.run([sys.argv[1], *map(str, arguments)], capture_output=True, text=True, input=text,
                          env=clean | environment, timeout=60)


def check_show(folder: Path) -> None:
    failing = folder / "failing.json"
    human = run("show", failing)
    expect(human.returncode == 0 and human.stdout.startswith("amlnet 0.3.0"), f"show: {human.stderr}")
    expect(human.stdout.endswith(f"amlnet: FAIL required=2 causes=2 report={failing}\n"), "show names its report")
    expect("row.7" not in human.stdout and "row.7" in run("show", failing, "--all").stdout, "--all shows every row")
    expect(run("show", failing, "--format", "json").stdout == failing.read_text(encoding="utf-8"),
           "JSON shown again is the same JSON")
    lines = [json.loads(line) for line in run("show", failing, "--format", "jsonl").stdout.splitlines()]
    expect(lines[0]["type"] == "run" and lines[-1]["type"] == "summary", "JSON Lines from a saved report")
    expect(run("show", "-", "-q", text=failing.read_text(encoding="utf-8")).stdout.startswith("FAIL"),
           "show - reads standard input")
    again = folder / "again.json"
    expect(run("show", failing, "--format", "json", "--output", again).returncode == 0
           and again.read_bytes() == failing.read_bytes(), "--output writes the file")


def check_compressed(folder: Path) -> None:
    failing, packed = folder / "failing.json", folder / "packed.json.gz"
    expect(run("show", failing, "--format", "json", "--output", packed).returncode == 0, "a name ending in .gz")
    expect(gzip.decompress(packed.read_bytes()) == failing.read_bytes(), "gunzip gives the report")
    expect(run("show", packed, "--format", "json").stdout == failing.read_text(encoding="utf-8"), "and show reads it")
    page = folder / "page.html.gz"
    expect(run("show", packed, "--format", "html", "--output", page).returncode == 0
           and gzip.decompress(page.read_bytes()).startswith(b"<!doctype html>"), "any format can be compressed")
    (folder / "cut.json.gz").write_bytes(packed.read_bytes()[:-40])
    cut = run("show", folder / "cut.json.gz")
    expect(cut.returncode == 2 and "broken" in cut.stderr, f"a cut one: {cut.stderr}")


def check_default(folder: Path) -> None:
    missing = run("show", XDG_STATE_HOME=str(folder / "state"))
    expect(missing.returncode == 2 and "amlnet check keeps its last report there" in missing.stderr,
           "no last report yet")
    expect(not (folder / "state").exists(), "looking for the last report creates nothing")
    kept = folder / "state" / "amlnet"
    kept.mkdir(parents=True)
    (kept / "last.json").write_bytes((folder / "failing.json").read_bytes())
    shown = run("show", XDG_STATE_HOME=str(folder / "state"))
    expect("next   amlnet explain 1" in shown.stdout, "the last report is shown, and what to run next")
    found = run("explain", "2", XDG_STATE_HOME=str(folder / "state"))
    expect(found.stdout.startswith("2  Port 18881"), f"explain of a finding of the last report: {found.stderr}")


def check_explain(folder: Path) -> None:
    failing = folder / "failing.json"
    for word in ("1", "F1", "f1"):
        done = run("explain", "--report", failing, word)
        expect("privatelink.blob.core.windows.net" in done.stdout, f"explain {word}: {done.stderr}")
        expect('"id": "p1"' in done.stdout, "explain shows the record of the probe")
    cause = run("explain", "dns.private-zone-not-linked")
    expect("means" in cause.stdout and "docs" in cause.stdout and "stws1" not in cause.stdout, "explain of a cause")
    both = run("explain", "--report", failing, "dns.private-zone-not-linked").stdout
    expect("stws1.blob.core.windows.net" in both, "explain of a cause shows the report's findings of it")
    row = run("explain", "--report", failing, "storage.ws.blob").stdout
    expect("without it" in row and "status   fail" in row, "explain of a requirement with its end in the report")
    wrong = run("explain", "--report", failing, "F9")
    expect(wrong.returncode == 2 and "the report has F1 to F2" in wrong.stderr, f"no such finding: {wrong.stderr}")
    wrong = run("explain", "dns.servfial")
    expect(wrong.returncode == 2 and 'did you mean "dns.servfail"?' in wrong.stderr, "a misspelt cause")


def check_diagnose(folder: Path) -> None:
    # The samples have rows that no catalog has: they are named, and what is left is judged.
    done = run("diagnose", folder / "failing.json")
    expect("left out, since no catalog here has them" in done.stderr and "row.7" in done.stderr, done.stderr)
    expect(done.returncode in (0, 1, 3) and done.stdout.startswith("amlnet "), f"diagnose: {done.returncode}")
    whole = json.loads((folder / "failing.json").read_text(encoding="utf-8"))
    whole["workspace"]["region"] = 7
    (folder / "bad.json").write_text(json.dumps(whole), encoding="utf-8")
    wrong = run("diagnose", folder / "bad.json")
    expect(wrong.returncode == 2 and "region" in wrong.stderr, f"a workspace that is none: {wrong.stderr}")


def check_diff(folder: Path) -> None:
    failing, healthy = folder / "failing.json", folder / "healthy.json"
    same = run("diff", failing, failing)
    expect(same.returncode == 0 and "the same requirements fail" in same.stdout, f"diff of one report: {same.stdout}")
    worse = run("diff", healthy, failing)
    expect(worse.returncode == 1 and worse.stdout.startswith("PASS -> FAIL   2 newly failing"), f"worse: {worse.stdout}")
    better = run("diff", failing, healthy, "--format", "json")
    found = json.loads(better.stdout)
    expect(better.returncode == 0 and found["schema"] == "amlnet.diff/1" and found["newly_failing"] == [], "better")
    expect(sorted(one["change"] for one in found["causes"]) == ["gone", "gone"], "causes that are gone")
    for number, text in enumerate((better.stdout, run("diff", healthy, failing, "--format", "json").stdout)):
        (folder / f"diff-{number}.json").write_text(text, encoding="utf-8")
    schema_check = Path(__file__).parents[1] / "schema_check.py"
    checked = subprocess.run([sys.executable, schema_check, *folder.glob("diff-*.json")], capture_output=True, text=True)
    expect(checked.returncode == 0, f"differences follow their schema: {checked.stderr}")
    expect(run("diff", failing).returncode == 2, "diff takes two reports")
    expect(run("diff", failing, folder).returncode == 2, "a folder is no report")
    expect(run("diff", failing, healthy, "--format", "html").returncode == 2, "no format for differences")


def check_refusals(folder: Path) -> None:
    whole = (folder / "failing.json").read_text(encoding="utf-8")
    for text, message in (("", "not JSON"), ("{", "not JSON"), ("[]", "expected an object"),
                          ('{"schema": "amlnet.plan/1"}', 'expected "amlnet.report/1"'),
                          (whole[: len(whole) // 2], "not JSON"), (whole + "{", "not JSON"),
                          (whole.replace('"fail"', '"\x1b[2J"', 1).replace("\x1b", "\\u001b"), "got"),
                          (whole.replace('"duration_ms": 812.4', '"duration_ms": 1e300'), "duration_ms"),
                          ("[" * 100000, "levels")):
        path = folder / "bad.json"
        path.write_text(text, encoding="utf-8")
        for command in (("show", path), ("explain", "1", "--report", path), ("diagnose", path)):
            done = run(*command)
            expect(done.returncode == 2 and done.stdout == "", f"{command[0]} of {text[:20]!r}: {done.returncode}")
            expect(str(path) in done.stderr and message in done.stderr and "\x1b" not in done.stderr, done.stderr)
    expect(run("show", folder).returncode == 2, "a folder is no report")
    expect(run("show", "a.json", "b.json").returncode == 2, "show takes one report")


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.argv[2], name], check=True)
        check_show(folder)
        check_compressed(folder)
        check_default(folder)
        check_explain(folder)
        check_diagnose(folder)
        check_diff(folder)
        check_refusals(folder)
    for failure in failures:
        print("failed:", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
