"""Whose fault an error is, by errors that real databases raise; and what a process that stands still may hold up."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.store import database
from bot.store.database import POSTGRES_THREADS, Store, is_trouble
from bot.store.races import Turn, take_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

ROOT = Path(__file__).parents[2]
only_postgresql = pytest.mark.parametrize("url", ["postgresql"], indirect=True)


_opened: list[Engine] = []


def open_engine(url: str, **waits: float) -> Engine:
    """Open an engine that is closed when the test ends."""
    _opened.append(database.open_engine(url, **waits))
    return _opened[-1]


@pytest.fixture(autouse=True)
def _close_all() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().dispose()


def error_of(doing: Callable[[], object]) -> DBAPIError:
    with pytest.raises(DBAPIError) as caught:
        doing()
    return caught.value


def execute(engine: Engine, *statements: str) -> None:
    with Session(engine) as session, session.begin():
        for statement in statements:
            session.execute(text(statement))


# --- SQLite ---------------------------------------------------------------------------------


def _plain(url: str) -> Engine:
    """Open a file as it is, without waiting for it."""
    _opened.append(create_engine(url, connect_args={"timeout": 0}))
    return _opened[-1]


def _spoil(file: Path, page: int) -> None:
    """Write nonsense over a page (4096 bytes, counted from 0), as a failing disk does."""
    content = bytearray(file.read_bytes())
    assert len(content) > (page + 1) * 4096
    content[page * 4096 : (page + 1) * 4096] = b"\xa5" * 4096
    file.write_bytes(content)


def _filled(folder: Path) -> Path:
    file = folder / "sop.db"
    engine = open_engine(f"sqlite:///{file}")
    execute(engine, "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT NOT NULL)")
    execute(engine, *(f"INSERT INTO t (x) VALUES (hex(randomblob({size})))" for size in [900] * 60))  # noqa: S608 - ours
    engine.dispose()
    return file


def _corrupt_page(folder: Path) -> DBAPIError:
    file = _filled(folder)
    for page in range(2, 8):
        _spoil(file, page)
    return error_of(lambda: execute(open_engine(f"sqlite:///{file}"), "SELECT sum(length(x)) FROM t"))


def _no_database(folder: Path) -> DBAPIError:
    file = _filled(folder)
    _spoil(file, 0)
    return error_of(lambda: execute(open_engine(f"sqlite:///{file}"), "SELECT 1"))


def _read_only(folder: Path) -> DBAPIError:
    file = _filled(folder)
    return error_of(
        lambda: execute(_plain(f"sqlite:///file:{file}?mode=ro&uri=true"), "INSERT INTO t (x) VALUES ('a')")
    )


def _locked(folder: Path) -> DBAPIError:
    file = _filled(folder)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    error = error_of(lambda: execute(_plain(f"sqlite:///{file}"), "INSERT INTO t (x) VALUES ('a')"))
    other.close()
    return error


def _full(folder: Path) -> DBAPIError:
    engine = open_engine(f"sqlite:///{_filled(folder)}")
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count=1"))
    return error_of(lambda: execute(engine, "INSERT INTO t (x) VALUES (zeroblob(900000))"))


def _not_openable(folder: Path) -> DBAPIError:
    return error_of(lambda: execute(_plain(f"sqlite:///{folder}"), "SELECT 1"))


def _said_wrongly(folder: Path) -> DBAPIError:
    return error_of(lambda: execute(open_engine(f"sqlite:///{_filled(folder)}"), "SELEC 1"))


def _of_no_table(folder: Path) -> DBAPIError:
    return error_of(lambda: execute(open_engine(f"sqlite:///{_filled(folder)}"), "SELECT * FROM u"))


def _against_a_rule(folder: Path) -> DBAPIError:
    return error_of(lambda: execute(open_engine(f"sqlite:///{_filled(folder)}"), "INSERT INTO t (x) VALUES (NULL)"))


@pytest.mark.parametrize(
    ("meet", "code", "trouble"),
    [
        (_corrupt_page, sqlite3.SQLITE_CORRUPT, True),
        (_no_database, sqlite3.SQLITE_NOTADB, True),
        (_read_only, sqlite3.SQLITE_READONLY, True),
        (_locked, sqlite3.SQLITE_BUSY, True),
        (_full, sqlite3.SQLITE_FULL, True),
        (_not_openable, sqlite3.SQLITE_CANTOPEN, True),
        (_said_wrongly, sqlite3.SQLITE_ERROR, False),
        (_of_no_table, sqlite3.SQLITE_ERROR, False),
        (_against_a_rule, sqlite3.SQLITE_CONSTRAINT, False),
    ],
)
def test_a_file_in_trouble_is_no_updates_fault_and_a_faulty_statement_is_no_trouble(
    tmp_path: Path, meet: Callable[[Path], DBAPIError], code: int, trouble: bool
) -> None:
    error = meet(tmp_path)
    assert error.orig.sqlite_errorcode & 0xFF == code, error.orig  # type: ignore[union-attr]  # sqlite3's own
    assert is_trouble(error) is trouble


# --- PostgreSQL -----------------------------------------------------------------------------


def _waits_for_a_lock(url: str) -> DBAPIError:
    with open_engine(url).begin() as holder:
        holder.execute(text("LOCK TABLE person"))
        return error_of(lambda: execute(open_engine(url, lock_seconds=0.1), "LOCK TABLE person"))


def _stands_still(url: str) -> DBAPIError:
    engine = open_engine(url, idle_seconds=0.1)
    with engine.connect() as still:
        pid = still.execute(text("SELECT pg_backend_pid()")).scalar_one()
        _gone(url, pid)
        return error_of(lambda: still.execute(text("SELECT 1")))


def _terminated(url: str) -> DBAPIError:
    with open_engine(url).connect() as victim:
        pid = victim.execute(text("SELECT pg_backend_pid()")).scalar_one()
        execute(open_engine(url), f"SELECT pg_terminate_backend({pid})")
        _gone(url, pid)
        return error_of(lambda: victim.execute(text("SELECT 1")))


def _gone(url: str, pid: int) -> None:
    """Wait, in the server, until a connection has ended."""
    loop = f"""
        DO $$ BEGIN FOR i IN 1..1000 LOOP
            PERFORM pg_stat_clear_snapshot();
            IF NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = {pid}) THEN RETURN; END IF;
            PERFORM pg_sleep(0.01);
        END LOOP; RAISE 'still there'; END $$
    """  # noqa: S608 - a number of the server's
    execute(open_engine(url), loop)


@only_postgresql
@pytest.mark.parametrize(
    ("meet", "trouble"),
    [
        (_waits_for_a_lock, True),
        (_stands_still, True),
        (_terminated, True),
        (lambda url: error_of(lambda: execute(open_engine(url), "SELECT * FROM nowhere")), False),
        (lambda url: error_of(lambda: execute(open_engine(url), "SELEC 1")), False),
        (lambda url: error_of(lambda: execute(open_engine(url), "DO $$ BEGIN RAISE data_corrupted; END $$")), True),
        (lambda url: error_of(lambda: execute(open_engine(url), "DO $$ BEGIN RAISE disk_full; END $$")), True),
        (lambda url: error_of(lambda: execute(open_engine(url), "SELECT 1/0")), False),
    ],
    ids=["lock timeout", "stood still", "terminated", "no table", "syntax", "corrupted", "disk full", "arithmetic"],
)
def test_a_server_in_trouble_is_no_updates_fault_and_a_faulty_statement_is_no_trouble(
    url: str, meet: Callable[[str], DBAPIError], trouble: bool
) -> None:
    assert is_trouble(meet(url)) is trouble


@only_postgresql
def test_every_connection_ends_waits_that_have_no_end(url: str) -> None:
    names = ("idle_in_transaction_session_timeout", "lock_timeout", "application_name")
    with open_engine(url).connect() as connection:
        assert [connection.execute(text(f"SHOW {name}")).scalar() for name in names] == ["10s", "5s", "sop-bot"]
    given = f"{url}{'&' if '?' in url else '?'}options=-c%20lock_timeout%3D7s"
    with open_engine(given).connect() as connection:
        assert connection.execute(text("SHOW lock_timeout")).scalar() == "7s", "what the address says counts"
        assert connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar() == "10s"


@only_postgresql
def test_nothing_is_prepared_on_a_connection_that_a_pooler_may_pass_on(engine: Engine) -> None:
    with engine.connect() as connection:
        for _ in range(8):
            connection.execute(text("SELECT 42"))
        assert connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar() == 0


# --- whoever stands still -------------------------------------------------------------------

_HELPER = """
import sys
from sqlalchemy import text
from sqlalchemy.orm import Session
from bot.store.database import is_trouble, open_engine
from bot.store.races import Turn, take_turns
with Session(open_engine(sys.argv[1], idle_seconds=0.5)) as session:
    take_turns(session, Turn.REMIND)
    session.execute(text("LOCK TABLE chat"))
    print("held", flush=True)
    sys.stdin.readline()
    try:
        session.execute(text("SELECT 1"))
    except Exception as error:
        print("trouble" if is_trouble(error) else repr(error), flush=True)
"""


@only_postgresql
def test_a_machine_that_stops_inside_a_transaction_does_not_stop_the_others(url: str) -> None:
    command = [sys.executable, "-c", _HELPER, url]
    helper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603 - our own
    assert helper.stdin is not None
    assert helper.stdout is not None
    try:
        assert helper.stdout.readline() == "held\n"
        os.kill(helper.pid, signal.SIGSTOP)
        engine = open_engine(url, lock_seconds=8)
        with Session(engine) as session, session.begin():
            session.execute(text("LOCK TABLE chat"))
            take_turns(session, Turn.REMIND)
        os.kill(helper.pid, signal.SIGCONT)
        assert helper.communicate("go on\n", timeout=10)[0] == "trouble\n"
    finally:
        helper.kill()
        helper.wait()


@only_postgresql
def test_a_turn_is_waited_for_longer_than_a_lock(url: str) -> None:
    holder = Session(open_engine(url))
    take_turns(holder, Turn.PUBLISH)
    letting_go = threading.Timer(0.5, holder.close)
    letting_go.start()
    with Session(open_engine(url, lock_seconds=0.1)) as session, session.begin():
        take_turns(session, Turn.PUBLISH)
        assert session.scalar(text("SHOW lock_timeout")) == "100ms", "for whatever comes then"
    letting_go.join()


@only_postgresql
async def test_presses_that_wait_for_one_row_leave_delivery_and_health_their_threads(url: str) -> None:
    store, holder = Store(open_engine(url)), open_engine(url).connect()
    holder.execute(text("LOCK TABLE office"))
    waiting = [asyncio.create_task(store.run(_read_offices)) for _ in range(2 * POSTGRES_THREADS)]
    try:
        async with asyncio.timeout(4):
            assert await store.look(lambda session: session.scalar(text("SELECT 1"))) == 1
        assert not any(task.done() for task in waiting)
    finally:
        holder.close()
        await asyncio.gather(*waiting)
        store.close()


def _read_offices(session: Session) -> None:
    session.execute(text("SELECT count(*) FROM office"))
