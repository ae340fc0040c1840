"""The bench's network: unbound, nginx and haproxy on loopback, in a network namespace that run.sh made.

hN.bench.test is a healthy TLS endpoint in 127.1.0.0/16: port 443 answers at once, port 4443 after 40 ms.
dN.bench.test is a black hole in 127.2.0.0/16: nft drops on the input hook, so that sends succeed.
127.0.0.53 is the nameserver, 127.0.0.54 a dead one.
"""

import os
import pathlib
import socket
import subprocess
import time

HEALTHY, BLACK_HOLES = 2000, 50000
LIVE_SERVER, DEAD_SERVER = "127.0.0.53", "127.0.0.54"
DELAY_MS = 40
DELAYED, DIRECT = 4443, 443


def healthy(count, port):
    return [(f"h{i}.bench.test", port) for i in range(count)]


def black_holes(count, port):
    return [(f"d{i}.bench.test", port) for i in range(count)]


def address_of(name):
    kind, number = name[0], int(name[1:].split(".")[0])
    return f"127.{1 if kind == 'h' else 2}.{number // 250}.{number % 250 + 1}"


def names():
    return [name for name, _ in healthy(HEALTHY, 0) + black_holes(BLACK_HOLES, 0)]


class Lab:
    """Starts everything; use as a context manager."""

    def __init__(self, folder, resolv_conf):
        self.folder = pathlib.Path(folder)
        self.folder.chmod(0o755)
        self.resolv_conf = pathlib.Path(resolv_conf)
        self.ca = str(self.folder / "ca.pem")
        self.children = []

    def __enter__(self):
        self.nameservers(LIVE_SERVER)
        self._certificates()
        self._drop()
        try:
            self._unbound()
            self._nginx()
            self._haproxy()
        except Exception:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for child in self.children:
            child.terminate()
        for child in self.children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()

    def nameservers(self, *servers):
        """Rewrites resolv.conf in place: `ip netns exec` has bound this very file over the system's."""
        self.resolv_conf.write_text("".join(f"nameserver {server}\n" for server in servers))

    def start(self, command, address, port):
        """Starts a server and waits until it accepts."""
        log = open(self.folder / f"{pathlib.Path(command[0]).name}.log", "ab")
        child = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        self.children.append(child)
        for _ in range(500):
            if child.poll() is not None:
                raise RuntimeError(f"{command[0]} ended at once: see {log.name}")
            try:
                socket.create_connection((address, port), 1).close()
                return child
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"{command[0]} does not accept on {address}:{port}")

    def stop(self, child):
        child.terminate()
        child.wait(10)
        self.children.remove(child)

    def _certificates(self):
        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl("req", "-x509", *key, "-days", "30", "-subj", "/CN=Bench root", "-keyout", "ca.key", "-out", "ca.pem")
        openssl("req", *key, "-subj", "/CN=bench.test", "-keyout", "leaf.key", "-out", "leaf.csr")
        (self.folder / "leaf.ext").write_text("subjectAltName=DNS:*.bench.test\n")
        openssl("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-days", "30", "-extfile", "leaf.ext", "-out", "leaf.pem")

    def _drop(self):
        rules = ("table inet bench { chain input { type filter hook input priority 0;\n"
                 f"ip daddr {{ 127.2.0.0/16, {DEAD_SERVER} }} drop\n}}\n}}\n")
        subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)

    def _unbound(self):
        data = "".join(f'local-data: "{name}. 60 IN A {address_of(name)}"\n' for name in names())
        (self.folder / "unbound.conf").write_text(
            f"""server:
interface: {LIVE_SERVER}
do-daemonize: no
chroot: ""
username: ""
directory: "{self.folder}"
pidfile: ""
use-syslog: no
verbosity: 0
access-control: 127.0.0.0/8 allow
do-not-query-localhost: no
num-threads: 1
so-rcvbuf: 4m
local-zone: "bench.test." static
{data}""")
        self.start(["unbound", "-d", "-c", str(self.folder / "unbound.conf")], LIVE_SERVER, 53)

    def _nginx(self):
        (self.folder / "nginx.conf").write_text(
            f"""daemon off; worker_processes 1; error_log stderr crit; pid {self.folder}/nginx.pid;
worker_rlimit_nofile 20000;
events {{ worker_connections 8192; }}
http {{ access_log off; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4;
scgi_temp_path t5; ssl_certificate {self.folder}/leaf.pem; ssl_certificate_key {self.folder}/leaf.key;
ssl_session_cache off; ssl_session_tickets off;
server {{ listen {DIRECT} ssl backlog=4096; location / {{ return 204; }} }} }}
""")
        self.start(["nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")], "127.0.0.1", DIRECT)

    def _haproxy(self):
        (self.folder / "haproxy.cfg").write_text(
            f"""global
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend delayed
  bind 0.0.0.0:{DELAYED} backlog 4096
  tcp-request inspect-delay {DELAY_MS}ms
  tcp-request content accept if WAIT_END
  default_backend nginx
backend nginx
  server nginx 127.0.0.1:{DIRECT}
""")
        self.start(["haproxy", "-db", "-f", str(self.folder / "haproxy.cfg")], "127.0.0.1", DELAYED)


def raise_descriptor_limit():
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def require_namespace():
    """The cases drop packets and rewrite resolv.conf: never outside the namespace that run.sh made."""
    if os.environ.get("AMLNET_BENCH_NAMESPACE") != "1":
        raise SystemExit("bench.py runs in the namespace that tests/bench/run.sh makes")
