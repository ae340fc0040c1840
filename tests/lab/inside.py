"""Builds one lab and runs one command on its node. Started by run.py as the first process of its own network, mount, PID
and UTS namespaces, so that everything it makes ends with it. Prints one JSON object, unless the command has the terminal."""

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from certificates import INSPECTION
from faults import design_of
from identity_answers import PLANTED
from network import build_network, hide_bundles, inside, place_file, place_instance_file, place_trust
from scenario import Scenario, from_job, hosts_file, resolv_conf
from servers import start_servers
from services import CORP

FOLDER = Path("/run/lab")
_SCHEMA_CHECK = Path(__file__).parent.parent / "schema_check.py"
_LIMIT_S = 120
_PASSED_ON = ("PATH", "TERM", "COLUMNS", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LLVM_PROFILE_FILE")


def _prepare() -> None:
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    for path in ("/run/netns", FOLDER, FOLDER / "state", FOLDER / "home"):
        Path(path).mkdir()
    socket.sethostname("ci1")


def _place_files(scenario: Scenario, certificates: Path) -> None:
    for name, text, path in (("resolv.conf", resolv_conf(scenario.node), "/etc/resolv.conf"),
                             ("hosts", hosts_file(scenario.node), "/etc/hosts")):
        (FOLDER / name).write_text(text)
        place_file(FOLDER / name, path)
    bundles = {"roots": certificates / "roots.pem", "none": None}
    if scenario.node.trust == "inspection":
        both = FOLDER / "trusted.pem"
        both.write_text((certificates / "roots.pem").read_text() + (certificates / f"{INSPECTION}-root.crt").read_text())
        bundles["inspection"] = both
    hide_bundles(certificates / "roots.pem")
    if scenario.node.certifi:
        folder = FOLDER / "home/.local/lib/python3.10/site-packages/certifi"
        folder.mkdir(parents=True)
        (folder / "cacert.pem").write_text((certificates / "roots.pem").read_text())
    place_trust(bundles[scenario.node.trust])
    (FOLDER / "corp-root.pem").write_text((certificates / f"{CORP}-root.crt").read_text())
    if scenario.node.instance:
        place_instance_file(scenario.node.instance)
    (FOLDER / ("known.json" if scenario.discovered else "amlnet.json")).write_text(json.dumps(scenario.workspace, indent=1))


def _environment(scenario: Scenario) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return kept | {"HOME": str(FOLDER / "home"), "XDG_STATE_HOME": str(FOLDER / "state")} | scenario.node.environment


def _binary(command: list[str]) -> str:
    """The amlnet under test; where the command is another program, nothing of the lab needs it."""
    return next((word for word in command if word.endswith("amlnet")), "")


def build(scenario: Scenario, certificates: Path, binary: str) -> None:
    _prepare()
    design = design_of(scenario.faults)
    build_network(design)
    start_servers(FOLDER, certificates, design, scenario.node.nameservers, binary)
    _place_files(scenario, certificates)
    if scenario.node.ports:
        write = f"echo '{scenario.node.ports}' > /proc/sys/net/ipv4/ip_local_port_range"
        subprocess.run(inside("node", ["sh", "-ec", write]), check=True)


def _schema_problems(reports: list[Path]) -> str:
    done = subprocess.run([sys.executable, "-B", str(_SCHEMA_CHECK), *reports], text=True, capture_output=True)
    return (done.stdout + done.stderr).strip() or f"status {done.returncode}" if done.returncode else ""


def _leaks(*texts: str) -> str:
    """Where a planted secret stands in what the run wrote, as it is or in base64."""
    written = {str(path): path.read_bytes().decode(errors="replace")
               for folder in (FOLDER / "state", FOLDER / "home") for path in folder.rglob("*") if path.is_file()}
    written |= {str(path): path.read_text(errors="replace") for path in FOLDER.glob("report.*")}
    written |= {f"output {number}": text for number, text in enumerate(texts)}
    forms = [PLANTED] + [base64.b64encode(b"x" * shift + PLANTED.encode()).decode()[4:12] for shift in range(3)]
    return ", ".join(f"{name} has {form}" for name, text in written.items() for form in forms if form in text)


def _sameness(report: dict) -> dict[str, list]:
    rows = [(row["id"], row["status"], sorted((one["host"], one["port"], one["status"]) for one in row["endpoints"]))
            for row in report["requirements"]]
    findings = [(one["cause"], one["subject"], one["severity"], one["endpoints"]) for one in report["findings"]]
    return {"requirements": rows, "findings": findings, "summary": sorted(report["summary"].items(), key=str)}


def _with_file(command: list[str], scenario: Scenario, report: Path) -> str:
    """What a run with the workspace file says otherwise than the one that discovered all."""
    other = FOLDER / "report.with-file.json"
    command = [*command, "--config", str(FOLDER / "known.json"), "--format", "json", "--output", str(other)]
    subprocess.run(inside("node", command), env=_environment(scenario), cwd=FOLDER, stdin=subprocess.DEVNULL,
                   capture_output=True, timeout=_LIMIT_S)
    first, second = (_sameness(json.loads(path.read_text())) for path in (report, other))
    if first == second:
        return ""
    return "\n".join(f"{a} but with the file {b}" for part in first for a, b in zip(first[part], second[part])
                     if a != b) or "one has more rows"


def _without_identity(command: list[str], scenario: Scenario, report: dict) -> str:
    """What a run without identity says otherwise than the one with, but for missing roles; it names each service that the
    other asked with a token, and the reason, to people too."""
    other = FOLDER / "report.anonymous.json"
    command = [*command, "--identity", "none", "--format", "human", "--output", "-", "--format", "json", "--output", str(other)]
    done = subprocess.run(inside("node", command), env=_environment(scenario), cwd=FOLDER, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=_LIMIT_S)
    anonymous = json.loads(other.read_text())
    wrong = []
    for part in ("requirements", "findings"):
        first, second = _sameness(report)[part], _sameness(anonymous)[part]
        expected = [one for one in first if one[0] != "service.permission-denied"]
        wrong += [f"{part} are {second}, not {expected}"] if second != expected else []
    asked = {probe["target"] for probe in report["probes"] if probe.get("control") == "authenticated"}
    left_out = {probe["target"] for probe in anonymous["probes"] if probe.get("control") == "authenticated"
                and probe["status"] == "skipped" and probe["note"] == "--identity none"}
    if not asked or asked != left_out:
        wrong.append(f"left out {sorted(left_out)}, not {sorted(asked)}")
    human = " ".join(done.stdout.split())
    wrong += [f'"{text}" is not in its human report' for text in ("asked without a token only", "kvws1.vault.azure.net",
                                                                  "(--identity none)") if text not in human]
    return "; ".join(wrong)


def _diagnosed_again(binary: str, report: Path, status: int) -> str:
    """What `amlnet diagnose` says otherwise than the check did, of the probes that the check saved."""
    again = FOLDER / "again.json"
    done = subprocess.run([binary, "diagnose", str(report), "--format", "json", "--output", str(again)], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT_S)
    if done.stderr or done.returncode != status:
        return f"status {done.returncode}, not {status}: {done.stderr}"
    # A report keeps tenths of a millisecond: texts may round the rest the other way.
    first, second = (json.loads(re.sub(r"\d+(\.\d+)? m?s\b", "0 s", path.read_text())) for path in (report, again))
    return "; ".join(f"{part} differ" for part in ("findings", "requirements", "summary") if first[part] != second[part])


def _report(command: list[str], scenario: Scenario, started: float, validate: bool) -> dict:
    built = time.monotonic()
    report, lines = FOLDER / "report.json", FOLDER / "report.jsonl"
    plain = command
    command = [*command, "--format", "human", "--output", "-"]
    for kind in ("json", "jsonl", "html", "junit", "markdown", "prometheus"):
        command += ["--format", kind, "--output", str(FOLDER / f"report.{kind}")]
    if limit := scenario.node.open_files:
        command = ["prlimit", f"--nofile={limit}:{limit}", *command]
    try:
        done = subprocess.run(inside("node", command), env=_environment(scenario), cwd=FOLDER, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=_LIMIT_S)
    except subprocess.TimeoutExpired as late:
        return {"error": f"no end after {_LIMIT_S} s", "human": (late.stdout or b"").decode(errors="replace")}
    run_s = time.monotonic() - built
    replayed = _diagnosed_again(_binary(command), report, done.returncode) if report.exists() else ""
    differs = _with_file(plain, scenario, report) if scenario.discovered and report.exists() else ""
    anonymous = (_without_identity(plain, scenario, json.loads(report.read_text()))
                 if scenario.compare_without_identity and report.exists() else "")
    leaks = _leaks(done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
    return {"replayed": replayed, "leaks": leaks, "differs": differs, "anonymous": anonymous, "status": done.returncode, "human": done.stdout.decode(errors="replace"),
            "errors": done.stderr.decode(errors="replace"), "report": report.read_text() if report.exists() else None,
            "build_s": built - started, "run_s": run_s, "invalid": _schema_problems([report, lines]) if validate else ""}


def _peers(report: str, scenario: Scenario) -> dict:
    """The answers of the other tools, about every TCP endpoint that the report has."""
    endpoints = {(row["host"], row["port"], row["protocol"] in ("https", "tls"))
                 for requirement in json.loads(report)["requirements"] for row in requirement["endpoints"]
                 if row["protocol"] != "udp"}
    # libc waits for the connection to a nameserver over TCP as long as the kernel sends SYNs.
    quick = ["sh", "-ec", "echo 1 > /proc/sys/net/ipv4/tcp_syn_retries; exec \"$@\"", "sh"]
    command = inside("node", [*quick, sys.executable, "-B", str(Path(__file__).with_name("peers.py"))])
    done = subprocess.run(command, env=_environment(scenario), input=json.dumps(sorted(endpoints)), text=True,
                          capture_output=True, timeout=_LIMIT_S, check=True)
    return json.loads(done.stdout)


def main() -> int:
    job = json.loads(sys.argv[1])
    started = time.monotonic()
    scenario = from_job(job["scenario"])
    certificates = Path(job["certificates"])
    try:
        build(scenario, certificates, _binary(job["command"]))
    except (RuntimeError, ValueError, KeyError, OSError, subprocess.CalledProcessError) as problem:
        print(json.dumps({"error": f"the lab could not be built: {type(problem).__name__}: {problem}"}))
        return 1
    command = [*job["command"], *scenario.arguments]
    if scenario.discovered and "check" in command:
        command = [*command[:command.index("check") + 1], *scenario.arguments]
    if job["terminal"]:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the command, which shares the terminal
        return subprocess.run(inside("node", command), env=_environment(scenario), cwd=FOLDER,
                              preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)).returncode
    outcome = _report(command, scenario, started, job["validate"])
    if job["peers"] and outcome.get("report"):
        outcome["peers"] = _peers(outcome["report"], scenario)
    print(json.dumps(outcome))
    return 0


if __name__ == "__main__":
    sys.exit(main())
