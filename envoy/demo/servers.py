"""What the demo starts: servers on ports that are free, and Envoy."""

import fcntl
import http.client
import itertools
import os
import re
import shutil
import socket
import subprocess
import textwrap
import threading
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CONFIG = ROOT / "envoy" / "envoy.yaml"
PLUGIN = ROOT / "target" / "wasm32-wasip1" / "release" / "proxy_wasm_cors.wasm"
ENVOY_VERSION = "1.40.0"
START_SECONDS = 30
STOP_SECONDS = 5

# A port in envoy.yaml: of a socket, or of the dashboard's origin.
PORT_IN_CONFIG = re.compile(r"(port_value: |http://(?:localhost|127\.0\.0\.1):)(\d+)")


# The policy in envoy.yaml: what is indented deeper than its `value:`.
POLICY_INDENT = 20
POLICY = re.compile(rf"^ {{18}}value:\n((?:(?: {{{POLICY_INDENT}}}.*)?\n)+)", re.MULTILINE)


class DemoError(Exception):
    """The demo cannot go on; the text says why, and what the reader can do."""


# Ports


def port_is_free(port):
    """Whether nobody listens on this port of either loopback address.

    Envoy's own attempt would not tell: it shares its ports with other Envoys of the same user. And a browser tries
    `::1` first for `localhost`, so a stranger who listens only there would get the demo's requests.
    """
    return can_listen(socket.AF_INET, "127.0.0.1", port) and can_listen(socket.AF_INET6, "::1", port)


def can_listen(family, address, port):
    try:
        probe = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return True  # no IPv6 here: nobody else has it either
    with probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            probe.listen()
        except OSError:
            return family == socket.AF_INET6 and not has_ipv6_loopback()
    return True


def has_ipv6_loopback():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def serve(make_server, wanted):
    """A server that answers, on the wanted port or on another one if that is taken. It ends with this process."""
    server = open_server(make_server, wanted)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def open_server(make_server, wanted):
    """A server on the wanted port, or on another one if that is taken."""
    if port_is_free(wanted):
        with suppress(OSError):  # taken in this very moment
            return make_server(wanted)
    return make_server(0)


def choose_ports(*wanted):
    """For Envoy, which needs its ports before it starts: each wanted port, or another one if that is taken."""
    others = free_ports(len(wanted))
    return [port if port_is_free(port) else other for port, other in zip(wanted, others)]


def free_ports(count):
    # All are held at once, so that they differ.
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


# Envoy


def find_envoy():
    own = os.environ.get("ENVOY")
    version = os.environ.get("ENVOY_VERSION", ENVOY_VERSION)
    found = shutil.which(own or ROOT / "target" / "envoy" / version / "envoy")
    if not found and own:
        raise DemoError(f"ENVOY is set to `{own}`, which is not a program")
    if not found:
        raise DemoError(f"there is no Envoy {version} in target/envoy; `make envoy` fetches it")
    return os.path.abspath(found)


def check_plugin():
    if not PLUGIN.is_file():
        raise DemoError(f"there is no {PLUGIN.relative_to(ROOT)}; `make plugin` builds it")


def claim_folder():
    """A folder for logs that no other demo uses now, the lock on it, held while open, and whether no other runs."""
    for number in itertools.count(1):
        folder = ROOT / "target" / ("demo" if number == 1 else f"demo-{number}")
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return folder, lock, number == 1
        except BlockingIOError:
            lock.close()


def config_for(ports, folder, policy=None):
    """envoy.yaml itself, or a copy in the folder that differs in the ports, and in the policy if there is another."""
    changed = {str(default): str(port) for default, port in ports.items() if default != port}
    if not changed and policy is None:
        return CONFIG
    text = CONFIG.read_text() if policy is None else with_policy(CONFIG.read_text(), policy)
    copy = folder / "envoy.yaml"
    copy.write_text(PORT_IN_CONFIG.sub(lambda found: found[1] + changed.get(found[2], found[2]), text))
    return copy


def with_policy(text, policy):
    found = POLICY.search(text)
    indent = " " * POLICY_INDENT
    lines = [line for line in policy.splitlines() if line.strip() not in ("---", "...")]
    own = "".join(f"{indent}{line}".rstrip() + "\n" for line in lines)
    return text[:found.start(1)] + own + text[found.end(1):]


def policy_in(config):
    """The policy in a copy of envoy.yaml, as it stands there."""
    return textwrap.dedent(POLICY.search(config.read_text())[1])


class Envoy:
    """A running Envoy, with its log and its access log in the folder."""

    def __init__(self, binary, config, port, admin_port, folder):
        self.command = [binary, "-c", str(config), "--concurrency", "1", "--disable-hot-restart"]
        # The demo needs lines of the access log at once, not when a buffer is full.
        self.command += ["--file-flush-interval-msec", "50"]
        self.port = port
        self.admin_port = admin_port
        self.log = folder / "envoy.log"
        self.access_log = folder / "access.log"

    def __enter__(self):
        # In a session of its own: a Ctrl-C reaches only the demo, which then ends Envoy, and not both at once.
        with self.log.open("wb") as log, self.access_log.open("wb") as access_log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=access_log, stderr=log, start_new_session=True
            )
        return self

    def __exit__(self, *_exception):
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def check_alive(self):
        status = self.process.poll()
        if status is not None:
            raise DemoError(f"Envoy ended with status {status}; {self.why()}")

    def wait_until_it_answers(self, check):
        """Until Envoy says that it is ready and a request has gone through it to the API and back."""
        deadline = time.monotonic() + START_SECONDS
        while not (answers(self.admin_port, "/ready") and answers(self.port, "/jobs")):
            check()
            if time.monotonic() > deadline:
                raise DemoError(f"Envoy did not answer within {START_SECONDS} s; {self.why()}")
            time.sleep(0.05)

    def why(self):
        """The lines of the log that matter: what the filter says of its configuration, else any errors."""
        lines = self.log.read_text(errors="replace").splitlines()
        # Envoy runs the filter's configuration on several threads, and each logs the same.
        config = dict.fromkeys(line[line.index("config: "):] for line in lines if "config: " in line)
        errors = [line for line in lines if "[error]" in line or "[critical]" in line]
        chosen = list(config) or errors[-10:] or lines[-10:] or ["(it is empty)"]
        return "\n  ".join([f"from {self.log.relative_to(ROOT)}:", *chosen])


def answers(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()  # a server is not cut short in its answer
        return answer.status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
