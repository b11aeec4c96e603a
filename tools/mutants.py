#!/usr/bin/env python3
"""Plants bugs in a copy of the filter, one at a time, and reports which test suites catch each.

The bugs are those of tools/planted_bugs.py. A bug that no suite catches makes this fail: then a test is missing.
Standard library only. The table goes to standard output and to target/mutants/report.txt, what it is doing to standard
error.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True  # The checkout stays as it is.

from mutants_report import CAUGHT, NOT_RUN, PASSED, TIMEOUT, is_caught, summary, table  # noqa: E402
from mutants_tree import HOME, ROOT, TREE, copy_tree  # noqa: E402
from planted_bugs import BUGS  # noqa: E402

ENVOY_VERSION = os.environ.get("ENVOY_VERSION", "1.40.0")

# Far more than either takes on a busy machine. It catches a bug that makes a suite hang.
BUILD_SECONDS = 900
SUITE_SECONDS = 300

# Each suite: its column, its test program, and the arguments of each run, the quick ones first; one failing run is
# enough.
NATIVE = [
    ("unit tests", "lib", [[]]),
    ("cases", "core", [[]]),
    ("guard", "guard", [[]]),
    ("oracle", "oracle", [["--skip", "product"], ["product_in_the_core"]]),
]
ENVOY = [
    ("oracle", "oracle", [["product_through_envoy"]]),
    ("requests", "requests", [["one_policy"]]),
    ("any_host", "any_host", [[]]),
    ("local_replies", "local_replies", [[]]),
    ("telling", "telling", [[]]),
    ("hostile", "hostile", [[]]),
]
# These run for the dynamic module.
MODULE = [
    ("hooks", "hooks", [[]]),
    ("module", "module", [[]]),
    ("metrics", "metrics", [[]]),
    ("in_force", "in_force", [[]]),
]
# What `convert` writes is not in the plugin, and only these tests run it.
CONVERSIONS = [
    ("conversions", "conversions", [["--skip", "envoy_family"], ["envoy_family"]]),
]
# libtest writes this, whatever a test failed to find.
FAILED = "test result: FAILED"


class BadTable(Exception):
    """Something is wrong with the table of bugs, with the tree before any bug, or with the way a suite ended."""


def say(line):
    print(f"mutants: {line}", file=sys.stderr, flush=True)


# Children


def environment():
    own = dict(os.environ, CARGO_TARGET_DIR=str(HOME / "target"), RUST_BACKTRACE="0")
    own["CARGO_PROFILE_DEV_DEBUG"] = "0"
    # Whoever can judge both builds of the filter is asked about the module only.
    own["FILTER"] = "module" if IS_OF_MODULE.is_set() else "plugin"
    own.setdefault("ENVOY", str(ROOT / "target" / "envoy" / ENVOY_VERSION / "envoy"))
    return own


RUNNING = set()
STOPPING = threading.Event()
IS_OF_MODULE = threading.Event()


def run(command, seconds):
    """Runs a command in the copy; its exit status and output, or `None` if it took too long. No child outlives it."""
    if STOPPING.is_set():
        raise KeyboardInterrupt
    child = subprocess.Popen(
        command, cwd=TREE, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    )
    RUNNING.add(child)
    try:
        output, _ = child.communicate(timeout=seconds)
        return child.returncode, output.decode(errors="replace")
    except subprocess.TimeoutExpired:
        return None, ""
    finally:
        end(child)
        RUNNING.discard(child)


def end(child):
    """Ends a child and what it started, such as Envoy, which is in its group."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    child.wait()


def build(suites):
    """Builds test programs; where each is, or an error."""
    programs = sorted({program for _, program, _ in suites})
    chosen = [word for program in programs for word in (["--lib"] if program == "lib" else ["--test", program])]
    # With a little optimization the oracle is much faster, which is worth the longer build; checks for overflow stay.
    command = ["cargo", "--config", "profile.dev.package.proxy-wasm-cors.opt-level=1", "test", "--no-run", "--locked"]
    packages = ["--package", "proxy-wasm-cors", "--package", "proxy-wasm-cors-module"] if "hooks" in programs else []
    status, output = run(command + packages + chosen + ["--message-format", "json-render-diagnostics"], BUILD_SECONDS)
    if status != 0:
        raise BadTable(f"it does not build:\n{output[-3000:]}")
    built = {}
    for line in output.splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("executable"):
            is_lib = "cdylib" in message["target"]["kind"] or "rlib" in message["target"]["kind"]
            built["lib" if is_lib else message["target"]["name"]] = message["executable"]
    return built


def judge(program, runs):
    """What a suite says about the tree as it is. A program that ends without a verdict counts as no verdict."""
    for arguments in runs:
        status, output = run([program, *arguments], SUITE_SECONDS)
        if status is None:
            return TIMEOUT
        if status != 0 and not any(line.startswith(FAILED) for line in output.splitlines()):
            raise BadTable(f"{Path(program).name} ended with status {status} and without a verdict:\n{output[-3000:]}")
        if status != 0:
            return CAUGHT
    return PASSED


# Bugs


def check_table(bugs):
    for bug in bugs:
        count = (TREE / bug.file).read_text().count(bug.old)
        if count != 1:
            raise BadTable(f"{bug.name}: its text occurs {count} times in {bug.file}, not once:\n  {bug.old}")


def check_unmutated(suites):
    say(f"without a bug: {', '.join(name for name, _, _ in suites)}")
    choose_filter(suites)
    built = build(suites)
    for name, program, runs in suites:
        if judge(built[program], runs) != PASSED:
            raise BadTable(f"{name} fails without any bug: mend that first (cargo test --test {program})")


def plant(bug):
    """The verdicts of the suites on one bug."""
    file = TREE / bug.file
    original = file.read_bytes()
    try:
        file.write_bytes(original.replace(bug.old.encode(), bug.new.encode()))
        return verdicts_on(bug)
    except BadTable as error:
        raise BadTable(f"{bug.name}: {error}") from error
    finally:
        file.write_bytes(original)


def choose_filter(suites):
    (IS_OF_MODULE.set if suites is MODULE else IS_OF_MODULE.clear)()


def verdicts_on(bug):
    choose_filter(MODULE if bug.is_of_module else ENVOY)
    if bug.is_of_module:
        return until_caught(MODULE)
    if bug.is_of_convert:
        return {name: judge(program, runs) for name, program, runs in placed(CONVERSIONS)}
    return through_envoy() if bug.needs_envoy else natively()


def placed(suites):
    """The suites with where their programs are."""
    built = build(suites)
    return [(name, built[program], runs) for name, program, runs in suites]


def natively():
    """The verdicts of all native suites, each alone."""
    built = build(NATIVE)
    with ThreadPoolExecutor() as pool:
        try:
            asked = {name: pool.submit(judge, built[program], runs) for name, program, runs in NATIVE}
            return {name: verdict.result() for name, verdict in asked.items()}
        except BaseException:
            # The pool waits for its threads, and they for their children.
            STOPPING.set()
            for child in list(RUNNING):
                end(child)
            raise


def until_caught(suites):
    """The verdicts of suites, the quickest first, until one catches the bug."""
    verdicts = {}
    for name, program, runs in placed(suites):
        is_settled = any(map(is_caught, verdicts.values()))
        verdicts[name] = NOT_RUN if is_settled else judge(program, runs)
    return verdicts


def through_envoy():
    """The verdict of the oracle, and those of the other suites until one catches the bug: each takes a while."""
    built = build(ENVOY)
    verdicts = {}
    for name, program, runs in ENVOY:
        is_settled = any(is_caught(verdict) for other, verdict in verdicts.items() if other != "oracle")
        verdicts[name] = NOT_RUN if is_settled else judge(built[program], runs)
    return verdicts


# Command line


def chosen_bugs():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="bugs to plant; all if none is named")
    names = parser.parse_args().names
    known = {bug.name for bug in BUGS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BadTable(f"there is no bug {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return [bug for bug in BUGS if not names or bug.name in names]


def work():
    bugs = chosen_bugs()
    copy_tree()
    check_table(bugs)
    for suites, is_needed in ((NATIVE, any(bug.is_of_core for bug in bugs)),
                              (ENVOY, any(bug.needs_envoy for bug in bugs)),
                              (MODULE, any(bug.is_of_module for bug in bugs)),
                              (CONVERSIONS, any(bug.is_of_convert for bug in bugs))):
        if is_needed:
            check_unmutated(suites)
    results = []
    for number, bug in enumerate(bugs, 1):
        began = time.monotonic()
        results.append((bug, plant(bug)))
        told = ", ".join(f"{name} {verdict}" for name, verdict in results[-1][1].items() if verdict)
        say(f"{number}/{len(bugs)} {bug.name}: {told} ({time.monotonic() - began:.0f} s)")
    counts, survivors = summary(results)
    report = f"{table(results)}\n\n{counts}\n"
    (HOME / "report.txt").write_text(report)
    print(report, end="")
    return 1 if survivors else 0


def main():
    # Leaving through an exception restores the copy and stops everything that is running.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        sys.exit(work())
    except BadTable as error:
        print(f"mutants: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
