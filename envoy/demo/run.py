#!/usr/bin/env python3
"""The demo: an API that knows nothing about CORS, Envoy with the filter before it, and a dashboard on two origins.

Shows requests and their answers, and checks them: the exit status is 1 if an answer is wrong. In a terminal, or
with `--stay`, it then keeps running until Ctrl-C, so that you can open the dashboard in a browser.
"""

import argparse
import os
import signal
import sys
import time

signal.signal(signal.SIGINT, signal.SIG_DFL)  # until there is something to end, Ctrl-C just ends the demo
sys.dont_write_bytecode = True  # no caches between the sources

import servers  # noqa: E402
import transcript  # noqa: E402
from accesslog import log_row, read_log  # noqa: E402
from api import ApiServer  # noqa: E402
from pages import PageServer, introduce  # noqa: E402
from servers import DemoError, Envoy  # noqa: E402

ENVOY_PORT, ADMIN_PORT, API_PORT, PAGE_PORT, REFUSED_PORT = 10000, 9901, 9000, 8080, 8081


class Stopped(Exception):
    """A signal asked the demo to end."""


class Signals:
    """Notes the signals that end the demo, to be asked for where it is safe to stop.

    Handlers that raise could strike between the start of Envoy and the note that it has to be ended.
    """

    def __init__(self):
        self.number = None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.note)

    def note(self, number, _frame):
        self.number = number

    def check(self):
        if self.number is not None:
            raise Stopped


class Demo:
    """Everything that runs, with its ports. Envoy starts when `demo.envoy` is entered."""

    def __init__(self, signals, policy=None):
        servers.check_plugin()
        binary = servers.find_envoy()
        folder, self.lock, alone = servers.claim_folder()
        api = servers.serve(ApiServer, API_PORT)
        page = servers.serve(PageServer, PAGE_PORT)
        refused = servers.serve(PageServer, REFUSED_PORT)
        # Another demo that is starting right now does not listen yet, but it will.
        port, admin_port = servers.choose_ports(ENVOY_PORT, ADMIN_PORT) if alone else servers.free_ports(2)
        self.ports = {
            ENVOY_PORT: port,
            ADMIN_PORT: admin_port,
            API_PORT: api.server_port,
            PAGE_PORT: page.server_port,
            REFUSED_PORT: refused.server_port,
        }
        self.page, self.refused = page.origin, refused.origin
        self.config = servers.config_for(self.ports, folder, policy)
        self.pages = [page, refused]
        self.envoy = Envoy(binary, self.config, port, admin_port, folder)
        introduce(page, refused, port, self.envoy.access_log, servers.policy_in(self.config))
        self.signals = signals

    def check(self):
        """Ends the demo, by an exception, if a signal asks for that or if Envoy has died."""
        self.signals.check()
        self.envoy.check_alive()


def say_ports(screen, demo):
    for default, port in demo.ports.items():
        if port != default:
            screen.line(f"Port {default} is taken; using {port} instead.")
    config, log = (path.relative_to(servers.ROOT) for path in (demo.config, demo.envoy.log))
    screen.line(f"Envoy runs with {config}; its log is {log}.")
    screen.line()


def play(screen, demo):
    planned = transcript.exchanges(demo.page, demo.refused)
    wrong = transcript.play(screen, demo.envoy.port, planned, demo.check)
    wrong += transcript.check_access_log(screen, demo.envoy.access_log, planned)
    if wrong:
        raise DemoError(f"{wrong} of {len(planned) + 1} checks failed")
    screen.line(f"All {len(planned)} answers and the access log are as promised.", "green")


def ask_policy(screen, demo):
    """For the reader's own policy nothing is promised: ask the filter who may call, and tell the pages."""
    for page in demo.pages:
        page.config["own"] = True
        page.config["allowed"] = transcript.may_read(demo.envoy.port, page.origin)
    screen.line("Envoy has accepted your policy.", "green")


def arguments():
    what, then = __doc__.split("\n\n")
    parser = argparse.ArgumentParser(description=what, epilog=then)
    parser.add_argument("--policy", metavar="FILE", type=argparse.FileType(), help="a policy of your own, in YAML or JSON")
    parser.add_argument("--stay", action="store_true", help="stay without a terminal too")
    return parser.parse_args()


def is_at_terminal():
    return sys.stdin.isatty() and sys.stdout.isatty()


def stay(screen, demo, wanted):
    screen.line()
    screen.line("Open in a browser:", "bold")
    for page, which in zip(demo.pages, ("the dashboard", "the same dashboard")):
        allows = "allows" if page.config["allowed"] else "does not allow"
        screen.line(f"   {page.origin}   {which}, from an origin that the policy {allows}")
    screen.line("Ctrl-C ends the demo. The access log, as it grows:", "bold")
    shown = len(read_log(demo.envoy.access_log))
    while wanted.stay or is_at_terminal():  # not any more if the terminal was closed
        demo.check()
        lines = read_log(demo.envoy.access_log)
        for line in lines[shown:]:
            screen.line(f"   {log_row(line)}")
        shown = len(lines)
        time.sleep(0.2)


def main():
    wanted = arguments()
    signals = Signals()
    screen = transcript.Screen(sys.stdout)
    finished = False
    try:
        demo = Demo(signals, wanted.policy.read() if wanted.policy else None)
        with demo.envoy:
            say_ports(screen, demo)
            demo.envoy.wait_until_it_answers(demo.check)
            if wanted.policy:
                ask_policy(screen, demo)
            else:
                play(screen, demo)
            finished = True
            if wanted.stay or is_at_terminal():
                stay(screen, demo, wanted)
    except DemoError as error:
        sys.exit(f"demo: {error}")
    except BrokenPipeError:
        # The reader of the output, `head` for example, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        sys.exit(f"demo: {error.filename or 'the demo'}: {error.strerror or error}")
    except Stopped:
        # Ctrl-C is the way to leave a demo that has shown everything.
        sys.exit(0 if finished and signals.number == signal.SIGINT else 128 + signals.number)


if __name__ == "__main__":
    main()
