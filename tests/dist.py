#!/usr/bin/env python3
"""The files of a release are the same bytes wherever they are made, and each is what it says.

`make dist` runs in this checkout, and in a copy elsewhere with a home, a home of cargo and a time zone of its own, and with an
environment that would change every byte of it. If DIST names a directory with files that were made already, with the same
SOURCE_DATE_EPOCH, these are compared too.
"""

import gzip
import http.client
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True

from dist_images import Images, digest, unpack  # noqa: E402
from hostile_environment import HOSTILE, other_homes  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
ENVOY_VERSION = os.environ.get("ENVOY_VERSION", "1.40.0")
ENVOY = os.environ.get("ENVOY") or ROOT / "target" / "envoy" / ENVOY_VERSION / "envoy"
PLUGIN, NAME, MODULE = "proxy_wasm_cors.wasm", "proxy-wasm-cors", "proxy-wasm-cors-module"
# As in tests/second_host.rs: without wasm-opt the plugin is larger.
MAX_BYTES = 300 * 1024
# With the number that ELF has of the machine.
COMMANDS = {f"{NAME}-x86_64-unknown-linux-musl": 62, f"{NAME}-aarch64-unknown-linux-musl": 183}
MODULES = {f"{MODULE}-x86_64-unknown-linux-gnu": 62, f"{MODULE}-aarch64-unknown-linux-gnu": 183}
IMAGES = (NAME, MODULE)
PRINTED = {f"{NAME}.1": ["man"], **{f"{NAME}.{it}": ["completions", it] for it in ("bash", "zsh", "fish")}}
PARTS = ("plugin", "command", "module")
VERSION = re.search(r'(?m)^version = "(.+)"', (ROOT / "Cargo.toml").read_text())[1]
# The name by which Envoy finds it, with the version, as docs/dynamic-module.md says.
FILE = f"libproxy_wasm_cors_{VERSION}.so"
PAGE = "https://app.example.com"
START_SECONDS = 60
NEWEST_GLIBC = (2, 28)
EXPECTED = [
    PLUGIN,
    *(f"{name}.sha256" for name in (PLUGIN, *COMMANDS, *(f"{it}.tar.gz" for it in MODULES))),
    *(f"{name}.cdx.json" for name in (NAME, *COMMANDS, *MODULES)),
    *(f"{name}.oci.{end}" for name in IMAGES for end in ("tar", "digest")),
    *COMMANDS,
    *(f"{it}.tar.gz" for it in MODULES),
    *PRINTED,
    *(f"THIRD-PARTY-LICENSES-{part}.txt" for part in PARTS),
]


def run(command, cwd, **environment):
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **environment}, text=True, capture_output=True)
    if done.returncode != 0:
        raise AssertionError(f"{command}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def checkout(directory):
    shutil.copytree(ROOT, directory, ignore=shutil.ignore_patterns("target", ".git", "__pycache__"))
    return directory


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [it.getsockname()[1] for it in sockets]
    for it in sockets:
        it.close()
    return ports


def preflight(port):
    """Status and headers, as soon as someone answers."""
    headers = {"Origin": PAGE, "Access-Control-Request-Method": "PUT"}
    deadline = time.monotonic() + START_SECONDS
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("OPTIONS", "/", headers=headers)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        finally:
            connection.close()


class Dist(Images, unittest.TestCase):
    """Each test reads the files that were made first."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = Path(tempfile.mkdtemp(prefix="dist-", dir=ROOT / "target"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        run(["make", "dist"], ROOT)
        second = checkout(cls.scratch / "another" / "deeper" / "checkout")
        run(["make", "dist"], second, **other_homes(cls.scratch), **HOSTILE)
        made = [ROOT / "target/dist", second / "target/dist"]
        if "DIST" in os.environ:
            made.append(ROOT / os.environ["DIST"])
        cls.first, *cls.others = ({path.name: path.read_bytes() for path in sorted(it.iterdir())} for it in made)

    def test_all_builds_are_the_same_bytes(self):
        self.assertEqual(sorted(EXPECTED), sorted(self.first))
        digests = {name: digest(content) for name, content in self.first.items()}
        for other in self.others:
            self.assertEqual(digests, {name: digest(content) for name, content in other.items()})

    def test_the_plugin_is_small(self):
        self.assertLessEqual(len(self.first[PLUGIN]), MAX_BYTES)

    def test_no_file_names_a_path_of_this_machine(self):
        packed = {f"{name}: {file}": content for name in MODULES for file, content in self.packed(name).items()}
        for path in (ROOT, Path.home(), self.scratch):
            for name, content in {**self.first, **packed}.items():
                self.assertNotIn(f"{path}/".encode(), content, f"{name} names {path}")

    def test_the_checksums_are_those_of_the_files(self):
        sums = [name for name in self.first if name.endswith(".sha256")]
        said = run(["sha256sum", "--check", *sums], ROOT / "target/dist")
        self.assertEqual([f"{name.removesuffix('.sha256')}: OK" for name in sums], said.splitlines())

    def test_envoy_starts_with_the_plugin(self):
        place = self.scratch / "envoy" / "target/wasm32-wasip1/release"
        place.mkdir(parents=True)
        (place / PLUGIN).write_bytes(self.first[PLUGIN])
        run([str(ENVOY), "--mode", "validate", "-c", str(ROOT / "envoy/envoy.yaml")], self.scratch / "envoy")

    def notices(self, part):
        own = (ROOT / "LICENSE").read_bytes()
        return {"LICENSE": own, "THIRD-PARTY-LICENSES": self.first[f"THIRD-PARTY-LICENSES-{part}.txt"]}

    def packed(self, name):
        return unpack(gzip.decompress(self.first[f"{name}.tar.gz"]))

    def test_the_bill_of_materials_is_complete(self):
        bom = json.loads(self.first[f"{NAME}.cdx.json"])
        tree = ["cargo", "tree", "--locked", "--target", "wasm32-wasip1", "-e", "normal", "--prefix", "none"]
        lines = run([*tree, "--format", "{p}"], ROOT).splitlines()
        crates = {tuple(line.split()[:2]) for line in lines if line and not line.startswith("proxy-wasm-cors ")}
        listed = {(it["name"], f"v{it['version']}") for it in bom["components"] if it["bom-ref"].startswith("pkg:")}
        self.assertEqual(crates, listed)
        others = {it["name"] for it in bom["components"] if not it["bom-ref"].startswith("pkg:")}
        self.assertEqual({"rust-std", "public-suffix-list"}, others)
        tools = {it["name"]: it["version"] for it in bom["metadata"]["tools"]["components"]}
        self.assertEqual({"rustc": run(["rustc", "--version"], ROOT)[len("rustc ") : -1], "wasm-opt": "108"}, tools)
        plugin = bom["metadata"]["component"]["hashes"][0]["content"]
        self.assertEqual(digest(self.first[PLUGIN]), f"sha256:{plugin}")

    def test_each_command_is_a_static_program_of_its_machine(self):
        for name, machine in COMMANDS.items():
            self.check_machine(self.first[name], machine)
            self.assertNotIn(b"/lib/ld-", self.first[name], f"{name} asks for a loader")
            bom = json.loads(self.first[f"{name}.cdx.json"])
            self.assertEqual(digest(self.first[name]), f"sha256:{bom['metadata']['component']['hashes'][0]['content']}")
            names = {component["name"] for component in bom["components"]}
            self.assertLessEqual({"clap", "saphyr", "rust-std", "public-suffix-list"}, names)

    def check_machine(self, program, machine):
        """Of 64 bits, little-endian: <https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html>"""
        head = struct.unpack_from("<4sBBBBB7xHHIQQ", program)
        self.assertEqual((b"\x7fELF", 2, 1, machine), (*head[:3], head[7]))

    def test_each_module_is_for_its_machine_and_an_old_glibc(self):
        for name, machine in MODULES.items():
            module = self.packed(name)[FILE]
            self.assertEqual({FILE: module, **self.notices("module")}, self.packed(name))
            self.check_machine(module, machine)
            bom = json.loads(self.first[f"{name}.cdx.json"])
            self.assertEqual(digest(module), f"sha256:{bom['metadata']['component']['hashes'][0]['content']}")
            names = {component["name"] for component in bom["components"]}
            self.assertLessEqual({NAME, "regex-lite", "rust-std", "public-suffix-list"}, names)
            (self.scratch / FILE).write_bytes(module)
            symbols = run(["readelf", "--wide", "--dyn-syms", str(self.scratch / FILE)], ROOT)
            versions = {tuple(map(int, it.split("."))) for it in re.findall(r"@GLIBC_([\d.]+)", symbols)}
            self.assertTrue(versions, name)
            self.assertLessEqual(max(versions), NEWEST_GLIBC, name)

    def test_envoy_answers_a_preflight_by_the_module_of_this_machine(self):
        name = f"{MODULE}-{os.uname().machine}-unknown-linux-gnu"
        place = self.scratch / "module"
        place.mkdir()
        (place / FILE).write_bytes(self.packed(name)[FILE])
        os.environ["ENVOY_DYNAMIC_MODULES_SEARCH_PATH"] = str(place)
        self.addCleanup(os.environ.pop, "ENVOY_DYNAMIC_MODULES_SEARCH_PATH")
        run([str(ENVOY), "--mode", "validate", "-c", "envoy/dynamic-module.yaml"], ROOT)
        port, admin = free_ports(2)
        text = (ROOT / "envoy/dynamic-module.yaml").read_text()
        (place / "envoy.yaml").write_text(text.replace("10000 }", f"{port} }}").replace("9901 }", f"{admin} }}"))
        command = [str(ENVOY), "-c", str(place / "envoy.yaml"), "--use-dynamic-base-id", "--concurrency", "1"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as envoy:
            try:
                status, headers = preflight(port)
            finally:
                envoy.kill()
        allowed = {
            "access-control-allow-origin": PAGE,
            "access-control-allow-methods": "PUT,DELETE",
            "access-control-allow-headers": "content-type",
            "access-control-max-age": "600",
            "vary": "Origin",
        }
        of_envoy = ("date", "server")
        self.assertEqual((204, allowed), (status, {name: it for name, it in headers.items() if name not in of_envoy}))

    def test_the_licenses_name_all_that_is_in_a_part(self):
        boms = {"plugin": [NAME], "command": COMMANDS, "module": MODULES}
        for part, names in boms.items():
            text = self.first[f"THIRD-PARTY-LICENSES-{part}.txt"].decode()
            with_text = {name for it in re.findall(r"={80}\n(.+)\n={80}\n\n\S", text) for name in it.split(", ")}
            for component in (it for name in names for it in json.loads(self.first[f"{name}.cdx.json"])["components"]):
                if component["name"] == NAME:
                    continue
                name = f"{component['name']} {component['version']}"
                self.assertIn(f"- {name}: {component['licenses'][0]['expression']}\n", text, part)
                if component["bom-ref"].startswith("pkg:"):
                    self.assertIn(name, with_text, part)
            self.assertIn("Mozilla Public License, v. 2.0", text)

    def test_the_command_runs(self):
        """That of this machine; the other where there is an emulator for it, and that is said."""
        machines = {"x86_64": "x86_64", "arm64": "aarch64"}
        here = machines.get(os.uname().machine, os.uname().machine)
        for name in COMMANDS:
            machine = name.split("-")[3]
            emulator = shutil.which(f"qemu-{machine}") or shutil.which(f"qemu-{machine}-static")
            if machine != here and not emulator:
                print(f"{name} was NOT run: install qemu-user (Debian: apt-get install qemu-user)", file=sys.stderr)
                continue
            program = [emulator] * (machine != here) + [f"target/dist/{name}"]
            said = run([*program, "check", "envoy/envoy.yaml"], ROOT)
            self.assertTrue(said.endswith("envoy/envoy.yaml: 1 configuration, 0 problems, 0 warnings\n"), said)
            for file, arguments in PRINTED.items():
                self.assertEqual(self.first[file].decode(), run([*program, *arguments], ROOT), file)


if __name__ == "__main__":
    unittest.main(verbosity=2)
