#!/usr/bin/env python3
"""The examples of packaging/: examples.py FOLDER AMLNET. YAML is read by a parser and has the fields that its reader asks for, every
option is one that amlnet has, scripts are read by a shell; Slurm's script says 1 for a known failure alone."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

_FOLDER = Path()
_AMLNET = Path()


def _read(name: str) -> list:
    return list(yaml.safe_load_all((_FOLDER / name).read_text()))


class Examples(unittest.TestCase):
    def _options_are_known(self, command: str, arguments: list[str]) -> None:
        said = subprocess.run([_AMLNET, command, "--help"], text=True, capture_output=True)
        self.assertEqual(said.returncode, 0, f"there is no command {command}")
        for argument in arguments:
            if argument.startswith("--"):
                self.assertIn(f" {argument} ", said.stdout.replace("\n", " ").replace(",", " "))

    def test_jobs_of_azure_machine_learning(self):
        for name, nodes in (("command-job.yml", 1), ("mpi-job.yml", 4)):
            with self.subTest(job=name):
                (job,) = _read(f"azureml/{name}")
                self.assertEqual(job["$schema"], "https://azuremlschemas.azureedge.net/latest/commandJob.schema.json")
                self.assertEqual((job["type"], job["code"]), ("command", "."))
                script = re.fullmatch(r"sh \./(\S+) \$\{\{outputs\.(\w+)\}\}", job["command"])
                self.assertTrue((_FOLDER / "azureml" / script.group(1)).exists())
                self.assertEqual(job["outputs"][script.group(2)], {"type": "uri_folder", "mode": "rw_mount"})
                self.assertRegex(job["compute"], r"^azureml:[\w-]+$")
                self.assertEqual(job["resources"]["instance_count"], nodes)
                self.assertEqual(job.get("distribution"), {"type": "mpi", "process_count_per_instance": 1} if nodes > 1 else None)

    def test_kubernetes(self):
        config, daemons = _read("kubernetes/daemonset.yml")
        self.assertEqual([config["kind"], daemons["kind"], daemons["apiVersion"]], ["ConfigMap", "DaemonSet", "apps/v1"])
        spec = daemons["spec"]
        self.assertEqual(spec["selector"]["matchLabels"], spec["template"]["metadata"]["labels"])
        pod = spec["template"]["spec"]
        (container,) = pod["containers"]
        volumes = {volume["name"] for volume in pod["volumes"]}
        self.assertEqual({mount["name"] for mount in container["volumeMounts"]}, volumes)
        security = container["securityContext"]
        self.assertEqual((security["allowPrivilegeEscalation"], security["capabilities"]), (False, {"drop": ["ALL"]}))
        self.assertTrue(pod["securityContext"]["runAsNonRoot"])
        self.assertNotIn("hostNetwork", pod)
        with tempfile.TemporaryDirectory() as home:
            (Path(home) / "amlnet.json").write_text(config["data"]["amlnet.json"])
            done = subprocess.run([_AMLNET, "plan", "--offline", "--config", "amlnet.json"], text=True, capture_output=True, cwd=home,
                                  env={"HOME": home})
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        port = container["ports"][0]["containerPort"]
        self.assertIn(f"0.0.0.0:{port}", container["args"])
        self.assertEqual(spec["template"]["metadata"]["annotations"]["prometheus.io/port"], str(port))

    def test_the_image_is_the_binary_and_certificates(self):
        words = [line.split()[0] for line in (_FOLDER / "kubernetes/Containerfile").read_text().splitlines() if line[0] != "#"]
        self.assertEqual(words, ["FROM", "COPY", "COPY", "USER", "ENV", "ENTRYPOINT", "CMD"])

    def test_ansible(self):
        (plays,) = _read("ansible/check.yml")
        self.assertEqual([play["hosts"] for play in plays], ["all", "localhost"])
        for play in plays:
            for task in play["tasks"]:
                (module,) = [key for key in task if key.startswith("ansible.builtin.")]
                if module == "ansible.builtin.command":
                    self._options_are_known(task[module]["argv"][1], task[module]["argv"][2:])

    def test_scripts_use_options_that_there_are(self):
        for script in sorted(_FOLDER.rglob("*.sh")):
            with self.subTest(script=script.name):
                self.assertTrue(os.access(script, os.X_OK))
                subprocess.run(["sh", "-n", script], check=True)
                text = re.sub(r"\\\n", " ", script.read_text())
                for command, rest in re.findall(r'amlnet\}?" (check|fleet) ([^\n|]*)', text) + re.findall(r"amlnet (check) ([^\n|]*)", text):
                    self._options_are_known(command, rest.replace('"', " ").split())

    def test_slurm_drains_for_a_known_failure_alone(self):
        for said, status in (("amlnet: FAIL required=1 causes=1 report=x", 1), ("amlnet: PASS report=x", 0), ("amlnet: WARN report=x", 0),
                             ("amlnet: INCOMPLETE report=x", 0), ("amlnet: --config: cannot read", 0), ("", 0)):
            with self.subTest(said=said), tempfile.TemporaryDirectory() as folder:
                stand_in = Path(folder, "amlnet")
                stand_in.write_text(f"#!/bin/sh\necho '{said}'\nexit 3\n")
                stand_in.chmod(0o755)
                done = subprocess.run(["sh", _FOLDER / "slurm/health_check.sh"], env={
                    "PATH": os.environ["PATH"], "AMLNET_BINARY": str(stand_in), "AMLNET_STATE": folder})
                self.assertEqual(done.returncode, status)


if __name__ == "__main__":
    _FOLDER, _AMLNET = (Path(sys.argv.pop(1)).resolve() for _ in range(2))
    unittest.main()
