"""Holds the coverage data against the documents themselves, where these are at hand.

Parses the tables, lists and code spans of each document for hosts, service tags and ports, and fails on one that the
data (agent/catalog/coverage) lacks. Without the folder of documents there is nothing to compare, which it says.

usage: documents.py COVERAGE_DIR DOCUMENTS_DIR
"""

import json
import re
import sys
from pathlib import Path

# What tells the documents apart, as their files have other names: a piece of a heading or of an early sentence.
MARKS = {
    "synapse-integration": "# How to securely integrate Azure Machine Learning and Azure Synapse",
    "on-premises-resources": "# Access on-premises resources from your Azure Machine Learning",
    "authentication": "As the administrator of an Azure Machine Learning workspace",
    "virtual-network-2020": "how-to-enable-virtual-network",
    "inbound-outbound-traffic": "# Configure inbound and outbound network traffic",
}
# The documents with tables: fewer finds mean that this script has gone blind.
LEAST = {"virtual-network-2020": 14, "inbound-outbound-traffic": 75}
CLOUD_COLUMNS = {"azure public": "public", "azure government": "usgov", "azure china 21vianet": "china"}
HOST = re.compile(r"^(\*?\.?|<[a-z]+>\.)([a-z0-9-]+\.)+[a-z]{2,}$")
LABELS = r"(?:\*\.|<[a-z]+>\.)?(?:[a-z0-9-]+\.)+"
SUFFIXES = r"(?:windows\.net|azure\.(?:com|net|us|cn)|azureml\.(?:ms|net|us|cn)|usgovcloudapi\.net|chinacloudapi\.cn)"
# Addresses of pages, which link and are not required, and names of code.
NO_HOST = re.compile(r"https?://\S*|\]\([^)]*\)|<a [^>]*>")


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def hosts_in(cell: str) -> list[str]:
    """The hosts of a table cell or a list item, without emphasis, escapes and paths."""
    found = []
    for piece in re.split(r"</?br>|\s+", cell.replace("\\", "")):
        word = re.sub(r"^\*\*|\*\*[.,]?$", "", piece.strip("`")).split("/")[0].lower()
        if HOST.match(word):
            found.append(word)
    return found


def table_rows(lines: list[str]) -> list[tuple[list[str], list[str]]]:
    """Each row of each table with the table's header."""
    rows, header = [], None
    for line in lines:
        if not line.strip().startswith("|"):
            header = None
        elif header is None:
            header = cells(line)
        elif not set(line.strip()) <= set("|-: "):
            rows.append((header, cells(line)))
    return rows


def needs_of_tables(text: str) -> set[tuple[str, str, str]]:
    """(host or tag, its name, cloud) of every table row; cloud "" where the table knows none."""
    needs = set()
    for header, row in table_rows(text.splitlines()):
        titles = [title.strip("*").lower() for title in header]
        if titles[0] == "service tag":
            needs.add(("tag", re.split(r"</?br>|\s", row[0])[0], ""))
            continue
        for title, cell in zip(titles, row):
            cloud = CLOUD_COLUMNS.get(title, "")
            needs |= {("host", host, cloud) for host in hosts_in(cell)}
    return needs


def needs_of_text(text: str) -> set[tuple[str, str, str]]:
    """Hosts in code spans, emphasis and lists, and service tags in emphasis."""
    plain = NO_HOST.sub(" ", text)
    needs = {("host", host, "") for host in re.findall(rf"`({LABELS}{SUFFIXES})`", plain)}
    for item in re.findall(r"^\s*\* \*\*(.+?)\*\*\s*$", plain, re.M):
        needs |= {("host", host, "") for host in hosts_in(item)}
    for tag in re.findall(r"__((?:Azure(?:MachineLearning|ResourceManager|ActiveDirectory|ContainerRegistry)|"
                          r"Storage|MicrosoftContainerRegistry|BatchNodeManagement)(?:\.\w+)?)__", plain):
        needs.add(("tag", tag, ""))
    for tag in re.findall(r"`((?:BatchNodeManagement|AzureMachineLearning)(?:\.<region>)?)`", plain):
        needs.add(("tag", tag, ""))
    return needs


def ports_of(text: str) -> set[int]:
    """The ports that sentences, settings and rules name."""
    plain = NO_HOST.sub(" ", text)
    ports = set()
    for words in re.findall(r"\bports?\b[^.\n]{0,60}?((?:\*{0,2}\d{2,5}\*{0,2}(?:, and |, | and | et )?)+)", plain):
        ports |= {int(number) for number in re.findall(r"\d+", words)}
    return {port for port in ports if port > 20}


def covered(document: dict, kind: str, name: str, cloud: str) -> bool:
    for row in document["rows"]:
        if kind not in row:
            continue
        names = {row[kind].lower(), row.get("printed", "").lower()}
        if kind == "tag":  # a region behind the tag, however it is written
            names |= {known.split(".<")[0] for known in names}
            if re.sub(r"\.(<region>|region|regionname|nom_r.gion)$", "", name.lower()) in names:
                return True
        clouds = row.get("clouds", ["public", "usgov", "china"])
        if name.lower() in names and (not cloud or cloud in clouds):
            return True
    return False


def problems_of(document: dict, text: str) -> tuple[int, list[str]]:
    needs = needs_of_tables(text) | needs_of_text(text)
    missing = [f"{kind} {name} {cloud}".strip() for kind, name, cloud in sorted(needs)
               if not covered(document, kind, name, cloud)]
    ports = {port for row in document["rows"] for port in row.get("ports", [])}
    wanted = ports_of(text)
    missing += [f"port {port}" for port in sorted(wanted - ports)]
    return len(needs) + len(wanted), missing


def main() -> int:
    coverage, folder = Path(sys.argv[1]), Path(sys.argv[2])
    if not folder.is_dir():
        print("the documents are not here: nothing to compare")
        return 0
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))]
    failed = False
    for name, mark in MARKS.items():
        found = [text for text in texts if mark in text[:6000]]
        if len(found) != 1:
            print(f"{name}: expected one document with {mark!r}, found {len(found)}")
            failed = True
            continue
        document = json.loads((coverage / f"{name}.json").read_text(encoding="utf-8"))
        count, missing = problems_of(document, found[0])
        print(f"{name}: {count} hosts, tags and ports, {len(missing)} missing")
        for what in missing:
            print(f"  {what}")
        if count < LEAST.get(name, 0):
            print(f"  expected to find {LEAST[name]} at least")
        failed = failed or bool(missing) or count < LEAST.get(name, 0)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
