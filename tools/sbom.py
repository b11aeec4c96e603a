"""What the plugin and the command consist of, as a CycloneDX bill of materials: <https://cyclonedx.org/docs/1.6/json/>.

Not what `cargo cyclonedx` 0.5.9 makes: that takes features which only the tests need for the plugin's, and so lists five
crates too many; and it lists neither the Rust standard library nor the Public Suffix List.
"""

import re
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKED = re.compile(r'name = "(.+)"\nversion = "(.+)"\nsource = ".+"\nchecksum = "(.+)"')


def bill_of_materials(metadata, compiled, checksum, created, tools):
    """`metadata` is of `cargo metadata`, `compiled` has the ids of crates, `checksum` is the SHA-256 of what they make.

    `tools` has the programs that made it, each with what it says of itself.
    """
    root = root_package(metadata)
    packages = {package["id"]: package for package in metadata["packages"]}
    needs = dependencies(metadata, compiled)
    crates = [packages[crate] for crate in needs if crate != root["id"]]
    checksums = locked_checksums()
    whole = {**component(root), "type": "application", "hashes": [sha256(checksum)]}
    used = [{**component(crate), **hashes_of(crate, checksums)} for crate in crates]
    others = [standard_library(tools["rustc"]), public_suffix_list()]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'sha256:{checksum}')}",
        "version": 1,
        "metadata": {
            "timestamp": created,
            "tools": {"components": [tool(name, said) for name, said in tools.items()]},
            "component": whole,
        },
        "components": sorted([*used, *others], key=lambda it: it["bom-ref"]),
        "dependencies": sorted(
            (
                {"ref": purl(packages[crate]), "dependsOn": sorted(purl(packages[need]) for need in needed)}
                for crate, needed in needs.items()
            ),
            key=lambda it: it["ref"],
        ),
    }


def root_package(metadata):
    return next(package for package in metadata["packages"] if package["id"] == metadata["resolve"]["root"])


def dependencies(metadata, compiled):
    """Each crate that is a part of it, with those that it needs."""
    nodes = [node for node in metadata["resolve"]["nodes"] if node["id"] in compiled]
    return {node["id"]: [need["pkg"] for need in node["deps"] if need["pkg"] in compiled] for node in nodes}


def component(package):
    return {
        "type": "library",
        "bom-ref": purl(package),
        "name": package["name"],
        "version": package["version"],
        "description": (package["description"] or "").strip(),
        # Some old crates write `MIT/Apache-2.0`, which is not an SPDX expression.
        "licenses": [{"expression": package["license"].replace("/", " OR ")}],
        "purl": purl(package),
    }


def purl(package):
    """<https://github.com/package-url/purl-spec/blob/main/types-doc/cargo-definition.md>"""
    return f"pkg:cargo/{package['name']}@{package['version']}"


def hashes_of(package, checksums):
    """Of its archive. The core, which is a part of the module, has none."""
    checksum = checksums.get(name_of(package))
    return {"hashes": [sha256(checksum)]} if checksum else {}


def name_of(package):
    return package["name"], package["version"]


def locked_checksums():
    locked = LOCKED.findall((ROOT / "Cargo.lock").read_text())
    return {(name, version): checksum for name, version, checksum in locked}


def sha256(checksum):
    return {"alg": "SHA-256", "content": checksum}


def tool(name, said):
    """`said` is like `rustc 1.95.0 (f2d3ce0bd 2026-03-21)` and `wasm-opt version 108`."""
    return {"type": "application", "name": name, "version": said.removeprefix(name).removeprefix(" version").strip()}


def standard_library(rustc):
    """`rustc` is what the compiler says of itself: `rustc 1.95.0 (f2d3ce0bd 2026-03-21)`."""
    return {
        "type": "library",
        "bom-ref": "rust-std",
        "name": "rust-std",
        "version": rustc.split()[1],
        "description": f"the Rust standard library of {rustc}",
        "licenses": [{"expression": "MIT OR Apache-2.0"}],
    }


def public_suffix_list():
    text = (ROOT / "data" / "public_suffix_list.dat").read_text(encoding="utf-8")
    return {
        "type": "data",
        "bom-ref": "public-suffix-list",
        "name": "public-suffix-list",
        "version": re.search(r"^// VERSION: (\S+)", text, re.MULTILINE)[1],
        "licenses": [{"expression": "MPL-2.0"}],
    }
