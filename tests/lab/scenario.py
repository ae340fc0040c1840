"""A scenario file: what is broken and what the report must say. Reading is strict; an unknown word is an error, so that
a misspelt expectation cannot pass unseen. README.md lists the verbs."""

import copy
import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from services import NODE, VNET_DNS, WORKSPACE

FOLDER = Path(__file__).with_name("scenarios")


@dataclass
class ExpectedFinding:
    cause: str
    subject: str = ""
    severity: str = ""
    confidence: str = ""
    endpoints: list[str] = field(default_factory=list)      # each must be listed
    requirements: list[str] = field(default_factory=list)   # each must be listed
    alternatives: list[str] = field(default_factory=list)   # causes, each must be offered
    evidence: list[str] = field(default_factory=list)       # texts, each must be in the evidence, title or fix


@dataclass
class Expect:
    status: int
    verdict: str
    finding: list[ExpectedFinding] = field(default_factory=list)
    must_mention: list[str] = field(default_factory=list)   # texts of the human report
    must_not: list[str] = field(default_factory=list)       # globs of causes
    max_findings: int | None = None                         # as many as are expected, where nothing is said
    passing: list[str] = field(default_factory=list)        # requirement ids
    failing: list[str] = field(default_factory=list)
    authenticated: dict[str, int] = field(default_factory=dict)  # host -> HTTP status of the question with a token
    left_out: dict[str, str] = field(default_factory=dict)  # host -> why it was asked without a token only
    within_s: float | None = None                           # run.duration_ms of the report


@dataclass
class NodeFiles:
    nameservers: list[str] = field(default_factory=lambda: [VNET_DNS])
    search: list[str] = field(default_factory=lambda: ["internal.cloudapp.net"])
    options: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    open_files: int = 0      # the hard limit of the check's process; 0 where it has the machine's
    ports: str = ""          # net.ipv4.ip_local_port_range
    instance: str = ""       # the file that Azure ML leaves on a compute instance; "" where there is none
    certifi: bool = False    # a Python of the user has a bundle of its own, with the public roots
    trust: str = "roots"     # roots | none | inspection: what the node's certificate store holds


@dataclass
class Scenario:
    name: str
    title: str
    expect: Expect
    workspace: dict
    node: NodeFiles
    command: list[str]  # of amlnet: check, or what else makes a report
    arguments: list[str]
    discovered: bool   # without a workspace file; then a run with one must say the same
    compare_without_identity: bool  # a run without identity must say the same but of permissions, and what it left out
    faults: list[dict]


def _merged(base: dict, change: dict) -> dict:
    result = copy.deepcopy(base)
    for key, value in change.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = _merged(result[key], value) if both else value
    return result


def _without(workspace: dict, paths: list[str]) -> dict:
    for path in paths:
        *parents, last = path.split(".")
        place = workspace
        for parent in parents:
            place = place[parent]
        del place[last]
    return workspace


def _strict(kind: type, where: str, table: dict):
    known = {item.name for item in fields(kind)}
    if unknown := set(table) - known:
        raise ValueError(f"{where}: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}")
    return kind(**table)


def read_scenario(name: str) -> Scenario:
    table = tomllib.loads((FOLDER / f"{name}.toml").read_text())
    expect = table.pop("expect")
    expect["finding"] = [_strict(ExpectedFinding, f"{name}: expect.finding", one) for one in expect.get("finding", [])]
    scenario = Scenario(
        name=name,
        title=table.pop("title"),
        expect=_strict(Expect, f"{name}: expect", expect),
        workspace=_without(_merged(WORKSPACE, table.pop("workspace", {})), table.pop("unknown_facts", [])),
        node=_strict(NodeFiles, f"{name}: node", table.pop("node", {})),
        command=table.pop("command", ["check"]),
        arguments=table.pop("arguments", []),
        discovered=table.pop("discovered", False),
        compare_without_identity=table.pop("compare_without_identity", False),
        faults=table.pop("fault", []))
    if table:
        raise ValueError(f"{name}: unknown {', '.join(table)}")
    return scenario


def combined(name: str, nodes: list[dict], workspaces: list[dict], faults: list[dict]) -> Scenario:
    """A scenario without a file, of which nothing is expected: the changes of several in one."""
    node, workspace = {}, WORKSPACE
    for change in nodes:
        node = _merged(node, change)
    for change in workspaces:
        workspace = _merged(workspace, change)
    return Scenario(name=name, title=name, expect=Expect(0, "pass"), workspace=workspace, node=_strict(NodeFiles, name, node),
                    command=["check"], arguments=[], discovered=False, compare_without_identity=False, faults=faults)


def as_job(scenario: Scenario) -> dict:
    """For another process (from_job); without what is expected, which is judged here."""
    return asdict(scenario) | {"expect": None}


def from_job(job: dict) -> Scenario:
    return Scenario(**job | {"expect": Expect(0, "pass"), "node": NodeFiles(**job["node"])})


def all_names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def resolv_conf(node: NodeFiles) -> str:
    lines = [f"nameserver {server}" for server in node.nameservers]
    lines += [f"search {' '.join(node.search)}"] if node.search else []
    return "\n".join(lines + ([f"options {' '.join(node.options)}"] if node.options else [])) + "\n"


def hosts_file(node: NodeFiles) -> str:
    return "\n".join(["127.0.0.1 localhost", f"{NODE} ci1", *node.hosts]) + "\n"


