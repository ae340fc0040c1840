"""Sixty-four nodes in the VNet of a lab, two of them broken: each is checked, by the scripts of packaging/examples under Debian's
Open MPI, ClusterShell and Slurm, and the merged page must name the two. Run in the lab by cluster.py, as root of its own mount,
network and process namespaces: BINARY [TESTS]."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import unittest
from pathlib import Path

from services import BY_HOST, VNET_DNS

_BINARY = ""
_EXAMPLES = Path(__file__).parent.parent.parent / "packaging/examples"
_FOLDER = Path("/run/lab/cluster")
_NODES = {f"n{number}": f"10.0.3.{number}" for number in range(1, 65)}
_HEAD = {"head": "10.0.3.100"}
_WITHOUT_DNS, _WITHOUT_STORAGE = "n17", "n42"
_STORAGE = "stws1.blob.core.windows.net"
_LIMIT_S = 240
# A part of what a node needs, since two processors serve all of them.
_ONLY = [word for one in ("storage.ws.blob", "entra.login", "aml.studio") for word in ("--only", one)]
# Like rsh, into the network namespace of that name, under a host name of its own.
_SHELL = """#!/bin/sh
while :; do case $1 in -o|-l|-p|-i|-F) shift 2;; -*) shift;; *) break;; esac; done
host=${1##*@}; shift
exec ip netns exec "$host" unshare -u sh -c 'hostname "$0"; exec sh -c "$1"' "$host" "$*"
"""


def _run(command: list[str], text: str = "") -> None:
    subprocess.run(command, input=text, text=True, check=True)


def _entering(node: str) -> list[str]:
    """Unlike `ip netns exec` it leaves /sys as it is, where Slurm looks for control groups."""
    return ["nsenter", f"--net=/run/netns/{node}", "--"]


def _make_nodes() -> None:
    """A second subnet of the VNet, on a bridge of the router."""
    everybody = _NODES | _HEAD
    _run(["ip", "-batch", "-"], "".join(f"netns add {name}\nlink add eth0 netns {name} type veth peer name c{name} netns router\n"
                                        for name in everybody))
    _run(["ip", "-n", "router", "-batch", "-"], "link add cluster0 type bridge\naddr add 10.0.3.254/24 dev cluster0\n"
         "link set cluster0 up\n" + "".join(f"link set c{name} master cluster0 up\n" for name in everybody))
    for name, address in everybody.items():
        _run(["ip", "-n", name, "-batch", "-"], f"link set lo up\naddr add {address}/24 dev eth0\nlink set eth0 up\n"
             "route add default via 10.0.3.254\n")
    _run(["nsenter", "--net=/proc/1/ns/net", "ip", "route", "add", "10.0.3.0/24", "via", "10.255.0.1"])
    with open("/run/lab/hosts", "a") as hosts:
        hosts.writelines(f"{address} {name}\n" for name, address in everybody.items())
    rule = ["nsenter", "--net=/run/netns/router", "nft", "insert", "rule", "inet", "firewall", "filtering", "ip", "saddr"]
    _run([*rule, _NODES[_WITHOUT_DNS], "ip", "daddr", VNET_DNS, "meta", "l4proto", "{ tcp, udp }", "th", "dport", "53", "drop"])
    _run([*rule, _NODES[_WITHOUT_STORAGE], "ip", "daddr", BY_HOST[_STORAGE].private, "tcp", "dport", "443", "drop"])


_SLURM = f"""ClusterName=lab
SlurmctldHost=head({_HEAD["head"]})
SlurmUser=root
AuthType=auth/munge
CryptoType=crypto/munge
StateSaveLocation={_FOLDER}/slurm/state
SlurmctldPidFile={_FOLDER}/slurm/slurmctld.pid
SlurmctldLogFile={_FOLDER}/slurm/slurmctld.log
SlurmdLogFile={_FOLDER}/slurm/slurmd-%n.log
SlurmdSpoolDir={_FOLDER}/slurm/spool-%n
SlurmdPidFile={_FOLDER}/slurm/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/linear
MpiDefault=none
ReturnToService=0
PrologFlags=Alloc
Prolog={_FOLDER}/slurm/prolog
NodeName=n1 NodeAddr={_NODES["n1"]} CPUs=1
NodeName={_WITHOUT_DNS} NodeAddr={_NODES[_WITHOUT_DNS]} CPUs=1
PartitionName=all Nodes=n1,{_WITHOUT_DNS} Default=YES State=UP
"""
# Slurm starts a prolog without an environment, so what /etc would tell stands in it here.
_PROLOG = f"""#!/bin/sh
export PATH=/usr/bin:/bin AMLNET_BINARY={{binary}} AMLNET_CONFIG=/run/lab/amlnet.json AMLNET_STATE={_FOLDER}/slurm/$SLURMD_NODENAME \
  AMLNET_ONLY={",".join(_ONLY[1::2])}
exec {_EXAMPLES}/slurm/health_check.sh
"""


class Cluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        _FOLDER.mkdir()
        (_FOLDER / "shell").write_text(_SHELL)
        (_FOLDER / "shell").chmod(0o755)
        _make_nodes()

    def _on_head(self, command: list[str]) -> str:
        environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ} | {
            "HOME": "/run/lab/home", "XDG_STATE_HOME": "/run/lab/state", "AMLNET_CONFIG": "/run/lab/amlnet.json",
            "AMLNET_BINARY": _BINARY, "TMPDIR": "/tmp", "AMLNET_TIMEOUT": "8s", "AMLNET_RETRIES": "2"}
        done = subprocess.run(["ip", "netns", "exec", "head", *command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, env=environment, timeout=_LIMIT_S, cwd=_FOLDER)
        self.assertEqual(done.returncode, 0, done.stdout[-3000:])
        return done.stdout

    def _assert_two_are_named(self, said: str, folder: Path) -> None:
        self.assertIn("amlnet: FLEET nodes=64 fail=2 ", said)
        merged = json.loads((folder / "fleet.json").read_text())
        names = {node["id"]: node["hostname"] for node in merged["nodes"]}
        self.assertEqual(sorted(names.values()), sorted(_NODES))
        self.assertEqual({node["hostname"] for node in merged["nodes"] if node["verdict"] == "fail"}, {_WITHOUT_DNS, _WITHOUT_STORAGE})
        hit = {cause["cause"]: [names[node] for node in cause["nodes"]] for cause in merged["causes"] if cause["severity"] == "blocking"}
        self.assertEqual(hit, {"dns.server-unreachable": [_WITHOUT_DNS], "tcp.port-filtered": [_WITHOUT_STORAGE]})
        page = (folder / "fleet.html").read_text()
        for name in (_WITHOUT_DNS, _WITHOUT_STORAGE):
            self.assertIn(f">{name}<", page)

    def test_the_mpi_job_checks_every_node_and_merges(self):
        folder = _FOLDER / "mpi"
        hosts = ",".join(_NODES)
        passed_on = [word for name in ("AMLNET_CONFIG", "AMLNET_BINARY", "AMLNET_TIMEOUT",
                                                          "AMLNET_RETRIES", "HOME", "XDG_STATE_HOME") for word in ("-x", name)]
        said = self._on_head([
            "timeout", str(_LIMIT_S - 20), "mpirun", "--allow-run-as-root", "--mca", "plm_rsh_agent", str(_FOLDER / "shell"),
            "--mca", "plm_rsh_no_tree_spawn", "1", "--mca", "plm_rsh_num_concurrent", "64", "--mca", "oob_tcp_if_include", "10.0.3.0/24",
            *passed_on, "-np", "64", "-H", hosts, "--map-by", "node",
            "sh", str(_EXAMPLES / "azureml/check_nodes.sh"), str(folder), *_ONLY])
        self._assert_two_are_named(said, folder)
        self.assertEqual(len(re.findall(r"amlnet: (?:PASS|WARN|FAIL) required=", said)), 64)

    def test_clustershell_collects_a_report_of_every_node(self):
        folder = _FOLDER / "clustershell"
        said = self._on_head(["env", f"AMLNET_CLUSH=-O ssh_path={_FOLDER}/shell", "sh", str(_EXAMPLES / "clustershell/check.sh"),
                              str(folder), "n[1-64]", *_ONLY])
        self._assert_two_are_named(said, folder)
        self.assertEqual(len(list((folder / "reports").iterdir())), 64)

    def _start(self, node: str, *command: str) -> None:
        """A daemon on that node, under its name; it ends with the test."""
        with open(_FOLDER / "slurm/daemons.log", "ab") as log:
            daemon = subprocess.Popen([*_entering(node), "unshare", "-u", "sh", "-c", 'hostname "$0"; exec "$@"', node, *command],
                                      stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.terminate)

    def _states(self, wanted: dict[str, str]) -> dict[str, str]:
        """What Slurm says of the nodes once it says what is wanted, or after a while."""
        states: dict[str, str] = {}
        for _ in range(60):
            done = subprocess.run([*_entering("head"), "sinfo", "-h", "-N", "-o", "%N %T %E"], text=True, capture_output=True,
                                  env=self.slurm)
            states = dict(line.split(" ", 1) for line in done.stdout.splitlines())
            if states == wanted:
                break
            time.sleep(0.5)
        return states

    def test_slurm_drains_the_node_whose_network_is_broken(self):
        folder = _FOLDER / "slurm"
        (folder / "state").mkdir(parents=True)
        (folder / "slurm.conf").write_text(_SLURM)
        (folder / "prolog").write_text(_PROLOG.replace("{binary}", _BINARY))
        (folder / "prolog").chmod(0o755)
        self.slurm = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "SLURM_CONF": str(folder / "slurm.conf")}
        os.environ["SLURM_CONF"] = self.slurm["SLURM_CONF"]
        Path("/run/munge").mkdir(mode=0o755)
        shutil.chown("/run/munge", "munge", "munge")
        secret = Path("/run/munge/key")
        secret.write_bytes(os.urandom(128))
        secret.chmod(0o400)
        shutil.chown(secret, "munge", "munge")
        self._start("head", "setpriv", "--reuid", "munge", "--regid", "munge", "--clear-groups", "munged", "--foreground",
                    "--key-file", str(secret), "--pid-file", "/run/munge/pid", "--log-file", "/run/munge/log",
                    "--seed-file", "/run/munge/seed", "--socket", "/run/munge/munge.socket.2")
        self._start("head", "slurmctld", "-D")
        for node in ("n1", _WITHOUT_DNS):
            self._start(node, "slurmd", "-D", "-N", node)
        self.assertEqual(self._states({"n1": "idle none", _WITHOUT_DNS: "idle none"}),
                         {"n1": "idle none", _WITHOUT_DNS: "idle none"}, (folder / "daemons.log").read_text()[-3000:])
        good = subprocess.run([*_entering("head"), "timeout", "60", "srun", "-w", "n1", "echo", "ran"], text=True, cwd="/",
                              capture_output=True, env=self.slurm)
        self.assertEqual((good.returncode, good.stdout), (0, "ran\n"), good.stderr)
        bad = subprocess.run([*_entering("head"), "timeout", "40", "srun", "-w", _WITHOUT_DNS, "echo", "ran"], text=True,
                             cwd="/", capture_output=True, env=self.slurm)
        self.assertEqual(bad.stdout, "")
        wanted = {"n1": "idle none", _WITHOUT_DNS: "drained Prolog error"}
        self.assertEqual(self._states(wanted), wanted)
        report = json.loads((folder / _WITHOUT_DNS / "amlnet/last.json").read_text())
        self.assertEqual(report["findings"][0]["cause"], "dns.server-unreachable")

    def test_a_node_that_is_gone_is_counted_and_not_waited_for(self):
        folder = _FOLDER / "alone"
        script = f"OMPI_COMM_WORLD_SIZE=3 AMLNET_PATIENCE=2 sh {_EXAMPLES}/azureml/check_nodes.sh {folder} {' '.join(_ONLY)}"
        said = self._on_head(["sh", "-c", script])
        self.assertIn("check_nodes.sh: 2 of 3 nodes left no report", said)
        done = self._on_head(["sh", "-c", f"AMLNET_GATE=1 {script}; echo status=$?"])
        self.assertIn("status=1\n", done)


if __name__ == "__main__":
    _BINARY = sys.argv.pop(1)
    unittest.main()
