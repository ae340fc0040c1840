"""What `amlnet bundle --upload` promises, tried on the node of a lab whose storage account is Azurite. Run there by upload.py,
as root of its own mount, network and process namespaces: BINARY CACHE."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
from pathlib import Path

from azurite import LAST_PORT, azurite_command
from certificates import certificates
from identity_answers import PLANTED
from services import NODE
from storage_client import ROUTER, STORAGE_ADDRESSES, STORAGE_HOST, ask, container_sas, names

_BINARY = ""
_CACHE = Path()
_SERVICES = ["nsenter", "--net=/proc/1/ns/net", "--"]
_PADDING = 3_000_000        # bytes that nothing compresses: a dozen blocks
_FOLDER = Path("/run/lab/upload")


class Upload(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """A bundle of this node, grown to a dozen blocks."""
        _FOLDER.mkdir()
        made = subprocess.run([_BINARY, "bundle", "--timeout", "1500ms", "--output", _FOLDER / "small.tar.gz"], text=True,
                              capture_output=True, stdin=subprocess.DEVNULL)
        assert made.returncode == 0, made.stderr
        with tempfile.TemporaryDirectory(dir=_FOLDER) as tree:
            subprocess.run(["tar", "xzf", _FOLDER / "small.tar.gz", "-C", tree], check=True)
            (folder,) = Path(tree).iterdir()
            (folder / "padding").write_bytes(os.urandom(_PADDING))
            subprocess.run(["tar", "czf", _FOLDER / "bundle.tar.gz", "-C", tree, folder.name], check=True)
        cls.bundle = _FOLDER / "bundle.tar.gz"
        cls.content = cls.bundle.read_bytes()

    def setUp(self):
        self.container = f"c{time.monotonic_ns()}"
        ask("PUT", self.container, "restype=container", b"")
        self.addCleanup(self._mend)
        self.outputs = ""

    def tearDown(self):
        self.assertEqual(self.bundle.read_bytes(), self.content, "the local copy stays")
        for line in self.outputs.splitlines():
            self.assertNotRegex(line, r"sig=\w|Bearer|eyJ|" + PLANTED, "a secret in an output")

    def _mend(self) -> None:
        subprocess.run([*ROUTER, "flush", "chain", "inet", "firewall", "filtering"], check=True)

    def _cut(self, bytes_through: int, how: str) -> None:
        """Packets to storage beyond so many bytes meet `how`."""
        self._mend()
        limit = ["quota", "over", str(bytes_through), "bytes"] if bytes_through else []
        subprocess.run([*ROUTER, "insert", "rule", "inet", "firewall", "filtering", "ip", "saddr", NODE, "ip", "daddr", STORAGE_ADDRESSES,
                        "tcp", "dport", "443", *limit, *how.split()], check=True)

    def _url(self, permissions: str = "rcw", container: str = "") -> str:
        query = f"?{container_sas(container or self.container, permissions)}" if permissions else ""
        return f"https://{STORAGE_HOST}/{container or self.container}{query}"

    def _begin(self, url: str, *arguments: object, report: Path | None = None) -> subprocess.Popen:
        command = [_BINARY, "bundle", "--report", str(report or self.bundle), "--timeout", "500ms", *map(str, arguments)]
        return subprocess.Popen(command, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=os.environ | {"AMLNET_UPLOAD": url})

    def _end(self, process: subprocess.Popen) -> tuple[int, str, str]:
        out, errors = process.communicate(timeout=100)
        self.outputs += out + errors
        return process.returncode, out, errors

    def _upload(self, url: str, *arguments: object, **more: Path) -> tuple[int, str, str]:
        return self._end(self._begin(url, *arguments, **more))

    def _assert_whole(self) -> None:
        (name,) = names(self.container)
        self.assertRegex(name, r"^bundle-[0-9a-f]{12}\.tar\.gz$")
        self.assertEqual(ask("GET", f"{self.container}/{name}"), self.content)

    def _line_of(self, process: subprocess.Popen, words: str) -> str:
        for line in process.stderr:
            self.outputs += line
            if words in line:
                return line
        self.fail(f"no {words!r} in {self.outputs}")

    def _cut_twice(self, url: str) -> None:
        """First by a reset after 800,000 bytes, then by silence after a million more."""
        self._cut(800_000, "reject with tcp reset")
        process = self._begin(url)
        first = self._line_of(process, "again in")
        self._cut(1_000_000, "drop")
        second = self._line_of(process, "again in")
        self._mend()
        status, out, _ = self._end(process)
        self.assertEqual(status, 0, self.outputs)
        self.assertRegex(out, rf"^uploaded https://{STORAGE_HOST}/{self.container}/bundle-\w+\.tar\.gz \({len(self.content)} bytes\)\n$")
        came = [int(re.search(r"(\d+) of 12 blocks", line).group(1)) for line in (first, second)]
        self.assertTrue(1 <= came[0] <= 3 and came[0] < came[1] <= came[0] + 4, (first, second))
        self._assert_whole()

    def test_a_link_that_is_cut_twice_arrives_whole(self):
        self._cut_twice(self._url())

    def test_the_same_with_the_token_of_an_identity(self):
        self._cut_twice(self._url(""))

    def test_a_sas_that_may_only_write_is_enough(self):
        self._cut_twice(self._url("w"))

    def test_a_later_run_goes_on_where_the_cut_came(self):
        self._cut(1_000_000, "drop")
        status, out, errors = self._upload(self._url(), "--deadline", "2s")
        self.assertEqual((status, out), (1, ""))
        self.assertRegex(errors, r"amlnet: not uploaded to .*: no answer in time; [1-3] of 12 blocks are there\. The bundle is kept")
        self._mend()
        self.assertEqual(names(self.container), [])
        status, out, errors = self._upload(self._url())
        self.assertEqual((status, errors), (0, ""))
        self.assertRegex(out, r"[1-3] of 12 blocks from an earlier upload")
        self._assert_whole()

    def test_nothing_is_overwritten(self):
        self.assertEqual(self._upload(self._url())[0], 0)
        status, out, errors = self._upload(self._url())
        self.assertEqual((status, errors), (0, ""))
        self.assertIn("(it was there already)", out)
        self._assert_whole()
        (name,) = names(self.container)
        ask("PUT", f"{self.container}/{name}", "", b"something else", x_ms_blob_type="BlockBlob")
        for permissions, words in (("rcw", "another blob of that name is there already"), ("cw", "cannot be read with this SAS")):
            status, _, errors = self._upload(self._url(permissions))
            self.assertEqual(status, 1)
            self.assertIn(words, errors)
        self.assertEqual(ask("GET", f"{self.container}/{name}"), b"something else")

    def test_what_storage_refuses_is_said_at_once(self):
        expired = f"https://{STORAGE_HOST}/{self.container}?{container_sas(self.container, 'rcw', -1)}"
        forged = re.sub("sig=[^&]{6}", "sig=Zm9yZ2", self._url())
        for url, words in ((self._url("rcw", "nosuchcontainer"), "HTTP 404 ContainerNotFound: there is no such container"),
                           (self._url("", "nosuchcontainer"), "HTTP 404 ContainerNotFound: there is no such container"),
                           (forged, "HTTP 403 AuthorizationFailure: "), (expired, "HTTP 403 AuthorizationFailure: "),  # Azurite's code
                           (self._url("r"), "HTTP 403 AuthorizationPermissionMismatch: the SAS lacks a permission")):
            with self.subTest(words=words):
                started = time.monotonic()
                status, out, errors = self._upload(url)
                self.assertEqual((status, out, errors.count("\n")), (1, "", 1), errors)
                self.assertIn(words, errors)
                self.assertLess(time.monotonic() - started, 10)

    def test_a_network_that_lets_nothing_through_is_said(self):
        for rule, words in ((("ip", "daddr", "{ 10.0.0.4, 168.63.129.16 }", "udp", "dport", "53", "drop"), f"{STORAGE_HOST} has no address"),
                            (("ip", "daddr", STORAGE_ADDRESSES, "tcp", "dport", "443", "drop"), "no answer in time"),
                            (("ip", "daddr", STORAGE_ADDRESSES, "tcp", "dport", "443", "reject", "with", "tcp", "reset"),
                             "the connection is refused")):
            with self.subTest(words=words):
                self._mend()
                subprocess.run([*ROUTER, "insert", "rule", "inet", "firewall", "filtering", *rule], check=True)
                status, _, errors = self._upload(self._url(), "--deadline", "2s")
                self.assertEqual(status, 1)
                self.assertIn(f": {words}; 0 of 12 blocks are there", errors.splitlines()[-1])

    def test_a_certificate_that_does_not_verify_gets_nothing(self):
        for url in (self._url(), self._url("")):
            status, _, errors = self._upload(url, "--ca-file", "/run/lab/corp-root.pem")
            self.assertEqual(status, 1)
            self.assertIn("certificate does not verify by this node's roots", errors)
        self.assertEqual(names(self.container), [])

    def test_a_signal_ends_it_and_a_later_run_goes_on(self):
        self._cut(1_000_000, "drop")
        process = self._begin(self._url())
        self._line_of(process, "again in")
        process.send_signal(signal.SIGTERM)
        status, _, errors = self._end(process)
        self.assertEqual(status, 1)
        self.assertIn("stopped by SIGTERM", errors)
        self._mend()
        self.assertEqual(self._upload(self._url())[0], 0)
        self._assert_whole()

    def test_a_service_that_goes_and_comes_back(self):
        command = [*azurite_command(certificates(_CACHE)), "--location", str(_FOLDER / "azurite")]
        command.remove("--inMemoryPersistence")
        for pid in _processes("azurite.js"):
            os.kill(pid, signal.SIGTERM)
        first = _start_azurite(command)
        ask("PUT", self.container, "restype=container", b"")
        self._cut(1_500_000, "drop")
        process = self._begin(self._url())
        self._line_of(process, "again in")
        first.send_signal(signal.SIGTERM)
        first.wait()
        self._mend()
        self.assertIn("something on the way answers in place of storage (HTTP 502)", self._line_of(process, "HTTP 502"))
        Upload.azurite = _start_azurite(command)    # ends with the lab
        self.assertEqual(self._end(process)[0], 0, self.outputs)
        self._assert_whole()

    def test_check_pack_and_upload_in_one_go(self):
        bundle = _FOLDER / "fresh.tar.gz"
        done = subprocess.run([_BINARY, "bundle", "--timeout", "1500ms", "--output", bundle, "--redact", "all"], text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, env=os.environ | {"AMLNET_UPLOAD": self._url()})
        self.outputs += done.stdout + done.stderr
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        (name,) = names(self.container)
        self.assertIn(f"/{name} (", done.stdout)
        self.assertEqual(ask("GET", f"{self.container}/{name}"), bundle.read_bytes())
        members = subprocess.run(["tar", "xzOf", bundle], capture_output=True, check=True).stdout.decode(errors="replace")
        self.outputs += "\n".join(line for line in members.splitlines() if "sig=" in line)
        self.assertIn("AMLNET_UPLOAD=https://", members)

    def test_what_cannot_work_is_status_2_and_probes_nothing(self):
        sas = urllib.parse.urlsplit(self._url()).query
        for url, arguments, words in (
                (f"http://{STORAGE_HOST}/c?{sas}", (), "does not begin with https://"), (f"https://{STORAGE_HOST}/?{sas}", (), "names no container"),
                (f"https://{STORAGE_HOST}/c?x=1", (), "no shared access signature"), (f"https://u:sig=@{STORAGE_HOST}/c", (), "a user name"),
                ("https://storage.contoso.com/c", (), "without a SAS a token is sent, and only to hosts of"),
                (f"https://{STORAGE_HOST}/c", ("--identity", "none"), "no identity is configured"),
                (self._url(), ("--redact", "all"), "is a bundle already")):
            with self.subTest(words=words):
                status, out, errors = self._upload(url, *arguments)
                self.assertEqual((status, out, errors.count("\n")), (2, "", 1), errors)
                self.assertIn(words, errors)
        no_bundle = _FOLDER / "other.tar.gz"
        subprocess.run(["tar", "czf", no_bundle, "-C", "/etc", "passwd"], check=True)
        status, _, errors = self._upload(self._url(), report=no_bundle)
        self.assertEqual(status, 2)
        self.assertIn("expected a bundle as amlnet bundle writes it", errors)


def _processes(word: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if command[0].endswith(b"node") and any(word.encode() in part for part in command):
            found.append(int(folder.name))
    return found


def _start_azurite(command: list[str]) -> subprocess.Popen:
    process = subprocess.Popen([*_SERVICES, *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    accepts = f"import socket; socket.create_connection(('127.0.0.1', {LAST_PORT}), 0.2)"
    for _ in range(100):
        if not subprocess.run([*_SERVICES, sys.executable, "-Sc", accepts], stderr=subprocess.DEVNULL).returncode:
            return process
        time.sleep(0.1)
    raise RuntimeError("Azurite did not start")


if __name__ == "__main__":
    _BINARY, _CACHE = sys.argv.pop(1), Path(sys.argv.pop(1))
    unittest.main()
