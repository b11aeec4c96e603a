#!/usr/bin/env python3
"""Checks the crates in every lock file against deny.toml, with cargo-deny.

The advisory database is a git repository on GitHub. Where it cannot be reached, that is said, and everything else is
held all the same. Exits with 1 on any finding.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CARGO_DENY = ROOT / "target" / "cargo-deny" / "bin" / "cargo-deny"
PACKAGES = (".", "fuzz", "benches/empty_sdk", "benches/instructions")
LOCAL = ["bans", "licenses", "sources"]


def main():
    reached = fetch_advisories()
    failed = [package for package in PACKAGES if not holds(package, LOCAL)]
    if reached:
        failed += [f"{package} (advisories)" for package in PACKAGES if not holds(package, ["advisories"])]
    if failed:
        sys.exit(f"audit: deny.toml does not allow what is said above: {', '.join(failed)}")
    advisories = "with the advisories of today" if reached else "but advisories were NOT judged"
    print(f"audit: {len(PACKAGES)} lock files hold to deny.toml, {advisories}")


def fetch_advisories():
    """Whether the newest advisories are here. An old copy would only seem to say something."""
    fetched = subprocess.run(deny(".", "fetch", "db"), cwd=ROOT, text=True, capture_output=True)
    if fetched.returncode != 0:
        print("audit: advisories NOT judged: the advisory database cannot be reached:", file=sys.stderr)
        print(fetched.stderr.strip(), file=sys.stderr, flush=True)
    return fetched.returncode == 0


def holds(package, checks):
    print(f"audit: {package}: {', '.join(checks)}", flush=True)
    # The database was fetched above, and the others have already read the index.
    offline = ["--offline"] if checks == ["advisories"] else []
    return subprocess.run(deny(package, *offline, "check", *checks), cwd=ROOT).returncode == 0


def deny(package, *command):
    manifest = ["--manifest-path", f"{package}/Cargo.toml", "--config", "deny.toml"]
    return [str(CARGO_DENY), "--locked", *manifest, *command]


if __name__ == "__main__":
    main()
