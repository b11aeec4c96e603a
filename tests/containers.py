#!/usr/bin/env python3
"""`docker compose up` shows what `make demo` shows, to this machine only, and leaves nothing; the image for Istio and
Envoy Gateway is the plugin in the layout that they load.

Runs on a real Docker engine, with each of `docker compose` and `docker-compose` that is there.
"""

import io
import json
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "envoy" / "demo"))

import pages  # noqa: E402
import stand_ins  # noqa: E402
import transcript  # noqa: E402

PROJECT = "proxy-wasm-cors-test"
OURS = f"label=com.docker.compose.project={PROJECT}"
OWN_BUILD = "target/wasm32-wasip1/release/proxy_wasm_cors.wasm"
ENVOY_PORT, PAGE, REFUSED = 10000, "http://localhost:8080", "http://localhost:8081"
PORTS = {8080, 8081, 9901, ENVOY_PORT}
HEALTHY_SECONDS = 60


def run(command, cwd=ROOT, **options):
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}: status {done.returncode}\n{done.stdout.decode(errors='replace')}")
    return done.stdout


def docker(*arguments):
    return run(["docker", *arguments])


def words(*arguments):
    return docker(*arguments).decode().split()


def answers(command):
    return bool(shutil.which(command[0])) and subprocess.run(command, capture_output=True).returncode == 0


def composes():
    kinds = (["docker", "compose"], ["docker-compose"])
    return [kind for kind in kinds if answers([*kind, "version"])]


def leftovers():
    found = {kind: words(kind, "ls", "--quiet", *flags, "--filter", OURS)
             for kind, flags in (("container", ["--all"]), ("network", []), ("volume", []))}
    return {kind: ids for kind, ids in found.items() if ids}


class Containers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(stand_ins.remove)
        stand_ins.provide()
        cls.scratch = Path(tempfile.mkdtemp(prefix="containers-", dir=ROOT / "target"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch)

    def setUp(self):
        """A checkout that nothing was built in yet."""
        self.checkout = self.scratch / self.id().rpartition(".")[2]
        shutil.copytree(ROOT, self.checkout, ignore=shutil.ignore_patterns("target", ".git", "__pycache__"))
        stand_ins.use(self.checkout)

    def test_the_demo(self):
        for command in composes():
            with self.subTest(" ".join(command)):
                self.check_demo([*command, "--project-name", PROJECT])

    def check_demo(self, compose):
        volumes = words("volume", "ls", "--quiet")
        self.assertEqual({}, leftovers(), "left by another run")
        try:
            run([*compose, "up", "--detach", "--build"], self.checkout)
            services = self.wait_until_healthy(compose)
            self.check_ports(services)
            self.check_pages()
            self.check_transcript(services["envoy"])
            self.check_shown_log()
        finally:
            run([*compose, "down", "--rmi", "local"], self.checkout)
        self.assertEqual({}, leftovers())
        self.assertEqual(volumes, words("volume", "ls", "--quiet"))

    def wait_until_healthy(self, compose):
        """What `docker inspect` says of each service, by its name, once all are healthy."""
        deadline = time.monotonic() + HEALTHY_SECONDS
        while True:
            inspected = json.loads(docker("inspect", *words("container", "ls", "--all", "--quiet", "--filter", OURS)))
            services = {it["Config"]["Labels"]["com.docker.compose.service"]: it for it in inspected}
            states = {name: it["State"].get("Health", {}).get("Status") for name, it in services.items()}
            if states == dict.fromkeys(("envoy", "api", "dashboard"), "healthy"):
                return services
            if time.monotonic() > deadline or any(it["State"]["Status"] != "running" for it in inspected):
                logs = run([*compose, "logs", "--no-color"], self.checkout).decode(errors="replace")
                self.fail(f"not healthy: {states}\n{logs}")
            time.sleep(0.5)

    def check_ports(self, services):
        bindings = [
            (binding["HostIp"], int(binding["HostPort"]))
            for service in services.values()
            for published in service["NetworkSettings"]["Ports"].values()
            for binding in published or []
        ]
        self.assertEqual(sorted(("127.0.0.1", port) for port in PORTS), sorted(bindings))
        networks = services["dashboard"]["NetworkSettings"]["Networks"]
        gateway = next(iter(networks.values()))["Gateway"]  # this machine, by an address that is not loopback
        for port in PORTS:
            with self.assertRaises(OSError, msg=f"{gateway}:{port} is open"):
                socket.create_connection((gateway, port), timeout=2).close()

    def check_pages(self):
        api = f"http://localhost:{ENVOY_PORT}"
        for page, other, allowed in ((PAGE, REFUSED, True), (REFUSED, PAGE, False)):
            for path, (file, _) in pages.FILES.items():
                self.assertEqual((ROOT / "envoy/demo" / file).read_bytes(), self.get(page + path), page + path)
            # Which policy the container of Envoy has, that of the page does not see.
            config = {"api": api, "other": other, "allowed": allowed, "policy": ""}
            self.assertEqual(config, json.loads(self.get(page + "/config.json")))

    def get(self, url):
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.read()

    def check_transcript(self, envoy):
        """The same requests as `make demo`, with the same answers and lines of the access log."""
        screen = transcript.Screen(io.StringIO())
        planned = transcript.exchanges(PAGE, REFUSED)
        wrong = transcript.play(screen, ENVOY_PORT, planned, lambda: None)
        wrong += transcript.check_access_log(screen, ContainerLog(envoy["Id"]), planned)
        self.assertEqual(0, wrong, screen.stream.getvalue())

    def check_shown_log(self):
        """The dashboard has the access log, though another container writes it."""
        self.get(f"http://localhost:{ENVOY_PORT}/jobs?call=1")
        deadline = time.monotonic() + transcript.LOG_SECONDS
        while not (lines := json.loads(self.get(f"{PAGE}/access-log?call=1"))) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual([("GET", "/jobs?call=1", 200)], [(it["method"], it["path"], it["status"]) for it in lines])

    def test_the_image_is_built_from_the_sources(self):
        place = self.place_own_build()
        plugin = self.plugin_of_image()
        self.assertEqual(b"\0asm\1\0\0\0", plugin[:8])
        self.assertNotEqual(place.read_bytes(), plugin)
        place.write_bytes(plugin)
        run([str(stand_ins.ENVOY), "--mode", "validate", "-c", "envoy/envoy.yaml"], self.checkout)

    def test_the_image_with_a_build_of_ones_own(self):
        place = self.place_own_build()
        self.assertEqual(place.read_bytes(), self.plugin_of_image("--build-arg", "OWN_BUILD=yes"))

    def place_own_build(self):
        place = self.checkout / OWN_BUILD
        place.parent.mkdir(parents=True)
        place.write_bytes(b"\0asm\1\0\0\0")  # the shortest module, which no build makes
        return place

    def plugin_of_image(self, *arguments):
        """`plugin.wasm` of the image. Beside it there are only licenses: those of others if it was built from the sources."""
        tag = f"{PROJECT}:{self.checkout.name}"
        docker("build", "--quiet", "--target", "plugin", *arguments, "--tag", tag, str(self.checkout))
        self.addCleanup(docker, "rmi", tag)
        with tarfile.open(fileobj=io.BytesIO(docker("save", tag))) as saved:
            [image] = json.load(saved.extractfile("manifest.json"))
            [layer] = image["Layers"]
            with tarfile.open(fileobj=io.BytesIO(saved.extractfile(layer).read())) as files:
                others = [] if arguments else ["THIRD-PARTY-LICENSES"]
                self.assertEqual(["LICENSE", *others, "plugin.wasm"], sorted(files.getnames()))
                self.assertEqual((ROOT / "LICENSE").read_bytes(), files.extractfile("LICENSE").read())
                return files.extractfile("plugin.wasm").read()


class ContainerLog:
    """The standard output of a container, read like a file. Envoy's own log is on standard error."""

    def __init__(self, container):
        self.command = ["docker", "logs", container]

    def read_text(self, errors):
        done = subprocess.run(self.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        return done.stdout.decode(errors=errors)


def main():
    if not answers(["docker", "info"]):
        sys.exit("no Docker engine answers (`docker info`); this test needs one, and the right to use it")
    if not composes():
        sys.exit("neither `docker compose` nor `docker-compose` is there; install one (Debian: docker-compose)")
    print(f"with {' and '.join(' '.join(kind) for kind in composes())}", flush=True)
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
