"""What Python's ssl says of chains under bundles, and which certificates keytool finds in keystores of its own making, held
against what the program says of the same files."""

import base64
import hashlib
import itertools
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TABLE = sys.argv[-1]
_UNREADABLE = -1


class Authority:
    """Keys and certificates, made with openssl."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _run(self, *words: object) -> None:
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, cwd=self.folder)

    def make(self, name: str, subject: str, issuer: str = "", authority: bool = True, days: int = 3650) -> str:
        """The certificate in PEM; `issuer` is another's name, or its own."""
        self._run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{name}.key")
        self._run("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={subject}", "-out", f"{name}.csr")
        (self.folder / "extensions").write_text(
            "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n" if authority else
            "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:a.test\n")
        signer = ["-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-CAcreateserial"] if issuer else ["-signkey", f"{name}.key"]
        self._run("x509", "-req", "-in", f"{name}.csr", *signer, "-days", days, "-extfile", "extensions", "-out", f"{name}.pem")
        return (self.folder / f"{name}.pem").read_text()


def _python_says(bundle: Path, chain: Path, key: Path) -> int:
    """The verify code of a handshake in memory with a server that shows the chain; 0 where it passes."""
    try:
        client = ssl.create_default_context(cafile=str(bundle))
    except (ssl.SSLError, OSError):
        return _UNREADABLE
    client.check_hostname = False
    client.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0) & ~getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", 0)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, key)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(down, up, server_hostname="a.test"), server.wrap_bio(up, down, server_side=True)]
    done = [False, False]
    for end in itertools.islice(itertools.cycle((0, 1)), 20):
        try:
            ends[end].do_handshake()
            done[end] = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLCertVerificationError as problem:
            return problem.verify_code
        if all(done):
            return 0
    raise AssertionError("the handshake has no end")


class Trust(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.authority = Authority(self.folder)

    def _program_says(self, *words: object) -> str:
        return subprocess.run([TABLE, *map(str, words)], check=True, capture_output=True, text=True).stdout.strip()

    def _write(self, name: str, *texts: str) -> Path:
        (self.folder / name).write_text("".join(texts))
        return self.folder / name

    def test_bundles_as_python_reads_them(self) -> None:
        make = self.authority.make
        root, other = make("root", "Root"), make("other", "Other")
        twin = make("twin", "Root")  # the name, and another key
        middle = make("middle", "Middle", "root")
        leaf = make("leaf", "a.test", "middle", authority=False)
        many = [make(f"root{number}", f"Root {number}") for number in range(5)]
        bundles = [self._write("with.pem", root), self._write("without.pem", other), self._write("twin.pem", twin),
                   self._write("many.pem", *many, "# and\n", root), self._write("both.pem", twin, root), self._write("middle.pem", middle),
                   self._write("empty.pem", ""), self._write("text.pem", "no certificate\n"), self.folder / "missing.pem"]
        chains = [self._write("whole.chain", leaf, middle), self._write("short.chain", leaf), self._write("long.chain", leaf, middle, root)]
        seen = set()
        for bundle, chain in itertools.product(bundles, chains):
            with self.subTest(bundle=bundle.name, chain=chain.name):
                says = _python_says(bundle, chain, self.folder / "leaf.key")
                seen.add(says)
                self.assertEqual(int(self._program_says("judge", bundle, chain)), says)
        self.assertLessEqual({0, 20, _UNREADABLE}, seen)

    def _keytool(self, *words: object) -> str:
        return subprocess.run(["keytool", *map(str, words), "-storepass", "changeit"], check=True, capture_output=True, text=True).stdout

    def _listed(self, store: Path) -> list[str]:
        pems = re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END", self._keytool("-list", "-rfc", "-keystore", store), re.DOTALL)
        return sorted(hashlib.sha256(base64.b64decode(pem)).hexdigest() for pem in pems)

    def test_keystores_as_keytool_makes_them(self) -> None:
        for number in range(3):
            self.authority.make(f"root{number}", f"Root {number}")
        open_one = ["-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE", "-J-Dkeystore.pkcs12.macAlgorithm=NONE"]
        for name, kind, options in (("a.jks", "JKS", []), ("b.p12", "PKCS12", open_one)):
            store = self.folder / name
            for number in range(3):
                self._keytool(*options, "-importcert", "-noprompt", "-alias", f"r{number}", "-file", self.folder / f"root{number}.pem",
                              "-keystore", store, "-storetype", kind)
            with self.subTest(store=name):
                self.assertEqual(len(self._listed(store)), 3)
                self.assertEqual(sorted(self._program_says("list", store).split()), self._listed(store))
        sealed = self.folder / "c.p12"
        self._keytool("-importcert", "-noprompt", "-alias", "r", "-file", self.folder / "root0.pem", "-keystore", sealed, "-storetype", "PKCS12")
        self.assertIn("encrypted", self._program_says("list", sealed))

    def test_the_keystore_of_the_distribution(self) -> None:
        store = Path("/etc/ssl/certs/java/cacerts")  # ca-certificates-java comes with keytool
        listed = self._listed(store)
        self.assertGreater(len(listed), 50)
        self.assertEqual(sorted(self._program_says("list", store).split()), listed)


if __name__ == "__main__":
    for needed in ("openssl", "keytool"):
        if not shutil.which(needed):
            sys.exit(f"{needed} is missing: tests/run.sh installs it")
    unittest.main(argv=sys.argv[:1])
