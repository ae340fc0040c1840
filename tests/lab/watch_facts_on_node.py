"""Facts that Resource Manager and the metadata service have told, while they say nothing. Run on the node by watch.py: BINARY
readable|workspace-only, by what Resource Manager lets be read. The lab is one without a workspace file; whatever stops answering is told,
and nothing that was learned of it is told as gone. What was learned of another workspace, or of a resource that is refused, does not
stay."""

import json
import os
import sys
import urllib.request
from pathlib import Path

sys.dont_write_bytecode = True

from planted import Rule
from watch_on_node import Watch

_PORT = 9815
_RESOURCES = Rule("tcp.refused", (), "FAIL", "resources", "ip daddr 20.42.4.211 tcp dport 443 reject with tcp reset")
_METADATA = Rule("identity.imds-unreachable", (), "WARN", "metadata", "ip daddr 169.254.169.254 reject with icmp type admin-prohibited")


def _served() -> dict:
    with urllib.request.urlopen(f"http://127.0.0.1:{_PORT}/report.json", timeout=30) as answer:
        return json.loads(answer.read())


def _sources() -> dict[str, str]:
    return _served()["workspace"]["sources"]


def _wrong_lines(lines: list[str], kinds: set[str], names: set[str]) -> list[str]:
    """Those that tell something else than that these causes and requirements come or go."""
    words = [(line, *line.split("  ")[:2]) for line in lines]
    return [line for line, kind, text in words if kind not in kinds or (kind != "verdict" and text.split(" ")[0] not in names)]


def _kept() -> list[str]:
    return [path for path, source in _sources().items() if source.endswith(" (an earlier round)")]


def _of_another_workspace(watch: Watch) -> list[str]:
    """What is wrong with a watch whose node now belongs to another one, of which Resource Manager has told nothing yet."""
    _RESOURCES.switch(True)
    os.environ["MLFLOW_TRACKING_URI"] = os.environ["MLFLOW_TRACKING_URI"].replace("/workspaces/ws1", "/workspaces/ws2")
    watch.restart()
    watch.round()
    workspace = _served()["workspace"]
    taken = sorted({"key_vault", "container_registry", "storage_accounts"} & set(workspace))
    wrong = [f"another workspace has {taken} of the first"] if taken else []
    if workspace["workspace"]["name"] != "ws2" or _kept():
        wrong.append(f"another workspace keeps {_kept()}: {workspace}")
    _RESOURCES.switch(False)
    return wrong


def _refused(watch: Watch) -> list[str]:
    """What is wrong with a watch that once learned of an account that is refused now; the state says that it did."""
    watch.round()
    if "storage_accounts" not in _sources() or "storage_accounts.access" in _sources():
        return [f"the workspace alone is to be read: {_sources()}"]
    if status := watch.stop():
        raise RuntimeError(f"status {status} of a clean stop")
    state = Path(os.environ["XDG_STATE_HOME"]) / "amlnet/watch.json"
    told = json.loads(state.read_text())
    told["workspace"]["storage_accounts"][0]["access"] = "private"
    told["workspace"]["sources"]["storage_accounts.access"] = "resource-manager"
    state.write_text(json.dumps(told))
    watch.start()
    watch.round()
    return [f"kept are {_kept()}"] if _kept() else []


def _silenced(watch: Watch) -> list[str]:
    first, learned = watch.round(), _sources()
    wrong = [f"the first round tells {first}"] if first != ["verdict  PASS"] else []
    if "resource-manager" not in learned.values():
        wrong.append(f"nothing was learned: {learned}")
    names = {"tcp.refused", "arm.management", "azure.portal", "identity.imds-unreachable", "platform.imds"}
    for silent in (_RESOURCES, _METADATA):
        for on, kinds in ((True, {"verdict", "cause found", "newly failing"}), (False, {"verdict", "cause gone", "newly passing"})):
            silent.switch(on)
            watch.hang_up()
            lines = watch.round()
            if not any(silent.cause in line for line in lines) or _wrong_lines(lines, kinds, names):
                wrong.append(f"{silent.name}, {on}: {lines}")
            if bool(_kept()) != on:
                wrong.append(f"{silent.name}, {on}: kept are {_kept()}")
            if set(_sources()) != set(learned):
                wrong.append(f"{silent.name}, {on}: sources are {_sources()}, not {learned}")
    return wrong


def main() -> int:
    watch = Watch([sys.argv[1], "watch", "-v", "--timeout", "1s", "--interval", "10m", "--listen", str(_PORT)])
    if sys.argv[2] == "workspace-only":
        wrong = _refused(watch)
    else:
        wrong = _silenced(watch) + _of_another_workspace(watch)
    if status := watch.stop():
        wrong.append(f"status {status} of a clean stop")
    print(f"{sys.argv[2]}: only facts that nobody told stay" if not wrong else "".join(f"failed: {line}\n" for line in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    os.environ.setdefault("XDG_STATE_HOME", "/run/lab/state")
    sys.exit(main())
