"""check, fix, apply, check again. Run on the node by fix.py, as root of the lab's namespaces: BINARY SCENARIO TESTS..."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent.parent / "remedy"))

from apply_fix import Lab
from faults import design_of
from network import inside
from rules import arguments_of, needed_variables, run_script
from scenario import read_scenario
from services import BY_HOST, SERVICES

_BINARY = _SCENARIO = ""
_FOLDER = Path("/run/lab")
# What an administrator knows, and a report does not.
_KNOWN = {"FIREWALL_POLICY": "policy", "FIREWALL_RESOURCE_GROUP": "rg-hub", "RULE_GROUP_PRIORITY": "500", "SOURCE_PREFIX": "10.0.1.0/24",
          "DNS_RESOURCE_GROUP": "rg-dns", "VNET_ID": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v",
          "SECURITY_GROUP": "nsg", "SECURITY_GROUP_RESOURCE_GROUP": "rg", "SECURITY_RULE_PRIORITY": "200",
          "ADDRESS_AMLNET_RECORD_KVWS1_PRIVATELINK_V": "10.0.2.20"}


class OnNode(unittest.TestCase):
    """Each test begins in the broken lab that its scenario builds."""

    def check(self, firewall: str = "") -> dict:
        config = _FOLDER / "amlnet.json"
        workspace = json.loads(config.read_text())
        if firewall:
            workspace["network"]["firewall"] = firewall
        chosen, report = _FOLDER / "chosen.json", _FOLDER / "checked.json"
        chosen.write_text(json.dumps(workspace))
        done = subprocess.run([_BINARY, "check", "--config", chosen, "--timeout", "1500ms", "--deadline", "40s", "--format", "json",
                               "--output", report], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        found = json.loads(report.read_text())
        self.assertEqual(done.returncode, 1 if found["summary"]["verdict"] == "fail" else 0)
        return found

    def fixed(self) -> list[tuple[str, dict[str, list[str]]]]:
        """What the script for the last report asks of Azure."""
        script = subprocess.run([_BINARY, "fix", "--format", "az-cli"], check=True, capture_output=True, text=True).stdout
        with tempfile.TemporaryDirectory(dir=_FOLDER) as folder:
            given = {name: _KNOWN[name] for name in needed_variables(script)}
            done, commands = run_script(script, Path(folder), given=given)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [arguments_of(words) for words in commands]

    def mend(self, commands: list[tuple[str, dict[str, list[str]]]]) -> None:
        Lab(design_of(read_scenario(_SCENARIO).faults).records).apply(commands)

    def causes(self, report: dict) -> list[str]:
        """Of what is more than a remark: a healthy report says that one of two documented names is not there."""
        return sorted(one["cause"] for one in report["findings"] if one["severity"] != "info")

    def failing(self, report: dict) -> list[str]:
        return sorted(one["id"] for one in report["requirements"] if one["status"] == "fail")

    def passes(self, report: dict) -> None:
        self.assertEqual((report["summary"]["verdict"], self.causes(report), self.failing(report)), ("pass", [], []))

    def is_silent(self, address: str, port: int) -> None:
        """Refused would mean that the packet came through."""
        with self.assertRaises(TimeoutError, msg=f"{address}:{port} is open"):
            socket.create_connection((address, port), 0.7)



class Demo(OnNode):
    def test_a_zone_a_port_and_a_name_are_mended(self):
        self.assertEqual(self.causes(self.check("azure-firewall")), ["dns.private-zone-not-linked", "tcp.port-filtered", "tls.sni-filtered"])
        self.is_silent("10.0.2.4", 18881)
        commands = self.fixed()
        self.mend(commands)
        self.passes(self.check("azure-firewall"))
        self.is_silent("10.0.2.5", 18881)  # the same subnet and port, another host
        self.is_silent("10.0.2.20", 18881)
        self.assertEqual(self.fixed(), [])  # what passes asks for nothing


class Record(OnNode):
    def test_a_missing_record_is_added(self):
        self.assertEqual(self.causes(self.check()), ["dns.private-record-missing"])
        self.mend(self.fixed())
        self.passes(self.check())


class Zones(OnNode):
    def test_each_zone_gets_its_link(self):
        self.assertIn("dns.private-zone-not-linked", self.causes(self.check()))
        self.mend(self.fixed())
        self.passes(self.check())


class Firewall(OnNode):
    """A router that lets nothing through to the internet but what a list allows."""

    _MISSING = ["management.azure.com", "graph.microsoft.com", "conda.anaconda.org"]
    _UNDOCUMENTED = "cloud.r-project.org"  # no feature of this workspace needs it

    def setUp(self):
        hidden = {*self._MISSING, self._UNDOCUMENTED}
        allowed = sorted({one for service in SERVICES if service.host not in hidden for one in service.public})
        rules = [["ip", "daddr", "{ " + ", ".join(allowed) + " }", "accept"],
                 ["ip", "daddr", "!=", "{ 10.0.0.0/8, 168.63.129.16, 169.254.169.254 }", "ip", "saddr", "10.0.1.0/24", "drop"]]
        self._nft("flush", "chain", "inet", "firewall", "filtering")
        for rule in rules:
            self._nft("add", "rule", "inet", "firewall", "filtering", *rule)
        self.addCleanup(self._nft, "flush", "chain", "inet", "firewall", "filtering")

    def _nft(self, *words: str) -> None:
        subprocess.run(inside("router", ["nft", *words]), check=True)

    def _still_closed(self) -> None:
        self.is_silent(BY_HOST[self._UNDOCUMENTED].public[0], 443)
        for host in self._MISSING:
            self.is_silent(BY_HOST[host].public[0], 80)
            self.is_silent(BY_HOST[host].public[0], 22)

    def test_names_that_the_firewall_lacks_are_added(self):
        for host in self._MISSING:
            self.is_silent(BY_HOST[host].public[0], 443)
        found = self.check("azure-firewall")
        self.assertEqual(set(self.causes(found)), {"tcp.filtered"})
        commands = self.fixed()
        self.assertEqual([sorted(options.get("--target-fqdns", [])) for _, options in commands], [[], sorted(self._MISSING)])
        self.mend(commands)
        self.passes(self.check("azure-firewall"))
        self._still_closed()

    def test_a_security_group_gets_tags_and_says_what_it_cannot_take(self):
        self.assertEqual(set(self.causes(self.check("none"))), {"tcp.filtered"})
        commands = self.fixed()
        self.assertEqual([options["--destination-address-prefixes"] for _, options in commands], [["AzureResourceManager"]])
        text = subprocess.run([_BINARY, "fix"], check=True, capture_output=True, text=True).stdout
        for host in ("graph.microsoft.com", "conda.anaconda.org"):
            self.assertIn(host, text)
        self.mend(commands)
        after = self.check("none")
        self.assertNotIn("arm.management", self.failing(after))
        self.assertIn("graph.microsoft", self.failing(after))
        self._still_closed()


if __name__ == "__main__":
    _BINARY, _SCENARIO = sys.argv[1:3]
    del sys.argv[1:3]
    os.environ.setdefault("XDG_STATE_HOME", str(_FOLDER / "state"))
    unittest.main()
