"""The cases A to H: what is asked, which peers are asked the same in the same run, and what is to be reached."""

import contextlib
import pathlib

import measure
from lab import BLACK_HOLES, DEAD_SERVER, DELAYED, DIRECT, LIVE_SERVER, black_holes, healthy
from tools import Blackbox, Crowd, Curl, Handshakes

TIMEOUT = 3  # seconds, one attempt
BARE = ["--retries", "0", "--no-follow-ups"]
LIMITED = [*BARE, "--timeout", f"{TIMEOUT}s"]


class Bench:
    def __init__(self, lab, amlnet, bare, runs, table):
        self.lab, self.amlnet, self.runs, self.table = lab, amlnet, runs, table
        self.curl = Curl(lab)
        self.bare, self.bare_crowd = Handshakes(bare / "handshakes", lab), Crowd(bare / "crowd", lab)

    def measure(self, tools):
        return measure.interleaved(tools, self.runs)

    def case_a(self):
        """60 healthy TLS endpoints behind 40 ms."""
        endpoints = healthy(60, DELAYED)
        with Blackbox(self.lab, TIMEOUT) as blackbox:
            taken = self.measure({"amlnet": lambda: self.amlnet.check(endpoints),
                                  "curl -Z": lambda: self.curl.check(endpoints, 60),
                                  "blackbox_exporter": lambda: blackbox.check(endpoints, 60)})
        ours, best = taken["amlnet"], self.table.peers(taken, 60)
        self.table.case("A", "60 healthy, 40 ms", taken, 60, best, [
            ("wall ≤ best peer", ours.wall / best.wall if best else None, ours.wall <= best.wall if best else None),
            ("≤ 15 MB", None, ours.memory <= 15)])
        whole, packed = self.amlnet.report_sizes(healthy(150, DIRECT))
        self.table.note("A", f"report of 150 healthy endpoints: {whole:.0f} KB, compressed {packed:.1f} KB",
                        "compressed ≤ 80 KB", 0 < packed <= 80)

    def case_b(self):
        """A and 5 black holes."""
        endpoints = healthy(60, DELAYED) + black_holes(5, DELAYED)
        with Blackbox(self.lab, TIMEOUT) as blackbox:
            taken = self.measure({"amlnet": lambda: self.amlnet.check(endpoints, *LIMITED),
                                  "curl -Z": lambda: self.curl.check(endpoints, 65, TIMEOUT),
                                  "blackbox_exporter": lambda: blackbox.check(endpoints, 65)})
        ours, best = taken["amlnet"], self.table.peers(taken, 65)
        self.table.case("B", "A and 5 black holes, 3 s limit", taken, 65, best,
                        [("≤ 3.1 s", ours.wall / TIMEOUT, ours.wall <= TIMEOUT + 0.1)])

    def case_c(self):
        """The first nameserver is dead."""
        endpoints = healthy(60, DELAYED)
        with self.nameservers(DEAD_SERVER, LIVE_SERVER):
            taken = self.measure({"amlnet": lambda: self.amlnet.check(endpoints),
                                  "curl -Z": lambda: self.curl.check(endpoints, 60),
                                  "curl -Z, 3 s limit": lambda: self.curl.check(endpoints, 60, TIMEOUT)})
        ours, best = taken["amlnet"], self.table.peers(taken, 60)
        self.table.case("C", "first nameserver dead", taken, 60, best, [
            ("≤ 1.5 s", ours.wall / best.wall if best else None, ours.wall <= 1.5),
            ("server named", None, ours.extra.get("server_named", 0) == 1)])

    def case_d(self):
        """1,000 TLS endpoints without delay."""
        endpoints = healthy(1000, DIRECT)
        with Blackbox(self.lab, 10) as blackbox:
            taken = self.measure({"amlnet": lambda: self.amlnet.check(endpoints, *BARE),
                                  "curl -Z": lambda: self.curl.check(endpoints, 200),
                                  "blackbox_exporter": lambda: blackbox.check(endpoints, 200),
                                  "bare OpenSSL loop": lambda: self.bare.check(endpoints)})
        ours, bare = taken["amlnet"], taken.pop("bare OpenSSL loop")
        best = self.table.peers(taken, 1000)
        taken["bare OpenSSL loop"] = bare
        per_second = (ours.right / ours.cpu) / (bare.right / bare.cpu) if ours.cpu and bare.right else 0.0
        self.table.case("D", "1,000 TLS endpoints", taken, 1000, best, [
            ("wall ≤ 0.8 of best peer", ours.wall / best.wall if best else None,
             ours.wall <= 0.8 * best.wall if best else None),
            ("handshakes per CPU second ≥ 0.9 of bare loop", per_second, per_second >= 0.9),
            ("≤ 40 MB", None, ours.memory <= 40)])

    def case_e(self):
        """Everything dead: nothing may outlast the deadline."""
        endpoints, deadline = black_holes(60, DIRECT), 3
        options = [*BARE, "--timeout", "5s", "--deadline", f"{deadline}s"]
        for what, servers in (("endpoints", [LIVE_SERVER]), ("endpoints and DNS", [DEAD_SERVER])):
            with self.nameservers(*servers):
                taken = self.measure({"amlnet": lambda: self.amlnet.check(endpoints, *options),
                                      "curl -Z, 3 s limit": lambda: self.curl.check(endpoints, 60, deadline)})
            ours = taken["amlnet"]
            self.table.case("E", f"60 dead: {what}; deadline 3 s", taken, 60, taken["curl -Z, 3 s limit"], [
                ("≤ deadline + 0.1 s", ours.wall / deadline, ours.wall <= deadline + 0.1),
                ("report whole", None, ours.extra.get("whole", 0) == 1)])

    def case_f(self):
        """Start-up."""
        taken = {"amlnet": measure.median([self.amlnet.version() for _ in range(4 * self.runs)])}
        image = pathlib.Path(self.amlnet.binary).read_bytes()
        size, linked = len(image) / 1e6, "dynamically" if b"/ld-linux" in image[:4096] else "statically"
        self.table.case("F", "--version", taken, None, None, [
            ("≤ 10 ms", None, taken["amlnet"].wall <= 0.010),
            (f"static binary ≤ 8 MB (this one: {size:.1f}, linked {linked})", None, size <= 8)])

    def case_g(self):
        """Growth: silent endpoints, all waiting at once."""
        taken = {}
        for count in (100, 1000, 10000):
            endpoints = black_holes(count, DIRECT)
            options = [*LIMITED, "--concurrency", str(count), "--deadline", "60s"]
            tools = {"amlnet": lambda e=endpoints, o=options: self.amlnet.check(e, *o)}
            if count <= 1000:  # curl keeps at most 300 in flight
                tools["curl -Z, 3 s limit"] = lambda e=endpoints: self.curl.check(e, 300, TIMEOUT)
            results = self.measure(tools)
            ours = taken[count] = results["amlnet"]
            self.table.case("G", f"{count:,} silent, 3 s limit", results, count, results.get("curl -Z, 3 s limit"),
                            [("≤ 3.3 s", ours.wall / TIMEOUT, ours.wall <= 1.1 * TIMEOUT)])
        each = [(taken[more].memory - taken[fewer].memory) * 1e6 / 1024 / (more - fewer)
                for fewer, more in ((100, 1000), (1000, 10000))]
        self.table.note("G", f"memory for each further waiting endpoint: {each[0]:.1f} KiB up to 1,000, "
                        f"{each[1]:.1f} KiB up to 10,000", "≤ 6 KiB", max(each) <= 6)
        plan = self.amlnet.plan(black_holes(BLACK_HOLES, DIRECT))
        self.table.note("G", f"plan of {BLACK_HOLES:,}: {plan.wall:.2f} s, {plan.memory:.0f} MB", "status 0",
                        plan.status == 0)

    def case_h(self):
        """Fairness: healthy endpoints among silent ones."""
        alone = healthy(60, DELAYED)
        silent, crowd = black_holes(1000, DELAYED), []
        for index, endpoint in enumerate(alone):  # spread evenly: a healthy one after every 16 or 17 silent ones
            crowd += [*silent[index * 1000 // 60:(index + 1) * 1000 // 60], endpoint]
        taken = self.measure({"amlnet, alone": lambda: self.amlnet.check(alone, *LIMITED),
                              "amlnet": lambda: self.amlnet.check(crowd, *LIMITED),
                              "bare epoll loop, alone": lambda: self.bare_crowd.check(alone),
                              "bare epoll loop": lambda: self.bare_crowd.check(crowd)})

        def delay(tool):
            return (taken[tool].extra.get("healthy_done", 0) /
                    (taken[f"{tool}, alone"].extra.get("healthy_done", 0) or float("nan")))
        ratio = delay("amlnet")
        self.table.case("H", "60 healthy among 1,000 silent", taken, 1060, None, [
            ("healthy done ≤ 1.2 of their time alone", ratio, 0 < ratio <= 1.2)],
            dict.fromkeys(("amlnet, alone", "bare epoll loop, alone", "bare epoll loop"), 60))
        self.table.remark("H", f"the same ratio of the bare epoll loop: {delay('bare epoll loop'):.2f}")

    @contextlib.contextmanager
    def nameservers(self, *servers):
        self.lab.nameservers(*servers)
        try:
            yield
        finally:
            self.lab.nameservers(LIVE_SERVER)
