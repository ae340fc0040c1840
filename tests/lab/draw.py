"""Draws mixtures of faults by seed: only such as can be there at once, each of which something still shows."""

import random
from fnmatch import fnmatchcase

from composable import KINDS, PUBLIC, Fault, Stage

_DATES = ("tls.expired", "tls.not-yet-valid")
# The one explains the other, or takes its evidence: scenarios of their own have them together.
_ENTANGLED = {frozenset(pair) for pair in (
    *(("node.clock-skew", date) for date in _DATES),               # a wrong clock explains the dates
    ("dns.servers-disagree", "dns.private-record-missing"),        # the other server has the public record
    ("path.mtu-blackhole", "tcp.prohibited"), ("path.mtu-blackhole", "udp.rejected"))}  # whose ICMP errors are lost


def _bypasses(fault: Fault, other: Fault) -> bool:
    """What is redirected to the router itself, or goes by a proxy, does not meet the router's other rules."""
    targets = [f"{host}:{port}" for host in PUBLIC for port in (80, 443)]
    if fault.by_proxy:
        broken = [*other.breaks, *(other.shown_by if len(other.shown_by) == 1 else ())]
        return other.stage <= Stage.HELLO and any(fnmatchcase(target, glob) for target in targets for glob in broken)
    return "redirected" in fault.slots and other.stage == Stage.CONNECT and any(
        fnmatchcase(target, one) and fnmatchcase(target, two) for target in targets for one in fault.breaks
        for two in other.breaks)


def _fits(fault: Fault, others: list[Fault]) -> bool:
    """Not where another fault of the same stage is, since only one of them could show; and each slot once."""
    for other in others:
        if set(fault.slots) & set(other.slots):
            return False
        same_place = any(fnmatchcase(one, two) or fnmatchcase(two, one) for one in fault.breaks for two in other.breaks)
        if fault.stage == other.stage and same_place:
            return False
        if {fault.cause, other.cause} in _ENTANGLED or _bypasses(fault, other) or _bypasses(other, fault):
            return False
    return True


def mixture(seed: int) -> list[Fault]:
    """Two to four faults, the same for the same seed. What concerns everything stands first, so that the others change it."""
    dice = random.Random(seed)
    wanted = dice.choices((2, 3, 4), (5, 4, 2))[0]
    makers, weights = zip(*KINDS)
    drawn: list[Fault] = []
    while len(drawn) < wanted:
        fault = dice.choices(makers, weights)[0](dice)
        if _fits(fault, drawn):
            drawn.append(fault)
    return sorted(drawn, key=lambda fault: "everything" not in fault.slots)
