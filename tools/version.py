#!/usr/bin/env python3
"""Checks that a tag is the version in Cargo.toml and that CHANGELOG.md has a section for it; prints that section."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def version():
    text = (ROOT / "Cargo.toml").read_text()
    return re.search(r'^version = "(.+)"$', text, re.MULTILINE)[1]


def notes(wanted):
    """The section of that version, without its heading; None if there is none."""
    text = (ROOT / "CHANGELOG.md").read_text()
    section = re.search(rf"^## \[{re.escape(wanted)}\][^\n]*\n(.*?)(?=^## |^\[|\Z)", text, re.MULTILINE | re.DOTALL)
    return section and section[1].strip()


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: version.py TAG")
    tag, wanted = sys.argv[1], version()
    if tag != f"v{wanted}":
        sys.exit(f"version: the tag is `{tag}`, but Cargo.toml has the version {wanted}: tag it v{wanted}")
    changes = notes(wanted)
    if not changes:
        sys.exit(f"version: CHANGELOG.md has no section `## [{wanted}]` with something in it")
    print(changes)


if __name__ == "__main__":
    main()
