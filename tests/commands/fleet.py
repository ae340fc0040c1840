"""Runs `amlnet fleet` as a user does: folders, files, standard input and bundles of reports, good and hostile ones.

usage: fleet.py AMLNET WRITE_SAMPLES
"""

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

_SCHEMA_CHECK = Path(__file__).parent.parent / "schema_check.py"
failures = []


def expect(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)


def run(*arguments: object, given: bytes | None = None) -> subprocess.CompletedProcess:
    clean = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([sys.argv[1], *map(str, arguments)], capture_output=True, input=given, env=clean, timeout=120)
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    return done


def node(sample: dict, number: int, subnet: str) -> str:
    report = json.loads(json.dumps(sample))
    report["run"]["id"] = f"{number:08}-0000-4000-8000-000000000000"
    report["node"] |= {"hostname": f"node-{number:02}", "interfaces": [f"eth0 {subnet}.{number + 4}/24"]}
    return json.dumps(report)


def bundle(path: Path, name: str, content: bytes) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for one, data in (("bundle/notes.txt", b"x" * 100_000), (name, content)):
            member = tarfile.TarInfo(one)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


def make_fleet(samples: Path, folder: Path) -> None:
    """Twelve nodes: those in 10.9.9.0/24 fail. Some lie in a folder below, one in a bundle."""
    failing, healthy = (json.loads((samples / f"{name}.json").read_text()) for name in ("failing", "healthy"))
    (folder / "below").mkdir(parents=True)
    for number in range(12):
        text = node(failing if number % 3 == 0 else healthy, number, "10.9.9" if number % 3 == 0 else "10.9.8")
        if number == 5:
            bundle(folder / "five.tar.gz", "bundle/report.json", text.encode())
        else:
            (folder / ("below" if number > 8 else ".") / f"{number}.json").write_text(text)


def merged(*arguments: object, given: bytes | None = None) -> dict:
    done = run("fleet", *arguments, "--format", "json", given=given)
    try:
        return json.loads(done.stdout) | {"status": done.returncode, "stderr": done.stderr}
    except ValueError:
        expect(False, f"fleet {arguments}: {done.stderr}")
        sys.exit("\n".join(failures))


def check_merge(folder: Path, samples: Path) -> None:
    found = merged(folder)
    expect(found["status"] == 0 and found["summary"]["nodes"] == 12, f"twelve nodes: {found['summary']} {found['stderr']}")
    expect(found["summary"]["verdicts"] == {"pass": 8, "warn": 0, "fail": 4, "incomplete": 0}, "verdicts are counted")
    best = found["separators"][0]
    expect((best["fact"], best["value"], best["exact"]) == ("subnet", "10.9.9.0/24", True), f"what separates: {best}")
    zone = next(one for one in found["causes"] if one["cause"] == "dns.private-zone-not-linked")
    names = {one["id"]: one["hostname"] for one in found["nodes"]}
    expect([names[one] for one in zone["nodes"]] == ["node-00", "node-03", "node-06", "node-09"], "whom the cause hits")
    human = run("fleet", folder)
    expect("exactly where subnet is 10.9.9.0/24: all 4 nodes that are hit, none of 8 others" in " ".join(human.stdout.split()),
           human.stdout)
    expect(human.stdout.endswith("amlnet: FLEET nodes=12 fail=4 causes=2 unread=0\n"), human.stdout[-200:])
    both = run("fleet", folder, folder)
    expect("12 older reports of them left out" in both.stdout, "the same report twice is one")
    alone = merged(samples / "failing.json")
    expect(alone["separators"] == [], "one node: nothing separates it")


def check_input(folder: Path) -> None:
    texts = [path.read_bytes() for path in sorted(folder.rglob("*.json"))]
    expect(merged("-", given=b"\n".join(texts))["summary"]["nodes"] == 11, "reports one after the other on standard input")
    expect(merged("-", given=b"".join(texts))["summary"]["nodes"] == 11, "with nothing between them")
    expect(merged("-", given=(folder / "five.tar.gz").read_bytes())["summary"]["nodes"] == 1, "a bundle on standard input")
    expect(merged("-", given=gzip.compress(texts[0]))["summary"]["nodes"] == 1, "a compressed report on standard input")
    packed = folder.parent / "packed"
    packed.mkdir()
    for number, text in enumerate(texts):
        (packed / f"{number}.json.gz").write_bytes(gzip.compress(text))
    expect(merged(packed)["summary"]["nodes"] == 11, "a folder of compressed reports")
    expect(merged(folder / "below", folder / "1.json")["summary"]["nodes"] == 4, "a folder and a file")
    large = json.loads(texts[0])  # more than one piece of what is read at once
    large["workspace"]["note"] = "x" * 3_000_000
    expect(merged("-", given=(json.dumps(large) + texts[1].decode()).encode())["summary"]["nodes"] == 2, "a large report")


def check_hostile(folder: Path, samples: Path) -> None:
    whole = (folder / "1.json").read_bytes()
    wrong = {"empty.json": (b"", "ends too early"), "half.json": (whole[: len(whole) // 2], "ends too early"),
             "deep.json": (b"[" * 1_000_000, "not a JSON object"), "other.json": (b'{"schema": "amlnet.plan/1"}', "amlnet.report/1"),
             "types.json": (whole.replace(b'"hostname": "node-01"', b'"hostname": 7'), "hostname"),
             "nest.json": (b'{"schema": ' + b"[" * 500 + b"]" * 500 + b"}", "levels"),
             "gzip.tgz": (b"\x1f\x8b\x08rubbish", "archive"), "\x1b[2J<b>.json": (b"\x1b[2J", "not a JSON object")}
    for name, (content, _) in wrong.items():
        (folder / name).write_bytes(content)
    bundle(folder / "lacks.tar.gz", "bundle/other.json", b"{}")
    bundle(folder / "bomb.tar.gz", "bundle/report.json", b" " * (65 << 20))
    found = merged(folder)
    expect(found["status"] == 2 and found["summary"]["nodes"] == 12, "bad files take no good ones with them")
    expect("10 of 22 could not be read" in found["stderr"] and "\x1b" not in found["stderr"], found["stderr"])
    problems = {Path(one["file"]).name: one["problem"] for one in found["unread"]}
    for name, (_, problem) in wrong.items():
        expect(problem in problems.get(name, "nothing"), f"{name}: {problems.get(name)}")
    expect(problems["lacks.tar.gz"] == "no report.json in the archive", problems["lacks.tar.gz"])
    expect("larger than 64 MiB" in problems["bomb.tar.gz"], problems["bomb.tar.gz"])
    human, html = run("fleet", folder, "--color", "always"), run("fleet", folder, "--format", "html")
    expect("\x1b[2J" not in human.stdout and "10 reports could not be read" in human.stdout, "names of files are escaped")
    expect("<b>" not in html.stdout and "\x1b" not in html.stdout and html.returncode == 2, "also on the page")
    expect("default-src 'none'" in html.stdout, "the page has the strict policy")
    for path in (folder / "half.json", folder / "lacks.tar.gz", "/nonexistent", samples.parent / "none"):
        done = run("fleet", path, "--format", "json")
        expect(done.returncode == 2 and done.stdout == "", f"nothing to merge in {path}: {done.stderr}")
    expect(run("fleet", "-", given=whole + b"}").returncode == 2, "rubbish after a report")


def check_usage(folder: Path) -> None:
    empty = folder.parent / "none"
    empty.mkdir()
    expect("no report there" in run("fleet", empty).stderr, "an empty folder")
    expect(run("fleet").returncode == 2, "fleet wants reports")
    expect("human, json or html" in run("fleet", folder, "--format", "junit").stderr, "formats of a fleet")
    help_text = run("fleet", "--help").stdout
    expect("amlnet fleet reports/" in help_text and "all others are merged and written" in help_text, "help")


def check_schema(folder: Path, samples: Path, out: Path) -> None:
    paths = [out / "fleet.json", out / "hostile.json"]
    for path, reports in zip(paths, ([folder], sorted(samples.glob("*.json")))):
        done = run("fleet", *reports, "--format", "json", "--output", path)
        expect(done.returncode == 0, done.stderr)
    done = subprocess.run([sys.executable, "-B", _SCHEMA_CHECK, *paths], capture_output=True, text=True, timeout=120)
    expect(done.returncode == 0, f"amlnet.fleet/1: {done.stderr}")


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        samples, folder = Path(name, "samples"), Path(name, "fleet")
        samples.mkdir()
        subprocess.run([sys.argv[2], samples], check=True)
        make_fleet(samples, folder)
        check_merge(folder, samples)
        check_input(folder)
        check_schema(folder, samples, Path(name))
        check_usage(folder)
        check_hostile(folder, samples)
    for failure in failures:
        print("failed:", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
