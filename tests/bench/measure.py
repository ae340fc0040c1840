"""Runs one command and measures the whole process: wall clock, CPU of it and its children, peak memory."""

import dataclasses
import os
import signal
import statistics
import tempfile
import threading
import time

LIMIT_S = 120


@dataclasses.dataclass
class Sample:
    wall: float  # seconds
    cpu: float  # seconds, user and system
    memory: float  # MB, peak resident
    right: int = 0  # endpoints whose verdict was right
    status: int = 0  # exit status
    extra: dict = dataclasses.field(default_factory=dict)


def run(command, output=os.devnull, environment=None):
    """Peak memory is read by time(1), which is small itself: a child's ru_maxrss starts at its parent's size."""
    with tempfile.NamedTemporaryFile("r", suffix=".time") as report:
        null = os.open(os.devnull, os.O_RDONLY)
        out = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        errors = os.open(os.devnull, os.O_WRONLY)
        actions = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, errors, 2)]
        started = time.perf_counter()
        pid = os.posix_spawn("/usr/bin/time", ["time", "-q", "-f", "%M", "-o", report.name, *command],
                             environment or os.environ, file_actions=actions, setpgroup=0)
        stop = threading.Timer(LIMIT_S, os.killpg, (pid, signal.SIGKILL))
        stop.start()
        _, status, usage = os.wait4(pid, 0)
        wall = time.perf_counter() - started
        stop.cancel()
        for descriptor in (null, out, errors):
            os.close(descriptor)
        text = report.read().split()
        memory = int(text[-1]) / 1000 if text else 0.0
    return Sample(wall, usage.ru_utime + usage.ru_stime, memory, status=os.waitstatus_to_exitcode(status))


def daemon_cpu(pid):
    """CPU seconds of a running process so far."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def daemon_peak(pid):
    """Peak resident MB of a running process."""
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1000
    return 0.0


def median(samples):
    """The sample of medians. `right` and extra numbers take the worst and the median."""
    extra = {key: statistics.median(s.extra[key] for s in samples) for key in samples[0].extra}
    return Sample(
        statistics.median(s.wall for s in samples),
        statistics.median(s.cpu for s in samples),
        statistics.median(s.memory for s in samples),
        min(s.right for s in samples),
        max(s.status for s in samples),
        extra,
    )


def interleaved(tools, runs):
    """`tools`: name -> function that returns a Sample. One after the other, `runs` times; medians by name."""
    samples = {name: [] for name in tools}
    for _ in range(runs):
        for name, tool in tools.items():
            samples[name].append(tool())
    return {name: median(taken) for name, taken in samples.items()}
