"""News between processes on one PostgreSQL: who commits says so, the others wake up at once.

News only hurry what polling would find anyway: a notification that is missed costs seconds, nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

log = logging.getLogger(__name__)

CHANNEL = "sop_bot"
GAP_SECONDS = 0.1
"""At most one wake-up for all the news of so long."""

_QUIET_SECONDS = 20.0
_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)

# Only a transaction that wrote something has an id. The name lets its own process pass over the echo.
_NOTIFY = text("SELECT pg_notify(:channel, :name) WHERE pg_current_xact_id_if_assigned() IS NOT NULL")


def tell_others(session: Session, name: str) -> None:
    """Let the other processes hear of this transaction when it commits, where it wrote anything.

    ``name`` is the sender's. On SQLite there are no others: this does nothing.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.flush()
        session.execute(_NOTIFY, {"channel": CHANNEL, "name": name})


class Listener:
    """Hears the commits of other processes; reconnects for as long as it takes. Quiet on SQLite."""

    def __init__(self, engine: Engine, name: str, heard: Callable[[], None]) -> None:
        """Take the database, this process' name, and what to call on the event loop after news."""
        self._engine = engine
        self._name = name
        self._heard = heard
        self._stopping = asyncio.Event()
        self.listening = asyncio.Event()

    def stop(self) -> None:
        """Hear nothing more."""
        self._stopping.set()

    async def run(self) -> None:
        """Listen until stopped."""
        if self._engine.dialect.name != "postgresql":
            return
        stopping = asyncio.ensure_future(self._stopping.wait())
        listening = asyncio.ensure_future(self._listen_forever())
        await asyncio.wait({stopping, listening}, return_when=asyncio.FIRST_COMPLETED)
        for task in (stopping, listening):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await listening

    async def _listen_forever(self) -> None:
        failures = 0
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError) as error:
                if self.listening.is_set() or not failures:
                    log.warning("news not heard: %s", error, extra={"action": "notify.lost"})
                failures = 0 if self.listening.is_set() else failures + 1
                self.listening.clear()
                await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])  # the server needs its time

    async def _listen(self) -> None:
        """Listen on one connection until it breaks."""
        _, parameters = self._engine.dialect.create_connect_args(self._engine.url)
        parameters.pop("context", None)  # SQLAlchemy's own types
        async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self.listening.set()
            log.info("listening for news", extra={"action": "notify.listening"})
            # What was said while nobody listened.
            self._heard()
            while True:
                await self._hear(connection)

    async def _hear(self, connection: psycopg.AsyncConnection[object]) -> None:
        news = [notice async for notice in connection.notifies(timeout=_QUIET_SECONDS, stop_after=1)]
        if not news:
            # A silent line may be a dead one.
            await connection.execute("SELECT 1")
        elif any(notice.payload != self._name for notice in news):
            self._heard()
            await asyncio.sleep(GAP_SECONDS)  # what comes meanwhile is heard together, by one wake-up
