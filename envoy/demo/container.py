#!/usr/bin/env python3
"""Both pages of the demo in a container, as docker-compose.yml runs them, beside the containers of Envoy and the API.

There is no file that two containers share and that is gone when they are. So Envoy sends its access log here, over a
connection that only these containers can make.
"""

import socketserver
import sys
import tempfile
import threading
from pathlib import Path

from pages import PageServer, introduce
from web import LOOPBACK

ENVOY_PORT, PAGE_PORT, REFUSED_PORT, LOG_PORT = 10000, 8080, 8081, 9002
EVERYWHERE = "0.0.0.0"  # docker-compose.yml says who may come in


class Log(socketserver.StreamRequestHandler):
    def handle(self):
        with self.server.file.open("ab", buffering=0) as file:
            for line in self.rfile:
                file.write(line)


class LogServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, file):
        super().__init__((LOOPBACK, LOG_PORT), Log)
        self.file = file


def main():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "access.log"
        file.touch()
        try:
            page, refused = (PageServer(port, EVERYWHERE) for port in (PAGE_PORT, REFUSED_PORT))
            log = LogServer(file)
        except OSError as error:
            sys.exit(f"cannot listen: {error}")
        introduce(page, refused, ENVOY_PORT, file)
        for server in (refused, log):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"the dashboard at {page.origin} (allowed) and {refused.origin} (not allowed)", flush=True)
        try:
            page.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
