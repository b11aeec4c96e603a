#!/usr/bin/env python3
"""Counts the instructions that the core takes, and compares them with the counts that were recorded.

`benches/instructions/counts.json` has those, and the compiler that they are of. A count that grows by more than 5 %
fails. Another compiler makes other instructions of the same source: then this says so, and 15 % fails. Standard
library only.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "benches" / "instructions"
RECORDED = PACKAGE / "counts.json"
BUILT = ROOT / "target" / "instructions"
RUNNERS = ROOT / "target" / "gungraun"
RECORD = "make bench-instructions RECORD=1"

LIMIT, LIMIT_FOR_ANOTHER_COMPILER = 1.05, 1.15

# The same calls: decided by this core, answered with what it decided, and answered by tower-http's layer.
DECISION, CORE, RIVAL = "decide", "answer_by_this_core", "answer_by_tower_http"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", action="store_true", help="keep the counts of this run")
    is_recording = parser.parse_args().record
    compiler, counts = output(["rustc", "--version"]).strip(), count()
    show_beside_rival(counts)
    problems = []
    if is_recording:
        RECORDED.write_text(json.dumps({"compiler": compiler, "counts": counts}, indent=2) + "\n")
        print(f"\nrecorded {len(counts)} counts in {RECORDED.relative_to(ROOT)}")
    else:
        problems = compare_with_recorded(compiler, counts)
    sys.exit("\n" + "\n".join(problems) if problems else 0)


def output(command, **options):
    ended = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, **options)
    if ended.returncode != 0:
        sys.exit(f"`{' '.join(map(str, command))}` did not work, see above")
    return ended.stdout


def count():
    """Runs the benchmark; its counts by name."""
    path = f"{runner()}{os.pathsep}{os.environ['PATH']}"
    environment = dict(os.environ, PATH=path, GUNGRAUN_HOME=str(BUILT / "gungraun"))
    command = ["cargo", "bench", "--locked", "--manifest-path", PACKAGE / "Cargo.toml"]
    command += ["--target-dir", BUILT, "--", "--output-format=json"]
    lines = output(command, env=environment).splitlines()
    counts = dict(map(name_and_count, map(json.loads, filter(None, lines))))
    if not counts:
        sys.exit("the benchmark counted nothing")
    return counts


def name_and_count(summary):
    name = f"{summary['function_name']} {summary['id']}"
    callgrind = next(profile for profile in summary["profiles"] if profile["tool"] == "Callgrind")
    metrics = callgrind["summaries"]["total"]["summary"]["Callgrind"]["Ir"]["metrics"]
    # `Both` if there is an earlier run, which does not matter here.
    now = metrics["Left"] if "Left" in metrics else metrics["Both"][0]
    return name, now["Int"]


def runner():
    """The directory of the program that the crate `gungraun` works with, which must be of the same version."""
    lock = (PACKAGE / "Cargo.lock").read_text()
    version = re.search(r'^name = "gungraun"\nversion = "([^"]+)"', lock, re.MULTILINE)[1]
    home = RUNNERS / version
    if not (home / "bin" / "gungraun-runner").is_file():
        print(f"installing gungraun-runner {version} into {home.relative_to(ROOT)}", file=sys.stderr, flush=True)
        output(["cargo", "install", "--locked", "gungraun-runner", "--version", f"={version}", "--root", home])
    return home / "bin"


def show_beside_rival(counts):
    print(f"\n{'instructions for one request':30} {'tower-http':>11} {'this core decides':>20} {'and answers':>20}")
    for name, rival in counts.items():
        if name.startswith(RIVAL):
            call = name.removeprefix(RIVAL)
            decision, core = counts[DECISION + call], counts[CORE + call]
            print(f" {call:29} {rival:11,} {decision:12,} ({rival / decision:.2f} x) {core:11,} ({rival / core:.2f} x)")


def compare_with_recorded(compiler, counts):
    """Problems, one a line."""
    if not RECORDED.is_file():
        return [f"no counts are recorded: `{RECORD}`"]
    recorded = json.loads(RECORDED.read_text())
    limit = LIMIT
    if recorded["compiler"] != compiler:
        limit = LIMIT_FOR_ANOTHER_COMPILER
        print(f"\nthe recorded counts are of {recorded['compiler']}, and this is {compiler}: only growth of more than"
              f" {limit - 1:.0%} fails; after a change of compilers run `{RECORD}` on an unchanged checkout")
    print(f"\n{'instructions':48} {'recorded':>11} {'now':>11}")
    problems = []
    for name in sorted(counts.keys() | recorded["counts"].keys()):
        before, now = recorded["counts"].get(name), counts.get(name)
        if before is None or now is None:
            problems.append(f"{name} is {'not counted any more' if now is None else 'not recorded yet'}: `{RECORD}`")
            continue
        print(f"{name:48} {before:11,} {now:11,} {now / before - 1:+8.1%}")
        if now > before * limit:
            problems.append(f"{name} grew by {now / before - 1:.1%}: find out why, or accept it by `{RECORD}`")
    return problems


if __name__ == "__main__":
    main()
