"""Builds what is released with cargo, so that the bytes follow from the sources and from the tools alone.

The tools have to be the versions that are named here and in the Dockerfile. Of the environment only what is listed reaches a
build, and a configuration of cargo outside the checkout that would reach it is refused.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# A directory of its own: the flags below are not those of other builds, which would have to start anew each time.
BUILD = ROOT / "target" / "dist-build"
# What wasm-opt writes is what is released. Debian 12 and Ubuntu 24.04 have this version, as `binaryen`.
WASM_OPT_VERSION = "108"
# Where programs and their files are, and how downloads get here. None of it is read by a compiler.
KEPT = {
    "PATH",
    "HOME",
    "CARGO_HOME",
    "RUSTUP_HOME",
    # Which Rust it names is checked.
    "RUSTUP_TOOLCHAIN",
    "TMPDIR",
    "SOURCE_DATE_EPOCH",
    "WASM_OPT",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    *(f"{scheme}_proxy" for scheme in ("http", "https", "all", "no")),
    *(f"{scheme}_PROXY" for scheme in ("HTTP", "HTTPS", "ALL", "NO")),
}
KEPT_PREFIXES = ("CARGO_HTTP_", "CARGO_NET_", "CARGO_TERM_")
# The tables of cargo's configuration that say how crates get here, and what is shown.
HARMLESS_TABLES = {"alias", "credential-alias", "future-incompat-report", "http", "net", "registries", "registry", "source", "term"}


class CannotMake(Exception):
    """The release cannot be made; the text says why."""


def run(command, **options):
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        raise CannotMake(f"`{' '.join(command[:3])} ...` ended with status {done.returncode}")
    return done.stdout


def environment():
    """What is kept of the environment, and what tells build.rs which wasm-opt is used."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith(KEPT_PREFIXES)}
    return {**kept, "WASM_OPT_VERSION": WASM_OPT_VERSION}


def tools():
    """The programs that make the plugin, each with what it says of its version; refuses all others."""
    check_cargo_configuration()
    wasm_opt = wasm_opt_version()
    return {"rustc": rustc_version(), "wasm-opt": wasm_opt}


def wasm_opt_version():
    """A build for oneself goes on with another version, or with none; a release does not."""
    program = shutil.which(os.environ.get("WASM_OPT") or "wasm-opt")
    instead = f"install version {WASM_OPT_VERSION} (Debian 12 and Ubuntu 24.04: apt-get install binaryen), or set WASM_OPT to it"
    if not program:
        raise CannotMake(f"wasm-opt is missing; {instead}")
    said = run([program, "--version"]).strip()
    if not re.match(rf"wasm-opt version {WASM_OPT_VERSION}\b", said):
        raise CannotMake(f"`{program}` is `{said}`, which writes other bytes than a release has; {instead}")
    # Binaryen's own packages add the name of the tag.
    return f"wasm-opt version {WASM_OPT_VERSION}"


def rustc_version():
    wanted = re.search(r"^FROM rust:([\d.]+)-", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[1]
    said = run(["rustc", "--version"], env=environment()).strip()
    if not said.startswith(f"rustc {wanted} "):
        instead = f"run `rustup toolchain install {wanted} --profile minimal`, and set RUSTUP_TOOLCHAIN={wanted}"
        raise CannotMake(f"this is `{said}`, and a release is made with Rust {wanted}: {instead}")
    return said


def check_cargo_configuration():
    """Cargo reads the files in all directories above, and the one in its home; nothing makes it leave them out."""
    above = [directory / ".cargo" for directory in ROOT.parents]
    own = (ROOT / ".cargo" / "config.toml").read_bytes()
    for directory in (*above, cargo_home()):
        for file in (directory / "config", directory / "config.toml"):
            # A checkout inside another one, as in the tests.
            is_own = file.is_file() and file.read_bytes() == own
            found = set() if is_own else tables(file) - HARMLESS_TABLES
            if found:
                names = ", ".join(f"`{name}`" for name in sorted(found))
                instead = "make the release in a checkout elsewhere, or with CARGO_HOME elsewhere"
                raise CannotMake(f"`{file}` sets {names}, which may change the bytes; {instead}")


def tables(file):
    """The top-level tables of a TOML file: in `[name...]`, `name.key = ` or `name = {`."""
    found, is_top = set(), True
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else []:
        named = re.match(r'\s*(\[*)\s*["\']?([\w-]+)', line)
        is_top = is_top and not (named and named[1])
        if named and (is_top or named[1]):
            found.add(named[2])
    return found


def cargo_home():
    # As cargo tells it to the compiler, links and all.
    return Path(os.path.abspath(os.environ.get("CARGO_HOME") or Path.home() / ".cargo"))


def build(command, target, own, asked=None):
    """Builds for a target, and returns the crates that were compiled for it, by cargo's own ids.

    `asked` is the target as the command is to have it, if that is not cargo's name.
    """
    flags = json.dumps([f"--remap-path-prefix={path}={name}" for path, name in paths_to_hide().items()])
    command += ["--locked", "--target", asked or target]
    command += ["--target-dir", str(BUILD), "--message-format", "json-render-diagnostics"]
    # By `--config` and not RUSTFLAGS, which would replace what a configuration file says.
    said = run([*command, "--config", f"target.{target}.rustflags={flags}"], env=own)
    artifacts = [message for message in map(json.loads, said.splitlines()) if "filenames" in message]
    # The others, such as build scripts, are for the machine that builds.
    return {it["package_id"] for it in artifacts if any(f"/{target}/" in file for file in it["filenames"])}


def paths_to_hide():
    """Panic messages name source files, which are elsewhere on each machine; stripping leaves them in."""
    registries = sorted((cargo_home() / "registry" / "src").glob("*"))
    return {str(ROOT): "", **{str(registry): "/registry" for registry in registries}}
