"""Runs `amlnet fix` on reports of real plans: its scripts in real shells, against a table of the Azure CLI's options; its
Bicep and Terraform through published parsers. All formats must say the same, and no text of a report may change it.

usage: fix.py AMLNET WRITE_SAMPLES NODE NODE_MODULES
"""

import copy
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
_REMEDY = Path(__file__).parent.parent / "remedy"
sys.path.insert(0, str(_REMEDY))

from reports import broken, plan_of, workspace_with
from rules import needed_variables, of_az, of_bicep, of_terraform, run_script, undocumented

_AMLNET, _WRITE_SAMPLES, _NODE, _MODULES = sys.argv[1:]
_FORMATS = {"az-cli": "sh", "bicep": "bicep", "terraform": "tf"}
failures = []

_ARM = {"requirement": "arm.management", "cause": "tcp.filtered"}
_MCR = {"requirement": "mcr.rest", "cause": "tls.sni-filtered"}
_LSP = {"requirement": "ci.lsp.18881", "host": "ci1.eastus2.instances.azureml.ms", "cause": "tcp.port-filtered", "addresses": ["10.0.2.4"]}
_UDP = {"requirement": "ci.tundra.udp", "cause": "udp.rejected"}
_LINK = {"requirement": "storage.ws.blob", "cause": "dns.private-zone-not-linked", "subject": "privatelink.blob.core.windows.net"}
_RECORD = {"requirement": "kv.workspace", "cause": "dns.private-record-missing", "alias": "kvws1.privatelink.vaultcore.azure.net"}
_CLOCK = {"requirement": "graph.microsoft", "cause": "node.clock-skew"}
_PYPI = {"requirement": "py.pypi", "cause": "http.firewall-denied"}
_REGISTRY = {"requirement": "acr.login", "cause": "dns.no-private-endpoint"}
_HTTP = {"requirement": "entra.login", "port": 80, "cause": "http.host-filtered"}
_INSTANCE = "ci1.eastus2.instances.azureml.ms"
_TUNDRA = "eastus2.tundra.azureml.ms"

# name -> network facts, failures, the rules that must come
_CASES: dict[str, tuple[dict, list[dict], set[tuple]]] = {
    "azure-firewall": ({}, [_ARM, _MCR, _LSP, _UDP, _LINK, _RECORD, _CLOCK, _HTTP], {
        ("names", "Https", "443", ("management.azure.com", "mcr.microsoft.com")), ("names", "Http", "80", ("login.microsoftonline.com",)),
        ("packets", "TCP", "18881", (_INSTANCE,)), ("packets", "UDP", "5831", (_TUNDRA,)),
        ("link", "privatelink.blob.core.windows.net"),
        ("record", "privatelink.vaultcore.azure.net", "kvws1", "amlnet_record_kvws1_privatelink_v")}),
    "security-group": ({"firewall": "none"}, [_ARM, _MCR, _LSP, _UDP, _LINK], {
        ("security", "Tcp", "443", ("AzureResourceManager",)), ("security", "Tcp", "18881", ("10.0.2.4",)),
        ("security", "Udp", "5831", ("AzureMachineLearning",)), ("link", "privatelink.blob.core.windows.net")}),
    "other-firewall": ({"firewall": "other"}, [_ARM, _LSP, _RECORD], {
        ("record", "privatelink.vaultcore.azure.net", "kvws1", "amlnet_record_kvws1_privatelink_v")}),
    "managed": ({"mode": "managed-approved-outbound", "firewall": "none"}, [_ARM, _PYPI, _UDP, _LINK, _RECORD, _REGISTRY, _CLOCK], {
        ("outbound", "management.azure.com"), ("outbound", "pypi.org"), ("outbound-tag", "AzureMachineLearning", "UDP", "5831"),
        ("endpoint", "stws1", "blob", "false"), ("endpoint", "kvws1", "vault", "false"), ("endpoint", "acrws1", "registry", "false")}),
    "managed-open": ({"mode": "managed-internet-outbound", "firewall": "none"}, [_ARM, _LINK], {("endpoint", "stws1", "blob", "false")}),
    "by-hand": ({}, [_CLOCK], set()),
    "healthy": ({}, [], set()),
}
_EVIL = ["'; touch owned; '", '"; touch owned; "', "$(touch owned)", "`touch owned`", "x\ntouch owned\naz group delete --name all",
         "x\r\ntouch owned", "${IFS}", "'''\nresource evil 'x@y' = {}", '" }\nresource "evil" "x" {', "%{ for x in y }", "*/ evil /*",
         "\\", "\u2028touch owned", "\x1b[2J\x08\x7f", "-->", "EOF\ntouch owned"]


def expect(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)


def fix(report: dict | str, *options: str, path: str = "-") -> subprocess.CompletedProcess:
    text = report if isinstance(report, str) else json.dumps(report)
    return subprocess.run([_AMLNET, "fix", path, *options], input=text, capture_output=True, text=True, timeout=60,
                          env={"HOME": "/nonexistent", "LC_ALL": "C.UTF-8"})


def written(report: dict, what: str) -> dict[str, str]:
    """What each format says of it."""
    files = {}
    for form in ("text", *_FORMATS):
        done = fix(report, "--format", form)
        expect(done.returncode == 0 and not done.stderr, f"{what}, {form}: {done.returncode} {done.stderr[:300]}")
        files[form] = done.stdout
    return files


def code_of(text: str, mark: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.strip().startswith(mark)]


def parsed(folder: Path) -> dict:
    files = sorted(path for path in folder.iterdir() if path.suffix in (".bicep", ".tf"))
    done = subprocess.run([_NODE, _REMEDY / "parse.mjs", _MODULES, *files], capture_output=True, text=True, timeout=120)
    expect(done.returncode == 0, f"the parsers: {done.stderr}")
    return json.loads(done.stdout) if done.returncode == 0 else {}


def rules_of_script(script: str, what: str, shells: tuple[str, ...] = ("sh",)) -> set[tuple]:
    found = {}
    for shell in shells:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            done, commands = run_script(script, folder, shell)
            expect(done.returncode == 0 and not done.stdout + done.stderr, f"{what} in {shell}: {done.stdout}{done.stderr}")
            expect({path.name for path in folder.iterdir()} <= {"az", "az.log", "script"}, f"{what} in {shell} left something")
            for words in commands:
                for wrong in undocumented(words):
                    failures.append(f"{what}: {wrong}")
            found[shell] = [rule for rule in map(of_az, commands) if rule]
    expect(all(one == found["sh"] for one in found.values()), f"{what}: the shells differ")
    expect(len(found["sh"]) == len(set(found["sh"])), f"{what}: a rule twice")
    return set(found["sh"])


def check_variables(script: str) -> None:
    """Nothing is done before every name is known, and the one that lacks is said."""
    names = needed_variables(script)
    expect(len(names) >= 6, f"variables: {names}")
    for missing in names:
        with tempfile.TemporaryDirectory() as folder:
            given = {name: "500" for name in names if name != missing}
            done, commands = run_script(script, Path(folder), given=given)
            expect(done.returncode != 0 and missing in done.stderr and not commands, f"without {missing}: {done.stderr} {commands}")


def check_cases(base: dict, folder: Path) -> dict[str, dict]:
    reports, expected = {}, {}
    for name, (network, broken_ones, rules) in _CASES.items():
        plan = plan_of(_AMLNET, workspace_with(**network), folder)
        reports[name] = broken(base, plan, broken_ones)
        files = written(reports[name], name)
        for form, suffix in _FORMATS.items():
            (folder / f"{name}.{suffix}").write_text(files[form])
        got = rules_of_script(files["az-cli"], name, ("sh", "bash"))
        expect(got == rules, f"{name}: {sorted(got ^ rules)} differ")
        expected[name] = rules
        expect(("Nothing failed" in files["text"]) == (name == "healthy"), f"{name} says whether something failed")
        for failure in broken_ones:
            for form, text in files.items():
                expect(failure["requirement"] in text, f"{name}, {form}: no {failure['requirement']}")
                expect("learn.microsoft.com" in text, f"{name}, {form}: no documentation")
        if any(failure is _CLOCK for failure in broken_ones):
            for form, text in files.items():
                expect("Step of node.clock-skew" in text, f"{name}, {form}: no step for the clock")
    check_variables((folder / "azure-firewall.sh").read_text())
    for file, content in parsed(folder).items():
        name, suffix = file.rsplit(".", 1)
        rules, wrong = of_bicep(content) if suffix == "bicep" else of_terraform(content)
        for one in wrong:
            failures.append(f"{file}: {one}")
        due = expected[name] - ({("endpoint", "acrws1", "registry", "false")} if suffix == "tf" else set())
        expect(set(rules) == due and len(rules) == len(due), f"{file}: {sorted(set(rules) ^ due)} differ")
    return reports


def hostile(report: dict, evil: str) -> dict:
    """`evil` in all that a network or a sender can write; ids, hosts and facts are another test's."""
    report = copy.deepcopy(report)
    report["node"]["hostname"] = report["node"]["os"] = evil
    report["run"]["id"] = evil
    for finding in report["findings"]:
        finding["title"] = evil
        finding["evidence"] = [{"text": evil}]
        finding["alternatives"] = [{"cause": evil, "text": evil}]
        finding["fix"] = {"summary": evil, "steps": [evil, evil], "docs": [{"title": evil, "url": evil}]}
    for row in report["requirements"]:
        row["title"] = row["because"] = evil
        row["docs"] = [{"document": evil, "section": evil, "url": evil}]
    return report


def check_hostile(reports: dict[str, dict], folder: Path) -> None:
    as_it_is = {name: written(reports[name], name) for name in ("azure-firewall", "managed")}
    for number, evil in enumerate(_EVIL):
        for name, good in as_it_is.items():
            bad = written(hostile(reports[name], evil), f"{name} with {evil!r}")
            for form, mark in (("az-cli", "#"), ("bicep", "//"), ("terraform", "#")):
                expect(code_of(good[form], mark) == code_of(bad[form], mark), f"{name}, {form}: {evil!r} changes what is done")
                (folder / f"hostile-{name}-{number}.{_FORMATS[form]}").write_text(bad[form])
            if name == "azure-firewall":
                got = rules_of_script(bad["az-cli"], f"{evil!r}", ("sh", "bash"))
                expect(got == _CASES[name][2], f"{name}: {evil!r} changes the rules")
            expect(not any(ord(c) < 32 and c != "\n" for text in bad.values() for c in text), f"{evil!r}: control characters")
    parsed(folder)


def check_forged(reports: dict[str, dict]) -> None:
    """Hosts, zones and requirements that the documentation does not have open nothing."""
    for evil in [*_EVIL[:5], "evil.example", "*.azure.com", "management.azure.com.evil.example"]:
        for change in ("host", "id", "zone", "alias"):
            report = copy.deepcopy(reports["azure-firewall"])
            for row in report["requirements"]:
                if change == "id" and row["status"] == "fail":
                    row["id"] = evil
                for one in row["endpoints"]:
                    if change == "host" and one["status"] == "fail":
                        one["host"] = evil
            for finding in report["findings"]:
                if change == "zone":
                    finding["subject"] = evil
            for probe in report["probes"]:
                for record in probe["detail"]["answers"][0]["records"]:
                    if change == "alias" and record["type"] == "CNAME":
                        record["data"] = evil
            rules = rules_of_script(fix(report, "--format", "az-cli").stdout, f"{change} {evil!r}")
            allowed = {"host": set(), "id": set(), "zone": {rule for rule in _CASES["azure-firewall"][2] if rule[0] != "link"},
                       "alias": {rule for rule in _CASES["azure-firewall"][2] if rule[0] != "record"}}[change]
            expect(rules == allowed, f"{change} {evil!r}: {sorted(rules ^ allowed)}")


def check_samples(samples: Path) -> None:
    """Reports that were made without a plan: read whole, or refused by what is wrong in them."""
    for path in sorted(samples.glob("*.json")):
        for form in ("text", *_FORMATS):
            done = fix("", "--format", form, path=str(path))
            refused = done.returncode == 2 and str(path) in done.stderr and not done.stdout
            expect(refused or (done.returncode == 0 and done.stdout and not done.stderr), f"{path.name}, {form}: {done}")


def check_usage(reports: dict[str, dict], folder: Path) -> None:
    for text, words in (("{", "not JSON"), ("", "standard input"), ('{"schema": "amlnet.report/2"}', "schema")):
        done = fix(text)
        expect(done.returncode == 2 and words in done.stderr and not done.stdout, f"{text!r}: {done}")
    forged = copy.deepcopy(reports["azure-firewall"])
    forged["workspace"]["region"] = "'; touch owned; '"
    done = fix(forged, "--format", "az-cli")
    expect(done.returncode == 2 and "region" in done.stderr, f"a region: {done}")
    expect(not done.stdout, "nothing is written of a workspace that cannot be")
    done = fix(reports["healthy"], "--format", "bycep")
    expect(done.returncode == 2 and 'did you mean "bicep"?' in done.stderr, f"a format: {done.stderr}")
    state = folder / "state" / "amlnet"
    state.mkdir(parents=True)
    (state / "last.json").write_text(json.dumps(reports["by-hand"]))
    environment = {"HOME": "/nonexistent", "XDG_STATE_HOME": str(folder / "state"), "PATH": os.environ["PATH"]}
    last = subprocess.run([_AMLNET, "fix"], capture_output=True, text=True, env=environment, timeout=60)
    expect(last.returncode == 0 and "node.clock-skew" in last.stdout, f"the last report: {last}")


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        samples, cases, bad = (folder / part for part in ("samples", "cases", "hostile"))
        for one in (samples, cases, bad):
            one.mkdir()
        subprocess.run([_WRITE_SAMPLES, samples], check=True, timeout=60)
        reports = check_cases(json.loads((samples / "healthy.json").read_text()), cases)
        check_hostile(reports, bad)
        check_forged(reports)
        check_usage(reports, folder)
        check_samples(samples)
    print("\n".join(failures) or f"fix: {len(_CASES)} cases, {len(_EVIL)} hostile texts")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
