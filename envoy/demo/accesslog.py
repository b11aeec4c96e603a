"""Envoy's access log, where the filter says what it decided."""

import json


def read_log(path):
    text = path.read_text(errors="replace")
    complete = text.split("\n")[:-1]  # Envoy may be writing the rest right now
    return [json.loads(line) for line in complete]


def log_row(line):
    cells = [line.get("method"), line.get("path"), line.get("status"), line.get("origin"), line.get("cors")]
    method, path, status, origin, cors = ("-" if cell is None else printable(str(cell)) for cell in cells)
    # Always two spaces: a long path then moves the rest of its line instead of running into it.
    return f"{method:<7}  {path:<20}  {status:<3}  {origin:<26}  {cors}"


def printable(text):
    """Plain ASCII: an origin may hold any byte from 0x80 on, and some of those steer a terminal."""
    return text.encode("ascii", "backslashreplace").decode()
