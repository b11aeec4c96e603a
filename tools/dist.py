#!/usr/bin/env python3
"""Makes the files of a release, in target/dist: the plugin, an OCI image with it, the command for each of its targets, and of
the plugin and each command its checksum and what it is made of.

The same sources, the same Rust and the same wasm-opt make the same bytes, in any directory and at any time, but for the
commands, of which Zig compiles some C:
`tests/dist.py` holds this to it. The dates in the files are SOURCE_DATE_EPOCH, if that is set, else those of no day
(1970-01-01).
<https://reproducible-builds.org/specs/source-date-epoch/>
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True  # no caches between the sources

import fetch  # noqa: E402
import image  # noqa: E402
import sbom  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
TARGET = "wasm32-wasip1"
# A directory of its own: the flags below are not those of other builds, which would have to start anew each time.
BUILD = ROOT / "target" / "dist-build"
DIST = ROOT / "target" / "dist"
PLUGIN = "proxy_wasm_cors.wasm"
NAME = "proxy-wasm-cors"
# Each of these would change the bytes of a build, beside all that is named CARGO_PROFILE_*.
CHANGING = {
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS",
    "CARGO_TARGET_WASM32_WASIP1_LINKER",
    "RUSTC_WRAPPER",
    "CFLAGS",
    "CXXFLAGS",
}
# What the command prints of itself, and by which arguments.
PRINTED = {
    "proxy-wasm-cors.1": ["man"],
    "proxy-wasm-cors.bash": ["completions", "bash"],
    "proxy-wasm-cors.zsh": ["completions", "zsh"],
    "proxy-wasm-cors.fish": ["completions", "fish"],
}


class CannotMake(Exception):
    """The release cannot be made; the text says why."""


def run(command, **options):
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        raise CannotMake(f"`{' '.join(command[:3])} ...` ended with status {done.returncode}")
    return done.stdout


def wasm_opt_version():
    """What is released is what wasm-opt makes smaller; a build for oneself goes on without."""
    program = shutil.which(os.environ.get("WASM_OPT") or "wasm-opt")
    if not program:
        raise CannotMake("wasm-opt is missing; install it (Debian: apt-get install binaryen), or set WASM_OPT to it")
    return run([program, "--version"]).strip()


def build_plugin(wasm_opt):
    """The plugin, and the crates that were compiled into it, by cargo's own ids."""
    command = ["cargo", "rustc", "--lib", "--crate-type", "cdylib"]
    compiled = build(command, TARGET, environment(wasm_opt))
    return (BUILD / TARGET / "release" / PLUGIN).read_bytes(), compiled


def build_command(target):
    """The command for a target, and the crates in it. Zig links it, and compiles what is C in it."""
    programs = ROOT / "target" / "zig" / "bin"
    zig = subprocess.run(
        [programs / "python", "-c", "import ziglang, os; print(os.path.dirname(ziglang.__file__))"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    own = environment("none")
    own = {**own, "PATH": f"{programs}{os.pathsep}{own['PATH']}", "CARGO_ZIGBUILD_ZIG_PATH": f"{zig.stdout.strip()}/zig"}
    compiled = build(["cargo", "zigbuild", "--features", "cli", "--bin", NAME], target, own)
    return (BUILD / target / "release" / NAME).read_bytes(), compiled


def build(command, target, own):
    """Builds for a target, and returns the crates that were compiled for it, by cargo's own ids."""
    flags = json.dumps([f"--remap-path-prefix={path}={name}" for path, name in paths_to_hide().items()])
    command += ["--release", "--locked", "--target", target]
    command += ["--target-dir", str(BUILD), "--message-format", "json-render-diagnostics"]
    # By `--config` and not RUSTFLAGS, which would replace what a configuration file says.
    said = run([*command, "--config", f"target.{target}.rustflags={flags}"], env=own)
    artifacts = [message for message in map(json.loads, said.splitlines()) if "filenames" in message]
    # The others, such as build scripts, are for the machine that builds.
    return {it["package_id"] for it in artifacts if any(f"/{target}/" in file for file in it["filenames"])}


def paths_to_hide():
    """Panic messages name source files, which are elsewhere on each machine; stripping leaves them in."""
    # As cargo tells it to the compiler, links and all.
    cargo_home = Path(os.path.abspath(os.environ.get("CARGO_HOME", Path.home() / ".cargo")))
    registries = sorted((cargo_home / "registry" / "src").glob("*"))
    return {str(ROOT): "", **{str(registry): "/registry" for registry in registries}}


def environment(wasm_opt):
    """The environment without what changes the bytes of a build, and with what tells build.rs of another wasm-opt."""
    kept = {name: value for name, value in os.environ.items() if name not in CHANGING}
    kept = {name: value for name, value in kept.items() if not name.startswith("CARGO_PROFILE_")}
    return {**kept, "WASM_OPT_VERSION": wasm_opt}


def date():
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def metadata(target, *features):
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", target, *features]
    return json.loads(run(command))


def annotations_of(package):
    """<https://github.com/opencontainers/image-spec/blob/main/annotations.md>"""
    fields = {
        "title": NAME,
        "description": package["description"],
        "licenses": package["license"],
        "version": package["version"],
    }
    return {f"org.opencontainers.image.{name}": value for name, value in fields.items()}


def make(is_whole):
    """Makes the files, or those of the plugin alone; returns the tools that made the plugin, each with what it says of its version."""
    wasm_opt = wasm_opt_version()
    run(["cargo", "fetch", "--locked", "--target", TARGET])  # so that there is a registry to name
    built = metadata(TARGET)
    package = sbom.root_package(built)
    plugin, compiled = build_plugin(wasm_opt)
    checksum = hashlib.sha256(plugin).hexdigest()
    tools = {"rustc": run(["rustc", "--version"]).strip(), "wasm-opt": wasm_opt}
    bom = sbom.bill_of_materials(built, compiled, checksum, date(), tools)

    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir(parents=True)
    (DIST / PLUGIN).write_bytes(plugin)
    (DIST / f"{PLUGIN}.sha256").write_text(f"{checksum}  {PLUGIN}\n")
    (DIST / f"{NAME}.cdx.json").write_text(json.dumps(bom, indent=2) + "\n")
    digest = image.write(DIST / f"{NAME}.oci.tar", plugin, date(), annotations_of(package))
    (DIST / f"{NAME}.oci.digest").write_text(f"{digest}\n")
    if is_whole:
        for target in fetch.COMMAND_TARGETS:
            make_command(target, tools["rustc"])
        write_printed()
    return tools


def make_command(target, rustc):
    """The command for a target, its checksum and its bill of materials."""
    run(["cargo", "fetch", "--locked", "--target", target])
    program, compiled = build_command(target)
    checksum = hashlib.sha256(program).hexdigest()
    tools = {"rustc": rustc, "zig": f"zig {fetch.ZIG_VERSION}"}
    bom = sbom.bill_of_materials(metadata(target, "--features", "cli"), compiled, checksum, date(), tools)
    name = f"{NAME}-{target}"
    (DIST / name).write_bytes(program)
    (DIST / name).chmod(0o755)
    (DIST / f"{name}.sha256").write_text(f"{checksum}  {name}\n")
    (DIST / f"{name}.cdx.json").write_text(json.dumps(bom, indent=2) + "\n")


def write_printed():
    """What the command prints of itself: the manual page, and what completes its arguments in shells."""
    # The machine that builds need not be able to run what was built for it to release.
    command = ["cargo", "run", "--quiet", "--release", "--locked", "--features", "cli", "--bin", NAME]
    command += ["--target-dir", str(BUILD), "--"]
    for name, arguments in PRINTED.items():
        (DIST / name).write_text(run([*command, *arguments], env=environment("none")))


def main():
    # `plugin`: for the Dockerfile, which has no use for the command.
    is_whole = sys.argv[1:] != ["plugin"]
    try:
        tools = make(is_whole)
    except CannotMake as error:
        sys.exit(f"dist: {error}")
    except OSError as error:
        sys.exit(f"dist: {error.filename or 'a file'}: {error.strerror or error}")
    for path in sorted(DIST.iterdir()):
        print(f"{path.stat().st_size:>9}  {path.relative_to(ROOT)}")
    made_with = [*tools.values(), *([f"Zig {fetch.ZIG_VERSION}"] if is_whole else [])]
    print(f"Made with {' and '.join(made_with)}.")
    print(f"The image's digest, for Istio and Envoy Gateway: {(DIST / f'{NAME}.oci.digest').read_text().strip()}")


if __name__ == "__main__":
    main()
