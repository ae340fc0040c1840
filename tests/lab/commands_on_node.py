"""What `amlnet check` promises beside its findings, tried on the node of a lab. Run there by commands.py, as root of its own
mount and network namespaces: BINARY TESTS..."""

import ctypes
import json
import os
import random
import signal
import socket
import stat
import subprocess
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_BINARY = ""
_SCHEMA_CHECK = Path(__file__).parent.parent / "schema_check.py"
_FOLDER = Path("/run/lab/commands")
_SEED = 20260319
_MOMENTS = 20
_AT_ONCE = 4


def _check(*arguments: object, **others) -> subprocess.CompletedProcess:
    command = [_BINARY, "check", "--timeout", "1500ms", *map(str, arguments)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, text=True, **({"capture_output": True} | others))


def _assert_valid(case: unittest.TestCase, *reports: Path) -> None:
    done = subprocess.run([sys.executable, "-B", _SCHEMA_CHECK, *reports], text=True, capture_output=True)
    case.assertEqual(done.stdout + done.stderr, "")


class Files(unittest.TestCase):
    """Where reports go, and what is left where they cannot."""

    def setUp(self):
        _FOLDER.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", _FOLDER], check=True)
        self.addCleanup(subprocess.run, ["umount", _FOLDER], check=True)
        self.report = _FOLDER / "report.json"

    def test_each_format_goes_to_the_output_after_it(self):
        other = Path("/run/lab/other.jsonl")
        done = _check("--format", "json", "--output", "/run/lab/pair.json", "--format", "human", "--format", "jsonl",
                      "--output", other)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(done.stdout.rstrip().splitlines()[-1].startswith("amlnet: PASS"), done.stdout)
        self.assertNotIn('"schema"', done.stdout)
        _assert_valid(self, Path("/run/lab/pair.json"), other)

    def test_a_report_replaces_the_one_before(self):
        path = Path("/run/lab/replaced.json")
        path.write_text("before")
        self.assertEqual(_check("--format", "json", "--output", path).returncode, 0)
        _assert_valid(self, path)

    def test_a_full_disk_is_status_4_and_the_old_file_is_untouched(self):
        self.report.write_text("before")
        with open(_FOLDER / "filler", "wb", buffering=0) as filler, self.assertRaises(OSError):
            while True:
                filler.write(bytes(4096))
        done = _check("--format", "json", "--output", self.report)
        self.assertEqual(done.returncode, 4)
        self.assertEqual(done.stderr, f"amlnet: cannot write {self.report}: No space left on device\n")
        self.assertEqual(self.report.read_text(), "before")
        self.assertEqual({path.name for path in _FOLDER.iterdir()}, {"filler", "report.json"})

    def test_what_cannot_be_written_is_status_4(self):
        self.report.write_text("before")
        subprocess.run(["mount", "-o", "remount,ro", _FOLDER], check=True)
        for path, why in ((self.report, "Read-only file system"), (_FOLDER, "Is a directory"),
                          ("/run/lab/nowhere/report.json", "No such file or directory")):
            with self.subTest(path=path):
                done = _check("--format", "json", "--output", path)
                self.assertEqual((done.returncode, done.stderr), (4, f"amlnet: cannot write {path}: {why}\n"))
        self.assertEqual(self.report.read_text(), "before")

    def test_a_full_standard_output_is_status_4(self):
        with open("/dev/full", "w") as full:
            done = _check(capture_output=False, stdout=full, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr), (4, "amlnet: cannot write to standard output: No space left on device\n"))


class DeadMount(unittest.TestCase):
    """A share that was mounted before its storage account was cut off: whoever opens a file there waits for ever."""

    def setUp(self):
        self.folder = Path("/run/lab/share")
        self.folder.mkdir()
        self.addCleanup(self.folder.rmdir)
        server = os.open("/dev/fuse", os.O_RDWR)  # nobody reads the questions of the file system from it
        options = f"fd={server},rootmode=40000,user_id=0,group_id=0"
        mounted = ctypes.CDLL(None, use_errno=True).mount(b"dead", str(self.folder).encode(), b"fuse", 0, options.encode())
        error = os.strerror(ctypes.get_errno())
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.folder], check=True)
        self.addCleanup(os.close, server)
        self.assertEqual(mounted, 0, error)

    def test_a_bundle_on_it_holds_nothing_up(self):
        report, bundle = Path("/run/lab/dead-mount.json"), self.folder / "ca.pem"
        # a sanitizer's look for leaks would wait for the thread that waits; the time is that of a hang
        environment = os.environ | {"REQUESTS_CA_BUNDLE": str(bundle), "ASAN_OPTIONS": "detect_leaks=0"}
        done = _check("--format", "json", "--output", report, env=environment, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = json.loads(report.read_text())
        self.assertTrue(found["run"]["complete"])
        self.assertIn("tls.ca-bundle", [finding["cause"] for finding in found["findings"]])
        self.assertIn(f"REQUESTS_CA_BUNDLE {bundle} cannot be used: its file system does not answer", json.dumps(found["findings"]))


class Usage(unittest.TestCase):
    """Malformed input: status 2, what is wrong and where, and no probe."""

    def test_a_malformed_workspace_file_says_where_and_what(self):
        config = Path("/run/lab/malformed.json")
        for text, message in _MALFORMED.items():
            with self.subTest(config=text):
                config.write_text(text)
                done = _check("--config", config)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertEqual(done.stderr, f"amlnet: {config}: {message}\n")

    def test_a_workspace_file_that_is_not_there_is_named(self):
        done = _check("--config", "/run/lab/nowhere.json")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr, "amlnet: /run/lab/nowhere.json: cannot read: No such file or directory\n")

    def test_an_output_without_a_format_is_status_2(self):
        done = _check("--output", "/run/lab/unpaired.json")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("--output", done.stderr)
        self.assertFalse(Path("/run/lab/unpaired.json").exists())


    def test_an_identity_that_is_not_configured_is_status_2(self):
        for how, wanted in (("service-principal", "AZURE_TENANT_ID"), ("azure-cli", "no program az in PATH")):
            with self.subTest(identity=how):
                done = _check("--identity", how)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(wanted, done.stderr)


class Discovered(unittest.TestCase):
    """What is asked of Resource Manager, and what is not, where no workspace file says anything."""

    def _plan(self, *arguments: str) -> dict:
        done = subprocess.run([_BINARY, "plan", "--format", "json", *arguments], stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, check=True)
        return json.loads(done.stdout)["workspace"]

    def test_a_plan_finds_the_workspace(self):
        workspace = self._plan()
        self.assertEqual(workspace["sources"]["workspace.id"], "resource-manager")
        self.assertEqual(workspace["storage_accounts"][0]["name"], "stws1")

    def test_offline_and_without_identity_it_asks_nobody(self):
        for arguments in (["--offline"], ["--identity", "none"]):
            with self.subTest(arguments=arguments):
                workspace = self._plan(*arguments)
                self.assertNotIn("resource-manager", workspace["sources"].values())
                self.assertEqual(workspace["workspace"]["name"], "ws1")

    def test_without_identity_no_token_is_asked_for(self):
        path = Path("/run/lab/none.json")
        _check("--identity", "none", "--format", "json", "--output", path)
        self.assertEqual([probe for probe in json.loads(path.read_text())["probes"] if probe["kind"] == "identity"], [])


class Inbound(unittest.TestCase):
    """amlnet listen and amlnet reach, both on the node itself."""

    def _listen(self, *arguments: str) -> subprocess.Popen:
        process = subprocess.Popen([_BINARY, "listen", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        self.said = ""
        while "listening for" not in self.said:
            line = process.stdout.readline()
            self.assertTrue(line, process.stderr.read() if process.poll() is not None else "")
            self.said += line
        return process

    def _end(self, process: subprocess.Popen) -> int:
        out, errors = process.communicate(timeout=30)
        self.said += out
        self.assertEqual(errors, "")
        return process.returncode

    def _reach(self, *arguments: object) -> subprocess.CompletedProcess:
        return subprocess.run([_BINARY, "reach", "10.0.1.7", "--timeout", "1500ms", *map(str, arguments)], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True)

    def test_listens_on_the_documented_ports_and_says_who_came(self):
        with socket.create_server(("", 22)):
            process = self._listen("--for", "20s")
            report = Path("/run/lab/reach.json")
            last = Path(os.environ["XDG_STATE_HOME"], "amlnet/last.json")
            before = last.read_bytes() if last.exists() else None
            done = self._reach("--format", "json", "--output", report, "--timeout", "500ms", "--retries", "0")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertEqual(last.read_bytes() if last.exists() else None, before)
        _assert_valid(self, report)
        status = {row["id"]: (row["status"], row["level"]) for row in json.loads(report.read_text())["requirements"]}
        self.assertEqual(status, {"in.batch.29876": ("pass", "optional"), "in.aml.44224": ("pass", "required"),
                                  "in.ssh.22": ("unknown", "optional")})
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self._end(process), 0)
        for line in ("port 29876  open", "port 29877  open", "port 44224  open", "port 22     not free, another program listens",
                     "from another node: amlnet reach 10.0.1.7", "listening for 20 s", "-> port 44224: amlnet reach, got the answer",
                     "ended by SIGTERM: 6 connections from 1 address, 3 by amlnet reach"):
            self.assertIn(line, self.said)
        bundle = Path("/run/lab/reach.tar.gz")
        subprocess.run([_BINARY, "bundle", "--report", report, "--redact", "all", "--output", bundle], check=True, capture_output=True)
        hidden = subprocess.run([_BINARY, "diagnose", bundle, "--format", "json"], check=True, text=True, capture_output=True).stdout
        self.assertNotIn("10.0.1.7", hidden)
        self.assertEqual({row["id"]: (row["status"], row["level"]) for row in json.loads(hidden)["requirements"]}, status)
        for command in (["show"], ["explain", "1", "--report"], ["fix"], ["diagnose"]):
            with self.subTest(command=command):
                again = subprocess.run([_BINARY, *command, report], text=True, stdin=subprocess.DEVNULL, capture_output=True)
                self.assertEqual((again.returncode, again.stderr), (0, ""))

    def test_ends_with_its_time_and_by_each_signal(self):
        began = time.monotonic()
        self.assertEqual(self._end(self._listen("--ports", "6105", "--for", "1s")), 0)
        self.assertIn("ended by its time: 0 connections from 0 addresses", self.said)
        self.assertGreaterEqual(time.monotonic() - began, 1)
        for which in (signal.SIGINT, signal.SIGTERM):
            process = self._listen("--ports", "6105")
            process.send_signal(which)
            self.assertEqual(self._end(process), 0)
            self.assertIn(f"ended by {which.name}:", self.said)

    def test_no_port_at_all_is_status_4(self):
        with socket.create_server(("", 6105)):
            done = subprocess.run([_BINARY, "listen", "--ports", "6105"], stdin=subprocess.DEVNULL, text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stdout), (4, "port 6105   not free, another program listens there\n"))
        self.assertEqual(done.stderr, "amlnet: listen: no port could be opened\n")

    def test_a_name_that_does_not_resolve_is_told(self):
        report = Path("/run/lab/reach-nobody.json")
        done = subprocess.run([_BINARY, "reach", "nobody.contoso.com", "--format", "json", "--output", report], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertEqual([one["cause"] for one in json.loads(report.read_text())["findings"]], ["dns.name-not-found"])


_MALFORMED = {
    '{"workspace": {"acess": "private"}}': 'workspace.acess: unknown key; did you mean "access"?',
    '{"region": 7}': "region: expected a region such as eastus2, got 7",
    '{"compute": {"kind": "instanse"}}':
        "compute.kind: expected instance, cluster, serverless, kubernetes, spark, synapse-spark, vm, databricks, hdinsight, "
        'aks or aci, got "instanse"; did you mean "instance"?',
    '{"network": {"vnet": ["10.0.0.0/33"]}}':
        'network.vnet[0]: expected a prefix such as 10.0.0.0/16, without bits beyond its length, got "10.0.0.0/33"',
    '{"region": "eastus2"':
        "line 1, column 21: syntax error while parsing object - unexpected end of input; expected '}'",
    '{"region": "eastus2", "region": "westus"}': 'line 1: the key "region" stands twice in one object',
    "[]": "expected an object, got a list",
}


def _holds_signals_back(process: subprocess.Popen) -> bool:
    """Whether the program has come to the point from which on a signal may not end it without a report."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    blocked = int(next(line.split()[1] for line in status.splitlines() if line.startswith("SigBlk:")), 16)
    return bool(blocked >> (signal.SIGTERM - 1) & 1) or process.poll() is not None


class Bundled(unittest.TestCase):
    """amlnet bundle on a broken node: what it packs, and that the pseudonyms change nothing."""

    _SECRETS = {"AZURE_CLIENT_SECRET": "planted-in-environment", "https_proxy": "", "AMLNET_PROXY": "none"}

    def _bundle(self, redaction: str) -> dict[str, str]:
        path = Path(f"/run/lab/{redaction}.tar.gz")
        done = subprocess.run([_BINARY, "bundle", "--timeout", "1500ms", "--redact", redaction, "--output", path], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, env=os.environ | self._SECRETS)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        names = subprocess.run(["tar", "tzf", path], check=True, text=True, capture_output=True).stdout.split()
        return {name.split("/")[1]: subprocess.run(["tar", "xzOf", path, name], check=True, text=True, capture_output=True).stdout
                for name in names}

    def _causes(self, *arguments: str) -> list[tuple[str, str]]:
        done = subprocess.run([_BINARY, "diagnose", *arguments, "--format", "json"], text=True, capture_output=True)
        report = json.loads(done.stdout)
        return sorted((one["cause"], one["severity"]) for one in report["findings"]) + [tuple(report["summary"]["required"].items())]

    def test_a_bundle_of_a_check(self):
        members = self._bundle("secrets")
        self.assertLessEqual({"manifest.json", "report.json", "report.html", "report.md", "plan.json", "log.jsonl", "environment.txt",
                              "versions.txt", "resolv.conf", "hosts", "routes.txt", "addresses.txt"}, set(members))
        self.assertNotIn("planted", "".join(members.values()))
        self.assertIn("10.0.1.7/24", members["addresses.txt"])
        self.assertIn("via 10.0.1.1", members["routes.txt"])
        self.assertIn("nameserver 10.0.0.4", members["resolv.conf"])
        Path("/run/lab/packed.json").write_text(members["report.json"])
        _assert_valid(self, Path("/run/lab/packed.json"))

    def test_pseudonyms_hide_names_and_addresses_and_not_the_causes(self):
        members = self._bundle("all")
        for name, text in members.items():
            for hidden in ("stws1", "kvws1", "acrws1", "rg1", "10.0.1.7", "10.0.0.4", "10.0.2.", "20.60.14."):
                self.assertNotIn(hidden, text, name)
        self.assertIn(".blob.core.windows.net", members["report.json"])
        Path("/run/lab/hidden.json").write_text(members["report.json"])
        _assert_valid(self, Path("/run/lab/hidden.json"))
        causes = self._causes()  # of the last report, which is the same run
        self.assertIn(("dns.private-zone-not-linked", "blocking"), causes)
        self.assertEqual(self._causes("/run/lab/all.tar.gz"), causes)


class Interrupted(unittest.TestCase):
    """A signal at any moment leaves a whole report."""

    def _interrupt(self, number: int, after_s: float, which: signal.Signals) -> tuple[int, str, Path]:
        report = Path(f"/run/lab/interrupted-{number}.json")
        command = [_BINARY, "check", "--timeout", "1500ms", "--format", "json", "--output", str(report),
                   "--format", "jsonl", "--output", str(report.with_suffix(".jsonl"))]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   env={"HOME": f"/run/lab/home-{number}"}, text=True)
        while not _holds_signals_back(process):
            time.sleep(0.001)
        time.sleep(after_s)
        process.send_signal(which)
        errors = process.communicate(timeout=60)[1]
        return process.returncode, errors, report

    def test_at_random_moments(self):
        whole = _check("--format", "json", "--output", "/run/lab/whole.json")
        lasts_s = json.loads(Path("/run/lab/whole.json").read_text())["run"]["duration_ms"] / 1000
        self.assertEqual(whole.returncode, 1)
        moments = random.Random(_SEED)
        cases = [(number, moments.uniform(0, lasts_s * 0.8), moments.choice([signal.SIGINT, signal.SIGTERM]))
                 for number in range(_MOMENTS)]
        cases[0] = (0, 0.0, signal.SIGTERM)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            outcomes = list(pool.map(lambda case: self._interrupt(*case), cases))
        for (_, after_s, which), (status, errors, report) in zip(cases, outcomes):
            with self.subTest(after_s=after_s, signal=which.name):
                self.assertEqual(errors, "")
                run = json.loads(report.read_text())["run"]
                self.assertEqual((run["complete"], run["incomplete_because"]), (False, which.name))
                self.assertIn(status, (1, 3))
        _assert_valid(self, *(path for _, _, report in outcomes for path in (report, report.with_suffix(".jsonl"))))

    def test_between_the_rounds_of_a_wait(self):
        report = Path("/run/lab/waited.json")
        process = subprocess.Popen([_BINARY, "check", "--timeout", "500ms", "--wait", "60s", "--format", "json", "--output",
                                    str(report)], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(2)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.communicate(timeout=60)[1], "")
        self.assertEqual(process.returncode, 1)
        self.assertEqual(json.loads(report.read_text())["run"]["incomplete_because"], "SIGTERM")


if __name__ == "__main__":
    _BINARY = sys.argv[1]
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
