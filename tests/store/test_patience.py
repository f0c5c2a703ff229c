"""A database that is away: waited for at the start, for a stated time, with a line that says why."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.logs import hide_secrets
from bot.store.database import is_trouble, open_engine
from bot.store.patience import wait_for_server

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

PASSWORD = "kunci" + "-database"


class Clock:
    """A clock that only sleeping moves; ``sleeps`` are the seconds slept."""

    def __init__(self) -> None:
        self.sleeps: list[float] = []

    def __call__(self) -> float:
        return sum(self.sleeps)

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.sleeps.append(seconds)


def nowhere(folder: Path) -> str:
    return f"postgresql://sop:{PASSWORD}@/sop?host={folder}"


def test_a_server_that_does_not_come_is_given_up_after_the_stated_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    engine = open_engine(nowhere(tmp_path))
    with pytest.raises(OperationalError) as caught:
        wait_for_server(engine, 60, sleep=clock.sleep, clock=clock)
    assert sum(clock.sleeps) == 60
    assert len(caplog.records) == len(clock.sleeps) == 14
    assert "trying for another 60 s: connection" in caplog.records[0].getMessage()
    assert {getattr(record, "action", "") for record in caplog.records} == {"database.unreached"}
    assert PASSWORD not in caplog.text + hide_secrets(str(caught.value))


def test_a_server_that_comes_meanwhile_is_served_from_then_on(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    away = open_engine(nowhere(tmp_path))

    def comes(seconds: float) -> None:
        clock.sleep(seconds)
        if clock() >= 7:
            monkeypatch.setattr(away, "connect", engine.connect)

    wait_for_server(away, 60, sleep=comes, clock=clock)
    assert clock.sleeps == [1, 2, 4]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_wrong_name_is_said_at_once_and_waited_for(url: str, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    wrong = url.replace("test_", "entah_")
    with pytest.raises(OperationalError):
        wait_for_server(open_engine(wrong), 1, sleep=clock.sleep, clock=clock)
    assert 'database "entah_' in caplog.records[0].getMessage()


def test_a_file_gets_no_time() -> None:
    clock = Clock()
    wait_for_server(open_engine("sqlite:////no/such/folder/sop.db"), 60, sleep=clock.sleep, clock=clock)
    assert clock.sleeps == []


# --- whose fault it is ----------------------------------------------------------------------


def said(kind: type[DBAPIError], orig: BaseException, *, disconnect: bool = False) -> DBAPIError:
    return kind("SELECT 1", {}, orig, connection_invalidated=disconnect)


TROUBLE = [
    said(OperationalError, psycopg.OperationalError("connection refused")),
    said(InterfaceError, psycopg.InterfaceError("the connection is closed")),
    said(OperationalError, psycopg.errors.AdminShutdown()),
    said(OperationalError, psycopg.errors.CannotConnectNow()),
    said(OperationalError, psycopg.errors.TooManyConnections()),
    said(OperationalError, psycopg.errors.DiskFull()),
    said(OperationalError, psycopg.errors.SerializationFailure()),
    said(InternalError, psycopg.errors.ReadOnlySqlTransaction()),
    said(InternalError, psycopg.errors.IdleInTransactionSessionTimeout()),
    said(OperationalError, psycopg.errors.LockNotAvailable()),
    said(InternalError, psycopg.errors.IndexCorrupted()),
    said(ProgrammingError, psycopg.errors.InsufficientPrivilege()),
    said(ProgrammingError, psycopg.ProgrammingError("x"), disconnect=True),
    said(OperationalError, sqlite3.OperationalError("disk I/O error")),
    PoolTimeoutError(),
    ConnectionResetError(),
]
OWN_FAULT = [
    # Unless the schema is another version's, which is looked at before an update is given up.
    said(ProgrammingError, psycopg.errors.UndefinedColumn()),
    said(ProgrammingError, psycopg.errors.UndefinedTable()),
    said(DBAPIError, psycopg.errors.NumericValueOutOfRange()),
    said(DBAPIError, psycopg.errors.UntranslatableCharacter()),
    said(OperationalError, psycopg.errors.ProgramLimitExceeded()),
    said(DBAPIError, psycopg.errors.NotNullViolation()),
    said(DBAPIError, sqlite3.IntegrityError()),
    said(ProgrammingError, psycopg.ProgrammingError("the query has 0 placeholders but 1 parameters were passed")),
    OverflowError(),
    ValueError(),
]


@pytest.mark.parametrize("error", TROUBLE, ids=lambda error: f"{type(getattr(error, 'orig', error)).__name__}")
def test_a_database_that_is_not_as_it_should_be_is_no_use_cases_fault(error: Exception) -> None:
    assert is_trouble(error)


@pytest.mark.parametrize("error", OWN_FAULT, ids=lambda error: f"{type(getattr(error, 'orig', error)).__name__}")
def test_what_other_values_would_not_meet_is_the_use_cases_own_failure(error: Exception) -> None:
    assert not is_trouble(error)
