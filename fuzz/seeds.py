#!/usr/bin/env python3
"""Makes inputs for the fuzz targets from tests/cases, in the directory that is given: one directory a target."""

import hashlib
import json
import struct
import sys
from itertools import product
from pathlib import Path

CASES = Path(__file__).resolve().parent.parent / "tests" / "cases"


def rows(name):
    return [json.loads(line) for line in (CASES / name).read_text(encoding="utf-8").splitlines()]


def main(out):
    requests, configs = rows("requests.jsonl") + rows("requests-2.jsonl"), rows("configs.jsonl")
    trees = [row["config"] for row in configs + requests]
    for tree in trees:
        keep(out, "config", compact(tree))
        if isinstance(tree, dict):
            keep(out, "config_struct", encode_struct(tree))
        keep_entries(out, tree)
    for row in requests:
        keep_request(out, row)


def keep(out, target, content):
    """Named by its content, as libFuzzer names what it finds."""
    directory = Path(out) / target
    directory.mkdir(parents=True, exist_ok=True)
    (directory / hashlib.sha1(content).hexdigest()).write_bytes(content)


def compact(tree):
    return json.dumps(tree, separators=(",", ":"), ensure_ascii=False).encode()


def keep_entries(out, tree):
    """The patterns, the regexes and the selectors of a configuration, each with a request that could match."""
    policies = tree.get("policies", [tree]) if isinstance(tree, dict) else []
    for policy in filter(lambda it: isinstance(it, dict), policies if isinstance(policies, list) else []):
        origins = policy.get("allow_origins", [])
        for entry in origins if isinstance(origins, list) else []:
            if isinstance(entry, str):
                keep(out, "pattern", f"{entry.replace('*', 'x')}\n{entry}".encode())
            elif isinstance(entry, dict) and isinstance(entry.get("regex"), str):
                keep(out, "regex", f"{entry['regex']}\nhttps://app.example.com".encode())
        selector = policy.get("match")
        if isinstance(selector, dict):
            for host, path in product(texts(selector, "hosts"), texts(selector, "paths")):
                lines = [host, path, f":authority: {host.replace('*', 'x')}:80", f":path: {path}/x?y"]
                keep(out, "selector", "\r\n".join(lines).encode())


def texts(selector, kind):
    entries = selector.get(kind)
    return [entry for entry in entries if isinstance(entry, str)] if isinstance(entries, list) else [""]


def keep_request(out, row):
    request, upstream = row["request"], row["upstream"]
    headers = [(name.lower(), value.encode("latin-1")) for name, value in request["headers"]]
    vary = [("vary", value.encode("latin-1")) for name, value in upstream["headers"] if name.lower() == "vary"]
    pseudo = {name: request[name[1:]].encode() for name in (":method", ":authority", ":path")}
    lines = [name.encode() + b": " + value for name, value in [*pseudo.items(), *headers, *vary]]
    keep(out, "decide", b"\r\n".join([compact(row["config"]), b":scheme: http", *lines]))
    for name, value in headers:
        if name == "origin":
            keep(out, "origin", value)
            keep(out, "own_origin", b"\n".join([value, b"http", pseudo[":authority"]]))
        if name == "access-control-request-headers":
            keep(out, "requested_headers", value)
    for _, value in vary:
        keep(out, "vary", b"\x03" + value)


# google.protobuf.Struct: https://protobuf.dev/reference/protobuf/google.protobuf/#struct


def encode_struct(tree):
    entries = (field(0x0A, name.encode()) + field(0x12, encode(value)) for name, value in tree.items())
    return b"".join(field(0x0A, entry) for entry in entries)


def encode(value):
    if value is None:
        return b"\x08\x00"
    if isinstance(value, bool):
        return bytes([0x20, value])
    if isinstance(value, (int, float)):
        return b"\x11" + struct.pack("<d", value)
    if isinstance(value, str):
        return field(0x1A, value.encode())
    if isinstance(value, dict):
        return field(0x2A, encode_struct(value))
    return field(0x32, b"".join(field(0x0A, encode(item)) for item in value))


def field(tag, content):
    length, size = bytearray([tag]), len(content)
    while size >= 0x80:
        length.append(size % 0x80 | 0x80)
        size //= 0x80
    return bytes(length) + bytes([size]) + content


if __name__ == "__main__":
    main(sys.argv[1])
