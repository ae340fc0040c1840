"""Rounds of changing faults. Run on the node by watch.py: BINARY CERTIFICATES ROUNDS SEED. Before each round none, one or two
faults are planted or taken out; the round must tell these changes and no other. Halfway watch is stopped and started again. A round
that the machine held up, by what its report did not finish, tells what it saw; the next one the rest."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path

sys.dont_write_bytecode = True

from planted import SILENT, Planted, planted_faults

_PORT = 9815
_SETTLED = 30           # rounds after which memory may grow no more
_GROWTH_KIB = 2048
_LIMIT_S = 800


class Watch:
    def __init__(self, command: list[str]):
        self._command = command
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    def round(self) -> list[str]:
        """The changes that the next round tells."""
        lines = []
        for line in self.process.stdout:
            _, kind, text = line.rstrip("\n").split("  ", 2)
            if kind == "round":
                return lines
            lines.append(f"{kind}  {text}")
        raise RuntimeError(f"watch has ended, status {self.process.wait()}")

    def hang_up(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> int:
        self.process.terminate()
        with self.process.stdout:
            return self.process.wait(timeout=30)

    def restart(self) -> None:
        if status := self.stop():
            raise RuntimeError(f"status {status} of a clean stop")
        self.start()

    def resident_kib(self) -> int:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS:")))


def verdict_of(faults: set[Planted]) -> str:
    verdicts = {fault.verdict for fault in faults}
    return next((one for one in ("FAIL", "WARN") if one in verdicts), "PASS")


def expected(before: set[Planted], after: set[Planted]) -> Counter:
    """Kind and name of each line."""
    lines = Counter()
    if verdict_of(before) != verdict_of(after):
        lines["verdict", verdict_of(before)] += 1
    for faults, cause, row in ((after - before, "cause found", "newly failing"), (before - after, "cause gone", "newly passing")):
        for fault in faults:
            lines[cause, fault.cause] += 1
            lines.update((row, requirement) for requirement in fault.requirements)
    return lines


def told(lines: list[str]) -> Counter:
    return Counter((line.split("  ")[0], line.split("  ")[1].split(" ")[0]) for line in lines)


def is_expected(lines: Counter, wanted: Counter) -> bool:
    """A machine that is busy makes the lab's servers slow, which is told, too: it is no fault that was planted, and may move the
    verdict."""
    slow = {key for key in lines if key[1] == "path.slow"}
    if slow:
        slow |= {key for key in lines | wanted if key[0] == "verdict"}
    return all(lines[key] == wanted[key] for key in (lines | wanted) if key not in slow)


def served(path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{_PORT}{path}", timeout=30) as answer:
        return answer.read().decode()


def held_up() -> bool:
    rows = json.loads(served("/report.json"))["requirements"]
    return any(one.get("unknown_because") == "not-finished" for row in rows for one in (row, *row["endpoints"]))


class Rounds:
    """Rounds until one was not held up, as if they were one."""

    def __init__(self, watch: Watch):
        self._watch = watch
        self.made = self.held_up = 0

    def next(self) -> list[str]:
        """What the round that is under way tells, and those after it where it was held up."""
        lines = self._watch.round()
        self.made += 1
        while held_up():
            self.held_up += 1
            self._watch.hang_up()
            lines += self._watch.round()
            self.made += 1
        return lines


def check_metrics(since_start: Counter, rounds: int) -> list[str]:
    text = served("/metrics")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True)
    wrong = [done.stderr] if done.returncode or done.stderr else []
    wanted = [f'amlnet_watch_rounds_total{{outcome="complete"}} {rounds}']
    for kind in ("verdict", "cause found", "cause gone", "newly failing", "newly passing"):
        total = sum(count for (one, _), count in since_start.items() if one == kind)
        wanted.append(f'amlnet_watch_changes_total{{change="{kind.replace(" ", "_")}"}} {total}')
    return wrong + [f"metrics lack {line}" for line in wanted if line not in text.splitlines()]


def main() -> int:
    binary, certificates, rounds, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    dice = random.Random(seed)
    faults = planted_faults(certificates)
    started = time.monotonic()
    watch = Watch([binary, "watch", "-v", "--config", "/run/lab/amlnet.json", "--timeout", "1s", "--interval", "10m", "--identity", "none",
                   "--listen", str(_PORT)])
    rounds_of = Rounds(watch)
    wrong = [f"the first round tells {lines}"] if (lines := rounds_of.next()) != ["verdict  PASS"] else []
    there: set[Planted] = set()
    since_start, sizes, planted = told(lines), [], 0
    restart_at = rounds // 2
    for number in range(2, rounds + 1):
        before = set(there)
        silent = [SILENT] if number % 20 < 2 else []  # planted, and taken out by the next round
        for fault in dice.sample(faults, dice.choice((0, 1, 1, 1, 2))) + silent:
            fault.switch(fault not in there)
            there ^= {fault}
            planted += 1
        if number == restart_at:
            wrong += check_metrics(since_start, rounds_of.made)
            watch.restart()
            rounds_of.made = 0
            since_start.clear()
        else:
            watch.hang_up()
        lines = rounds_of.next()
        if not is_expected(told(lines), expected(before, there)):
            wrong.append(f"round {number} tells {lines}, not {dict(expected(before, there))}")
        since_start += told(lines)
        sizes.append(watch.resident_kib())
        if time.monotonic() - started > _LIMIT_S:
            wrong.append(f"{number} rounds take more than {_LIMIT_S} s")
            break
    wrong += check_metrics(since_start, rounds_of.made)
    halves = [sizes[_SETTLED:restart_at - 2], sizes[restart_at - 2 + _SETTLED:]]
    for half in halves:
        early, late = max(half[:len(half) // 3]), max(half[-(len(half) // 3):])
        if late > early + _GROWTH_KIB:
            wrong.append(f"memory grows from {early} to {late} KiB")
    if status := watch.stop():
        wrong.append(f"status {status} of a clean stop")
    print(f"{rounds} rounds, {rounds_of.held_up} more for some that were held up, {planted} faults planted or taken out, in "
          f"{time.monotonic() - started:.0f} s; memory "
          + ", ".join(f"{min(half)} to {max(half)} KiB" for half in halves))
    print("".join(f"failed: {line}\n" for line in wrong), end="")
    return 1 if wrong else 0


if __name__ == "__main__":
    os.environ.setdefault("XDG_STATE_HOME", "/run/lab/state")
    sys.exit(main())
