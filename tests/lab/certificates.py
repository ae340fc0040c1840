"""Certificates for every host of the table, made once with openssl and kept beside the build: genuine ones under roots
named like the public ones, and the faulty ones that scenarios ask for."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

from services import CORP, MICROSOFT, OTHER, PROXY_HOST, REVOCATION, SERVICES

# Who signs: (root, intermediate). The third is a company's own, the last a TLS inspection box, which no public service uses.
INSPECTION = "inspection"
AUTHORITIES = {
    MICROSOFT: ("/C=US/O=DigiCert Inc/OU=www.digicert.com/CN=DigiCert Global Root G2",
                "/C=US/O=Microsoft Corporation/CN=Microsoft Azure RSA TLS Issuing CA 07"),
    OTHER: ("/C=US/O=Internet Security Research Group/CN=ISRG Root X1", "/C=US/O=Let's Encrypt/CN=R11"),
    CORP: ("/C=US/O=Contoso Ltd/CN=Contoso Root CA", "/C=US/O=Contoso Ltd/CN=Contoso Issuing CA 1"),
    INSPECTION: ("/C=US/O=Contoso Ltd/OU=Network Security/CN=Contoso Inspection Root CA",
                 "/C=US/O=Contoso Ltd/OU=Network Security/CN=Contoso Inspection CA 2"),
}
_MALFORMED_REQUEST = bytes.fromhex("30030a0101")  # OCSPResponse of RFC 6960: what a question that is none gets
DEFAULT_HOST = "default.frontdoor.azure.net"  # what a front end shows to a name it does not know

_LIFETIME = ("20240101000000Z", "20440101000000Z")
_KINDS = {  # kind -> who signs (None: the vendor's own authority), not before, not after
    "genuine": (None, *_LIFETIME),
    "intercepted": (INSPECTION, *_LIFETIME),
    "public": (OTHER, *_LIFETIME),  # of a company's host: signed by a public authority all the same
    "expired": (None, "20230101000000Z", "20240101000000Z"),
    "not-yet-valid": (None, "20430101000000Z", "20440101000000Z"),
}
_CA_CONFIG = """[ca]
default_ca = lab
[lab]
database = {folder}/index
rand_serial = yes
new_certs_dir = {folder}
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
email_in_dn = no
[any]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = supplied
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[req]
distinguished_name = none
[none]
"""


def _openssl(*arguments: object) -> None:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"openssl {arguments[0]}: {done.stderr.strip()}")


class _Maker:
    """Makes everything into one folder, with one key for all leaves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "ca.cnf"
        self.config.write_text(_CA_CONFIG.format(folder=folder))
        (folder / "index").touch()
        self.leaf_key = self._key("leaf")

    def _key(self, name: str) -> Path:
        path = self.folder / f"{name}.key"
        _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
        return path

    def _request(self, name: str, subject: str, key: Path) -> Path:
        path = self.folder / f"{name}.csr"
        _openssl("req", "-new", "-config", self.config, "-key", key, "-subj", subject, "-out", path)
        return path

    def _sign(self, name: str, request: Path, issuer: str, dates: tuple[str, str], extensions: Path) -> Path:
        path = self.folder / f"{name}.crt"
        signer = ["-selfsign"] if issuer == name else ["-cert", self.folder / f"{issuer}.crt"]
        _openssl("ca", "-batch", "-notext", "-config", self.config, *signer, "-keyfile", self.folder / f"{issuer}.key",
                 "-preserveDN", "-in", request, "-out", path, "-startdate", dates[0], "-enddate", dates[1],
                 "-extfile", extensions, "-extensions", "authority")
        return path

    def authority(self, name: str) -> None:
        root, intermediate = AUTHORITIES[name]
        for part, subject, issuer in ((f"{name}-root", root, f"{name}-root"), (name, intermediate, f"{name}-root")):
            request = self._request(part, subject, self._key(part))
            self._sign(part, request, issuer, ("20200101000000Z", "20490101000000Z"), self.config)

    def leaf(self, host: str, vendor: str, kind: str) -> None:
        signer, *dates = _KINDS[kind]
        issuer = signer or vendor
        extensions = self.folder / f"{host}.ext"
        extensions.write_text("[authority]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                              f"extendedKeyUsage=serverAuth\nsubjectAltName=DNS:{host}\n" + REVOCATION.get(issuer, ""))
        common_name = host if len(host) <= 64 else host.split(".", 1)[1]  # RFC 5280, ub-common-name
        request = self.folder / f"{host}.csr"
        if not request.exists():
            self._request(host, f"/CN={common_name}", self.leaf_key)
        leaf = self._sign(f"{host}.{kind}.leaf", request, issuer, tuple(dates), extensions).read_text()
        (self.folder / f"{host}.{kind}.pem").write_text(leaf + (self.folder / f"{issuer}.crt").read_text())


    def revocation_list(self, name: str) -> None:
        pem = self.folder / f"{name}.crl.pem"
        _openssl("ca", "-batch", "-gencrl", "-config", self.config, "-keyfile", self.folder / f"{name}.key", "-cert",
                 self.folder / f"{name}.crt", "-crldays", "30", "-out", pem)
        _openssl("crl", "-in", pem, "-outform", "DER", "-out", self.folder / f"{name}.crl")


def _make(folder: Path) -> None:
    maker = _Maker(folder)
    for authority in AUTHORITIES:
        maker.authority(authority)
    for service in SERVICES:
        for kind in () if service.file else _KINDS:
            maker.leaf(service.host, service.vendor, kind)
    for vendor in REVOCATION:
        maker.revocation_list(vendor)
    (folder / "malformed-request.ocsp").write_bytes(_MALFORMED_REQUEST)
    maker.leaf(DEFAULT_HOST, MICROSOFT, "genuine")
    for kind in ("genuine", "public", "expired"):
        maker.leaf(PROXY_HOST, OTHER if kind == "expired" else CORP, kind)
    roots = [(folder / f"{name}-root.crt").read_text() for name in (MICROSOFT, OTHER)]
    (folder / "roots.pem").write_text("".join(roots))


def certificates(cache: Path) -> Path:
    """The folder of certificates below `cache`, made if these sources have changed. Safe to call from many labs."""
    sources = b"".join(Path(__file__).with_name(name).read_bytes() for name in ("certificates.py", "services.py"))
    wanted = cache / f"certificates-{hashlib.sha256(sources).hexdigest()[:12]}"
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.exists():
            for old in cache.glob("certificates-*"):
                shutil.rmtree(old)
            unfinished = cache / "certificates-unfinished"
            unfinished.mkdir()
            _make(unfinished)
            unfinished.rename(wanted)
    return wanted


def certificate_file(folder: Path, host: str, kind: str) -> Path:
    """What the web server shows for `host`: a kind of _KINDS, "no-intermediate", or "of:OTHERHOST"."""
    if kind.startswith("of:"):
        return folder / f"{kind[3:]}.genuine.pem"
    return folder / (f"{host}.genuine.leaf.crt" if kind == "no-intermediate" else f"{host}.{kind}.pem")
