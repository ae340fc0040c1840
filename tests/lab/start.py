"""Starts inside.py in namespaces of its own. They end, with every process in them, when it does or when whoever started
it dies, however that happens."""

import json
import os
import subprocess
import sys
from pathlib import Path

from certificates import certificates
from scenario import Scenario, as_job, read_scenario

_HERE = Path(__file__).parent


def _command(job: dict) -> list[str]:
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["setpriv", "--pdeathsig", "KILL",
            "unshare", *as_root, "--net", "--mount", "--uts", "--pid", "--fork", "--kill-child=KILL", "--mount-proc",
            sys.executable, "-B", str(_HERE / "inside.py"), json.dumps(job)]


def _job(scenario: Scenario | str, cache: Path, command: list[str], **what: bool) -> dict:
    designed = read_scenario(scenario) if isinstance(scenario, str) else scenario
    return {"scenario": as_job(designed), "certificates": str(certificates(cache)), "command": command, **what}


def preloaded(module: Path) -> list[str]:
    """What to put before a command so that the module is loaded into it; a sanitizer then does with being the second."""
    return ["env", f"LD_PRELOAD={module}", f"ASAN_OPTIONS={os.environ.get('ASAN_OPTIONS', '')}:verify_asan_link_order=0"]


def run_on_node(scenario: Scenario | str, cache: Path, command: list[str], peers: bool = False, validate: bool = True) -> dict:
    """Runs a check in the scenario's lab: its exit status, outputs and report, with the peers' answers if wanted and the
    reports held against their schemas, or {"error": why there are none}."""
    job = _job(scenario, cache, command, terminal=False, peers=peers, validate=validate)
    done = subprocess.run(_command(job), stdin=subprocess.DEVNULL, capture_output=True)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        return {"error": f"no lab here (status {done.returncode}): {done.stderr.decode(errors='replace').strip()}"}


def on_terminal(scenario: Scenario | str, cache: Path, command: list[str]) -> int:
    """Runs a command on the node of the scenario's lab with this terminal; its exit status."""
    return subprocess.run(_command(_job(scenario, cache, command, terminal=True))).returncode
