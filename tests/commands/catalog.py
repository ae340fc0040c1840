"""Runs `amlnet requirements` and `amlnet explain` as a user does: nothing but their output and exit status is read.

usage: catalog.py AMLNET CATALOG_DIR
"""

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


def run(*arguments: str) -> subprocess.CompletedProcess:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    return subprocess.run([sys.argv[1], *arguments], capture_output=True, text=True, env=environment, timeout=60)


def ids(*arguments: str) -> list[str]:
    """The ids that `requirements --format json` gives."""
    done = run("requirements", "--format", "json", *arguments)
    expect(done.returncode == 0 and done.stderr == "", f"requirements {arguments}: {done.returncode} {done.stderr}")
    return [row["id"] for row in json.loads(done.stdout)["requirements"]]


def check_filters() -> None:
    everything = ids()
    expect(len(everything) >= 144, f"{len(everything)} requirements")
    expect("acr.vienna" in everything, "an ended row is listed")
    expect("acr.vienna" not in ids("--doc-date", "2026-06-01"), "an ended row is left out of the newest")
    old = ids("--doc-date", "2021-09-14")
    expect("acr.vienna" in old and "in.batch.29876" in old, "rows of 2021 are in force in 2021")
    expect("batch.account" not in old and "mcr.data" not in old, "later rows are not in force in 2021")
    china = ids("--cloud", "china")
    expect("batch.account" not in china and "aml.api" in china, "--cloud china")
    kubernetes = ids("--compute", "kubernetes")
    expect("k8s.kusto" in kubernetes and "ci.lsp.18881" not in kubernetes, "--compute kubernetes")
    expect(set(ids("--feature", "rstudio")) >= {"r.rstudio-image", "ci.rstudio.8787"}, "--feature rstudio")
    expect("entra.login" not in ids("--feature", "rstudio"), "--feature shows only what names it")
    expect("entra.login" not in ids("--level", "optional"), "--level optional")
    expect(ids("--doc", "synapse-integration", "--level", "optional") == [], "--doc and --level together")


def check_formats(coverage: Path) -> None:
    table = run("requirements", "--feature", "huggingface")
    expect("hf.models.hub" in table.stdout and "huggingface.co:443" in table.stdout, "the table names hosts")
    usgov = run("requirements", "--cloud", "usgov").stdout
    expect("login.microsoftonline.us:443" in usgov, "the table names the hosts of the chosen cloud")
    markdown = run("requirements", "--format", "markdown", "--level", "recommended").stdout
    expect("| py.pypi | recommended |" in markdown, "the Markdown table")
    for name in ("synapse-integration", "on-premises-resources", "authentication", "virtual-network-2020",
                 "inbound-outbound-traffic"):
        rows = json.loads((coverage / f"{name}.json").read_text(encoding="utf-8"))["rows"]
        done = run("requirements", "--doc", name, "--format", "markdown")
        lines = [line for line in done.stdout.splitlines() if line.startswith("| ")]
        expect(done.returncode == 0 and len(lines) == len(rows) + 2, f"{name}: {len(lines)} lines, {len(rows)} rows")
        expect(all(line.count(" | ") == 5 for line in lines), f"{name}: six cells in each row")


def check_explain() -> None:
    done = run("explain", "storage.ws.blob", "ci.rstudio.8787")
    for piece in ("storage.ws.blob: ", "<storage>.blob.core.usgovcloudapi.net:443", "ci.rstudio.8787: ", "without it",
                  "fix", "inbound-outbound-traffic: ", "2026-03-19"):
        expect(piece in done.stdout, f"explain lacks {piece!r}")
    expect(done.returncode == 0, "explain ends with 0")
    expect("unknown: no probe of a node shows it" in run("explain", "tag.Storage").stdout, "explain of a rule")
    wrong = run("explain", "storage.ws.blub")
    expect(wrong.returncode == 2 and wrong.stdout == "" and 'did you mean "storage.ws.blob"?' in wrong.stderr,
           f"explain of an unknown id: {wrong.returncode} {wrong.stderr}")
    expect(run("explain").returncode == 2, "explain without an id")
    expect(run("requirements", "storage.ws.blob").returncode == 2, "requirements takes no word")
    misspelt = run("requirements", "--doc", "synapse-integratoin")
    expect(misspelt.returncode == 2 and 'did you mean "synapse-integration"?' in misspelt.stderr, "--doc misspelt")


def check_own_catalog() -> None:
    row = {"id": "own.host", "title": "Mirror", "level": "required", "breaks": "No packages.", "fix": "Allow it.",
           "endpoints": [{"hosts": ["pypi.corp.contoso.com"], "ports": [443], "protocol": "tls"}]}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "own.json"
        path.write_text(json.dumps({"requirements": [row]}), encoding="utf-8")
        done = run("explain", "own.host", "--catalog", str(path))
        expect(done.returncode == 0 and str(path) in done.stdout, "explain names the file a row is from")
        path.write_text('{"requirements": [\n{"id": 7}]}', encoding="utf-8")
        expect(run("requirements", "--catalog", str(path)).returncode == 2, "a malformed catalog")


def run_with_folder(files: dict[str, str], *arguments: str) -> subprocess.CompletedProcess:
    """Runs amlnet where /etc/amlnet/catalog.d holds `files`, in a mount namespace of its own."""
    prepare = 'mount -t tmpfs none /etc && mkdir -p /etc/amlnet && cp -r "$0" /etc/amlnet/catalog.d && exec "$@"'
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", prepare, folder, sys.argv[1]]
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
        return subprocess.run([*command, *arguments], capture_output=True, text=True, env=environment, timeout=60)


def check_folder() -> None:
    row = {"id": "own.host", "title": "Mirror", "level": "required", "breaks": "No packages.", "fix": "Allow it.",
           "endpoints": [{"hosts": ["pypi.corp.contoso.com"], "ports": [443], "protocol": "tls"}]}
    files = {"10-own.json": json.dumps({"requirements": [row]}),
             "20-levels.json": json.dumps({"levels": {"py.pypi": "required", "own.host": "optional"}})}
    table = run_with_folder(files, "requirements").stdout
    expect("own.host" in table and "from /etc/amlnet/catalog.d/10-own.json" in table, f"catalog.d is read: {table[-200:]}")
    done = run_with_folder(files, "plan", "--offline", "--region", "eastus2", "--format", "json")
    rows = {one["id"]: one for one in json.loads(done.stdout)["requirements"]}
    own, pypi = rows["own.host"], rows["py.pypi"]
    expect(own["because"] == "every node needs it; from /etc/amlnet/catalog.d/10-own.json; optional by "
           "/etc/amlnet/catalog.d/20-levels.json", f"the plan names the file of a row: {own['because']}")
    expect(own["level"] == "optional" and pypi["level"] == "required", "a level is overridden in the plan")
    wrong = run_with_folder(files | {"30.json": '{"requirements": [{"id": 7}]}'}, "plan", "--offline")
    expect(wrong.returncode == 2 and "/etc/amlnet/catalog.d/30.json: requirements[0].id: " in wrong.stderr,
           f"a malformed file of the folder: {wrong.returncode} {wrong.stderr}")


def check_plan() -> None:
    """--doc-date has an effect on a plan too."""
    arguments = ("plan", "--offline", "--compute", "cluster", "--region", "eastus2", "--format", "json")
    rows = {row["id"]: row for row in json.loads(run(*arguments, "--doc-date", "2021-09-14").stdout)["requirements"]}
    expect(rows["mcr.data"]["status"] == "skipped", "mcr.data was not documented in 2021")
    expect("2022-09-06" in rows["mcr.data"]["because"], "the plan says since when a row is documented")


def main() -> int:
    check_filters()
    check_formats(Path(sys.argv[2]) / "coverage")
    check_explain()
    check_own_catalog()
    check_folder()
    check_plan()
    for failure in failures:
        print("failed:", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
