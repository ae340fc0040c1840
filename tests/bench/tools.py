"""The programs under measurement: amlnet and its peers, each asked whether the same endpoints are healthy."""

import json
import os
import pathlib

import lab as network
import measure

BLACKBOX_PORT = 9115


class Amlnet:
    def __init__(self, binary, lab):
        self.binary, self.lab, self.folder = binary, lab, pathlib.Path(lab.folder)
        # Bundles that this machine's variables name would be judged too.
        clean = {name: value for name, value in os.environ.items()
                 if name not in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS")}
        self.environment = dict(clean, XDG_STATE_HOME=str(self.folder / "state"), HOME=str(self.folder))

    def workspace(self, endpoints):
        path = self.folder / f"workspace-{len(endpoints)}.json"
        custom = [{"host": host, "port": port, "protocol": "tls"} for host, port in endpoints]
        path.write_text(json.dumps({"custom": custom}))
        return str(path)

    def check(self, endpoints, *options):
        """A check of these endpoints alone. Right: healthy ones pass, black holes fail or are unfinished."""
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        command = [self.binary, "check", "--config", self.workspace(endpoints), "--offline", "--only", "custom*",
                   "--ca-file", self.lab.ca, "--format", "json", "--output", str(report), *options]
        sample = measure.run(command, environment=self.environment)
        sample.extra["whole"] = 0
        try:
            self._judge(json.loads(report.read_text()), endpoints, sample)
        except (OSError, ValueError, KeyError):
            pass  # no report, or half of one: nothing is right
        return sample

    def report_sizes(self, endpoints):
        """Kilobytes of a check's JSON report, as it is and compressed."""
        whole, packed = self.folder / "sizes.json", self.folder / "sizes.json.gz"
        command = [self.binary, "check", "--config", self.workspace(endpoints), "--offline", "--only", "custom*",
                   "--ca-file", self.lab.ca, "--format", "json", "--output", str(whole), "--format", "json",
                   "--output", str(packed)]
        sample = measure.run(command, environment=self.environment)
        return (whole.stat().st_size / 1e3, packed.stat().st_size / 1e3) if sample.status == 0 else (0.0, 0.0)

    def plan(self, endpoints):
        return measure.run([self.binary, "plan", "--config", self.workspace(endpoints), "--offline", "--only",
                            "custom*", "--format", "json"], environment=self.environment)

    def version(self):
        return measure.run([self.binary, "--version"], environment=self.environment)

    @staticmethod
    def _judge(report, endpoints, sample):
        statuses = {row["id"]: row["status"] for row in report["requirements"]}
        for host, port in endpoints:
            passed = statuses.get(f"custom.{host}:{port}") == "pass"
            known = f"custom.{host}:{port}" in statuses
            sample.right += known and passed == host.startswith("h")
        probes = report["probes"]
        named = [f for f in report["findings"] if f["cause"] == "dns.server-unreachable"]
        good = [p for p in probes if p["target"].startswith("h") and p["purpose"] == "requirement"]
        sample.extra.update(
            whole=int(report["schema"] == "amlnet.report/1" and len(statuses) >= len(endpoints)),
            server_named=int(any(network.DEAD_SERVER in json.dumps(f) for f in named)),
            healthy_done=max((p["start_ms"] + p["duration_ms"] for p in good), default=0.0) / 1000,
        )


class Curl:
    """curl -Z, HEAD, one process; it reads the answer's status and verifies the chain."""

    def __init__(self, lab):
        self.lab, self.folder = lab, pathlib.Path(lab.folder)

    def check(self, endpoints, parallel, limit=None):
        listing, out = self.folder / "curl.list", self.folder / "curl.out"
        listing.write_text("".join(f'url = "https://{host}:{port}/"\noutput = "/dev/null"\n' for host, port in endpoints))
        command = ["curl", "-Z", "--parallel-immediate", "--parallel-max", str(parallel), "--cacert", self.lab.ca,
                   "-I", "-s", "-w", "%{http_code} %{url}\\n", "-K", str(listing)]
        if limit:
            command += ["-m", str(limit)]
        sample = measure.run(command, output=str(out))
        for line in out.read_text().splitlines():
            code, _, url = line.partition(" ")
            sample.right += (code == "204") == url.startswith("https://h")
        return sample


class Blackbox:
    """prometheus-blackbox-exporter as a warm daemon, all targets asked at once through curl -Z."""

    def __init__(self, lab, timeout):
        self.lab, self.folder = lab, pathlib.Path(lab.folder)
        configuration = self.folder / "blackbox.yml"
        configuration.write_text(
            f"modules:\n  tls:\n    prober: tcp\n    timeout: {timeout}s\n    tcp:\n      preferred_ip_protocol: ip4\n"
            f"      tls: true\n      tls_config:\n        ca_file: {lab.ca}\n")
        self.child = lab.start(["prometheus-blackbox-exporter", f"--config.file={configuration}",
                                f"--web.listen-address=127.0.0.1:{BLACKBOX_PORT}"], "127.0.0.1", BLACKBOX_PORT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lab.stop(self.child)

    def check(self, endpoints, parallel):
        listing, out = self.folder / "blackbox.list", self.folder / "blackbox.out"
        listing.write_text("".join(
            f'url = "http://127.0.0.1:{BLACKBOX_PORT}/probe?module=tls&target={host}:{port}"\noutput = "-"\n'
            for host, port in endpoints))
        before = measure.daemon_cpu(self.child.pid)
        sample = measure.run(["curl", "-Z", "--parallel-immediate", "--parallel-max", str(parallel), "-s",
                              "-w", "\\n%{url}\\n", "-K", str(listing)], output=str(out))
        sample.cpu = measure.daemon_cpu(self.child.pid) - before  # the daemon's; curl only asks
        sample.memory = measure.daemon_peak(self.child.pid)
        text = out.read_text()
        good = sum(host.startswith("h") for host, _ in endpoints)
        passed, failed = text.count("\nprobe_success 1\n"), text.count("\nprobe_success 0\n")
        sample.right = min(passed, good) + min(failed, len(endpoints) - good)
        return sample


class Handshakes:
    """A bare OpenSSL loop, one verified handshake after the other: the least CPU that the work can cost."""

    def __init__(self, binary, lab):
        self.binary, self.lab, self.folder = binary, lab, pathlib.Path(lab.folder)

    def check(self, endpoints):
        listing, out = self.folder / "handshakes.list", self.folder / "handshakes.out"
        listing.write_text("".join(f"{network.address_of(host)} {port} {host}\n" for host, port in endpoints))
        sample = measure.run([self.binary, self.lab.ca, str(listing)], output=str(out))
        sample.right = int(out.read_text().split()[0])
        return sample


class Crowd:
    """A bare epoll loop that resolves, connects and shakes hands, and ends with the last healthy endpoint: the least
    delay that silent ones can cost."""

    def __init__(self, binary, lab):
        self.binary, self.lab, self.folder = binary, lab, pathlib.Path(lab.folder)

    def check(self, endpoints):
        listing, out = self.folder / "crowd.list", self.folder / "crowd.out"
        listing.write_text("".join(f"{host} {port}\n" for host, port in endpoints))
        healthy = sum(host.startswith("h") for host, _ in endpoints)
        sample = measure.run([self.binary, self.lab.ca, network.LIVE_SERVER, str(healthy), str(listing)], output=str(out))
        right, seconds = out.read_text().split()
        sample.right = int(right)
        sample.extra["healthy_done"] = float(seconds)
        return sample
