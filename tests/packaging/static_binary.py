#!/usr/bin/env python3
"""What build/static must hold: static_binary.py FOLDER DYNAMIC [EMULATOR]. The binary needs nothing of the machine, is hardened
and small, cannot reach glibc's name service, and its bill of materials names what is in it. With an emulator, which runs it, it
is that for arm64."""

import ctypes
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

_FOLDER = Path()
_DYNAMIC = Path()
_EMULATOR: list[str] = []
_LIMIT_BYTES = 8_000_000
_LAST_CALL_OF_4_4 = 325     # mlock2; Linux 4.5 added the next, copy_file_range
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2


def _output(*command: str | Path) -> str:
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout


def _only_calls_of_linux_4_4() -> None:
    """From here on newer system calls are unknown (ENOSYS), as they are to Linux 4.4."""
    code = [(0x20, 0, 0, 0), (0x25, 0, 1, _LAST_CALL_OF_4_4), (0x06, 0, 0, 0x00050000 | 38), (0x06, 0, 0, 0x7FFF0000)]
    filters = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(filters)))
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero)
    if libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), ctypes.c_void_p(ctypes.addressof(program)), zero, zero):
        raise OSError(ctypes.get_errno(), "no filter of system calls")


class Binary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.binary = _FOLDER / "amlnet"
        cls.headers = _output("readelf", "--wide", "--program-headers", "--dynamic", "--file-header", cls.binary)
        cls.names = set(re.findall(r" [A-Za-z] (\S+)$", _output("nm", _FOLDER / "cmake/amlnet"), re.MULTILINE))

    def test_it_needs_no_library_and_no_loader(self):
        self.assertNotIn("(NEEDED)", self.headers)
        self.assertNotIn("INTERP", self.headers)

    def test_it_is_of_its_architecture(self):
        self.assertRegex(self.headers, r"Machine:\s+AArch64\n" if _EMULATOR else r"Machine:\s+Advanced Micro Devices X86-64\n")

    def test_it_is_small(self):
        self.assertLessEqual(self.binary.stat().st_size, _LIMIT_BYTES)

    def test_it_is_hardened(self):
        self.assertRegex(self.headers, r"Type:\s+DYN")
        self.assertRegex(self.headers, r"FLAGS_1\)\s+Flags:.*\bNOW\b.*\bPIE\b")
        self.assertIn("GNU_RELRO", self.headers)
        self.assertRegex(self.headers, r"GNU_STACK\s.*\sRW ")
        self.assertIn("__stack_chk_fail", self.names)
        self.assertTrue({"__memcpy_chk", "__read_chk"} & self.names, "nothing of _FORTIFY_SOURCE")

    def test_nothing_of_glibcs_name_service_is_in_it(self):
        self.assertEqual({name for name in self.names if re.match(r"__nss_|_nss_(files|dns)_|gaih_inet", name)}, set())
        stand_ins = _output("nm", "--defined-only", *_FOLDER.glob("cmake/CMakeFiles/amlnet.dir/packaging/static/*.o"))
        for name in ("getaddrinfo", "gethostbyname", "dlopen"):
            self.assertIn(f" T {name}\n", stand_ins)

    def test_it_says_of_itself_what_the_dynamic_one_does(self):
        for arguments in (["--version"], ["--help"], ["requirements", "--format", "json"],
                          ["plan", "--offline", "--compute", "cluster", "--region", "eastus2"]):
            with self.subTest(arguments=arguments), tempfile.TemporaryDirectory() as home:
                said = [subprocess.run([*program, *arguments], text=True, capture_output=True, cwd=home,
                                       env={"HOME": home, "PATH": os.environ["PATH"]})
                        for program in ([*_EMULATOR, self.binary], [_DYNAMIC])]
                # The archive may have the sources of another update of OpenSSL than the one that is installed.
                texts = [re.sub(r"(OpenSSL \d+\.\d+)\.\d+", r"\1", one.stdout) for one in said]
                self.assertEqual((said[0].returncode, texts[0], said[0].stderr), (said[1].returncode, texts[1], said[1].stderr))

    def test_a_configuration_of_openssl_on_the_node_changes_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder, "openssl.cnf")
            config.write_text("openssl_conf = all\n[all]\nalg_section = algorithms\nproviders = modules\n[algorithms]\n"
                              "default_properties = fips=yes\n[modules]\nfips = fips\n[fips]\nmodule = /nowhere.so\nactivate = 1\n")
            done = subprocess.run([*_EMULATOR, self.binary, "requirements", "--format", "json"], text=True, capture_output=True,
                                  env={"OPENSSL_CONF": str(config), "PATH": os.environ["PATH"]})
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class Amd64(unittest.TestCase):
    """An emulator makes system calls of its own, so this is not tried of other architectures."""

    def test_it_runs_on_linux_4_4(self):
        # Nothing is sent: the network is one of its own, without an interface that is up.
        with tempfile.TemporaryDirectory() as home:
            done = subprocess.run(["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--net", _FOLDER / "amlnet", "check",
                                   "--timeout", "500ms", "--compute", "cluster", "--region", "eastus2", "--format", "json"],
                                  text=True, capture_output=True, env={"HOME": home, "PATH": os.environ["PATH"]}, cwd=home,
                                  preexec_fn=_only_calls_of_linux_4_4)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertEqual(json.loads(done.stdout)["summary"]["verdict"], "fail")


class Arm64(unittest.TestCase):
    def test_returns_and_indirect_calls_are_protected(self):
        code = _output("aarch64-linux-gnu-objdump", "--disassemble", "--no-show-raw-insn", _FOLDER / "cmake/amlnet")
        # Functions that sign their return address, of the program and of the libraries that build.sh makes.
        functions = dict(re.findall(r"^[0-9a-f]+ <(\S+)>:\n\s+[0-9a-f]+:\s+(\S+)", code, re.MULTILINE))
        for name in ("main", "Curl_conn_connect", "SSL_do_handshake", "MHD_start_daemon"):
            self.assertIn(functions[name], ("paciasp", "bti"), name)


class Bill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bill = json.loads((_FOLDER / "sbom.spdx.json").read_text())
        cls.packages = {package["name"]: package for package in cls.bill["packages"]}

    def test_it_names_the_binary_by_its_hash(self):
        digest = _output("sha256sum", _FOLDER / "amlnet").split()[0]
        self.assertEqual(self.packages["amlnet"]["checksums"], [{"algorithm": "SHA256", "checksumValue": digest}])

    def test_it_names_every_part_with_version_and_licence(self):
        said = _output(*_EMULATOR, _FOLDER / "amlnet", "--version")
        for name, called in (("asio", "asio"), ("c-ares", "c-ares"), ("curl", "libcurl"), ("openssl", "OpenSSL"),
                             ("nlohmann-json3", "nlohmann_json"), ("cli11", "CLI11"), ("fmtlib", "fmt"), ("libmicrohttpd", "libmicrohttpd")):
            version = re.search(rf"{called} (\d[0-9.]*\d)", said).group(1)
            self.assertIn(version, self.packages[name]["versionInfo"])
        self.assertLessEqual({"glibc"}, set(self.packages))
        self.assertTrue(any(re.fullmatch(r"gcc-\d+", name) for name in self.packages))
        for package in self.bill["packages"]:
            self.assertTrue(package["versionInfo"] and package["licenseDeclared"] != "NOASSERTION", package["name"])

    def test_it_is_what_spdx_asks_for(self):
        self.assertEqual((self.bill["spdxVersion"], self.bill["dataLicense"]), ("SPDX-2.3", "CC0-1.0"))
        ids = [package["SPDXID"] for package in self.bill["packages"]]
        self.assertEqual(len(set(ids)), len(ids))
        for one in ids:
            self.assertRegex(one, r"^SPDXRef-[A-Za-z0-9.-]+$")
        related = {line["relatedSpdxElement"] for line in self.bill["relationships"]}
        self.assertEqual(related, set(ids))

    def test_every_part_has_its_licence_text(self):
        text = (_FOLDER / "LICENSES.txt").read_text()
        for package in self.bill["packages"]:
            title = package["name"] if package["name"] == "amlnet" else f"{package['name']} {package['versionInfo']}"
            section = text.split(f"{'=' * 80}\n{title} ({package['licenseDeclared']})\n", 1)
            self.assertEqual(len(section), 2, title)
            self.assertGreater(len(section[1].split("=" * 80)[1]), 500, title)


if __name__ == "__main__":
    _FOLDER, _DYNAMIC = (Path(sys.argv.pop(1)).resolve() for _ in range(2))
    if _EMULATOR := sys.argv[1:]:
        del sys.argv[1:]
    unittest.main(defaultTest=["Binary", "Bill", "Arm64" if _EMULATOR else "Amd64"])
