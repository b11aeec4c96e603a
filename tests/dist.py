#!/usr/bin/env python3
"""The files of a release are the same bytes wherever they are made, and each is what it says.

`make dist` runs twice, in copies of this checkout with paths, homes of cargo and time zones of their own. If DIST names
a directory with files that were made already, with the same SOURCE_DATE_EPOCH, these are compared too.
"""

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVOY_VERSION = os.environ.get("ENVOY_VERSION", "1.40.0")
ENVOY = os.environ.get("ENVOY") or ROOT / "target" / "envoy" / ENVOY_VERSION / "envoy"
PLUGIN, CHECKSUM, BOM = "proxy_wasm_cors.wasm", "proxy_wasm_cors.wasm.sha256", "proxy-wasm-cors.cdx.json"
IMAGE, DIGEST = "proxy-wasm-cors.oci.tar", "proxy-wasm-cors.oci.digest"
# As in tests/second_host.rs: without wasm-opt the plugin is larger.
MAX_BYTES = 300 * 1024
COMMANDS = {"proxy-wasm-cors-x86_64-unknown-linux-musl": 62, "proxy-wasm-cors-aarch64-unknown-linux-musl": 183}
PRINTED = {"proxy-wasm-cors.1": ["man"], **{f"proxy-wasm-cors.{it}": ["completions", it] for it in ("bash", "zsh", "fish")}}


def run(command, cwd, **environment):
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **environment}, text=True, capture_output=True)
    if done.returncode != 0:
        raise AssertionError(f"{command}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def checkout(directory):
    shutil.copytree(ROOT, directory, ignore=shutil.ignore_patterns("target", ".git", "__pycache__"))
    return directory


def other_cargo_home(directory):
    """A home of cargo that unpacks its crates elsewhere, from the downloads that are there."""
    registry = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo")) / "registry"
    (directory / "registry").mkdir(parents=True)
    for part in ("cache", "index"):
        (directory / "registry" / part).symlink_to(registry / part)
    return directory


def unpack(archive):
    with tarfile.open(fileobj=io.BytesIO(archive)) as reader:
        return {entry.name: reader.extractfile(entry).read() for entry in reader.getmembers()}


def digest(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Dist(unittest.TestCase):
    """Each test reads the files that were made first."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = Path(tempfile.mkdtemp(prefix="dist-", dir=ROOT / "target"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        first = checkout(cls.scratch / "first")
        run(["make", "dist"], first, TZ="UTC")
        second = checkout(cls.scratch / "another" / "deeper" / "checkout")
        cargo_home = other_cargo_home(cls.scratch / "cargo-home")
        run(["make", "dist"], second, TZ="Asia/Kathmandu", CARGO_HOME=str(cargo_home), RUSTFLAGS="-C debuginfo=2")
        made = [first / "target/dist", second / "target/dist"]
        if "DIST" in os.environ:
            made.append(ROOT / os.environ["DIST"])
        cls.first, *cls.others = ({path.name: path.read_bytes() for path in sorted(it.iterdir())} for it in made)

    def test_all_builds_are_the_same_bytes_but_for_the_commands(self):
        of_commands = [f"{name}{end}" for name in COMMANDS for end in ("", ".sha256", ".cdx.json")]
        self.assertEqual(sorted([PLUGIN, CHECKSUM, BOM, IMAGE, DIGEST, *of_commands, *PRINTED]), sorted(self.first))
        # The commands have C in them, which zig compiles, and differ by the place where they were built.
        same = [name for name in self.first if name not in of_commands]
        digests = {name: digest(self.first[name]) for name in same}
        for other in self.others:
            self.assertEqual(sorted(self.first), sorted(other))
            self.assertEqual(digests, {name: digest(other[name]) for name in same})

    def test_the_plugin_is_small(self):
        self.assertLessEqual(len(self.first[PLUGIN]), MAX_BYTES)

    def test_no_file_names_a_path_of_this_machine(self):
        for path in (ROOT, Path.home(), self.scratch):
            for name, content in self.first.items():
                self.assertNotIn(f"{path}/".encode(), content, f"{name} names {path}")

    def test_the_checksum_is_the_plugin_s(self):
        run(["sha256sum", "--check", CHECKSUM], self.scratch / "first/target/dist")

    def test_envoy_starts_with_the_plugin(self):
        place = self.scratch / "envoy" / "target/wasm32-wasip1/release"
        place.mkdir(parents=True)
        (place / PLUGIN).write_bytes(self.first[PLUGIN])
        run([str(ENVOY), "--mode", "validate", "-c", str(ROOT / "envoy/envoy.yaml")], self.scratch / "envoy")

    def test_the_image_is_a_layer_with_the_plugin(self):
        files = unpack(self.first[IMAGE])
        index = json.loads(files["index.json"])
        self.assertEqual({"imageLayoutVersion": "1.0.0"}, json.loads(files["oci-layout"]))
        self.assertEqual(1, len(index["manifests"]))
        manifest = json.loads(self.blob(files, index["manifests"][0], "manifest.v1+json"))
        self.assertEqual(f"{index['manifests'][0]['digest']}\n".encode(), self.first[DIGEST])
        self.assertEqual("compat", manifest["annotations"]["module.wasm.image/variant"])
        self.assertEqual(1, len(manifest["layers"]))
        layer = gzip.decompress(self.blob(files, manifest["layers"][0], "layer.v1.tar+gzip"))
        self.assertEqual({"plugin.wasm": self.first[PLUGIN]}, unpack(layer))
        config = json.loads(self.blob(files, manifest["config"], "config.v1+json"))
        self.assertEqual([digest(layer)], config["rootfs"]["diff_ids"])
        self.assertEqual(5, len(files), "nothing else is in it")

    def blob(self, files, descriptor, kind):
        content = files["blobs/" + descriptor["digest"].replace(":", "/")]
        self.assertEqual(f"application/vnd.oci.image.{kind}", descriptor["mediaType"])
        self.assertEqual((descriptor["digest"], descriptor["size"]), (digest(content), len(content)))
        return content

    def test_the_bill_of_materials_is_complete(self):
        bom = json.loads(self.first[BOM])
        tree = ["cargo", "tree", "--locked", "--target", "wasm32-wasip1", "-e", "normal", "--prefix", "none"]
        lines = run([*tree, "--format", "{p}"], ROOT).splitlines()
        crates = {tuple(line.split()[:2]) for line in lines if line and not line.startswith("proxy-wasm-cors ")}
        listed = {(it["name"], f"v{it['version']}") for it in bom["components"] if it["bom-ref"].startswith("pkg:")}
        self.assertEqual(crates, listed)
        others = {it["name"] for it in bom["components"] if not it["bom-ref"].startswith("pkg:")}
        self.assertEqual({"rust-std", "public-suffix-list"}, others)
        tools = {it["name"]: it["version"] for it in bom["metadata"]["tools"]["components"]}
        said = run([os.environ.get("WASM_OPT") or "wasm-opt", "--version"], ROOT)
        self.assertEqual({"rustc", "wasm-opt"}, set(tools))
        self.assertEqual(f"wasm-opt version {tools['wasm-opt']}\n", said)
        plugin = bom["metadata"]["component"]["hashes"][0]["content"]
        self.assertEqual(digest(self.first[PLUGIN]), f"sha256:{plugin}")


    def test_each_command_is_a_static_program_of_its_machine(self):
        for name, machine in COMMANDS.items():
            head = struct.unpack_from("<4sBBBBB7xHHIQQ", self.first[name])
            # A program of 64 bits, little-endian: <https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html>
            self.assertEqual((b"\x7fELF", 2, 1, machine), (*head[:3], head[7]), name)
            self.assertNotIn(b"/lib/ld-", self.first[name], f"{name} asks for a loader")
            run(["sha256sum", "--check", f"{name}.sha256"], self.scratch / "first/target/dist")
            bom = json.loads(self.first[f"{name}.cdx.json"])
            self.assertEqual(digest(self.first[name]), f"sha256:{bom['metadata']['component']['hashes'][0]['content']}")
            names = {component["name"] for component in bom["components"]}
            self.assertLessEqual({"clap", "saphyr", "rust-std", "public-suffix-list"}, names)

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
            said = run([*program, "check", "envoy/envoy.yaml"], self.scratch / "first")
            self.assertTrue(said.endswith("envoy/envoy.yaml: 1 configuration, 0 problems, 0 warnings\n"), said)
            for file, arguments in PRINTED.items():
                self.assertEqual(self.first[file].decode(), run([*program, *arguments], self.scratch / "first"), file)


class WithoutWasmOpt(unittest.TestCase):
    def test_no_release_is_made(self):
        environment = {name: value for name, value in os.environ.items() if name != "WASM_OPT"}
        command = [sys.executable, str(ROOT / "tools/dist.py")]
        done = subprocess.run(command, env={**environment, "PATH": "/nowhere"}, text=True, capture_output=True)
        self.assertEqual((1, ""), (done.returncode, done.stdout))
        self.assertIn("dist: wasm-opt is missing; install it (Debian: apt-get install binaryen)", done.stderr)


class Version(unittest.TestCase):
    """`tools/version.py`, which a release asks before anything else."""

    def setUp(self):
        scratch = Path(tempfile.mkdtemp(prefix="version-", dir=ROOT / "target"))
        self.addCleanup(shutil.rmtree, scratch)
        self.checkout = checkout(scratch / "checkout")
        sections = ["# Changelog", "## [Unreleased]", "- later", "## [1.2.3] - 2026-12-01", "- one", "## [1.2.2]", "- old"]
        (self.checkout / "CHANGELOG.md").write_text("\n\n".join(sections))
        manifest = re.sub(r'(?m)^version = ".*"', 'version = "1.2.3"', (ROOT / "Cargo.toml").read_text(), count=1)
        (self.checkout / "Cargo.toml").write_text(manifest)

    def ask(self, tag):
        return subprocess.run(["python3", "tools/version.py", tag], cwd=self.checkout, text=True, capture_output=True)

    def test_the_notes_are_the_section_of_the_changelog(self):
        asked = self.ask("v1.2.3")
        self.assertEqual((0, "- one\n", ""), (asked.returncode, asked.stdout, asked.stderr))

    def test_a_tag_that_is_not_the_version_is_refused(self):
        for tag in ("v1.2.2", "1.2.3", "v1.2.3-rc.1"):
            self.check_refused(tag, "Cargo.toml has the version 1.2.3")

    def test_a_version_that_the_changelog_does_not_tell_of_is_refused(self):
        (self.checkout / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n- one\n")
        self.check_refused("v1.2.3", "CHANGELOG.md has no section")

    def check_refused(self, tag, why):
        asked = self.ask(tag)
        self.assertEqual(1, asked.returncode, tag)
        self.assertIn(why, asked.stderr)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main(verbosity=2)
