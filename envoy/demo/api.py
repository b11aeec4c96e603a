#!/usr/bin/env python3
"""A small API over cron jobs, as the service behind Envoy in the demo. Loopback only, everything in memory.

It knows nothing of CORS and sends no CORS header: that is the filter's work. Programs that are not browsers need no
CORS at all. A crontab line starts a job through Envoy, or straight at the API, without an `Origin` header:

    0 2 * * *  curl -fsS -X POST -H 'Content-Type: application/json' -d '{}' http://127.0.0.1:10000/jobs/backup/start

    GET    /jobs              every job: its schedule, its state and when it last ran
    POST   /jobs/NAME/start   202, and the id of the run in `X-Job-Id`; the body is a JSON object
    GET    /runs/ID           a run: running, then done
    DELETE /runs/ID           stops and forgets a run
    POST   /session           signs in: sets a cookie
    GET    /me                who has signed in; 401 without the cookie
    GET    /status            how many jobs there are, for everyone
"""

import argparse
import json
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler

from web import DemoServer

RUN_SECONDS = 4
MAX_BODY = 64 * 1024
# Everybody who signs in is the same user: this is a demo of CORS, not of accounts.
COOKIE = "session=demo"


class Jobs:
    """The jobs and their runs. Every method may be called from any thread."""

    def __init__(self):
        self._lock = threading.Lock()
        self._runs = {}
        self._started = 0
        self._schedules = {"backup": "0 2 * * *", "report": "*/15 * * * *", "cleanup": "30 4 * * 0"}
        self._last_runs = {name: time.time() - hours * 3600 for name, hours in zip(self._schedules, (9, 0.2, 61))}

    def all(self):
        with self._lock:
            return [self._describe_job(name) for name in self._schedules]

    def start(self, name):
        """The new run's id, or None if there is no such job."""
        with self._lock:
            if name not in self._schedules:
                return None
            self._started += 1
            run = f"{name}-{self._started}"
            self._runs[run] = (name, time.time())
            self._last_runs[name] = time.time()
            return run

    def run(self, run):
        with self._lock:
            if run not in self._runs:
                return None
            name, started = self._runs[run]
            return {"id": run, "job": name, "state": self._state(started), "started": utc(started)}

    def stop(self, run):
        with self._lock:
            return self._runs.pop(run, None) is not None

    def _describe_job(self, name):
        starts = [started for job, started in self._runs.values() if job == name]
        running = any(self._state(started) == "running" for started in starts)
        return {
            "name": name,
            "schedule": self._schedules[name],
            "state": "running" if running else "idle",
            "last_run": utc(self._last_runs[name]),
        }

    @staticmethod
    def _state(started):
        return "running" if time.time() - started < RUN_SECONDS else "done"


def utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class BadRequest(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        try:
            body = self.read_body()
            self.route(body)
        except BadRequest as error:
            # The rest of the body is unread, and must not be mistaken for the next request.
            self.close_connection = True
            self.answer(error.status, {"error": str(error)})

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any

    def route(self, body):
        for pattern, methods in ROUTES:
            match = re.fullmatch(pattern, self.path.partition("?")[0])
            if match:
                return self.call(methods, match.groups(), body)
        return self.answer(404, {"error": "there is nothing here"})

    def call(self, methods, names, body):
        allow = {"Allow": ", ".join([*methods, "OPTIONS"])}
        if self.command == "OPTIONS":
            return self.answer(204, None, allow)
        method = "GET" if self.command == "HEAD" else self.command
        if method not in methods:
            return self.answer(405, {"error": "this method is not offered here"}, allow)
        return methods[method](self, *names, body)

    def list_jobs(self, _body):
        self.answer(200, {"jobs": self.server.jobs.all()})

    def start_job(self, name, body):
        if not isinstance(parse_json(body), dict):
            raise BadRequest(400, "the body must be a JSON object")
        run = self.server.jobs.start(name)
        if run is None:
            return self.answer(404, {"error": "there is no such job"})
        return self.answer(202, {"id": run, "state": "running"}, {"X-Job-Id": run, "Location": f"/runs/{run}"})

    def show_run(self, run, _body):
        found = self.server.jobs.run(run)
        if found is None:
            return self.answer(404, {"error": "there is no such run"})
        return self.answer(200, found)

    def stop_run(self, run, _body):
        if not self.server.jobs.stop(run):
            return self.answer(404, {"error": "there is no such run"})
        return self.answer(204)

    def sign_in(self, _body):
        self.answer(204, None, {"Set-Cookie": f"{COOKIE}; Path=/; HttpOnly; SameSite=Lax"})

    def show_user(self, _body):
        cookies = self.headers.get("Cookie", "").split("; ")
        if COOKIE in cookies:
            return self.answer(200, {"user": "demo"})
        # Not `Basic`: for that, the browser itself would ask for a password.
        return self.answer(401, {"error": "sign in first"}, {"WWW-Authenticate": "Bearer"})

    def show_status(self, _body):
        jobs = self.server.jobs.all()
        self.answer(200, {"jobs": len(jobs), "running": sum(job["state"] == "running" for job in jobs)})

    def read_body(self):
        if "Transfer-Encoding" in self.headers:
            raise BadRequest(411, "send the body with a Content-Length")
        length = self.headers.get("Content-Length", "0")
        if not re.fullmatch(r"[0-9]{1,9}", length):
            raise BadRequest(400, "the Content-Length is not a number")
        if int(length) > MAX_BODY:
            raise BadRequest(413, f"the body is longer than {MAX_BODY} bytes")
        return self.rfile.read(int(length))

    def answer(self, status, content=None, headers=None):
        body = b"" if content is None else json.dumps(content).encode() + b"\n"
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if content is not None:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_arguments):
        """Silent: Envoy writes the access log."""


ROUTES = [
    (r"/jobs", {"GET": Api.list_jobs}),
    (r"/jobs/([a-z]+)/start", {"POST": Api.start_job}),
    (r"/runs/([a-z]+-[0-9]+)", {"GET": Api.show_run, "DELETE": Api.stop_run}),
    (r"/session", {"POST": Api.sign_in}),
    (r"/me", {"GET": Api.show_user}),
    (r"/status", {"GET": Api.show_status}),
]


def parse_json(body):
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(400, "the body is not JSON") from error


class ApiServer(DemoServer):
    def __init__(self, port):
        super().__init__(port, Api)
        self.jobs = Jobs()


def main():
    parser = argparse.ArgumentParser(description="a small API over cron jobs")
    parser.add_argument("--port", type=int, default=9000)
    port = parser.parse_args().port
    try:
        server = ApiServer(port)
    except (OSError, OverflowError) as error:
        sys.exit(f"cannot listen on port {port}: {error}")
    print(f"cron jobs at http://127.0.0.1:{server.server_port}/jobs", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
