"""The copy of this checkout that bugs are planted in."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "target" / "mutants"
TREE = HOME / "tree"


def copy_tree():
    """Brings the copy up to date. A file that is the same stays as it is, so that cargo builds only what changed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True,
    )
    names = {name for name in os.fsdecode(listed.stdout).split("\0") if (ROOT / name).is_file()} - {""}
    for name in names:
        put(TREE / name, (ROOT / name).read_bytes())
        # The linker of the plugin is a script.
        shutil.copymode(ROOT / name, TREE / name)
    for path in TREE.rglob("*"):
        if path.is_file() and str(path.relative_to(TREE)) not in names:
            path.unlink()


def put(path, content):
    if not path.is_file() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
