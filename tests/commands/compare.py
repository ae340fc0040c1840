"""Runs `amlnet requirements --compare` as a user does.

A page as the documentation prints it is made from the coverage data; then something is planted in it. Where the
documents themselves are at hand, they are compared too.

usage: compare.py AMLNET CATALOG_DIR DOCUMENTS_DIR
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TABS = {"public": "Azure public", "usgov": "Azure Government", "china": "Microsoft Azure operated by 21Vianet"}
# Of the day of the document that has one; the others are the newest.
SEEDS = {"How to securely integrate Azure Machine Learning and Azure Synapse": ("synapse-integration", ""),
         "How to access on-premises resources": ("on-premises-resources", ""),
         "Users authenticate to an Azure Machine Learning workspace": ("authentication", ""),
         "how-to-enable-virtual-network": ("virtual-network-2020", "2020-04-17"),
         "ms.date: 09/14/2021": ("inbound-outbound-traffic", "2021-09-14")}
failures = []


def expect(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)


def run(*arguments: str) -> subprocess.CompletedProcess:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    return subprocess.run([sys.argv[1], "requirements", *arguments], capture_output=True, text=True,
                          env=environment, timeout=60)


def compare(folder: Path, page: str, *arguments: str) -> tuple[int, list[tuple[str, str, str]]]:
    """Exit status, and (difference, name, what) of each difference."""
    path = folder / "page.md"
    path.write_text(page, encoding="utf-8")
    done = run("--compare", str(path), "--format", "json", *arguments)
    if done.returncode == 2:
        return 2, []
    rows = json.loads(done.stdout)["files"][0]["differences"]
    return done.returncode, [(row["difference"], row["name"], row["what"]) for row in rows]


def newest_page(coverage: Path) -> str:
    """The edition of 2026-03-19 of the article on traffic, in the shapes that it has."""
    document = json.loads((coverage / "inbound-outbound-traffic.json").read_text(encoding="utf-8"))
    rows = [row for row in document["rows"] if row.get("edition") == "2026-03-19"]
    lines = ["---", f"title: {document['title']}", "---", "", f"# {document['title']}", ""]
    for cloud, title in TABS.items():
        lines += [f"# [{title}](#tab/{cloud})", "", "| __Hosts__ | __Ports__ |", "| ----- | ----- |"]
        for row in rows:
            if "host" in row and cloud in row.get("clouds", TABS):
                lines.append(f"| `{row['host']}` | {', '.join(map(str, row.get('ports', [])))} |")
        lines.append("")
    lines += ["---", "", "| Service tags | Ports |", "| ----- |:-----:|"]
    done = run("--format", "json", "--doc-date", "2026-06-24")
    for row in json.loads(done.stdout)["requirements"]:
        quoted = any(doc["document"] == document["title"] and doc["section"] for doc in row["docs"])
        if quoted and "service_tag" in row and "endpoints" not in row and row["direction"] == "outbound":
            lines.append(f"| `{row['service_tag']}` | |")
    ports = {port for row in rows if row.get("tag") == "AzureMachineLearning" for port in row.get("ports", [])}
    lines += [f"| `AzureMachineLearning` | {', '.join(map(str, sorted(ports)))} |", ""]
    return "\n".join(lines)


def check_planted(folder: Path, page: str) -> None:
    status, found = compare(folder, page)
    expect((status, found) == (0, []), f"the edition itself: {status} {found[:3]}")
    more = page.replace("| Service tags |", "| Hosts | Ports |\n|---|---|\n| `new.azureml.example.com` | 8443 |\n\n"
                        "| Service tags |")
    status, found = compare(folder, more)
    expect(status == 1 and found == [("add", "new.azureml.example.com", "port 8443, not in the catalog")],
           f"an added host: {status} {found}")
    status, found = compare(folder, page.replace("| `aka.ms` | 443 |\n", ""))
    expect(status == 1 and found == [("drop", "aka.ms", "no longer on the page")], f"a dropped host: {status} {found}")
    status, found = compare(folder, page.replace("| `aka.ms` | 443 |", "| `aka.ms` | 444 |"))
    expect(status == 1 and {what.split(";")[0] for _, _, what in found} ==
           {"port 444 is new", "port 443 is no longer listed"}, f"a changed port: {status} {found}")
    other = page.replace("| Service tags | Ports |", "| Service tags | Ports |").replace(
        "| `AzureMachineLearning` | 443", "| `AzureMachineLearning` | TCP 5831, 443")
    status, found = compare(folder, other)
    expect(status == 1 and found[0][:2] == ("change", "AzureMachineLearning") and "tcp 5831 is new" in found[0][2],
           f"a changed protocol: {status} {found}")
    status, found = compare(folder, page.replace("#tab/usgov", "#tab/x").replace("[Azure Government]", "[Azure public]"))
    expect(status == 1 and any("no longer listed for the cloud usgov" in what for _, _, what in found),
           f"a dropped cloud: {status} {found[:3]}")


def check_command(folder: Path, page: str) -> None:
    path = folder / "page.md"
    path.write_text(page.replace("| `aka.ms` | 443 |\n", ""), encoding="utf-8")
    same = folder / "same.md"
    same.write_text(page, encoding="utf-8")
    table = run("--compare", str(path), str(same))
    expect(table.returncode == 1 and "drop    aka.ms" in table.stdout and str(same) in table.stdout, "two files")
    markdown = run("--compare", str(path), "--format", "markdown")
    expect("| drop | aka.ms |  | no longer on the page | automl.akams |" in markdown.stdout, f"Markdown: {markdown.stdout}")
    (folder / "bytes").write_bytes(os.urandom(100_000))
    (folder / "page.html").write_text("<table><tr><td>ml.azure.com</td></tr></table>", encoding="utf-8")
    for name, why in (("bytes", "no table or list of hosts"), ("page.html", "no table or list of hosts"),
                      ("absent.md", "cannot read: No such file"), (".", "cannot read: Is a directory")):
        done = run("--compare", str(same), str(folder / name))
        expect(done.returncode == 2 and why in done.stderr and done.stdout == "",
               f"{name}: {done.returncode} {done.stderr}")
    for arguments, why in ((("--compare", str(same), "--level", "required"), "--level: not with --compare"),
                           (("--compare", str(same), "--doc", "authentication", "--doc", "synapse-integration"),
                            "may be given once"), ((str(same),), "unexpected argument")):
        done = run(*arguments)
        expect(done.returncode == 2 and why in done.stderr, f"{arguments}: {done.returncode} {done.stderr}")


def check_documents(documents: Path) -> None:
    if not documents.is_dir():
        print("the documents are not here: nothing to compare")
        return
    paths = sorted(documents.glob("*.txt"))
    for mark, (name, day) in SEEDS.items():
        found = [path for path in paths if mark in path.read_text(encoding="utf-8")[:6000]]
        expect(len(found) == 1, f"{name}: {len(found)} documents with {mark!r}")
        if len(found) != 1:
            continue
        of_day = ("--doc-date", day) if day else ()
        done = run("--compare", str(found[0]), "--doc", name, "--format", "json", *of_day)
        rows = json.loads(done.stdout)["files"][0] if done.returncode < 2 else {}
        expect(done.returncode == 0 and rows["document"] == name, f"{name} as of its day: {done.stdout} {done.stderr}")
        if name == "inbound-outbound-traffic":
            expect(rows["listed"] >= 90, f"{name}: {rows['listed']} listed")
            newest = run("--compare", str(found[0]))
            expect(newest.returncode == 1 and "viennaglobal.azurecr.io" in newest.stdout
                   and "documented again" in newest.stdout, "the edition of 2021 against the newest catalog")


def main() -> int:
    page = newest_page(Path(sys.argv[2]) / "coverage")
    with tempfile.TemporaryDirectory() as folder:
        check_planted(Path(folder), page)
        check_command(Path(folder), page)
    check_documents(Path(sys.argv[3]))
    for failure in failures:
        print("failed:", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
