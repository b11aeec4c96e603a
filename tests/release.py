#!/usr/bin/env python3
"""What a release asks before it builds anything: the tools, the configuration of cargo, the tag, the changelog."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WASM_OPT = "wasm-opt version 108"
INSTEAD = "install version 108 (Debian 12 and Ubuntu 24.04: apt-get install binaryen), or set WASM_OPT to it"


def checkout(directory):
    """What is asked before anything is built, and no more."""
    for part in ("tools", ".cargo"):
        shutil.copytree(ROOT / part, directory / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("Cargo.toml", "Dockerfile"):
        shutil.copy(ROOT / file, directory)
    return directory


class Tools(unittest.TestCase):
    """`tools/dist.py` with programs that only say their version."""

    def setUp(self):
        self.scratch = Path(tempfile.mkdtemp(prefix="release-", dir=ROOT / "target"))
        self.addCleanup(shutil.rmtree, self.scratch)
        self.checkout = checkout(self.scratch / "checkout")
        self.programs = self.scratch / "programs"
        self.home = self.scratch / "cargo-home"
        for directory in (self.programs, self.home):
            directory.mkdir()

    def program(self, name, says):
        place = self.programs / name
        place.write_text(f"#!/bin/sh\necho '{says}'\n")
        place.chmod(0o755)
        return place

    def check(self, *said):
        kept = {name: value for name, value in os.environ.items() if name != "WASM_OPT"}
        own = {**kept, "PATH": str(self.programs), "CARGO_HOME": str(self.home)}
        command = [sys.executable, "tools/dist.py"]
        done = subprocess.run(command, cwd=self.checkout, env=own, text=True, capture_output=True)
        self.assertEqual((1, ""), (done.returncode, done.stdout), done.stderr)
        for part in said:
            self.assertIn(part, done.stderr)

    def test_no_wasm_opt(self):
        self.check(f"dist: wasm-opt is missing; {INSTEAD}")

    def test_another_wasm_opt(self):
        for says in ("wasm-opt version 120 (version_120)", "wasm-opt version 1080", "wasm-opt 108"):
            place = self.program("wasm-opt", says)
            self.check(f"dist: `{place}` is `{says}`, which writes other bytes than a release has; {INSTEAD}")

    def test_another_rust(self):
        wanted = re.search(r"(?m)^FROM rust:([\d.]+)-", (ROOT / "Dockerfile").read_text())[1]
        self.program("wasm-opt", WASM_OPT)
        self.program("rustc", "rustc 1.85.0 (4d91de4e4 2025-02-17)")
        instead = f"run `rustup toolchain install {wanted} --profile minimal`, and set RUSTUP_TOOLCHAIN={wanted}"
        self.check(f"dist: this is `rustc 1.85.0 (4d91de4e4 2025-02-17)`, and a release is made with Rust {wanted}: {instead}")

    def test_a_configuration_of_cargo_that_changes_bytes(self):
        instead = "which may change the bytes; make the release in a checkout elsewhere, or with CARGO_HOME elsewhere"
        above = self.scratch / ".cargo" / "config.toml"
        above.parent.mkdir()
        for text, names in (
            ("[profile.release]\nopt-level = 3\n", "`profile`"),
            ("# mine\n[net]\noffline = true\n[build]\nrustc-wrapper = 'sccache'\n", "`build`"),
            ('build.rustflags = ["-Ctarget-cpu=native"]\n', "`build`"),
            ('env = { CFLAGS = "-O3" }\n[[patch]]\n', "`env`, `patch`"),
            ('["target".wasm32-wasip1]\nlinker = "lld"\n', "`target`"),
        ):
            for file in (self.home / "config.toml", self.home / "config", above):
                file.write_text(text)
                self.check(f"dist: `{file}` sets {names}, {instead}")
                file.unlink()

    def test_a_configuration_of_cargo_that_changes_no_bytes(self):
        harmless = '[net]\noffline = true\n[source.crates-io]\nreplace-with = "mirror"\n[term]\nverbose = true\n'
        (self.home / "config.toml").write_text(harmless)
        self.check("dist: wasm-opt is missing")


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
