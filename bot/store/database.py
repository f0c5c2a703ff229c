"""The database and the thread its transactions run on.

Use cases are plain synchronous functions; ``await store.run(...)`` gives each one transaction on
the store's own thread: one writer for SQLite, a small pool for PostgreSQL.
"""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import stamina
from sqlalchemy import URL, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from bot.store.notify import tell_others

P = ParamSpec("P")
T = TypeVar("T")

BUSY_SECONDS = 10
POSTGRES_THREADS = 4
LOOK_THREADS = 4
"""On PostgreSQL what only looks, and all of delivery, has threads of its own: presses that wait for one
locked row must not keep health, leases and sending waiting with them."""

IDLE_SECONDS = 10.0
"""A process that stands still inside a transaction loses it after so long; its locks are the others' again."""

LOCK_SECONDS = 5.0
"""So long a statement waits for a lock on PostgreSQL before it is trouble."""

_TRANSIENT_SQLSTATES = {"40001", "40P01"}  # serialization_failure, deadlock_detected
# Connection lost, transaction given back, resources short, shut down or starting, system error, data corrupted.
_TROUBLE_CLASSES = {"08", "40", "53", "57", "58", "XX"}
# Lock not available; stood still in a transaction; a standby that takes no writes; no longer allowed.
_TROUBLE_SQLSTATES = {"55P03", "25P03", "25006", "42501"}
_TROUBLE_SQLITE = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_NOTADB,
}
_PRIMARY_CODE = 0xFF  # SQLite's extended codes keep the plain one in the lowest byte
_TRIES = 6
# A server that went away without a word is noticed within these, not when the system gives up (minutes).
_NETWORK = {
    "connect_timeout": "5",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",  # milliseconds
    "application_name": "sop-bot",
}
# The server's side of the same: what a machine that lost its plug holds is free within these.
_SERVER = {
    "tcp_keepalives_idle": 5,
    "tcp_keepalives_interval": 2,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds
}
_AFTER_COMMIT = "after_commit"


def open_engine(url: str, *, idle_seconds: float = IDLE_SECONDS, lock_seconds: float = LOCK_SECONDS) -> Engine:
    """Return an engine for ``DATABASE_URL``; makes the folder of a SQLite file.

    On PostgreSQL a transaction in which nothing happens for ``idle_seconds`` is ended by the server, and a
    lock is waited for ``lock_seconds``; 0 is without end. Raises sqlalchemy.exc.ArgumentError for an
    unreadable address.
    """
    address = make_url(url)
    if address.drivername in {"postgresql", "postgres"}:
        address = address.set(drivername="postgresql+psycopg")
    # Titles, reasons and names are parameters: they stay out of errors and logs.
    if address.get_backend_name() != "sqlite":
        return _open_server(address, idle_seconds, lock_seconds)
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


def _open_server(address: URL, idle_seconds: float, lock_seconds: float) -> Engine:
    waits = {"idle_in_transaction_session_timeout": idle_seconds, "lock_timeout": lock_seconds}
    server = _SERVER | {name: round(seconds * 1000) for name, seconds in waits.items()}
    options = " ".join(f"-c {name}={value}" for name, value in server.items())
    # What the address says itself counts; of options the last word does.
    said = {key: value for key, value in _NETWORK.items() if key not in address.query}
    given = address.query.get("options", "")
    said["options"] = " ".join([options, *([given] if isinstance(given, str) else given)]).strip()
    return create_engine(
        address.update_query_dict(said),
        # A pooler hands each transaction to another connection, which knows nothing of what was prepared.
        connect_args={"prepare_threshold": None},
        pool_size=POSTGRES_THREADS + LOOK_THREADS + 1,
        pool_pre_ping=True,
        hide_parameters=True,
    )


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


def is_trouble(error: BaseException) -> bool:
    """Whether the database is away or not as it should be: nothing that the use case itself is to blame for.

    Disconnects, a full disk, a damaged file, a server that starts or stops, a lock that does not come free.
    What the same statement with other values would not meet is no trouble: that stays the use case's own
    failure. So does a statement that cannot be: whether the schema is to blame is asked elsewhere.
    """
    if isinstance(error, OSError | PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", None)
        return isinstance(error, OperationalError) if code is None else code & _PRIMARY_CODE in _TROUBLE_SQLITE
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return isinstance(error, OperationalError | InterfaceError)
    return state[:2] in _TROUBLE_CLASSES or state in _TROUBLE_SQLSTATES


def reason(error: BaseException) -> str:
    """Return in one line what a database said, for a log or a terminal."""
    lines = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
    # psycopg heads a list of what it tried with a line that says nothing.
    return lines[1] if lines[0].endswith("were:") and len(lines) > 1 else lines[0]


def after_commit(session: Session, done: Callable[[], object]) -> None:
    """Call ``done`` once the session's transaction has committed; not at all where it rolls back."""
    session.info.setdefault(_AFTER_COMMIT, []).append(done)


def database_time(session: Session) -> datetime:
    """Return the present moment by PostgreSQL's clock (aware, UTC)."""
    moment: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return moment.astimezone(UTC)


class Store:
    """Runs synchronous use cases in one transaction each, off the event loop.

    ``name`` tells this process from others on the same database.
    """

    def __init__(self, engine: Engine, *, after_commit: Callable[[], None] = lambda: None) -> None:
        """Take an engine; ``after_commit`` is called on the event loop after each ``run``."""
        self.engine = engine
        self.name = secrets.token_hex(8)
        self.after_commit = after_commit
        # SQLite has one writer, and every transaction begins as one.
        shared = engine.dialect.name == "sqlite"
        self._threads = ThreadPoolExecutor(1 if shared else POSTGRES_THREADS, thread_name_prefix="store")
        self._lookers = self._threads if shared else ThreadPoolExecutor(LOOK_THREADS, thread_name_prefix="store-look")

    def run_now(self, use_case: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``use_case(session, …)`` in one transaction on this thread, and return its result.

        Serialisation failures and a locked database are retried; any error rolls back. Other processes
        on a PostgreSQL hear of what was written.
        """
        return self._transact(lambda session: use_case(session, *args, **kwargs), aloud=True)

    async def run(self, use_case: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case as ``run_now`` does, on the store's thread, then call ``after_commit``."""
        result = await self._on_thread(lambda session: use_case(session, *args, **kwargs), aloud=True)
        self.after_commit()
        return result

    async def look(self, use_case: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run as ``run`` does, but wake nobody, here or elsewhere: for whom such a call itself wakes.

        On PostgreSQL it does not stand in the queue of ``run``.
        """
        return await self._on_thread(lambda session: use_case(session, *args, **kwargs), aloud=False)

    async def _on_thread(self, use_case: Callable[[Session], T], *, aloud: bool) -> T:
        loop = asyncio.get_running_loop()
        threads = self._threads if aloud else self._lookers
        return await loop.run_in_executor(threads, lambda: self._transact(use_case, aloud=aloud))

    def _transact(self, use_case: Callable[[Session], T], *, aloud: bool) -> T:
        # Whoever lost a race to another press of a button waits for an answer: tenths of a second, not whole ones.
        waits = {"wait_initial": 0.02, "wait_jitter": 0.05, "wait_max": 0.5}
        for attempt in stamina.retry_context(on=is_transient, attempts=_TRIES, timeout=30, **waits):
            with attempt:
                with Session(self.engine, expire_on_commit=False) as session, session.begin():
                    result = use_case(session)
                    if aloud:
                        tell_others(session, self.name)
                for done in session.info.get(_AFTER_COMMIT, ()):
                    done()
                return result
        raise AssertionError  # the loop returns or raises

    def close(self) -> None:
        """Wait for what is running, then close all connections."""
        self._threads.shutdown(wait=True)
        self._lookers.shutdown(wait=True)
        self.engine.dispose()
