"""The web servers of the demo: each serves the same dashboard, from its own origin."""

import json
import os
import re
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from web import LOOPBACK, DemoServer

HERE = Path(__file__).resolve().parent
# Pages ask often, and only about what has just happened, so the end of the log is enough.
TAIL_BYTES = 256 * 1024
# Otherwise any page on the web could ask for the log, by a name that it makes lead here.
LOCAL_HOST = re.compile(r"(localhost|127\.0\.0\.1)(:[0-9]+)?")
FILES = {
    "/": ("dashboard.html", "text/html; charset=utf-8"),
    "/dashboard.css": ("dashboard.css", "text/css; charset=utf-8"),
    "/dashboard.js": ("dashboard.js", "text/javascript; charset=utf-8"),
    "/calllist.js": ("calllist.js", "text/javascript; charset=utf-8"),
    "/calls.js": ("calls.js", "text/javascript; charset=utf-8"),
    "/policy.js": ("policy.js", "text/javascript; charset=utf-8"),
    "/accesslog.js": ("accesslog.js", "text/javascript; charset=utf-8"),
}


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/config.json":
            self.answer(200, "application/json", json.dumps(self.server.config).encode())
        elif path == "/access-log" and self.server.access_log and LOCAL_HOST.fullmatch(self.headers.get("Host", "")):
            self.answer(200, "application/json", json.dumps(self.logged(query)).encode())
        elif path in FILES:
            name, content_type = FILES[path]
            self.answer(200, content_type, (HERE / name).read_bytes())
        else:
            self.answer(404, "text/plain; charset=utf-8", b"there is nothing here\n")

    def logged(self, query):
        """The lines of Envoy's access log about requests with this query."""
        lines = last_lines(self.server.access_log)
        return [line for line in lines if query and str(line.get("path")).endswith(f"?{query}")]

    def answer(self, status, content_type, body):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        # The next demo may have other ports or a changed page.
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        """Silent: the terminal belongs to the transcript."""


def last_lines(path):
    """The lines at the end of the log. Anything that is not an object is left out: the end may begin within a line."""
    with path.open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - TAIL_BYTES))
        complete = log.read().decode(errors="replace").split("\n")[:-1]  # Envoy may be writing the rest right now
    return [line for line in map(parsed, complete) if isinstance(line, dict)]


def parsed(line):
    try:
        return json.loads(line)
    except ValueError:
        return None


class PageServer(DemoServer):
    def __init__(self, port, address=LOOPBACK):
        super().__init__(port, Page, address)
        # Where Envoy writes its access log, as far as this server can read it.
        self.access_log = None
        # What the page is told: where the API is, where the other page is, and whether the policy allows this one.
        self.config = {}

    @property
    def origin(self):
        return f"http://localhost:{self.server_port}"


def introduce(page, refused, envoy_port, access_log, policy=""):
    """Tells both pages, the allowed one and the other, about the API, each other, the policy and the log."""
    api = f"http://localhost:{envoy_port}"
    page.config = {"api": api, "other": refused.origin, "allowed": True, "policy": policy}
    refused.config = {"api": api, "other": page.origin, "allowed": False, "policy": policy}
    page.access_log = refused.access_log = access_log
