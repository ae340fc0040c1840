"""What packaging/azureml/setup.sh does with AMLNET_UPLOAD, tried on the node of a lab whose storage account is Azurite. Run there
by upload.py, as root of its own mount and network namespaces: BINARY."""

import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from storage_client import ROUTER, STORAGE_ADDRESSES, STORAGE_HOST, ask, container_sas, names

_BINARY = ""
_SETUP = Path(__file__).parent.parent.parent / "packaging/azureml/setup.sh"


class Start(unittest.TestCase):
    """packaging/azureml/setup.sh with AMLNET_UPLOAD: what becomes of the bundles of three starts."""

    def setUp(self):
        self.container = f"c{time.monotonic_ns()}"
        ask("PUT", self.container, "restype=container", b"")
        self.reports = Path(tempfile.mkdtemp(dir="/run/lab"))

    def _start(self, **variables: str) -> str:
        environment = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "AMLNET_CONFIG": "/run/lab/amlnet.json", "AMLNET_TIMEOUT": "1500ms",
                       "AMLNET_WAIT": "0s", "AMLNET_REPORTS": str(self.reports), "AMLNET_BINARY": _BINARY, "AMLNET_REDACT": "all",
                       "AMLNET_DEADLINE": "25s",
                       "AMLNET_UPLOAD": f"https://{STORAGE_HOST}/{self.container}?{container_sas(self.container, 'rcw')}"} | variables
        done = subprocess.run(["bash", str(_SETUP)], stdin=subprocess.DEVNULL, text=True, capture_output=True, env=environment, cwd="/")
        self.assertEqual((done.returncode, done.stderr, done.stdout.count("\n")), (0, "", 1), done.stdout)
        self.assertNotIn("sig=", done.stdout)
        return done.stdout

    def _bundles(self) -> list[bytes]:
        return sorted(path.read_bytes() for path in self.reports.glob("start-*.tar.gz"))

    def _arrived(self) -> list[bytes]:
        return sorted(ask("GET", f"{self.container}/{name}") for name in names(self.container))

    def test_what_one_start_cannot_send_a_later_one_sends(self):
        self.assertIn(" status=0 upload=done report=", self._start(AMLNET_GATE="1"))
        self.assertEqual((len(self._arrived()), self._arrived()), (1, self._bundles()))
        drop = ["ip", "daddr", STORAGE_ADDRESSES, "tcp", "dport", "443", "drop"]
        subprocess.run([*ROUTER, "insert", "rule", "inet", "firewall", "filtering", *drop], check=True)
        line = self._start(AMLNET_UPLOAD=f"https://{STORAGE_HOST}/{self.container}")   # by the identity
        self.assertRegex(line, r"amlnet: FAIL .* status=1 upload=failed \(no answer in time; 0 of 1 blocks are there\) report=")
        subprocess.run([*ROUTER, "flush", "chain", "inet", "firewall", "filtering"], check=True)
        self.assertEqual(len(self._arrived()), 1)
        self.assertIn(" status=0 upload=done report=", self._start(AMLNET_UPLOAD=f"https://{STORAGE_HOST}/{self.container}"))
        self.assertEqual((len(self._arrived()), self._arrived()), (3, self._bundles()))

    def test_a_refusal_changes_no_status(self):
        line = self._start(AMLNET_GATE="1", AMLNET_UPLOAD=f"https://{STORAGE_HOST}/nosuchcontainer")
        self.assertRegex(line, r"amlnet: PASS .* status=0 upload=failed \(HTTP 404 ContainerNotFound: .*\) report=")
        self.assertEqual(len(self._bundles()), 1)
        line = self._start(AMLNET_GATE="1", AMLNET_UPLOAD="not a url?sig=x")
        self.assertRegex(line, r"upload=failed \(AMLNET_UPLOAD: not a URL; expected .*\) report=")


if __name__ == "__main__":
    _BINARY = sys.argv.pop(1)
    unittest.main()
