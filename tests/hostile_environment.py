"""What a release must not follow: variables that change what cargo, rustc, Zig and C compilers write, and other homes."""

import os
from pathlib import Path

NOWHERE = "/nowhere"
PROGRAMS = [
    *("RUSTC", "RUSTDOC", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_BUILD_RUSTC", "CARGO_BUILD_RUSTC_WRAPPER"),
    *("CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER", "CARGO_TARGET_WASM32_WASIP1_LINKER", "CARGO_ZIGBUILD_ZIG_PATH", "CC", "AR"),
    *("CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER", "CC_aarch64_unknown_linux_musl", "TARGET_CC", "HOST_CC"),
    *("AR_x86_64_unknown_linux_musl", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER"),
]
# Each would change the bytes, or make the build fail.
HOSTILE = {
    **dict.fromkeys(PROGRAMS, NOWHERE),
    "RUSTC_BOOTSTRAP": "1",
    "RUSTFLAGS": "-C debuginfo=2",
    "CARGO_ENCODED_RUSTFLAGS": "-Copt-level=0",
    "CARGO_BUILD_RUSTFLAGS": "-Ctarget-cpu=native",
    "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS": "-Copt-level=1",
    "CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS": "-Ctarget-feature=+simd128",
    "CARGO_BUILD_TARGET": "wasm32-unknown-unknown",
    "CARGO_INCREMENTAL": "1",
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0",
    "CARGO_PROFILE_MODULE_STRIP": "none",
    "CARGO_UNSTABLE_BUILD_STD": "std",
    "CFLAGS": "-O0 -DHOSTILE",
    "CFLAGS_aarch64_unknown_linux_musl": "-O0",
    "CXXFLAGS": "-O0",
    "CRATE_CC_NO_DEFAULTS": "1",
    "ZIG_LIB_DIR": NOWHERE,
    "WASM_OPT_VERSION": "1",
    "TZ": "Asia/Kathmandu",
}


def other_homes(scratch):
    """A home of cargo that unpacks its crates elsewhere, from the downloads that are there; and one in which Zig keeps nothing."""
    registry = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo")) / "registry"
    cargo_home, home = scratch / "cargo-home", scratch / "home"
    (cargo_home / "registry").mkdir(parents=True)
    home.mkdir()
    for part in ("cache", "index"):
        (cargo_home / "registry" / part).symlink_to(registry / part)
    rustup = os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup"))
    return {"HOME": str(home), "CARGO_HOME": str(cargo_home), "RUSTUP_HOME": rustup}
