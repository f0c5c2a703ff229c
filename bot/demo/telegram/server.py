"""The server in a thread of its own on a free loopback port, for tests and tools."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import uvicorn

from bot.demo.telegram.app import build_app
from bot.demo.telegram.client import Office
from bot.demo.telegram.state import Telegram

if TYPE_CHECKING:
    from collections.abc import Callable

LOCALHOST = "127.0.0.1"
DEMO_TOKEN = "987654321:" + "demo-token-of-the-local-server-0001"
STOP_WITHIN = 10.0


def system_clock() -> datetime:
    """Return the present moment: Telegram has a clock of its own, and this server plays Telegram."""
    return datetime.now(UTC)


class RunningServer(Office):
    """A started server; ``telegram`` is its state, to be read rather than changed from other threads."""

    def __init__(self, telegram: Telegram, *, port: int = 0, webhook_retry: float = 1.0) -> None:
        self.telegram = telegram
        self._socket = _listening(port)
        self._app = build_app(telegram, webhook_retry=webhook_retry)
        config = uvicorn.Config(
            self._app, log_level="critical", access_log=False, timeout_graceful_shutdown=2, lifespan="on"
        )
        self._server = uvicorn.Server(config)
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
        webhook_retry: float = 1.0,
    ) -> RunningServer:
        """Start a server on a free loopback port, or on ``port``; ``now`` returns aware UTC datetimes."""
        return RunningServer(Telegram(token, now), port=port, webhook_retry=webhook_retry)


def _listening(port: int) -> socket.socket:
    # Only for a socket that says TCP does asyncio switch Nagle's algorithm off; with it every answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((LOCALHOST, port))
    listener.listen()
    return listener
