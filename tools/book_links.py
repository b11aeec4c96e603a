#!/usr/bin/env python3
"""Turns links to files outside docs/, which a site does not have, into links to the repository.

A preprocessor of mdBook: <https://rust-lang.github.io/mdBook/for_developers/preprocessors.html>. Standard library only.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def repository():
    return re.search(r'^repository = "([^"]+)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]


def with_links(node, base):
    """The same tree, with the text of each chapter changed."""
    if isinstance(node, list):
        return [with_links(item, base) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {name: with_links(value, base) for name, value in node.items()}
    if isinstance(changed.get("content"), str):
        changed["content"] = re.sub(r"\]\(\.\./", f"]({base}/", changed["content"])
        # Directories of the examples of docs/cli.md are not pages.
        changed["content"] = re.sub(r"\]\((cli/[^)]+)\)", rf"]({base}/docs/\1)", changed["content"])
    return changed


def main():
    if sys.argv[1:2] == ["supports"]:
        return
    _, book = json.load(sys.stdin)
    json.dump(with_links(book, f"{repository()}/blob/main"), sys.stdout)


if __name__ == "__main__":
    main()
