"""Facts that Resource Manager and the metadata service have told, while they say nothing. Run on the node by watch.py: BINARY. The lab is
one without a workspace file; whatever stops answering is told, and nothing that was learned of it is told as gone."""

import json
import os
import sys
import urllib.request

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


def main() -> int:
    watch = Watch([sys.argv[1], "watch", "-v", "--timeout", "1s", "--interval", "10m", "--listen", str(_PORT)])
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
            kept = [path for path, source in _sources().items() if source.endswith(" (an earlier round)")]
            if bool(kept) != on:
                wrong.append(f"{silent.name}, {on}: kept are {kept}")
            if set(_sources()) != set(learned):
                wrong.append(f"{silent.name}, {on}: sources are {_sources()}, not {learned}")
    if status := watch.stop():
        wrong.append(f"status {status} of a clean stop")
    print(f"{len(learned)} facts kept while nobody told them" if not wrong else "".join(f"failed: {line}\n" for line in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    os.environ.setdefault("XDG_STATE_HOME", "/run/lab/state")
    sys.exit(main())
