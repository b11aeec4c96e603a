#!/usr/bin/env python3
"""Runs the test programs, a few at a time, and prints the output of each when it ends.

`cargo test` runs one program after the other. Many of these wait most of their time, for Envoy or for a page, so running
some side by side takes half as long on two cores. The programs and what they print are cargo's own.
"""

import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULE = "proxy-wasm-cors-module"
# These take longest, so they start first: nothing else should be left waiting for them.
LONG = ["in_force", "guard_oracle", "agreement"]
VALGRIND = (
    "valgrind --quiet --error-exitcode=1 --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite"
)
RESULT = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored", re.MULTILINE)


class Program:
    """A call of `cargo test`, with what it adds to the environment and to the arguments of the tests."""

    def __init__(self, *selection, filter="plugin", runner=None, arguments=()):
        self.command = ["cargo", "test", "--quiet", "--no-fail-fast", *selection]
        self.shown = " ".join([*(["FILTER=module"] if filter == "module" else []), "cargo test", *selection])
        self.shown += " (under valgrind)" if runner else ""
        self.environment = {**os.environ, "FILTER": filter, **({runner[0]: runner[1]} if runner else {})}
        self.arguments = ["--", "--show-output", *arguments]
        self.is_documentation = "--doc" in selection

    def run(self):
        """Returns whether it passed, what it printed, and the seconds that it took."""
        start = time.monotonic()
        done = subprocess.run(
            [*self.command, *self.arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        return done.returncode == 0, done.stdout, time.monotonic() - start


def host_runner():
    """The variable by which cargo takes a runner for this machine's programs."""
    said = subprocess.run(["rustc", "-vV"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    [host] = re.findall(r"^host: (.+)$", said, re.MULTILINE)
    return f"CARGO_TARGET_{host.upper().replace('-', '_')}_RUNNER"


def test_targets():
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    packages = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)["packages"]
    [package] = [package for package in packages if package["name"] != MODULE]
    names = {target["name"] for target in package["targets"] if target["kind"] == ["test"]}
    return sorted(names, key=lambda name: (name not in LONG, name))


def programs(for_module):
    """All of them; `for_module` are the names of those for which the host matters, which run for the dynamic module too."""
    names = test_targets()
    unknown = set(for_module) - set(names)
    if unknown:
        sys.exit(f"there is no test program {', '.join(sorted(unknown))}; tests/ has {', '.join(names)}")
    module = [Program("--test", name, filter="module") for name in names if name in for_module]
    plugin = [Program("--test", name) for name in names]
    hooks = ["--package", MODULE, "--test", "hooks"]
    # The longest of both come first.
    first = [*plugin[:1], *module[:1], *plugin[1:], *module[1:]]
    return [
        *first,
        Program("--lib", "--bins"),
        Program("--doc"),
        Program("--package", MODULE),
        Program(*hooks, runner=(host_runner(), VALGRIND), arguments=["--test-threads", "1"]),
    ]


def build():
    """Builds every program first, so that none of them waits for another's compiler."""
    command = ["cargo", "test", "--workspace", "--no-run", "--quiet"]
    if subprocess.run(command, cwd=ROOT).returncode != 0:
        sys.exit("the tests do not compile; the messages are above")


def main(for_module):
    build()
    failed, counts = [], [0, 0, 0]
    with ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1) as pool:
        running = {pool.submit(program.run): program for program in programs(for_module)}
        for done in as_completed(running):
            program, (is_passed, printed, seconds) = running[done], done.result()
            print(f"\n== {program.shown}: {'passed' if is_passed else 'FAILED'}, {seconds:.0f} s", printed, sep="\n", flush=True)
            results = RESULT.findall(printed)
            if not is_passed or not (results or program.is_documentation):
                failed.append(program.shown)
            counts = [sum(of) for of in zip(counts, *(map(int, result) for result in results))]
    passed, broken, ignored = counts
    print(f"\n{passed} tests passed, {broken} failed, {ignored} were ignored, in {len(running)} programs")
    if failed:
        sys.exit("these failed; their output is above:\n" + "\n".join(sorted(failed)))


if __name__ == "__main__":
    main(sys.argv[1:])
