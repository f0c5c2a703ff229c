"""Several programs on one database behind one address, as an office runs them: for tests of replicas and webhooks.

``Replicas`` starts ``sop-bot run`` as processes that listen on ports of their own; ``Balancer`` is the proxy in
front of them. It gives each request to the next one, and to the one after where that refuses the connection.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

import httpx

if TYPE_CHECKING:
    from bot.demo.telegram import RunningServer

ROOT = Path(__file__).parents[2]
LOCALHOST = "127.0.0.1"
PATH = "/telegram"
SECRET = "webhook-" + "secret-of-the-tests"
PATIENCE = 60.0
_LOOK_AGAIN = 0.05


def free_port() -> int:
    """Return a port that nobody listened on just now."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.bind((LOCALHOST, 0))
        port: int = probe.getsockname()[1]
        return port


class Balancer:
    """A proxy on the loopback: a context manager; ``url`` is what Telegram is told."""

    def __init__(self, ports: list[int]) -> None:
        """Take the ports of those behind it; they need not listen yet."""
        self._turns = itertools.cycle(range(len(ports)))
        self._ports = ports
        self._http = httpx.Client(timeout=PATIENCE, trust_env=False)
        self._server = ThreadingHTTPServer((LOCALHOST, 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.url = f"http://{LOCALHOST}:{self._server.server_port}{PATH}"
        self.taken = [0] * len(ports)
        """How many requests each has answered with 200."""

    def __enter__(self) -> Self:
        """Begin to pass requests on."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._http.close()

    def pass_on(self, body: bytes, headers: dict[str, str]) -> int:
        """Return what the first that takes the connection answers; 502 where nobody does, or one dies in the middle."""
        first = next(self._turns)
        for step in range(len(self._ports)):
            number = (first + step) % len(self._ports)
            try:
                answer = self._http.post(
                    f"http://{LOCALHOST}:{self._ports[number]}{PATH}", content=body, headers=headers
                )
            except httpx.ConnectError:
                continue
            except httpx.HTTPError:
                return 502
            self.taken[number] += answer.status_code == 200
            return answer.status_code
        return 502

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        balancer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                passed = {
                    name: value for name, value in self.headers.items() if name.lower().startswith(("x-", "content-t"))
                }
                self.send_response(balancer.pass_on(body, passed))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


class Replica:
    """One ``sop-bot run`` in webhook mode."""

    def __init__(self, name: str, port: int, folder: Path, environment: dict[str, str]) -> None:
        """Prepare; nothing runs yet."""
        self.name = name
        self.port = port
        self._log = folder / f"{name}.log"
        self._folder = folder
        self._environment = environment | {"LISTEN": f"{LOCALHOST}:{self.port}"}
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._running is not None and self._running.poll() is None

    def start(self, *, wait: bool = True) -> None:
        """Start the process, and wait until it is well; another start after a kill is fine."""
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"], cwd=self._folder, env=self._environment, stdout=log, stderr=log
            )
        if wait:
            self.wait_until_well()

    def wait_until_well(self) -> None:
        """Wait until ``/healthz`` says 200; fails where the process ends before."""
        deadline = time.monotonic() + PATIENCE
        while self.health()[0] != 200:
            assert self.alive, self.log()
            assert time.monotonic() < deadline, self.log()
            # A process of its own: there is nothing to wait on but its answer.
            time.sleep(_LOOK_AGAIN)

    def health(self) -> tuple[int, dict[str, Any]]:
        """Return status and content of ``/healthz``; status 0 where nobody answers."""
        status, page = self._get("/healthz")
        return status, json.loads(page) if page else {}

    def metrics(self) -> dict[str, float]:
        """Return the figures of ``/metrics`` by name and labels."""
        _, page = self._get("/metrics")
        lines = [line for line in page.splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def _get(self, path: str) -> tuple[int, str]:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"http://{LOCALHOST}:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        assert self._running is not None
        self._running.send_signal(by)
        return self._running.wait(PATIENCE)

    def log(self) -> str:
        """Return what it has logged, over all its lives."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""


class Replicas:
    """Programs on one database behind a balancer; a context manager that leaves nothing running.

    ``server`` is the strict Telegram they serve; ``options`` are further variables of their environment.
    """

    def __init__(self, folder: Path, server: RunningServer, database_url: str, number: int, **options: str) -> None:
        """Prepare; nothing runs yet."""
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(ROOT),
            "BOT_TOKEN": server.token,
            "BOT_API_URL": server.base_url,
            "DATABASE_URL": database_url,
            "WEBHOOK_SECRET": SECRET,
            **options,
        }
        ports = [free_port() for _ in range(number)]
        self.balancer = Balancer(ports)
        self.environment = environment | {"WEBHOOK_URL": self.balancer.url}
        self.all = [
            Replica(f"replica-{place}", port, folder, self.environment) for place, port in enumerate(ports, start=1)
        ]
        self._folder = folder

    def __enter__(self) -> Self:
        """Start the balancer and all replicas at the same moment; returns once all are well."""
        self.balancer.__enter__()
        try:
            for replica in self.all:
                replica.start(wait=False)
            for replica in self.all:
                replica.wait_until_well()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Kill whatever still runs."""
        for replica in self.all:
            if replica.alive:
                replica.end(signal.SIGKILL)
        self.balancer.__exit__()

    def command(self, *arguments: str) -> str:
        """Run another command beside them and return what it printed; it must succeed."""
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "bot", *arguments],
            cwd=self._folder,
            env=self.environment | {"LISTEN": f"{LOCALHOST}:{self.all[0].port}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def logs(self) -> str:
        """Return what all of them have logged."""
        return "\n".join(replica.log() for replica in self.all)
