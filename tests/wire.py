"""The line to a PostgreSQL, to be cut and mended: a forwarder between its unix socket and one of our own."""

from __future__ import annotations

import selectors
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from sqlalchemy import make_url

if TYPE_CHECKING:
    from pathlib import Path

_NAME = ".s.PGSQL.5432"


class Wire:
    """A context manager: whoever connects to ``folder`` as a host reaches the server until the wire is ``cut``."""

    def __init__(self, url: str, folder: Path) -> None:
        """Take a database's address, and a folder for a socket of our own (its path must be short)."""
        server = str(make_url(url).query["host"])
        self.url = url.replace(server, str(folder))
        """The database's address over this wire."""
        self._server = f"{server}/{_NAME}"
        self._mine = folder / _NAME
        self._guard = threading.Lock()
        self._listener: socket.socket | None = None
        self._ends: set[socket.socket] = set()
        self.connections = 0
        """How many were ever made."""

    def __enter__(self) -> Self:
        """Lay the wire."""
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        """Take it away."""
        self.cut()

    def mend(self) -> None:
        """Take connections, as a server that came back."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self._mine))
        listener.listen()
        with self._guard:
            self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Break every connection in whatever it is doing, and refuse new ones."""
        with self._guard:
            listener, self._listener = self._listener, None
            ends, self._ends = self._ends, set()
        self._mine.unlink(missing_ok=True)
        for end in (*ends, *([listener] if listener else [])):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            far.connect(self._server)
            with self._guard:
                self._ends |= {near, far}
                self.connections += 1
                whole = self._listener is listener
            if not whole:
                self.cut()
                return
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        with suppress(OSError, ValueError), selectors.DefaultSelector() as ready:
            for end in other:
                ready.register(end, selectors.EVENT_READ)
            while all(self._moved(key.fileobj, other) for key, _ in ready.select()):
                pass
        with self._guard:
            self._ends -= {near, far}
        near.close()
        far.close()

    @staticmethod
    def _moved(end: object, other: dict[socket.socket, socket.socket]) -> bool:
        assert isinstance(end, socket.socket)
        piece = end.recv(65536)
        other[end].sendall(piece)
        return bool(piece)
