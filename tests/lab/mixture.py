"""What must hold of the report on any mixture of faults, whatever the mixture."""

import json
from collections import Counter
from collections.abc import Iterator

from composable import Fault
from services import ABSENT

Endpoints = dict[tuple[str, str], dict]  # (host:port, protocol) -> row of the report


def _endpoints(report: dict) -> Endpoints:
    return {(f"{row['host']}:{row['port']}", row["protocol"]): row
            for requirement in report["requirements"] for row in requirement["endpoints"]
            if row["host"] not in ABSENT and "*" not in row["host"]}


def _hidden_by(fault: Fault, target: tuple[str, str], faults: list[Fault]) -> bool:
    return any(other is not fault and other.covers(*target) and other.stage <= fault.stage for other in faults)


def _causes_of(target: tuple[str, str], faults: list[Fault]) -> set[str]:
    """What may be said of this endpoint: the faults that show earliest."""
    here = [fault for fault in faults if fault.covers(*target)]
    first = min((fault.stage for fault in here), default=0)
    return {fault.cause for fault in here if fault.stage == first}


def _in_one_finding_each(report: dict, endpoints: Endpoints) -> Iterator[str]:
    listed = Counter(endpoint for found in report["findings"] for endpoint in found["endpoints"])
    findings = {found["id"]: found for found in report["findings"]}
    for (target, protocol), row in endpoints.items():
        alike = sum(other == target for other, _ in endpoints)  # HTTPS and WebSocket are two at one host and port
        if row["status"] != "fail":
            continue
        if row.get("finding") not in findings or target not in findings[row["finding"]]["endpoints"]:
            yield f"{protocol} {target} fails, and no finding has it"
        elif listed[target] > alike:
            yield f"{protocol} {target} fails, and {listed[target]} findings have it"


def _grounds(report: dict, endpoints: Endpoints) -> Iterator[str]:
    """No finding without a failed probe or a risk."""
    probes = {probe["id"]: probe for probe in report["probes"]}
    failing = {row.get("finding") for row in endpoints.values() if row["status"] == "fail"}
    for found in report["findings"]:
        if set(found["endpoints"]) and {target.rsplit(":", 1)[0] for target in found["endpoints"]} <= ABSENT:
            continue
        if found["severity"] == "blocking" and found["id"] not in failing:
            yield f"{found['cause']} ({found['subject']}) is blocking, and nothing fails by it"
        shown = [probes.get(line["probe"]) for line in found["evidence"] if line.get("probe")]
        if None in shown or not shown:
            yield f"{found['cause']} ({found['subject']}) shows no probe of the report"


def _blamed(report: dict, faults: list[Fault], endpoints: Endpoints) -> Iterator[str]:
    """Nothing is blamed that was not planted, and each failure on the fault that shows first."""
    findings = {found["id"]: found for found in report["findings"]}
    planted = {fault.cause for fault in faults}
    for found in findings.values():
        hosts = {target.rsplit(":", 1)[0] for target in found["endpoints"]}
        if found["cause"] not in planted and not (hosts and hosts <= ABSENT):
            yield f"{found['cause']} ({found['subject']}) was not planted"
    for target, row in endpoints.items():
        said = findings.get(row.get("finding"), {}).get("cause", "")
        may_be = _causes_of(target, faults)
        if row["status"] == "fail" and said not in may_be:
            yield f"{target[1]} {target[0]} fails by {said}, not by {' or '.join(sorted(may_be)) or 'anything planted'}"


def _present(report: dict, faults: list[Fault], endpoints: Endpoints) -> Iterator[str]:
    """Every fault that no other hides is named, with every endpoint where it shows."""
    findings = {found["id"]: found for found in report["findings"]}
    for fault in faults:
        for target, row in endpoints.items():
            if not fault.covers(*target) or _hidden_by(fault, target, faults):
                continue
            if row["status"] != "fail":
                yield f"{fault.name}: {target[1]} {target[0]} is {row['status']}"
        shown = not fault.shown_by or any(row["status"] == "pass" for (target, _), row in endpoints.items()
                                          if target in fault.shown_by)
        if not fault.breaks and shown and fault.cause not in {found["cause"] for found in findings.values()}:
            yield f"{fault.name}: no {fault.cause}"


def _verdict(report: dict, status: int) -> Iterator[str]:
    failed = any(row["level"] == "required" and row["status"] == "fail" for row in report["requirements"])
    warned = any(found["severity"] != "info" for found in report["findings"])
    due = "fail" if failed else "warn" if warned else "pass"
    if report["summary"]["verdict"] != due or status != (1 if failed else 0):
        yield f"verdict {report['summary']['verdict']}, status {status}, where {due} is due"


def judge_mixture(faults: list[Fault], outcome: dict) -> list[str]:
    """What does not hold, a line each."""
    if "error" in outcome or outcome["report"] is None:
        return [outcome.get("error", "no report: " + outcome["errors"])]
    report = json.loads(outcome["report"])
    endpoints = _endpoints(report)
    wrong = [f"standard error: {outcome['errors']}"] if outcome["errors"].strip() else []
    wrong += [f"diagnosed again: {outcome['replayed']}"] if outcome["replayed"] else []
    wrong += [f"a secret is told: {outcome['leaks']}"] if outcome["leaks"] else []
    wrong += [*_in_one_finding_each(report, endpoints), *_grounds(report, endpoints), *_blamed(report, faults, endpoints)]
    return wrong + [*_present(report, faults, endpoints), *_verdict(report, outcome["status"])]
