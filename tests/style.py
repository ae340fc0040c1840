#!/usr/bin/env python3
"""The checks of style. `format`: clang-format has nothing to change in any C++ file. `tidy`: clang-tidy has nothing to say
of any source of the program; what passed is remembered until it, a header of it or the rules change. `odr`: no two files
define a type of one name, unless it is in an anonymous namespace; linkers take one of them for both without a word."""

import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_FOLDERS = ("agent", "probes", "reports")
# g++'s warnings that clang does not know; and Asio 1.22 hides its coroutines from clang unless told that they are there.
_EXTRA = [f"--extra-arg={flag}" for flag in
          ("-Wno-unknown-warning-option", "-DASIO_HAS_CO_AWAIT=1", "-DASIO_HAS_STD_COROUTINE=1")]


def _sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (_ROOT / folder).rglob("*") if path.suffix in (".h", ".cpp"))


def check_format() -> int:
    return subprocess.run(["clang-format", "--dry-run", "-Werror", *_sources(*_FOLDERS, "tests")]).returncode


def _with_headers(source: Path, seen: set[Path]) -> set[Path]:
    if source in seen or not source.exists():
        return seen
    seen.add(source)
    for name in re.findall(r'^#include "([^"]+)"', source.read_text(), re.MULTILINE):
        _with_headers(_ROOT / name, seen)
    return seen


def _fingerprint(command: dict, rules: bytes) -> str:
    digest = hashlib.sha256(rules + command["command"].encode())
    for path in sorted(_with_headers(Path(command["file"]), set())):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _tidy(command: dict, build: Path, rules: bytes) -> bool:
    source = Path(command["file"])
    mark = build / "tidy" / source.relative_to(_ROOT).as_posix().replace("/", "-")
    fingerprint = _fingerprint(command, rules)
    if mark.exists() and mark.read_text() == fingerprint:
        return True
    done = subprocess.run(["clang-tidy", "-p", str(build), "--quiet", *_EXTRA, str(source)], capture_output=True, text=True)
    if done.returncode:
        said = [line for line in done.stdout.splitlines() if ": error: " in line or ": warning: " in line]
        print("\n".join(dict.fromkeys(said)) or f"{source}:\n{done.stdout}{done.stderr}", flush=True)
        return False
    mark.parent.mkdir(exist_ok=True)
    mark.write_text(fingerprint)
    return True


def check_tidy(build: Path) -> int:
    commands = [command for command in json.loads((build / "compile_commands.json").read_text())
                if any(Path(command["file"]).is_relative_to(_ROOT / folder) for folder in _FOLDERS)]
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout
    rules = version + (_ROOT / ".clang-tidy").read_bytes() + Path(__file__).read_bytes()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda command: _tidy(command, build, rules), commands))
    print(f"{results.count(True)} of {len(results)} sources are tidy")
    return 0 if all(results) and results else 1


# What may hold a brace that is none, and what can open a scope: a namespace, a type, or anything else.
_NO_CODE = re.compile(r'R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'|//[^\n]*|/\*.*?\*/|^\s*#[^\n]*', re.DOTALL | re.MULTILINE)
_SCOPE = re.compile(r"namespace\s*(?P<namespace>[\w:]*)\s*\{"
                    r"|\b(?:struct|class|union|enum(?:\s+class)?)\s+(?P<type>\w+(?:::\w+)*)\s*(?:final\s*)?(?::(?!:)[^;{}()]*)?\{|[{}]")


def types_defined(text: str) -> list[str]:
    """The types, with their namespace, that a source defines for the whole program; specializations are left out."""
    scopes: list[str | None] = []  # a namespace, or None: a scope whose names are its own
    found = []
    for match in _SCOPE.finditer(_NO_CODE.sub(" ", text)):
        if match[0] == "}":
            scopes.pop()
            continue
        if match["type"] and None not in scopes:
            found.append("::".join([*filter(None, scopes), match["type"]]))
        scopes.append(match["namespace"] or None)
    return found


def check_odr() -> int:
    twice = set()
    for program in ("tests/unit", "tests/probes"):  # each is linked with all of the program
        where: dict[str, list[str]] = {}
        for path in _sources(*_FOLDERS, program):
            for name in types_defined(path.read_text()):
                where.setdefault(name, []).append(str(path.relative_to(_ROOT)))
        twice |= {f"{name} is defined in {' and in '.join(files)}" for name, files in where.items() if len(files) > 1}
    print("\n".join(sorted(twice)) or "every type has one name")
    return 1 if twice else 0


def main() -> int:
    what = sys.argv[1:]
    if what == ["format"]:
        return check_format()
    if what == ["odr"]:
        return check_odr()
    if len(what) == 2 and what[0] == "tidy":
        return check_tidy(Path(what[1]).resolve())
    print("usage: style.py format | odr | tidy BUILD_FOLDER", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
