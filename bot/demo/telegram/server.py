"""The server in a thread of its own on a free loopback port, for tests and tools."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import uvicorn

from bot.demo.telegram.app import build_app
from bot.demo.telegram.client import Office
from bot.demo.telegram.state import CALLBACK_LIFETIME, Telegram

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import timedelta

    from starlette.applications import Starlette
    from starlette.routing import BaseRoute

LOCALHOST = "127.0.0.1"
DEMO_TOKEN = "987654321:" + "demo-token-of-the-local-server-0001"
STOP_WITHIN = 10.0


def system_clock() -> datetime:
    """Return the present moment: Telegram has a clock of its own, and this server plays Telegram."""
    return datetime.now(UTC)


def server_config(app: Starlette, *, host: str = LOCALHOST, port: int = 0) -> uvicorn.Config:
    """Return how uvicorn is to serve ``app``: quiet, quick to stop, slow to hang up.

    A client that reuses a connection just as the server closes it sees a network error that nobody ordered.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="critical",
        access_log=False,
        timeout_keep_alive=300,
        timeout_graceful_shutdown=2,
        lifespan="on",
    )


class RunningServer(Office):
    """A started server; ``telegram`` is its state, to be read rather than changed from other threads."""

    def __init__(
        self,
        telegram: Telegram,
        *,
        port: int = 0,
        routes: Sequence[BaseRoute] = (),
        webhook_retry: float = 1.0,
    ) -> None:
        self.telegram = telegram
        self._socket = _listening(port)
        self._app = build_app(telegram, routes=routes, webhook_retry=webhook_retry)
        self._server = uvicorn.Server(server_config(self._app))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()
        super().__init__(f"http://{LOCALHOST}:{self._socket.getsockname()[1]}", telegram.token)

    def stop(self) -> None:
        """End all long polls and stop; safe to call twice."""
        self.close()
        self._app.state.waiters.close()
        self._server.should_exit = True
        self._thread.join(STOP_WITHIN)
        self._socket.close()

    def __enter__(self) -> Self:
        """Return the server itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self.stop()


class TelegramServer:
    """Where a server is started."""

    @staticmethod
    def start(
        token: str = DEMO_TOKEN,
        *,
        now: Callable[[], datetime] = system_clock,
        port: int = 0,
        routes: Sequence[BaseRoute] = (),
        webhook_retry: float = 1.0,
        callback_lifetime: timedelta = CALLBACK_LIFETIME,
    ) -> RunningServer:
        """Start a server on a free loopback port, or on ``port``; raises OSError where that is taken.

        ``now`` returns aware UTC datetimes; under a fast clock ``callback_lifetime``, which goes by it, wants to be
        longer. ``routes`` are served beside the server's own. ``webhook_retry`` is the pause in seconds after a
        failed delivery to a webhook.
        """
        telegram = Telegram(token, now, callback_lifetime=callback_lifetime)
        return RunningServer(telegram, port=port, routes=routes, webhook_retry=webhook_retry)


def _listening(port: int) -> socket.socket:
    # Only for a socket that says TCP does asyncio switch Nagle's algorithm off; with it every answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOCALHOST, port))
        listener.listen()
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener
