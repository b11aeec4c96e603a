"""Requests to the API through Envoy, the answers they must get, and the lines that show both."""

import http.client
import os
import shlex
import time
from dataclasses import dataclass, field

from accesslog import log_row, read_log

LOG_SECONDS = 5
LINE_LENGTH = 110
# Of an answer's header fields, those that the transcript shows and checks: these, and every `access-control-*`.
SHOWN = ("vary", "allow", "x-job-id", "www-authenticate", "proxy-status")


@dataclass
class Exchange:
    """One request, and what its answer has to be."""

    says: str
    method: str
    path: str
    status: int
    headers: dict  # of the request
    answer: dict  # every shown field of the answer: one more is as wrong as one less
    content: str = ""  # a part of the answer's body
    body: str = ""  # of the request
    logged: str = None  # the filter's decision, as the access log has it


@dataclass
class Answer:
    version: str
    status: int  # 0 if there was no answer
    reason: str
    fields: dict = field(default_factory=dict)
    text: str = ""


def exchanges(page, refused):
    """What the policy in envoy.yaml promises to the dashboard's origin and to one that is not allowed."""
    readable = {
        "access-control-allow-origin": page,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "x-job-id",
        "vary": "Origin",
    }
    preflight = {
        **readable,
        "access-control-allow-methods": "DELETE",
        "access-control-allow-headers": "authorization,content-type,x-request-id",
        "access-control-max-age": "600",
    }
    denied = {"vary": "Origin", "proxy-status": 'proxy-wasm-cors; details="origin-not-allowed"'}
    refused_by_filter = 'proxy-wasm-cors; error=http_request_denied; details="origin-not-allowed"'
    lacks_method = {**preflight, "proxy-status": 'proxy-wasm-cors; details="method-not-allowed: PATCH"'}
    asks_to_start = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    start = "/jobs/backup/start"
    return [
        Exchange(
            "A server or a cron job calls: no Origin, so there is nothing to allow. (Vary is for caches in between.)",
            "GET", "/jobs", 200, {}, {"vary": "Origin"}, '"jobs"',
        ),
        Exchange(
            "The dashboard is about to POST JSON, so its browser asks first: a preflight. The filter answers it. POST need not"
            " be in allow-methods: every browser lets a page send GET, HEAD and POST.",
            "OPTIONS", start, 204, {"Origin": page, **asks_to_start}, preflight, logged="allowed",
        ),
        Exchange(
            "Then the browser sends the request itself, and lets the page read the answer, X-Job-Id included.",
            "POST", start, 202, {"Origin": page, "Content-Type": "application/json"},
            {**readable, "x-job-id": "backup-1"}, "backup-1", body='{"full": true}',
        ),
        Exchange(
            "Another page asks. The API answers, but no Access-Control-Allow-Origin: the browser hides the answer.",
            "GET", "/jobs", 200, {"Origin": refused}, denied, '"jobs"',
            logged="denied:origin-not-allowed",
        ),
        Exchange(
            "Another page wants to start a job. The filter refuses the preflight and says why; the API sees nothing.",
            "OPTIONS", start, 403, {"Origin": refused, **asks_to_start},
            {"vary": "Origin", "proxy-status": refused_by_filter}, "origin-not-allowed",
            logged="denied:origin-not-allowed",
        ),
        Exchange(
            "The status has its own policy, and any page may read it. Cookies do not work with `*`.",
            "GET", "/status", 200, {"Origin": refused}, {"access-control-allow-origin": "*"}, '"jobs"',
        ),
        Exchange(
            "The dashboard wants to PATCH. Its browser finds no PATCH in the answer, and does not send it.",
            "OPTIONS", "/jobs", 204, {"Origin": page, "Access-Control-Request-Method": "PATCH"}, lacks_method,
            logged="denied:method-not-allowed",
        ),
        Exchange(
            "A common check by hand. Without Access-Control-Request-Method this is not a preflight, so the API answers it.",
            "OPTIONS", "/jobs", 204, {"Origin": "https://your-frontend.com"},
            {"allow": "GET, OPTIONS", **denied}, logged="denied:origin-not-allowed",
        ),
        Exchange(
            "The same check for an origin that is allowed.",
            "OPTIONS", "/jobs", 204, {"Origin": page}, {**readable, "allow": "GET, OPTIONS"},
        ),
        Exchange(
            "An error is readable too: the dashboard can tell its user to sign in.",
            "GET", "/me", 401, {"Origin": page}, {**readable, "www-authenticate": "Bearer"}, "sign in",
        ),
    ]


class Screen:
    """Writes lines, in colour at a terminal."""

    def __init__(self, stream):
        self.stream = stream
        self.coloured = stream.isatty() and "NO_COLOR" not in os.environ

    def line(self, text="", colour=None):
        codes = {"bold": "1", "dim": "2", "green": "32", "red": "1;31"}
        painted = f"\033[{codes[colour]}m{text}\033[0m" if colour and self.coloured else text
        print(painted, file=self.stream, flush=True)


def play(screen, port, planned, check):
    """Sends every request in turn and shows it; returns how many answers were not as promised."""
    wrong = 0
    for number, exchange in enumerate(planned, 1):
        check()
        screen.line(f"{number}. {exchange.says}", "bold")
        screen.line(f"   $ {curl(exchange, port)}")
        answer = send(exchange, port)
        show(screen, answer)
        wrong += judge(screen, differences(exchange, answer))
    return wrong


def curl(exchange, port):
    """The same request as a command that the reader can paste, on several lines if one would be too long."""
    parts = ["curl -i" if exchange.method == "GET" else f"curl -i -X {exchange.method}"]
    parts += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in exchange.headers.items()]
    if exchange.body:
        parts.append(f"-d {shlex.quote(exchange.body)}")
    parts.append(shlex.quote(f"http://localhost:{port}{exchange.path}"))
    line = " ".join(parts)
    return line if len(line) <= LINE_LENGTH else " \\\n       ".join(parts)


def send(exchange, port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {"Host": f"localhost:{port}", **exchange.headers}
        connection.request(exchange.method, exchange.path, exchange.body or None, headers)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
        version = f"HTTP/{response.version / 10}"
        return Answer(version, response.status, response.reason, shown_fields(response), text)
    except (OSError, http.client.HTTPException) as error:
        return Answer("no answer:", 0, f"{error or type(error).__name__}")
    finally:
        connection.close()


def may_read(port, origin):
    """Whether a page of this origin may read the list of jobs."""
    answer = send(Exchange("", "GET", "/jobs", 200, {"Origin": origin}, {}), port)
    return answer.fields.get("access-control-allow-origin") in (origin, "*")


def shown_fields(response):
    fields = {}
    for name, value in response.getheaders():
        name = name.lower()
        if name in SHOWN or name.startswith("access-control-"):
            # A field that comes twice must not look like one that comes once.
            fields[name] = f"{fields[name]} | {value}" if name in fields else value
    return fields


def show(screen, answer):
    screen.line(f"   {answer.version} {answer.status} {answer.reason}", "dim")
    for name, value in answer.fields.items():
        screen.line(f"   {name}: {value}", "dim")
    if answer.text.strip():
        screen.line(f"   {shortened(answer.text.strip())}", "dim")


def shortened(text):
    return text if len(text) <= LINE_LENGTH else text[:LINE_LENGTH - 3] + "..."


def differences(exchange, answer):
    """What differs from the promise, one line each."""
    found = []
    if answer.status == 0:
        return [f"no answer instead of status {exchange.status}"]
    if answer.status != exchange.status:
        found.append(f"status {answer.status} instead of {exchange.status}")
    for name in {**exchange.answer, **answer.fields}:
        promised, got = exchange.answer.get(name), answer.fields.get(name)
        if not same_field(name, promised, got):
            found.append(f"{name}: {got or 'absent'} instead of {promised or 'absent'}")
    if exchange.content not in answer.text:
        found.append(f"no `{exchange.content}` in the body")
    return found


def same_field(name, promised, got):
    # `Vary` lists names of fields, and those have no case. Origins and everything else here are compared exactly.
    if name == "vary" and promised and got:
        return promised.lower() == got.lower()
    return promised == got


def judge(screen, found):
    """Says whether the answer is as promised; returns 1 if not."""
    for difference in found:
        screen.line(f"   NOT AS PROMISED: {difference}", "red")
    if not found:
        screen.line("   as promised", "green")
    screen.line()
    return 1 if found else 0


def check_access_log(screen, path, planned):
    """Shows what Envoy logged for the exchanges; returns 1 if that is not as promised."""
    promised = [logged_line(exchange) for exchange in planned]
    deadline = time.monotonic() + LOG_SECONDS
    # Envoy writes its lines a moment after the answers; those before the last ones are from waiting for its start.
    while (lines := last_logged(path, promised)) != promised and time.monotonic() < deadline:
        time.sleep(0.05)
    screen.line("Envoy's access log has the filter's decisions, and the reasons:", "bold")
    for line in lines:
        screen.line(f"   {log_row(line)}", "dim")
    return judge(screen, log_differences(promised, lines))


def last_logged(path, promised):
    """The last lines of the log, without what nobody can promise, such as the time."""
    lines = read_log(path)[-len(promised):]
    return [{name: line.get(name) for name in promised[0]} for line in lines]


def log_differences(promised, lines):
    if len(lines) != len(promised):
        return [f"{len(lines)} lines instead of {len(promised)}"]
    pairs = zip(promised, lines)
    return [f"{log_row(line)}\n   instead of       {log_row(other)}" for other, line in pairs if other != line]


def logged_line(exchange):
    asked, told = exchange.headers.get, exchange.answer.get
    return {
        "method": exchange.method,
        "path": exchange.path,
        "status": exchange.status,
        "cors": exchange.logged,
        "origin": asked("Origin"),
        "asks_method": asked("Access-Control-Request-Method"),
        "asks_headers": asked("Access-Control-Request-Headers"),
        "allow_origin": told("access-control-allow-origin"),
        "allow_credentials": told("access-control-allow-credentials"),
        "allow_methods": told("access-control-allow-methods"),
        "allow_headers": told("access-control-allow-headers"),
        "expose_headers": told("access-control-expose-headers"),
        "proxy_status": told("proxy-status"),
    }
