#!/usr/bin/env python3
"""The hook of pre-commit and the steps of the action, run as their users run them: they let good policies pass, and no others."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKERS = ROOT / os.environ.get("CHECKERS", "target/checkers/bin")
GOOD = "allow_origins: [https://app.example.com]\n"
BAD = "allow_origins: [https://app.example.com/]\n"
DOUBTFUL = GOOD + "max_age: 172800\n"


def build():
    command = ["cargo", "build", "--quiet", "--locked", "--features", "cli", "--bin", "proxy-wasm-cors"]
    subprocess.run([*command, "--target-dir", "target"], cwd=ROOT, check=True)
    return ROOT / "target" / "debug"


class InScratch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.programs = build()

    def setUp(self):
        self.scratch = Path(tempfile.mkdtemp(prefix="hook-", dir=ROOT / "target"))
        self.addCleanup(shutil.rmtree, self.scratch)

    def run_in(self, directory, command, **variables):
        search = f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": search, "PRE_COMMIT_HOME": str(self.scratch / "home"), **variables}
        return subprocess.run(command, cwd=directory, text=True, capture_output=True, env=environment)


class Hook(InScratch):
    def test_files_by_their_names(self):
        repository = self.scratch / "repository"
        (repository / "envoy").mkdir(parents=True)
        self.run_in(repository, ["git", "init", "--quiet"])
        for name, text, status in (
            ("cors.yaml", GOOD, 0),
            ("envoy/envoy.yaml", GOOD, 0),
            ("values.yaml", BAD, 0),
            ("cors.txt", BAD, 0),
            ("cors.yaml", DOUBTFUL, 0),
            ("cors.yaml", BAD, 1),
            ("envoy/cors-api.json", BAD, 1),
        ):
            with self.subTest(name=name, text=text):
                (repository / name).write_text(text)
                self.run_in(repository, ["git", "add", name])
                # `try-repo` copies the hook's repository as it is, and takes the hook from there.
                tried = [str(CHECKERS / "pre-commit"), "try-repo", self.hooks(), "proxy-wasm-cors-check", "--files", name]
                done = self.run_in(repository, tried)
                self.assertEqual(status, done.returncode, done.stdout + done.stderr)
                self.assertEqual(status == 1 and name.endswith(".yaml"), "[origin-has-path]" in done.stdout, done.stdout)

    def hooks(self):
        """A repository with no more than the hooks, for the whole takes long to copy."""
        hooks = self.scratch / "hooks"
        if not hooks.exists():
            hooks.mkdir()
            shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
            own = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com"]
            for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "hooks"]):
                self.run_in(hooks, [*own, *command])
        return str(hooks)


class Action(InScratch):
    """The script of its last step, with what GitHub would put into its environment."""

    def check(self, text, deny_warnings="false", sarif=""):
        script = re.search(r"name: Check\n.*?run: \|\n((?: {6}.*\n)+)", (ROOT / "action.yml").read_text(), re.DOTALL)[1]
        bin_directory = self.scratch / "proxy-wasm-cors" / "bin"
        bin_directory.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.programs / "proxy-wasm-cors", bin_directory)
        (self.scratch / "policy.yaml").write_text(text)
        variables = {"DENY_WARNINGS": deny_warnings, "SARIF": sarif, "DOCS": "https://docs.example.com/messages.md"}
        variables |= {"RUNNER_TEMP": str(self.scratch), "FILES": "pol*.yaml"}
        # As GitHub runs `shell: bash`.
        return self.run_in(self.scratch, ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], **variables)

    def test_problems_and_warnings(self):
        for text, deny_warnings, status in ((GOOD, "true", 0), (DOUBTFUL, "false", 0), (DOUBTFUL, "true", 1), (BAD, "false", 1)):
            done = self.check(text, deny_warnings)
            self.assertEqual((status, ""), (done.returncode, done.stderr))
            self.assertEqual(text != GOOD, f"https://docs.example.com/messages.md#" in done.stdout, done.stdout)

    def test_a_log_is_written_too(self):
        done = self.check(BAD, sarif="log.sarif")
        self.assertEqual(1, done.returncode)
        self.assertIn('"ruleId": "origin-has-path"', (self.scratch / "log.sarif").read_text())


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main(verbosity=2)
