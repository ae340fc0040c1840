"""What a person sees of each scenario, kept in tests/golden/lab at 80 and 200 columns.

The report is masked, then shown: so that lines break where they always do. Masked is what no two runs share: times, the
labels made up for controls, the program's and the machine's versions. AMLNET_UPDATE_GOLDEN=1 rewrites the files."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent.parent / "golden" / "lab"
_COLUMNS = (80, 200)
_MASKS = ((re.compile(r"\b\d+(\.\d+)? ms\b"), "9 ms"), (re.compile(r"\b\d+(\.\d+)? s\b"), "9 s"),
          (re.compile(r"\b\d{4}-\d\d-\d\d(T[0-9:.]+Z)?\b"), "2026-01-01"), (re.compile(r"\bamlnet-\d+\b"), "amlnet-0"),
          (re.compile(r"\b\d+ attempts?\b"), "9 attempts"), (re.compile(r"\b\d+ of \d+ questions\b"), "9 of 9 questions"),
          (re.compile(r"\b\w{3}, \d\d \w{3} \d{4} [0-9:]{8} GMT\b"), "Thu, 01 Jan 2026 00:00:00 GMT"),
          # the sign-in hosts have two addresses, and the nameserver turns their order
          (re.compile(r"\b20\.190\.151\.\d+\b"), "20.190.151.9"))


def _masked_text(text: str) -> str:
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


def _masked_texts(value: Any) -> Any:
    if isinstance(value, str):
        return _masked_text(value)
    if isinstance(value, list):
        return [_masked_texts(one) for one in value]
    if isinstance(value, dict):
        return {key: _masked_texts(one) for key, one in value.items()}
    return value


def masked(report: dict) -> dict:
    tool = {"name": "amlnet", "version": "0.0.0", "catalog": {"version": "0", "sha256": "0", "date": "2026-01-01"}}
    run = report["run"] | {"started": "2026-01-01T00:00:00Z", "finished": "2026-01-01T00:00:09Z", "duration_ms": 9000.0,
                           "incomplete_because": _masked_texts(report["run"]["incomplete_because"])}
    node = report["node"] | {"os": "Linux", "kernel": "Linux"}
    requirements = [row | {"because": _masked_text(row["because"])} for row in report["requirements"]]
    probes = [probe | {"start_ms": 1.0, "duration_ms": 9.0} for probe in report["probes"]]
    return report | {"tool": tool, "run": run, "node": node, "findings": _masked_texts(report["findings"]),
                     "requirements": requirements, "probes": probes}


def _shown(binary: Path, report: str, columns: int) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "COLUMNS": str(columns)}
    done = subprocess.run([binary, "show", "-"], input=report, capture_output=True, text=True, env=environment,
                          timeout=120, check=False)
    return done.stdout if done.returncode == 0 else f"amlnet show ended with {done.returncode}: {done.stderr}"


def differences(binary: Path, name: str, report: str | None) -> Iterator[str]:
    """What the terminal shows that its golden file does not, and the other way round."""
    if not report:
        return
    text = json.dumps(masked(json.loads(report)))
    for columns in _COLUMNS:
        path = _FOLDER / f"{name}.{columns}.txt"
        shown = _shown(binary, text, columns)
        if os.environ.get("AMLNET_UPDATE_GOLDEN"):
            _FOLDER.mkdir(parents=True, exist_ok=True)
            path.write_text(shown, encoding="utf-8")
        if not path.exists():
            yield f"{path.name} is missing; AMLNET_UPDATE_GOLDEN=1 with --golden makes it"
            continue
        expected = path.read_text(encoding="utf-8")
        yield from unified_diff(expected.splitlines(), shown.splitlines(), path.name, "shown", lineterm="", n=1)
