"""Runs `amlnet bundle --report` as a user does, opens the bundles with plain tar, and looks for what must not be there.

usage: bundle.py AMLNET WRITE_SAMPLES
"""

import base64
import hashlib
import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

_SECRETS = {"AZURE_CLIENT_SECRET": "Pl4nted-client-secret", "MSI_SECRET": "Pl4nted-msi-secret", "IDENTITY_HEADER": "Pl4nted-header",
            "https_proxy": "http://bob:Pl4nted-password@proxy.corp.contoso.com:3128", "SOME_TOKEN": "Pl4nted-of-others"}
_FILES = {"manifest.json", "report.json", "report.html", "report.md", "plan.json", "log.jsonl", "environment.txt", "versions.txt",
          "resolv.conf", "hosts", "routes.txt", "addresses.txt"}
failures = []


def expect(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)


def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess:
    clean = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "UNRELATED": "keep-out"}
    return subprocess.run([Path(sys.argv[1]).resolve(), *map(str, arguments)], capture_output=True, text=True, env=clean | _SECRETS, cwd=cwd,
                          timeout=120)


def unpacked(folder: Path, path: Path, *arguments: object) -> dict[str, bytes]:
    """The members of the bundle, by plain tar."""
    done = run("bundle", "--report", path, "--output", folder / "bundle.tar.gz", *arguments)
    expect(done.returncode == 0, f"bundle {arguments}: {done.stderr}")
    expect(stat.S_IMODE((folder / "bundle.tar.gz").stat().st_mode) == 0o600, "only its owner may read it")
    tested = subprocess.run(["gzip", "-t", folder / "bundle.tar.gz"], capture_output=True, text=True)
    expect((tested.returncode, tested.stderr) == (0, ""), f"gzip finds it whole: {tested.stderr}")
    target = folder / f"out{len(list(folder.iterdir()))}"
    target.mkdir()
    subprocess.run(["tar", "xzf", folder / "bundle.tar.gz", "-C", target], check=True)
    tops = list(target.iterdir())
    expect(len(tops) == 1 and tops[0].name.startswith("amlnet-bundle-"), f"one folder: {tops}")
    expect(all(stat.S_IMODE(one.stat().st_mode) == 0o600 for one in tops[0].iterdir()), "members are private, too")
    return {one.name: one.read_bytes() for one in tops[0].iterdir()}


def texts_in(value: object) -> list[str]:
    """Every text of a JSON document, and what base64 in it says."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts_in(one)] + (
            [base64.b64decode(value["base64"]).decode(errors="replace")] if "base64" in value else [])
    if isinstance(value, list):
        return [text for one in value for text in texts_in(one)]
    return [value] if isinstance(value, str) else []


def own_report(folder: Path) -> Path:
    """A sample as if it came from this machine, with secrets where hostile answers put them."""
    report = json.loads((folder / "failing.json").read_text())
    report["node"]["hostname"] = socket.gethostname()
    planted = "eyJhbGciOiJub25lIn0.Pl4ntedPayload.x https://u:Pl4nted-userinfo@h/?sig=Pl4nted-signature {\"access_token\": \"Pl4nted-token\"}"
    report["findings"][0]["evidence"][0]["text"] += " " + planted
    report["findings"][0]["title"] += " seen by Pl4nted-client-secret"
    http = {"id": "p900", "kind": "http", "target": "stws1.blob.core.windows.net:443", "purpose": "control", "status": "ok", "start_ms": 1.0,
            "duration_ms": 1.0, "attempts": 1, "after": [],
            "detail": {"url": "https://stws1.blob.core.windows.net/?sig=Pl4nted-signature", "address": "20.60.14.8", "status": 200,
                       "headers": [{"name": "set-cookie", "value": {"text": "Pl4nted-cookie", "base64": base64.b64encode(b"Pl4nted-cookie").decode()}}],
                       "body": {"text": planted, "base64": base64.b64encode(planted.encode()).decode()}}}
    report["probes"].append(http)
    path = folder / "own.json"
    path.write_text(json.dumps(report))
    return path


def check_secrets(folder: Path, own: Path) -> None:
    members = unpacked(folder, own)
    expect(set(members) == _FILES, f"files: {sorted(members)}")
    for name, content in members.items():
        texts = [content.decode()]
        if name.endswith(".json"):
            texts += texts_in(json.loads(content))
        if name.endswith(".jsonl"):
            texts += [text for line in content.decode().splitlines() for text in texts_in(json.loads(line))]
        expect(not any("Pl4nted" in text for text in texts), f"a secret is in {name}")
        expect("keep-out" not in content.decode() and "UNRELATED" not in content.decode(), f"{name}: other variables")
    expect(b"stws1" in members["report.json"] and b"20.60.14.8" in members["report.json"], "names stay where nobody asked for more")
    expect(b"https_proxy=http://(removed)@proxy.corp.contoso.com:3128" in members["environment.txt"], members["environment.txt"].decode())
    expect(b"AZURE_CLIENT_SECRET=(removed)" in members["environment.txt"], "that a secret is set is told")
    manifest = json.loads(members["manifest.json"])
    expect({one["name"] for one in manifest["files"]} | {"manifest.json"} == set(members), "the manifest names the files")
    for one in manifest["files"]:
        expect(one["sha256"] == hashlib.sha256(members[one["name"]]).hexdigest(), f"the hash of {one['name']}")
    expect(manifest["secrets_removed"] >= 8, f"secrets are counted: {manifest['secrets_removed']}")


def check_pseudonyms(folder: Path, own: Path) -> None:
    hidden = [b"stws1", b"contoso", b"ws1.", b"ci1"]
    addresses = [b"20.60.14.8", b"10.0.0.4", b"10.0.1.7"]
    members = unpacked(folder, own, "--redact", "all")
    for name, content in members.items():
        for one in hidden + addresses:
            expect(one not in content, f"{one.decode()} is in {name}: ...{content[max(0, content.find(one) - 60):content.find(one) + 40]!r}")
    expect(b".blob.core.windows.net" in members["report.json"], "public suffixes stay readable")
    manifest = json.loads(members["manifest.json"])
    expect(manifest["redaction"] == "all" and manifest["names_replaced"] > 3 and manifest["addresses_replaced"] > 3, str(manifest)[:400])
    named = unpacked(folder, own, "--redact", "names")
    expect(b"stws1" not in named["report.json"] and b"20.60.14.8" in named["report.json"], "names alone")
    numbered = unpacked(folder, own, "--redact", "addresses")
    expect(b"stws1" in numbered["report.json"] and b"20.60.14.8" not in numbered["report.json"], "addresses alone")
    shown = run("show", folder / "bundle.tar.gz", "-q")
    expect(shown.returncode == 0 and shown.stdout.startswith("FAIL"), f"show reads a bundle: {shown.stderr}")
    again = run("diagnose", folder / "bundle.tar.gz")
    expect(again.returncode in (0, 1, 3), f"diagnose reads a bundle: {again.stderr}")
    merged = run("fleet", folder / "bundle.tar.gz", "--format", "json")
    expect(json.loads(merged.stdout)["nodes"][0]["verdict"] == "fail", f"fleet reads a bundle: {merged.stderr}")


def check_of_another(folder: Path) -> None:
    members = unpacked(folder, folder / "failing.json")
    expect("resolv.conf" not in members and "environment.txt" not in members and "addresses.txt" not in members, "a foreign report takes nothing of this machine along")
    expect("another node" in members["manifest.json"].decode(), "and the manifest says so")


def check_refusals(folder: Path) -> None:
    kept = folder / "kept.tar.gz"
    kept.write_text("before")
    (folder / "bad.json").write_text("{")
    done = run("bundle", "--report", folder / "bad.json", "--output", kept)
    expect(done.returncode == 2 and kept.read_text() == "before", f"malformed: {done.stderr}")
    done = run("bundle", "--report", folder / "failing.json", "--redact", "everything")
    expect(done.returncode == 2 and "secrets, names, addresses or all" in done.stderr, done.stderr)
    done = run("bundle", "--report", folder / "failing.json", "--output", folder / "no" / "where.tar.gz")
    expect(done.returncode == 4 and "cannot write" in done.stderr, done.stderr)
    expect(run("bundle", "--upload", "https://x").returncode == 2, "there is no --upload")
    for device in ("/dev/null", folder):
        done = run("bundle", "--report", folder / "failing.json", "--output", device, "--upload", "https://127.0.0.1:1/a/c?sig=Pl4nted", "--deadline", "1s")
        expect(done.returncode == 2 and f"--output: {device} is no regular file" in done.stderr, f"{device}: {done.stderr}")
    done = run("bundle", "--report", folder / "failing.json", cwd=folder)
    expect(done.returncode == 0 and len(list(folder.glob("amlnet-bundle-*.tar.gz"))) == 1, f"a name of its own: {done.stdout}{done.stderr}")
    expect("--redact all" in run("bundle", "--help").stdout, "help has an example")


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.argv[2], folder], check=True)
        own = own_report(folder)
        check_secrets(folder, own)
        check_pseudonyms(folder, own)
        check_of_another(folder)
        check_refusals(folder)
    for failure in failures:
        print("failed:", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
