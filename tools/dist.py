#!/usr/bin/env python3
"""Makes the files of a release, in target/dist: the plugin, the dynamic module and the command for each of their machines, images
with the plugin and with the module, and of each what it is made of, the licenses of that, and its checksum.

The same sources make the same bytes, in any directory and at any time, with the tools that are demanded: `tests/dist.py` holds
this to it. The dates in the files are SOURCE_DATE_EPOCH, if that is set, else those of no day (1970-01-01).
<https://reproducible-builds.org/specs/source-date-epoch/>
"""

import gzip
import hashlib
import json
import os
import platform
import shutil
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True  # no caches between the sources

import fetch  # noqa: E402
import image  # noqa: E402
import licenses  # noqa: E402
import sbom  # noqa: E402
import wheels  # noqa: E402
from build import BUILD, ROOT, CannotMake, build, environment, run, tools  # noqa: E402

TARGET = "wasm32-wasip1"
DIST = ROOT / "target" / "dist"
PLUGIN = "proxy_wasm_cors.wasm"
NAME = "proxy-wasm-cors"
MODULE = f"{NAME}-module"
LICENSES = "THIRD-PARTY-LICENSES"
ZIG = f"zig {wheels.version_of('zig', 'ziglang')}"
ZIG_HOME = ROOT / "target" / "zig"
# What Zig adds to a program that it links, and where its license is.
RUNTIME = {"the runtime of Zig": "LICENSE"}
MUSL = {"musl": "lib/libc/musl/COPYRIGHT"}
# As OCI names machines.
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# What the command prints of itself, and by which arguments.
PRINTED = {
    "proxy-wasm-cors.1": ["man"],
    "proxy-wasm-cors.bash": ["completions", "bash"],
    "proxy-wasm-cors.zsh": ["completions", "zsh"],
    "proxy-wasm-cors.fish": ["completions", "fish"],
}


def build_plugin():
    """The plugin, and the crates that were compiled into it, by cargo's own ids."""
    compiled = build(["cargo", "rustc", "--release", "--lib", "--crate-type", "cdylib"], TARGET, environment())
    return (BUILD / TARGET / "release" / PLUGIN).read_bytes(), compiled


def build_command(target):
    """The command for a target, and the crates in it. Zig links it, and compiles what is C in it."""
    command = ["cargo", "zigbuild", "--release", "--features", "cli", "--bin", NAME]
    compiled = build(command, target, zig_environment())
    return (BUILD / target / "release" / NAME).read_bytes(), compiled


def build_module(target):
    """The module for a target, and the crates in it. Zig links it as for that glibc, whatever this machine has."""
    command = ["cargo", "zigbuild", "--profile", "module", "--package", MODULE]
    compiled = build(command, target, zig_environment(), f"{target}.{fetch.MODULE_GLIBC}")
    return (BUILD / target / "module" / "libproxy_wasm_cors_module.so").read_bytes(), compiled


def zig_environment():
    own = environment()
    return {**own, "PATH": f"{ZIG_HOME / 'bin'}{os.pathsep}{own['PATH']}", "CARGO_ZIGBUILD_ZIG_PATH": str(zig_files() / "zig")}


def zig_files():
    [init] = ZIG_HOME.glob("lib/python*/site-packages/ziglang/__init__.py")
    return init.parent


def date():
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def metadata(target, *options):
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", target, *options]
    return json.loads(run(command, env=environment()))


def annotations_of(package, name):
    """<https://github.com/opencontainers/image-spec/blob/main/annotations.md>"""
    fields = {
        "title": name,
        "description": package["description"],
        "licenses": package["license"],
        "version": package["version"],
    }
    return {f"org.opencontainers.image.{name}": value for name, value in fields.items()}


def make(is_whole):
    """Makes the files, or those of the plugin alone; returns the tools that made the plugin, each with what it says of its version."""
    made_with = tools()
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir(parents=True)
    make_plugin(made_with)
    if is_whole:
        with_zig = {"rustc": made_with["rustc"], "zig": ZIG}
        make_commands(with_zig)
        make_modules(with_zig)
        write_printed()
    return made_with


def make_plugin(made_with):
    fetch_crates(TARGET)
    plugin, compiled = build_plugin()
    built = metadata(TARGET)
    bom = write_bom(NAME, built, compiled, plugin, made_with)
    write(PLUGIN, plugin)
    notices = write_licenses("plugin", PLUGIN, [bom], built)
    files = {"plugin.wasm": plugin, **notices}
    annotations = annotations_of(sbom.root_package(built), NAME)
    digest = image.write_plugin(DIST / f"{NAME}.oci.tar", files, date(), annotations)
    (DIST / f"{NAME}.oci.digest").write_text(f"{digest}\n")


def make_commands(made_with):
    boms = []
    for target in fetch.COMMAND_TARGETS:
        fetch_crates(target)
        program, compiled = build_command(target)
        name = f"{NAME}-{target}"
        built = metadata(target, "--features", "cli")
        boms.append(write_bom(name, built, compiled, program, made_with))
        write(name, program)
        (DIST / name).chmod(0o755)
    write_licenses("command", NAME, boms, built, {**RUNTIME, **MUSL})


def make_modules(made_with):
    """An archive for each machine, with the file under the name that Envoy is to find it by, and an image of all."""
    modules, boms = {}, {}
    for target in fetch.MODULE_TARGETS:
        fetch_crates(target)
        modules[target], compiled = build_module(target)
        built = metadata(target, "--manifest-path", "module/Cargo.toml")
        boms[target] = write_bom(f"{MODULE}-{target}", built, compiled, modules[target], made_with)
    package = sbom.root_package(built)
    file = f"libproxy_wasm_cors_{package['version']}.so"
    notices = write_licenses("module", file, boms.values(), built, RUNTIME)
    files = {target: {file: module, **notices} for target, module in modules.items()}
    for target, own in files.items():
        write(f"{MODULE}-{target}.tar.gz", gzip.compress(image.tar(own), mtime=0))
    by_machine = {ARCHITECTURES[target.partition("-")[0]]: own for target, own in files.items()}
    digest = image.write_for_machines(DIST / f"{MODULE}.oci.tar", by_machine, date(), annotations_of(package, MODULE))
    (DIST / f"{MODULE}.oci.digest").write_text(f"{digest}\n")


def fetch_crates(target):
    """So that there is a registry to name."""
    run(["cargo", "fetch", "--locked", "--target", target], env=environment())


def write(name, content):
    """A file, and its checksum beside it."""
    (DIST / name).write_bytes(content)
    (DIST / f"{name}.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  {name}\n")


def write_bom(name, built, compiled, content, made_with):
    checksum = hashlib.sha256(content).hexdigest()
    bom = sbom.bill_of_materials(built, compiled, checksum, date(), made_with)
    (DIST / f"{name}.cdx.json").write_text(json.dumps(bom, indent=2) + "\n")
    return bom


def write_licenses(part, title, boms, built, linked=None):
    """Writes the licenses of one part; returns what goes with that part, by the names of the files there."""
    texts = {name: (zig_files() / file).read_text(encoding="utf-8") for name, file in (linked or {}).items()}
    text = licenses.third_party(f"`{title}`", list(boms), built, texts)
    (DIST / f"{LICENSES}-{part}.txt").write_text(text, encoding="utf-8")
    return {"LICENSE": (ROOT / "LICENSE").read_bytes(), LICENSES: text.encode()}


def write_printed():
    """What the command prints of itself: the manual page, and what completes its arguments in shells."""
    for name, arguments in PRINTED.items():
        (DIST / name).write_text(run([*command_here(), *arguments], env=environment()))


def command_here():
    """The command as this machine runs it: one that was just made, or one of its own, which prints the same."""
    made = DIST / f"{NAME}-{platform.machine()}-unknown-linux-musl"
    if sys.platform == "linux" and made.is_file():
        return [str(made)]
    command = ["cargo", "run", "--quiet", "--locked", "--features", "cli", "--bin", NAME]
    return [*command, "--target-dir", str(BUILD), "--"]


def main():
    # `plugin`: for the Dockerfile, which has no use for the rest.
    is_whole = sys.argv[1:] != ["plugin"]
    try:
        made_with = make(is_whole)
    except (CannotMake, licenses.NoText) as error:
        sys.exit(f"dist: {error}")
    except OSError as error:
        sys.exit(f"dist: {error.filename or 'a file'}: {error.strerror or error}")
    for path in sorted(DIST.iterdir()):
        print(f"{path.stat().st_size:>9}  {path.relative_to(ROOT)}")
    print(f"Made with {' and '.join([*made_with.values(), *([ZIG] if is_whole else [])])}.")
    print(f"The image's digest, for Istio and Envoy Gateway: {(DIST / f'{NAME}.oci.digest').read_text().strip()}")


if __name__ == "__main__":
    main()
