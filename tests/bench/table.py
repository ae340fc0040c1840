"""Collects the rows and prints them as one Markdown table."""

import os
import platform
import sys


class Table:
    def __init__(self):
        self.rows = []
        self.missed = 0

    def peers(self, taken, expected):
        """The quickest peer that was right about every endpoint, or None."""
        good = [s for name, s in taken.items() if not name.startswith("amlnet") and s.right == expected]
        return min(good, key=lambda sample: sample.wall, default=None)

    def case(self, letter, what, taken, expected, best, targets, expected_by_tool=None):
        """One row a tool. `targets`: (text, ratio or None, met); met is None where no peer was right. An amlnet that is
        not right about every endpoint has met nothing."""
        for name, sample in taken.items():
            wanted = (expected_by_tool or {}).get(name, expected)
            right = "" if wanted is None else f"{sample.right}/{wanted}"
            numbers = [f"{sample.wall:.3f}", f"{sample.cpu:.3f}", f"{sample.memory:.1f}"]
            mark = " (best peer)" if sample is best else ""
            verdict = ["", "", ""]
            if name == "amlnet":
                wrong = wanted is not None and sample.right != wanted
                verdict = self._verdict(targets, wrong)
            self._add([letter, what, name + mark, right, *numbers, *verdict])

    def note(self, letter, what, target, met):
        self._add([letter, what, "amlnet", "", "", "", "", "", target, self._word(met)])

    def remark(self, letter, what):
        self._add([letter, what, *[""] * 8])

    def _verdict(self, targets, wrong):
        ratios = "; ".join(f"{ratio:.2f}" for _, ratio, _ in targets if ratio is not None)
        words = "; ".join(text for text, _, _ in targets)
        met = "; ".join(self._word(False if wrong else value) for _, _, value in targets)
        return [ratios, words, met]

    def _word(self, met):
        if met is None:
            return "no peer was right"
        self.missed += not met
        return "yes" if met else "**no**"

    def _add(self, cells):
        self.rows.append(cells)
        print("  ".join(cell for cell in cells if cell), file=sys.stderr, flush=True)

    def text(self, runs):
        head = ["case", "what", "tool", "right", "wall s", "CPU s", "peak MB", "ratio", "target", "met"]
        lines = [f"Median of {runs}, interleaved, whole process. {machine()}", ""]
        for cells in (head, ["---"] * len(head), *self.rows):
            lines.append("| " + " | ".join(cells) + " |")
        return "\n".join(lines)


def machine():
    model = "unknown processor"
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, {system}, Linux {platform.release()}."
