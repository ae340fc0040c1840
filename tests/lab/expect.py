"""Compares a report with what its scenario expects, and holds every report to the rules that need no expectation."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase

from scenario import Expect, ExpectedFinding
from services import ABSENT


def _texts(finding: dict) -> str:
    evidence = [line["text"] for line in finding["evidence"]]
    return "\n".join([finding["title"], *evidence, finding["fix"]["summary"], *finding["fix"]["steps"]])


def _differences(expected: ExpectedFinding, found: dict) -> Iterator[str]:
    for key in ("cause", "subject", "severity", "confidence"):
        wanted = getattr(expected, key)
        if wanted and found[key] != wanted:
            yield f"{key} is {found[key]}, not {wanted}"
    for key in ("endpoints", "requirements"):
        for wanted in getattr(expected, key):
            if wanted not in found[key]:
                yield f"{wanted} is not among its {key}"
    for wanted in expected.alternatives:
        if wanted not in [other["cause"] for other in found["alternatives"]]:
            yield f"{wanted} is not among its alternatives"
    for wanted in expected.evidence:
        if wanted not in _texts(found):
            yield f'"{wanted}" is nowhere in it'


def _is_remark(found: dict) -> bool:
    """About a documented alternative that the lab, as far as anybody knows like the internet, does not have."""
    hosts = {endpoint.rsplit(":", 1)[0] for endpoint in found["endpoints"]}
    return found["severity"] == "info" and bool(hosts) and hosts <= ABSENT


def _findings(expect: Expect, findings: list[dict]) -> Iterator[str]:
    findings = [found for found in findings if not _is_remark(found)]
    left = list(findings)
    for expected in expect.finding:
        candidates = sorted(((list(_differences(expected, found)), found) for found in left
                             if found["cause"] == expected.cause), key=lambda pair: len(pair[0]))
        if not candidates:
            yield f"no {expected.cause} {expected.subject}".rstrip()
            continue
        differences, found = candidates[0]
        left.remove(found)
        for difference in differences:
            yield f"{found['id']} {found['cause']} ({found['subject']}): {difference}"
    limit = len(expect.finding) if expect.max_findings is None else expect.max_findings
    if len(findings) > limit:
        yield f"{len(findings)} findings, at most {limit} expected; not expected: " + ", ".join(
            f"{found['cause']} ({found['subject']})" for found in left)
    for found in findings:
        for pattern in expect.must_not:
            if fnmatchcase(found["cause"], pattern):
                yield f"{found['id']} blames {found['cause']} ({found['subject']}), which is innocent"


def _requirements(expect: Expect, requirements: list[dict]) -> Iterator[str]:
    status = {row["id"]: row["status"] for row in requirements}
    for wanted, names in (("pass", expect.passing), ("fail", expect.failing)):
        for name in names:
            if status.get(name, "not in the report") != wanted:
                yield f"requirement {name} is {status.get(name, 'not in the report')}, not {wanted}"


def _authenticated(expect: Expect, probes: list[dict]) -> Iterator[str]:
    """Exactly the hosts that are named, where any is. Of an answer to a token nothing is kept but how it ended."""
    asked = [probe for probe in probes if probe.get("control") == "authenticated"]
    for probe in asked:
        if kept := {"headers", "body", "date"} & set(probe["detail"]):
            yield f"{probe['id']} keeps {', '.join(kept)} of an answer to a token"
    statuses = {probe["target"].split(":")[0]: probe["detail"].get("status", 0) for probe in asked if probe["status"] != "skipped"}
    if expect.authenticated and statuses != expect.authenticated:
        yield f"with a token were asked {statuses}, not {expect.authenticated}"
    skipped = {probe["target"].split(":")[0]: probe["note"] for probe in asked if probe["status"] == "skipped"}
    if expect.left_out and skipped != expect.left_out:
        yield f"without a token only were asked {skipped}, not {expect.left_out}"


def _invariants(report: dict) -> Iterator[str]:
    """Rules for every report: no failure without its finding, no finding without evidence that exists, none `unknown`, none
    that is less than certain without an alternative, no further question where all is well."""
    findings = {found["id"]: found for found in report["findings"]}
    probes = {probe["id"] for probe in report["probes"]}
    for row in report["requirements"]:
        for endpoint in row["endpoints"]:
            name = f"{row['id']} {endpoint['host']}:{endpoint['port']}"
            if endpoint["status"] == "fail" and endpoint.get("finding") not in findings:
                yield f"{name} fails without a finding"
            if endpoint["status"] == "pass" and not endpoint["probes"]:
                yield f"{name} passes without a probe"
    for found in findings.values():
        if found["cause"] == "unknown":
            yield f"{found['id']}: cause unknown ({found['subject']})"
        for line in found["evidence"]:
            if line.get("probe") and line["probe"] not in probes:
                yield f"{found['id']}: its evidence names {line['probe']}, which is no probe of the report"
        if not found["evidence"]:
            yield f"{found['id']}: no evidence"
        if found["confidence"] != "certain" and not found["alternatives"]:
            yield f"{found['id']}: {found['cause']} is {found['confidence']}, and names nothing else that it could be"
    # A host of revocation that did not answer in the little time of a control is asked again, and may be well.
    asked_again = [probe["id"] for probe in report["probes"]
                   if probe.get("purpose") == "follow-up" and probe.get("control") != "revocation"]
    if report["summary"]["verdict"] == "pass" and asked_again:
        yield f"a healthy run sent {len(asked_again)} follow-ups"


def judge(expect: Expect, outcome: dict) -> list[str]:
    """What is wrong with the outcome of a run (start.run_on_node), a line each; empty if nothing is."""
    if "error" in outcome:
        return [outcome["error"]]
    wrong = []
    if outcome["status"] != expect.status:
        wrong.append(f"exit status {outcome['status']}, not {expect.status}")
    if outcome["errors"].strip():
        wrong.append(f"standard error: {outcome['errors'].strip()[:3000]}")
    wrong += [f'"{text}" is not in the human report' for text in expect.must_mention
              if text not in " ".join(outcome["human"].split())]
    if outcome["report"] is None:
        return [*wrong, "no JSON report"]
    report = json.loads(outcome["report"])
    if report["summary"]["verdict"] != expect.verdict:
        wrong.append(f"verdict {report['summary']['verdict']}, not {expect.verdict}")
    if expect.within_s is not None and report["run"]["duration_ms"] > expect.within_s * 1000:
        wrong.append(f"took {report['run']['duration_ms'] / 1000:.1f} s, not {expect.within_s} s")
    if outcome["invalid"]:
        wrong.append(f"not valid by the schema: {outcome['invalid'][:2000]}")
    if outcome["leaks"]:
        wrong.append(f"a secret is told: {outcome['leaks'][:2000]}")
    if outcome["differs"]:
        wrong.append(f"with the workspace file: {outcome['differs'][:3000]}")
    if outcome["anonymous"]:
        wrong.append(f"without an identity: {outcome['anonymous'][:3000]}")
    if outcome["replayed"]:
        wrong.append(f"diagnosed again from its report: {outcome['replayed'][:2000]}")
    return [*wrong, *_findings(expect, report["findings"]), *_requirements(expect, report["requirements"]),
            *_authenticated(expect, report["probes"]), *_invariants(report)]
