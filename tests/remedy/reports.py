"""Reports in which chosen requirements fail, made of a real plan: `amlnet plan` of a workspace, and what a run would have
said of it."""

import copy
import json
import subprocess
from pathlib import Path

WORKSPACE = {
    "cloud": "public", "region": "eastus2",
    "workspace": {"name": "ws1", "id": "0b5e1d3c-6a41-4c3f-9d55-2f8a7c1e9b10", "subscription": "6d0c9fb1-2f42-4b5b-8f0e-0d0b2c6f1a77",
                  "resource_group": "rg1", "access": "private"},
    "compute": {"kind": "instance", "name": "ci1"},
    "network": {"mode": "customer-vnet", "vnet": ["10.0.0.0/16"], "firewall": "azure-firewall"},
    "storage_accounts": [{"name": "stws1", "default": True, "access": "private", "services": ["blob", "file"]}],
    "key_vault": {"name": "kvws1", "access": "private"},
    "container_registry": {"name": "acrws1", "access": "private", "regions": ["eastus2"]},
    "features": ["python-packages", "studio-notebooks"],
}


def workspace_with(**network: str) -> dict:
    changed = copy.deepcopy(WORKSPACE)
    changed["network"] |= network
    return changed


def plan_of(binary: str, workspace: dict, folder: Path) -> dict:
    file = folder / "workspace.json"
    file.write_text(json.dumps(workspace))
    done = subprocess.run([binary, "plan", "--offline", "--config", file, "--format", "json"], capture_output=True, text=True,
                          env={"HOME": "/nonexistent"}, timeout=60)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def _row(planned: dict) -> dict:
    row = {key: planned[key] for key in ("id", "title", "level", "direction", "unknown_because", "because", "docs")}
    status = "pass" if planned["status"] == "planned" else planned["status"]
    endpoints = [{key: one[key] for key in ("host", "documented_as", "port", "protocol") if key in one}
                 | {"status": "pass", "probes": []} for one in planned["endpoints"]]
    return row | {"status": status, "endpoints": endpoints}


def _finding(number: int, cause: str, subject: str) -> dict:
    return {"id": f"F{number}", "cause": cause, "severity": "blocking", "confidence": "likely", "title": f"Title of {cause}",
            "subject": subject, "endpoints": [], "requirements": [], "evidence": [], "alternatives": [],
            "fix": {"summary": f"Summary of {cause}.", "steps": [f"Step of {cause}."],
                    "docs": [{"title": "A page", "url": "https://learn.microsoft.com/azure"}]}}


def dns_probe(number: int, host: str, alias: str, addresses: list[str]) -> dict:
    records = ([{"type": "CNAME", "data": alias}] if alias else []) + [{"type": "A", "data": one} for one in addresses]
    source = {"server": "10.0.0.4", "ttl": [10] * len(records), "size": 120, "start_ms": 1, "duration_ms": 1}
    answer = {"type": "A", "rcode": 0 if addresses else 3, "flags": ["ra"], "records": records, "from": [source]}
    return {"id": f"p{number}", "kind": "dns", "target": host, "purpose": "requirement", "status": "ok", "start_ms": 1,
            "duration_ms": 1, "attempts": 1, "after": [],
            "detail": {"answers": [answer], "addresses": addresses, "answered_by": "10.0.0.4"}}


def broken(base: dict, plan: dict, failures: list[dict]) -> dict:
    """`base` is any report; `failures`: requirement, cause, and where they matter host, port, subject, alias, addresses."""
    report = copy.deepcopy(base) | {"workspace": plan["workspace"], "requirements": [_row(row) for row in plan["requirements"]],
                                    "findings": [], "probes": [], "certificates": {}}
    report["tool"] = copy.deepcopy(plan["tool"])
    for number, failure in enumerate(failures, 1):
        report["findings"].append(_finding(number, failure["cause"], failure.get("subject", "node")))
        row = next(one for one in report["requirements"] if one["id"] == failure["requirement"])
        hit = [one for one in row["endpoints"] if one["host"] == failure.get("host", one["host"])
               and one["port"] == failure.get("port", one["port"])]
        if not hit:
            raise ValueError(f"{failure}: the plan has {row}")
        row["status"] = "fail"
        for one in hit:
            one |= {"status": "fail", "finding": f"F{number}"}
            if "alias" in failure or "addresses" in failure:
                probe = dns_probe(len(report["probes"]) + 1, one["host"], failure.get("alias", ""), failure.get("addresses", []))
                report["probes"].append(probe)
                one["probes"] = [probe["id"]]
    report["summary"]["verdict"] = "fail" if failures else "pass"
    return report
