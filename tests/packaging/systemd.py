#!/usr/bin/env python3
"""The Debian package under a real systemd, in a lab: systemd.py FOLDER OF THE PACKAGE --cache DIR. The tests are in
systemd_on_node.py, which this runs on the node of a lab whose router forbids an address by ICMP. Needs root, a kernel with version 2
of cgroups mounted somewhere, and, the first time, Debian's archive (150 MB; kept in build/chroots)."""

import argparse
import re
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
_HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parent / "lab"))

from start import on_terminal


def _field(text: str, pattern: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1) if found else ""


def _depends(deb: Path) -> list[str]:
    said = subprocess.run(["dpkg-deb", "-f", deb, "Depends"], check=True, text=True, capture_output=True).stdout
    return sorted(part.split("|")[0].split("(")[0].strip() for part in said.split(","))


def _root(chroots: Path, deb: Path) -> Path:
    """The release that the package is for, with systemd and what the package depends on."""
    folder = chroots / "systemd"
    packages = ",".join(["systemd", *_depends(deb)])
    made = folder / "made"
    if not made.exists() or made.read_text() != packages:
        release = _field(Path("/etc/os-release").read_text(), "^VERSION_CODENAME=(.*)$")
        sources = Path("/etc/apt/sources.list.d/debian.sources")
        archive = _field(sources.read_text(), r"^URIs: *(http\S*debian/*)$") if sources.exists() else ""
        subprocess.run(["rm", "-rf", folder], check=True)
        folder.mkdir(parents=True)
        done = subprocess.run(["debootstrap", "--variant=minbase", f"--include={packages}", release, folder / "root", *filter(None, [archive])],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            sys.exit(f"debootstrap: {done.stdout[-2000:]}")
        made.write_text(packages)
    return folder / "root"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where packaging/package.sh has put it")
    parser.add_argument("--cache", type=Path, required=True, help="where certificates are kept")
    options = parser.parse_args()
    debs = list(options.folder.resolve().glob("*.deb"))
    if len(debs) != 1:
        sys.exit(f"{options.folder}: {len(debs)} files *.deb")
    root = _root(_HERE.parent.parent / "build/chroots", debs[0])
    return on_terminal("prohibited", options.cache.resolve(), [sys.executable, "-B", str(_HERE / "systemd_on_node.py"), str(root), str(debs[0])])


if __name__ == "__main__":
    sys.exit(main())
