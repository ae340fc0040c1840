#!/usr/bin/env python3
"""What packaging/package.sh has made: packages.py FOLDER. The Debian package is free of lintian's errors and warnings, its
manual pages of mandoc's; the tarball installs and removes itself as an ordinary user without a network."""

import os
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

_FOLDER = Path()


def _only(pattern: str) -> Path:
    found = list(_FOLDER.glob(pattern))
    if len(found) != 1:
        sys.exit(f"{_FOLDER}: {len(found)} files {pattern}")
    return found[0]


class _Unpacked(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.folder.chmod(0o755)


class Deb(_Unpacked):
    def setUp(self):
        super().setUp()
        self.deb = _only("*.deb")
        subprocess.run(["dpkg-deb", "-x", self.deb, self.folder], check=True)

    def test_lintian_has_nothing_to_say(self):
        done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", self.deb], text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_the_program_in_it_runs(self):
        said = subprocess.run([self.folder / "usr/bin/amlnet", "--version"], check=True, text=True, capture_output=True).stdout
        self.assertRegex(self.deb.name, rf"^amlnet_{re.escape(said.split()[1])}-1_")

    def test_every_command_has_a_manual_page_without_faults(self):
        text = subprocess.run([self.folder / "usr/bin/amlnet", "--help"], check=True, text=True, capture_output=True).stdout
        commands = re.findall(r"^  ([a-z]+) ", text.split("Subcommands:")[1].split("\n\n")[0], re.MULTILINE)
        self.assertIn("check", commands)
        for name in ("amlnet", *(f"amlnet-{command}" for command in commands)):
            page = subprocess.run(["zcat", self.folder / f"usr/share/man/man1/{name}.1.gz"], check=True, capture_output=True).stdout
            lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=page, capture_output=True)
            self.assertEqual((lint.returncode, lint.stdout), (0, b""), name)
            self.assertNotIn(b"/build/", page)

    def test_what_belongs_to_it_is_there(self):
        for path in ("amlnet/report.schema.json", "amlnet/plan.schema.json", "amlnet/fleet.schema.json", "amlnet/diff.schema.json", "amlnet/catalog/catalog.json",
                     "amlnet/azureml/setup.sh", "bash-completion/completions/amlnet", "fish/vendor_completions.d/amlnet.fish",
                     "zsh/vendor-completions/_amlnet", "doc/amlnet/copyright"):
            self.assertTrue((self.folder / "usr/share" / path).stat().st_size, path)
        for script in ("slurm/health_check.sh", "azureml/check_nodes.sh", "clustershell/check.sh"):
            self.assertTrue(os.access(self.folder / "usr/share/amlnet/examples" / script, os.X_OK), script)


    def test_its_units_are_sound_and_sandboxed(self):
        units = self.folder / "usr/lib/systemd/system"
        # As they are, but for the program, which is not installed here.
        copies = self.folder / "units"
        copies.mkdir()
        for unit in units.iterdir():
            text = unit.read_text().replace("/usr/bin/amlnet", str(self.folder / "usr/bin/amlnet"))
            (copies / unit.name).write_text(text)
        names = sorted(unit.name for unit in copies.iterdir())
        self.assertEqual(names, ["amlnet-check.service", "amlnet-check.timer", "amlnet-watch.service"])
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *(copies / name for name in names)], text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
        for name in ("amlnet-check.service", "amlnet-watch.service"):
            done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", copies / name], text=True,
                                  capture_output=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_watch_makes_no_call_that_its_unit_forbids(self):
        allowed = _calls("@system-service") - _calls("@privileged") - _calls("@resources")
        unit = (self.folder / "usr/lib/systemd/system/amlnet-watch.service").read_text()
        self.assertIn("SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources\n", unit)
        trace = self.folder / "trace"
        alone = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--net"]
        watch = ["timeout", "-s", "TERM", "6", "strace", "-f", "-o", trace, self.folder / "usr/bin/amlnet", "watch", "--region", "eastus2",
                 "--compute", "cluster", "--timeout", "300ms", "--interval", "1s", "--listen", "0"]
        done = subprocess.run([*alone, *watch], text=True, capture_output=True, env=os.environ | {"STATE_DIRECTORY": str(self.folder)})
        self.assertIn("newly failing", done.stdout)
        made = set(re.findall(r"^\d+ +(?:<\.\.\. )?([a-z_0-9]+)[( ]", trace.read_text(), re.MULTILINE))
        self.assertIn("rt_sigtimedwait", made)
        self.assertEqual(made - allowed, set())


def _calls(name: str) -> set[str]:
    """The system calls of one of systemd's groups."""
    said = subprocess.run(["systemd-analyze", "syscall-filter", name], check=True, text=True, capture_output=True).stdout
    words = [line.strip() for line in said.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
    return {call for word in words for call in (_calls(word) if word.startswith("@") else {word})}


class TarballForArm64(_Unpacked):
    def test_it_holds_what_the_other_one_does_and_is_not_installed_where_it_does_not_run(self):
        names, trees = [], []
        for machine in ("x86_64", "aarch64"):
            with tarfile.open(_only(f"*-linux-{machine}.tar.gz")) as tar:
                tar.extractall(self.folder, filter="data")
                names.append({name.partition("/")[2] for name in tar.getnames()})
                trees.append(self.folder / tar.getnames()[0].split("/")[0])
        self.assertEqual(names[0], names[1])
        same = {name for name in names[0] if (trees[0] / name).is_file()} - {"amlnet", "LICENSES.txt", "sbom.spdx.json"}
        self.assertEqual({name for name in same if (trees[0] / name).read_bytes() != (trees[1] / name).read_bytes()}, set())
        prefix = self.folder / "prefix"
        done = subprocess.run([trees[1] / "install.sh", "--prefix", prefix], text=True, capture_output=True)
        if Path("/proc/sys/fs/binfmt_misc/qemu-aarch64").exists():  # then it runs by itself
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            return
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(f"this amlnet does not run on {os.uname().sysname} {os.uname().machine}", done.stderr)
        self.assertFalse(prefix.exists())


class Tarball(_Unpacked):
    def setUp(self):
        super().setUp()
        with tarfile.open(_only("*-linux-x86_64.tar.gz")) as tar:
            self.names = tar.getnames()
            tar.extractall(self.folder, filter="data")
        self.tree = self.folder / self.names[0].split("/")[0]
        self.home = self.folder / "home"
        self.home.mkdir(mode=0o777)
        self.home.chmod(0o777)

    def _as_anybody(self, *command: str | Path) -> subprocess.CompletedProcess:
        lowered = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        alone = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--net"]
        return subprocess.run([*alone, *lowered, *command], text=True, capture_output=True, cwd="/",
                              env={"HOME": str(self.home), "PATH": "/usr/bin:/bin"})

    def test_it_holds_one_folder_with_licences_and_bill(self):
        self.assertEqual({name.split("/")[0] for name in self.names}, {self.tree.name})
        for name in ("amlnet", "install.sh", "setup.sh", "LICENSES.txt", "sbom.spdx.json", "README.md"):
            self.assertIn(f"{self.tree.name}/{name}", self.names)

    def test_it_installs_and_removes_itself_without_network_or_privilege(self):
        prefix = self.home / ".local"
        installer = [] if os.geteuid() == 0 else ["--prefix", prefix]
        done = self._as_anybody(self.tree / "install.sh", *installer)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, f"installed {prefix}/bin/amlnet\n", ""))
        self.assertTrue(self._as_anybody(prefix / "bin/amlnet", "--version").stdout.startswith("amlnet "))
        self.assertTrue((prefix / "share/man/man1/amlnet.1.gz").is_file())
        self.assertTrue(os.access(prefix / "share/amlnet/examples/slurm/health_check.sh", os.X_OK))
        again = self._as_anybody(self.tree / "install.sh", *installer)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(self._as_anybody(self.tree / "install.sh", "--remove", *installer).returncode, 0)
        self.assertEqual([path for path in prefix.rglob("*") if not path.is_dir()], [])

    def test_its_units_name_the_program_where_it_is(self):
        units = self.home / "units"
        units.mkdir()
        done = [subprocess.run([self.tree / "install.sh", *words, "--prefix", self.home / "opt"], text=True, capture_output=True,
                               env={"HOME": str(self.home), "PATH": "/usr/bin:/bin", "AMLNET_UNITS": str(units)}) for words in ([], ["--remove"])
                if not words or self._installed(units)]
        self.assertEqual([(one.returncode, one.stderr) for one in done], [(0, ""), (0, "")])
        self.assertEqual(list(units.iterdir()), [])

    def _installed(self, units: Path) -> bool:
        names = sorted(unit.name for unit in units.iterdir())
        self.assertEqual(names, ["amlnet-check.service", "amlnet-check.timer", "amlnet-watch.service"])
        self.assertIn(f"ExecStart={self.home}/opt/bin/amlnet watch\n", (units / "amlnet-watch.service").read_text())
        return True

    def test_a_wrong_option_is_status_2(self):
        done = self._as_anybody(self.tree / "install.sh", "--prefx", "/nowhere")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("--prefx: unknown option", done.stderr)


if __name__ == "__main__":
    _FOLDER = Path(sys.argv.pop(1)).resolve()
    unittest.main()
