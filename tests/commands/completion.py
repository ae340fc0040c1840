#!/usr/bin/env python3
"""What the shells themselves make of `amlnet completion`: completion.py BINARY. Each is asked what it would offer."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

_BINARY = ""
_BASH = """
. /usr/share/bash-completion/bash_completion; . "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
_amlnet; printf '%s\\n' "${COMPREPLY[@]}"
"""
_PATIENCE_S = 30


def _script(shell: str) -> str:
    return subprocess.run([_BINARY, "completion", shell], check=True, text=True, capture_output=True).stdout


class _Scripts(unittest.TestCase):
    shell = ""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.script = self.folder / f"amlnet.{self.shell}"
        self.script.write_text(_script(self.shell))
        (self.folder / "the report.json").touch()


class Bash(_Scripts):
    shell = "bash"

    def _offers(self, *words: str) -> list[str]:
        done = subprocess.run(["bash", "--norc", "-c", _BASH, "bash", self.script, "amlnet", *words], text=True,
                              capture_output=True, cwd=self.folder)
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()

    def test_commands_options_and_their_words(self):
        for words, offers in ((["che"], ["check"]), (["check", "--conc"], ["--concurrency"]),
                              (["check", "--color", "a"], ["auto", "always"]),
                              (["check", "--color", "=", "n"], ["never"]), (["check", "--color", "="], ["auto", "always", "never"]),
                              (["requirements", "--format", "m"], ["markdown"]), (["fix", "--format", "b"], ["bicep"]), (["completion", "f"], ["fish"]),
                              (["check", "--timeout", "5"], [""]), (["check", "--config", "t"], ["the report.json"])):
            with self.subTest(words=words):
                self.assertEqual(self._offers(*words), offers)

    def test_options_of_other_commands_are_not_offered(self):
        self.assertIn("--wait", self._offers("check", "--"))
        self.assertNotIn("--wait", self._offers("plan", "--"))


class Fish(_Scripts):
    shell = "fish"

    def _offers(self, line: str) -> list[str]:
        done = subprocess.run(["fish", "--no-config", "--command", f"source {self.script}; complete --do-complete '{line}'"],
                              text=True, capture_output=True, cwd=self.folder, env=os.environ | {"HOME": str(self.folder)})
        self.assertEqual(done.stderr, "")
        return [offer.split("\t")[0] for offer in done.stdout.splitlines()]

    def test_commands_options_and_their_words(self):
        for line, offers in (("amlnet che", ["check"]), ("amlnet check --conc", ["--concurrency"]),
                             ("amlnet check --color a", ["always", "auto"]), ("amlnet requirements --format m", ["markdown"]),
                             ("amlnet completion f", ["fish"]), ("amlnet check --config t", ["the report.json"])):
            with self.subTest(line=line):
                self.assertEqual(self._offers(line), offers)


class Zsh(_Scripts):
    shell = "zsh"

    def _typed(self, line: str) -> str:
        """What stands on zsh's screen once `line` and a tab have been typed."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.folder)
            os.execvpe("zsh", ["zsh", "-f", "-i"], os.environ | {"TERM": "dumb", "PS1": "READY ", "HOME": str(self.folder)})
        try:
            self._until(terminal, "READY ")
            # Typed with quotes, so that what is typed is not yet what is waited for.
            os.write(terminal, f"autoload -Uz compinit; compinit -D -u; source {self.script}; PS1='S''ET '\n".encode())
            self._until(terminal, "SET ")
            os.write(terminal, f"{line}\t\x05#END".encode())
            return self._until(terminal, "#END")
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(terminal)

    def _until(self, terminal: int, mark: str) -> str:
        seen, end = "", time.monotonic() + _PATIENCE_S
        while mark not in seen:
            if not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
                self.fail(f"zsh never shows {mark!r}: {seen!r}")
            seen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", os.read(terminal, 4096).decode(errors="replace")).replace("\r", "")
        return seen

    def test_commands_options_and_their_words(self):
        for line, whole in (("amlnet che", "amlnet check "), ("amlnet check --conc", "amlnet check --concurrency="),
                            ("amlnet check --color alw", "amlnet check --color always "),
                            ("amlnet check --color=n", "amlnet check --color=never "),
                            ("amlnet completion f", "amlnet completion fish "),
                            ("amlnet check --config t", r"amlnet check --config the\ report.json ")):
            with self.subTest(line=line):
                self.assertIn(whole, self._typed(line))


if __name__ == "__main__":
    _BINARY = os.path.abspath(sys.argv.pop())
    unittest.main()
