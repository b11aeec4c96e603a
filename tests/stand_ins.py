"""Local images under the names of those that cannot be pulled. For tests only, where no registry can be reached.

One image stands in for all: a minimal Debian with Python, a C compiler and wasm-opt, this machine's Rust with the crates
that it has downloaded, and the Envoy of `make envoy`. What is not tested then is what only the true images have: their
entry points and users, and that their tags and digests exist.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "target" / "stand-ins"
LABEL = "proxy-wasm-cors.stand-in"
PACKAGES = ["python3", "gcc", "libc6-dev", "binaryen"]
ENVOY_VERSION = os.environ.get("ENVOY_VERSION", "1.40.0")
ENVOY = Path(os.environ.get("ENVOY") or ROOT / "target" / "envoy" / ENVOY_VERSION / "envoy").resolve()
PULL_SECONDS = 600

sys.path.insert(0, str(ROOT / "tools"))

import fetch  # noqa: E402


PINNED = re.compile(r"^FROM (\S+:[^\s@]+)@sha256:[0-9a-f]{64} AS ", re.MULTILINE)


def names():
    """The images that the Dockerfile begins from."""
    return [whole(name) for name in re.findall(r"^FROM (\S+:\S+) AS ", dockerfile(), re.MULTILINE)]


def dockerfile():
    return (ROOT / "Dockerfile").read_text()


def whole(name):
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)$", dockerfile(), re.MULTILINE))
    return re.sub(r"\$\{(\w+)\}", lambda found: arguments[found[1]], name)


def tag_of(name):
    return name.partition("@")[0]


def use(checkout):
    """Has a Dockerfile begin from the stand-ins: they have tags, but not the digests of what they stand for."""
    place = checkout / "Dockerfile"
    place.write_text(PINNED.sub(lambda found: f"FROM {found[1]} AS " if is_stand_in(whole(found[1])) else found[0], dockerfile()))


def is_stand_in(name):
    return LABEL in (labels_of(name) or {})


def provide():
    """Sees to it that every image is there. Whoever calls this calls `remove` in the end, even if this fails."""
    missing = [name for name in names() if not is_there(name) and not can_be_pulled(name)]
    if missing:
        make([tag_of(name) for name in missing])


def is_there(name):
    """Whether the true image is there: a stand-in may be left from a run that was killed."""
    labels = labels_of(name)
    return labels is not None and LABEL not in labels


def labels_of(name):
    """`None` if there is no image of this name."""
    asked = docker(["image", "inspect", name])
    if asked.returncode != 0:
        return None
    [image] = json.loads(asked.stdout)
    return (image.get("Config") or {}).get("Labels") or {}


def can_be_pulled(name):
    print(f"pulling {name}", flush=True)
    try:
        return docker(["pull", "--quiet", name], timeout=PULL_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def docker(arguments, **options):
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, **options)


def make(missing):
    print(f"{', '.join(missing)} cannot be pulled: local images of these names stand in till the end", flush=True)
    base = debian()
    run(["cargo", "fetch", "--locked"])  # the container has no network that leads anywhere
    places = "PATH=/usr/local/rust/bin:/usr/local/bin:/usr/bin:/bin CARGO_HOME=/usr/local/cargo"
    changes = [f"ENV {places} CARGO_NET_OFFLINE=true", f"LABEL {LABEL}=true"]
    flags = [part for change in changes for part in ("--change", change)]
    with subprocess.Popen(pack(base), stdout=subprocess.PIPE) as archive:
        image = run(["docker", "import", *flags, "-"], stdin=archive.stdout).strip()
    for name in missing:
        run(["docker", "tag", image, name])


def debian():
    """A directory with a minimal Debian, made once for these packages."""
    base = HOME / "-".join(["bookworm", *PACKAGES])
    if not base.is_dir():
        if not shutil.which("debootstrap"):
            fetch.apt_install(["debootstrap"], "debootstrap (it makes the images that cannot be pulled)")
        shutil.rmtree(HOME, ignore_errors=True)
        HOME.mkdir(parents=True)
        fresh = HOME / "fresh"
        run(["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", "bookworm", str(fresh)])
        fresh.rename(base)
    return base


def pack(base):
    """The command that writes the archive of all that the image holds."""
    rust = Path(run(["rustc", "--print", "sysroot"]).strip())
    registry = Path(os.path.abspath(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))) / "registry"
    places = {rust: "./usr/local/rust", registry: "./usr/local/cargo/registry", ENVOY: "./usr/local/bin/envoy"}
    # `S`: what symbolic links point to stays as it is.
    renames = [f"--transform=s,^{path},{place},S" for path, place in places.items()]
    parts = [rust / "bin", rust / "lib", registry / "cache", registry / "index", ENVOY]
    return ["tar", "-c", "-P", *renames, "-C", str(base), ".", *map(str, parts)]


def run(command, **options):
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"`{' '.join(command[:3])} ...` ended with status {done.returncode}")
    return done.stdout


def remove():
    """Removes the stand-ins and all that was built from them: images inherit the label."""
    stand_ins = [name for name in map(tag_of, names()) if is_stand_in(name)]
    if stand_ins:
        docker(["rmi", "--force", *stand_ins])
    docker(["image", "prune", "--force", "--filter", f"label={LABEL}"])
