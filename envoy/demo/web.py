"""What the demo's servers have in common."""

import sys
from http.server import ThreadingHTTPServer

LOOPBACK = "127.0.0.1"


class DemoServer(ThreadingHTTPServer):
    """A server on this machine only, unless it is told another address. In a container that address is the way in."""

    daemon_threads = True

    def __init__(self, port, handler, address=LOOPBACK):
        super().__init__((address, port), handler)

    def handle_error(self, request, client_address):
        # A client that goes away, such as a closed browser tab, is not an error of the demo.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)
