"""Writes what the static binary is made of: an SPDX 2.3 bill of materials and the licence texts. Run by build.sh: ROOT BUILD.

The parts are found, not listed: the archives that the linker took (from its map) and the headers that the compiler read
(from ninja), each asked of dpkg; of BUILD/sysroot, where there is one, of the dpkg in there. A part whose licence is not known here stops the build."""

import json
import os
import re
import subprocess
import sys
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

# Source package -> licence of what is linked in, as Debian's copyright file of it says.
_LICENCES = {
    "asio": "BSL-1.0",
    "c-ares": "MIT",
    "cli11": "BSD-3-Clause",
    "curl": "curl",
    "fmtlib": "MIT",
    "gcc-12": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "gcc-14": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "glibc": "LGPL-2.1-or-later",
    "libarchive": "BSD-2-Clause",
    "libmicrohttpd": "LGPL-2.1-or-later",
    "linux": "GPL-2.0-only WITH Linux-syscall-note",
    "nlohmann-json3": "MIT",
    "openssl": "Apache-2.0",
    "zlib": "Zlib",
}
_COMMON = Path("/usr/share/common-licenses")


@dataclass(frozen=True)
class Part:
    source: str     # Debian's source package
    version: str
    copyright: Path

    @property
    def licence(self) -> str:
        return _LICENCES[self.source]


def _output(*command: str | Path) -> str:
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout


def _linked(map_file: Path) -> set[str]:
    """The archives and objects that the linker loaded: GNU ld lists them, lld names one with each section that it took."""
    text = map_file.read_text()
    found = re.findall(r"^LOAD (/\S+)$", text, re.MULTILINE)
    found += re.findall(r"^ *[0-9a-f]+ +[0-9a-f]+ +[0-9a-f]+ +\d+ +(/\S+?)(?:\(\S+\))?:\(", text, re.MULTILINE)
    return {os.path.realpath(path) for path in found}


def _read(build: Path) -> set[str]:
    """The headers of every object in the binary."""
    deps = _output("ninja", "-C", build / "cmake", "-t", "deps")
    # A compiler cache may make paths relative.
    return {os.path.realpath(build / "cmake" / path) for path in re.findall(r"^    (\S+)$", deps, re.MULTILINE)}


def _query(system: Path) -> list[str]:
    return ["dpkg-query", f"--admindir={system / 'var/lib/dpkg'}"]


def _packages(system: Path, files: set[str]) -> set[str]:
    """The binary packages that the files of a system belong to; a file of none is an error. dpkg knows what it unpacked by the
    path before /usr was merged, too."""
    found: dict[str, str] = {}
    known = subprocess.run([*_query(system), "-S", *files, *(path.removeprefix("/usr") for path in files)], text=True,
                           capture_output=True).stdout
    for line in known.splitlines():
        package, path = line.split(": ", 1)
        found[path] = package.split(",")[0]
    if strangers := {path for path in files if path not in found and path.removeprefix("/usr") not in found}:
        sys.exit(f"bill.py: of no Debian package: {', '.join(sorted(strangers))}")
    return set(found.values())


def _part(system: Path, package: str) -> Part:
    fields = _output(*_query(system), "-W", "-f", "${source:Package}\t${source:Version}\t${Built-Using}", package)
    source, version, built_using = fields.split("\t")
    if source.endswith("-cross"):  # a package of scripts that builds another one's sources, which it names
        source = source.removesuffix("-cross")
        version = re.search(rf"(?:^|, ){re.escape(source)} \(= ([^)]+)\)", built_using).group(1)
    return Part(source, version, system / "usr/share/doc" / package.split(":")[0] / "copyright")


def _parts_in(system: Path, files: set[str]) -> dict[str, Part]:
    """By their source packages."""
    parts = [_part(system, package) for package in sorted(_packages(system, files))] if files else []
    return {part.source: part for part in parts}


def _built(build: Path, source: str) -> Part:
    """A library that build.sh made from its source package."""
    dsc = next((build / "source" / source).glob(f"{source}_*.dsc")).read_text()
    version = re.search(r"^Version: (\S+)$", dsc, re.MULTILINE).group(1)
    return Part(source, version, build / "source" / source / "tree/debian/copyright")


def parts_of(root: Path, build: Path) -> list[Part]:
    ours, sysroot = (str(root) + "/", str(build) + "/"), str(build / "sysroot")
    taken = _linked(build / "cmake/amlnet.map") | _read(build)
    parts = _parts_in(Path("/"), {path for path in taken if not path.startswith(ours)})
    parts |= _parts_in(Path(sysroot), {path.removeprefix(sysroot) for path in taken if path.startswith(sysroot + "/")})
    parts |= {source: _built(build, source) for source in ("curl", "libmicrohttpd", "openssl")}
    if unknown := set(parts) - set(_LICENCES):
        sys.exit(f"bill.py: no licence is known of {', '.join(sorted(unknown))}; add it to _LICENCES")
    return [parts[name] for name in sorted(parts)]


def _package(name: str, version: str, licence: str, **more) -> dict:
    return {"SPDXID": f"SPDXRef-{name}", "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False, "licenseConcluded": licence, "licenseDeclared": licence,
            "copyrightText": "NOASSERTION"} | more


def bill(version: str, sha256: str, parts: list[Part], seconds: int) -> dict:
    ours = _package("amlnet", version, "MIT", checksums=[{"algorithm": "SHA256", "checksumValue": sha256}])
    theirs = [_package(part.source, part.version, part.licence, externalRefs=[{
        "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
        "referenceLocator": f"pkg:deb/debian/{part.source}@{part.version.replace('+', '%2B').replace(':', '%3A')}?arch=source",
    }]) for part in parts]
    describes = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-amlnet"}]
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"amlnet-{version}",
        "documentNamespace": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, sha256)}",
        "creationInfo": {"created": datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                         "creators": [f"Tool: amlnet-bill-{version}"]},
        "packages": [ours, *theirs],
        "relationships": describes + [{"spdxElementId": "SPDXRef-amlnet", "relationshipType": "CONTAINS",
                                       "relatedSpdxElement": package["SPDXID"]} for package in theirs],
    }


def licences(root: Path, parts: list[Part]) -> str:
    texts = {part: part.copyright.read_text(errors="replace") for part in parts}
    named = set(re.findall(rf"{_COMMON}/([A-Za-z0-9.+-]*[A-Za-z0-9])", "".join(texts.values())))
    sections = [("amlnet (MIT)", (root / "LICENSE").read_text())]
    sections += [(f"{part.source} {part.version} ({part.licence})", texts[part]) for part in parts]
    sections += [(name, (_COMMON / name).read_text()) for name in sorted(named) if (_COMMON / name).is_file()]
    contents = "".join(f"  {title}\n" for title, _ in sections)
    rule = "=" * 80
    return ("The static amlnet contains these, whose terms follow. It can be linked again with a changed library:\n"
            "packaging/static/build.sh of its sources does that.\n\n" + contents
            + "".join(f"\n{rule}\n{title}\n{rule}\n\n{text.strip()}\n" for title, text in sections))


def main() -> int:
    root, build = map(Path, sys.argv[1:])
    parts = parts_of(root, build)
    binary = build / "amlnet.new"
    version = re.search(r"project\(amlnet VERSION (\S+)", (root / "CMakeLists.txt").read_text()).group(1)
    sha256 = _output("sha256sum", binary).split()[0]
    document = bill(version, sha256, parts, int(os.environ["SOURCE_DATE_EPOCH"]))
    (build / "sbom.spdx.json").write_text(json.dumps(document, indent=1) + "\n")
    (build / "LICENSES.txt").write_text(licences(root, parts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
