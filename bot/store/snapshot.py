"""Looking at a database without changing it or standing in its way: for backups and for the doctor."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import NullPool, create_engine, event, make_url

from bot.store.database import BUSY_SECONDS, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

_CONNECT_SECONDS = 5


@contextmanager
def snapshot(url: str) -> Iterator[Connection]:
    """Yield a connection that sees one moment of the database and cannot write; the bot runs on beside it.

    Never makes a SQLite file. Raises sqlalchemy.exc.SQLAlchemyError where the database cannot be read.
    """
    engine = open_reader(url)
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    finally:
        engine.dispose()


def open_reader(url: str) -> Engine:
    """Return an engine whose transactions each see one moment and cannot write; never makes a SQLite file."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        engine = open_engine(
            str(
                address.update_query_dict({"connect_timeout": str(_CONNECT_SECONDS)}).render_as_string(
                    hide_password=False
                )
            ),
            # Between two portions a slow disk takes as long as it takes; a reader stands in nobody's way.
            idle_seconds=0,
        )
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    file = Path(address.database or "")
    # By hand: SQLAlchemy would undo the quoting, and "#" and "?" mean something within SQLite's address.
    named = f"file:{quote(str(file))}?{_mode(file)}"
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(named, uri=True, timeout=BUSY_SECONDS, check_same_thread=False),
        poolclass=NullPool,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _read_only)
    event.listen(engine, "begin", _begin)
    return engine


def _mode(file: Path) -> str:
    # "rw" opens what exists and makes nothing; "ro" could not read a WAL that no other process has open.
    # In a folder where nothing can be written nobody writes, and SQLite's own files could not be made.
    alone = not any(file.with_name(file.name + tail).exists() for tail in ("-wal", "-journal"))
    return "mode=ro&immutable=1" if alone and not os.access(file.parent, os.W_OK) else "mode=rw"


def _read_only(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only=ON")


def _begin(connection: Any) -> None:
    # Deferred: it takes no lock that a writer waits for, and sees one moment from its first read on.
    connection.exec_driver_sql("BEGIN")
