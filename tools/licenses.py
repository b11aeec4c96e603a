"""What others wrote of a file that is released, under which licenses, with the texts and notices that these ask to hand on.

The texts are those that each crate has in its archive, so with the names of its authors. Not what `cargo about` 0.9.3 makes:
that has one text for each license in place of the crates' own, and goes by features that only the tests need, as sbom.py says.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXTS = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense)([-._].*)?", re.IGNORECASE)
NOT_TEXTS = {".rs", ".html", ".py", ".go"}
RULE = "=" * 80
RUST = """The Rust standard library, and what it is made of:
<https://github.com/rust-lang/rust/blob/{version}/COPYRIGHT>. Used under the Apache License 2.0, whose text is in LICENSE."""
LIST = """Its rules are in the file as hashes. The Source Code Form is data/public_suffix_list.dat in the repository of this version,
and <https://publicsuffix.org/list/public_suffix_list.dat>. It is subject to the terms of the Mozilla Public License, v. 2.0:
<https://mozilla.org/MPL/2.0/>."""


class NoText(Exception):
    """A crate comes without the text of its license; the text says which."""


def third_party(title, boms, metadata, linked):
    """The text for a file, of which `boms` say what it is made of; `metadata` of `cargo metadata` says where crates are.

    `linked` has the texts of what is not a crate.
    """
    components = {it["bom-ref"]: it for bom in boms for it in bom["components"]}
    places = {f"pkg:cargo/{it['name']}@{it['version']}": it for it in metadata["packages"] if it["source"]}
    crates = sorted(ref for ref in components if ref in places)
    listed = [line_of(components[ref]) for ref in sorted(components) if ref in places or not ref.startswith("pkg:")]
    rust = RUST.format(version=components["rust-std"]["version"])
    parts = [f"What {title} contains of others, and under which licenses.", "\n".join(listed), rust]
    parts.append(f"The Public Suffix List of version {components['public-suffix-list']['version']}. {LIST}")
    texts = [(name, text.strip()) for name, text in linked.items()]
    texts += sorted((", ".join(names), text) for text, names in by_text(crates, places).items())
    parts += [f"{RULE}\n{names}\n{RULE}\n\n{text}" for names, text in texts]
    return "\n\n".join(parts) + "\n"


def line_of(component):
    return f"- {component['name']} {component['version']}: {component['licenses'][0]['expression']}"


def by_text(crates, places):
    """Each text once, with all crates that have it."""
    found = {}
    for ref in crates:
        package = places[ref]
        for text in texts_of(package):
            names = found.setdefault(text, [])
            name = f"{package['name']} {package['version']}"
            if name not in names:
                names.append(name)
    return found


def texts_of(package):
    root = Path(package["manifest_path"]).parent
    files = [it for it in root.rglob("*") if TEXTS.fullmatch(it.name) and it.suffix not in NOT_TEXTS and it.is_file()]
    if not files:
        raise NoText(f"{package['name']} {package['version']} comes without the text of its license")
    # By their names in the archive, which are the same everywhere. Ends of lines differ between crates that share a text.
    order = sorted(files, key=lambda it: it.relative_to(root).as_posix())
    return ["\n".join(it.read_text(encoding="utf-8", errors="replace").split("\n")).replace("\r", "").strip() for it in order]
