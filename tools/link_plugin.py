#!/usr/bin/env python3
"""Links a module for wasm32-wasip1 as rustc asks, but smaller.

The SDK exports every callback of proxy-wasm, and Envoy calls each one that it finds exported for every request: body,
trailers, done, log. rustc passes the names of all exports to the linker, and nothing in Rust can take one back. What is
not exported here, the linker then leaves out as dead code.

The SDK also calls plugins through tables of all methods of its traits, so that whatever these methods call of the host
stays imported. If wasm-opt is there, a function of the host that src/plugin/host_calls.rs does not call becomes a trap,
the code behind it goes, and a host need not have it; then wasm-opt makes the rest smaller. Without it the plugin works
the same and is a tenth larger.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

# What a host has to call: https://github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1
CALLBACKS = {
    "_initialize",
    "proxy_abi_version_0_2_1",
    "proxy_on_memory_allocate",
    "proxy_on_context_create",
    "proxy_on_vm_start",
    "proxy_on_configure",
    "proxy_on_tick",
    "proxy_on_request_headers",
    "proxy_on_response_headers",
    # There the SDK frees a context.
    "proxy_on_delete",
}

# What rustc's target has, because a stripped module does not say it any more.
FEATURES = ["bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext"]


# As wasm-opt writes them, one per line.
IMPORT = re.compile(r'^ \(import "env" "(\w+)" \(func (.*)\)\)$', re.MULTILINE)
HOST_CALLS = Path(__file__).parent.parent / "src" / "plugin" / "host_calls.rs"

# The lowest memory is the far end of the stack: code that gets there has none left.
OPTIMIZATIONS = ["--low-memory-unused", "-Oz", "--flatten", "--rereloop", "-Oz", "--reorder-functions", "-Oz", "--converge"]


def without_needless_exports(arguments):
    """`--export NAME` is two arguments."""
    kept = []
    for argument in arguments:
        if kept and kept[-1] == "--export" and argument not in CALLBACKS:
            kept.pop()
        else:
            kept.append(argument)
    return kept


def optimize(module):
    optimizer = os.environ.get("WASM_OPT") or shutil.which("wasm-opt")
    if not optimizer:
        return
    features = [f"--enable-{feature}" for feature in FEATURES]
    instead = "install binaryen (Debian: apt-get install binaryen), or set WASM_OPT to the path of wasm-opt"
    text = Path(f"{module}.wat")
    run([optimizer, *features, "--quiet", module, "--emit-text", "-o", text], instead)
    text.write_text(without_needless_imports(text.read_text(encoding="utf-8")), encoding="utf-8")
    run([optimizer, *features, *OPTIMIZATIONS, text, "-o", module], instead)
    text.unlink()


def without_needless_imports(text):
    called = set(re.findall(r"fn (proxy_\w+)\(", HOST_CALLS.read_text(encoding="utf-8")))
    needless = [function for name, function in IMPORT.findall(text) if name not in called]
    kept = IMPORT.sub(lambda found: found.group() if found.group(1) in called else "", text)
    # Defined functions come after all imported ones.
    traps = "".join(f" (func {function} (unreachable))\n" for function in needless)
    return f"{kept.rstrip().removesuffix(')')}{traps})\n"


def run(command, instead):
    """Runs a command, or ends with what the reader can do `instead` if there is no such program."""
    try:
        subprocess.run(command, check=True)
    except OSError as error:
        sys.exit(f"`{command[0]}` cannot be run ({error.strerror}); {instead}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"`{command[0]}` failed with status {error.returncode}")


def main():
    arguments = sys.argv[1:]
    linker = "rust-lld"  # on the path that rustc gives its linker
    run([linker, *without_needless_exports(arguments)], "it comes with Rust from rustup (https://rustup.rs)")
    # What is built for debugging keeps its names.
    if "--strip-all" in arguments:
        optimize(arguments[arguments.index("-o") + 1])


if __name__ == "__main__":
    main()
