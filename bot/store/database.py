"""The database and the thread its transactions run on.

Use cases are plain synchronous functions; ``await store.run(...)`` gives each one transaction on
the store's own thread: one writer for SQLite, a small pool for PostgreSQL.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import stamina
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

P = ParamSpec("P")
T = TypeVar("T")

BUSY_SECONDS = 10
POSTGRES_THREADS = 4
_TRANSIENT_SQLSTATES = {"40001", "40P01"}  # serialization_failure, deadlock_detected
_TRIES = 6
_AFTER_COMMIT = "after_commit"


def open_engine(url: str) -> Engine:
    """Return an engine for ``DATABASE_URL``; makes the folder of a SQLite file.

    Raises sqlalchemy.exc.ArgumentError for an unreadable address.
    """
    address = make_url(url)
    if address.drivername in {"postgresql", "postgres"}:
        address = address.set(drivername="postgresql+psycopg")
    # Titles, reasons and names are parameters: they stay out of errors and logs.
    if address.get_backend_name() != "sqlite":
        return create_engine(address, pool_size=POSTGRES_THREADS + 1, pool_pre_ping=True, hide_parameters=True)
    if address.database and address.database != ":memory:":
        # Where that cannot be, opening the file says so, as it does for everything else in the way.
        with suppress(OSError):
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        address, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes too late for reads; ours (below) covers the whole transaction.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", f"busy_timeout={BUSY_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may well succeed when run again at once."""
    if isinstance(error, StaleDataError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if getattr(error.orig, "sqlstate", None) in _TRANSIENT_SQLSTATES:
        return True
    return isinstance(error, OperationalError) and "database is locked" in str(error.orig)


def after_commit(session: Session, done: Callable[[], object]) -> None:
    """Call ``done`` once the session's transaction has committed; not at all where it rolls back."""
    session.info.setdefault(_AFTER_COMMIT, []).append(done)


class Store:
    """Runs synchronous use cases in one transaction each, off the event loop."""

    def __init__(self, engine: Engine, *, after_commit: Callable[[], None] = lambda: None) -> None:
        """Take an engine; ``after_commit`` is called on the event loop after each ``run``."""
        self.engine = engine
        self.after_commit = after_commit
        threads = 1 if engine.dialect.name == "sqlite" else POSTGRES_THREADS
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store")

    def run_now(self, use_case: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``use_case(session, …)`` in one transaction on this thread, and return its result.

        Serialisation failures and a locked database are retried; any error rolls back.
        """
        # Whoever lost a race to another press of a button waits for an answer: tenths of a second, not whole ones.
        waits = {"wait_initial": 0.02, "wait_jitter": 0.05, "wait_max": 0.5}
        for attempt in stamina.retry_context(on=is_transient, attempts=_TRIES, timeout=30, **waits):
            with attempt:
                with Session(self.engine, expire_on_commit=False) as session, session.begin():
                    result = use_case(session, *args, **kwargs)
                for done in session.info.get(_AFTER_COMMIT, ()):
                    done()
                return result
        raise AssertionError  # the loop returns or raises

    async def run(self, use_case: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case as ``run_now`` does, on the store's thread, then call ``after_commit``."""
        result = await self.look(use_case, *args, **kwargs)
        self.after_commit()
        return result

    async def look(self, use_case: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run as ``run`` does, but without ``after_commit``: for whom that call itself wakes."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: self.run_now(use_case, *args, **kwargs))

    def close(self) -> None:
        """Wait for what is running, then close all connections."""
        self._threads.shutdown(wait=True)
        self.engine.dispose()
