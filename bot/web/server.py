"""uvicorn in the event loop of the rest: it takes no signals, and stops when it is told to."""

from __future__ import annotations

import asyncio
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from starlette.routing import Route

LAST_ANSWERS_SECONDS = 20
_MOST_CONNECTIONS = 512


class CannotListen(Exception):  # noqa: N818 - named for what is the case, like the store's refusals
    """The address cannot be listened on; ``why`` is what the system said."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        """Carry the address and the reason."""
        super().__init__(host, port)
        self.host, self.port = host, port
        self.why = error.strerror or type(error).__name__


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the program."""
        yield


class WebServer:
    """Serves routes in plain HTTP on a host and port, from ``start`` to ``stop``."""

    def __init__(self, host: str, port: int, routes: Sequence[Route]) -> None:
        """Take the port at once; raises CannotListen."""
        try:
            self._socket = _listening(host, port)
        except OSError as error:
            raise CannotListen(host, port, error) from error
        self._server = _Server(_config(Starlette(routes=routes)))
        self._serving: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        number: int = self._socket.getsockname()[1]
        return number

    async def start(self) -> None:
        """Begin to answer."""
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))

    async def stop(self) -> None:
        """Take no more connections and finish the answers in hand; safe to call twice, and before the start."""
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving
        self._socket.close()


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,  # its lines go where all others go
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=75,  # longer than a proxy's, which then never finds a connection just closed
        timeout_graceful_shutdown=LAST_ANSWERS_SECONDS,
    )


def _listening(host: str, port: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    # Only for a socket that says TCP does asyncio switch Nagle's algorithm off; with it every answer takes 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener
