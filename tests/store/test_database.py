"""Transactions: aware moments, one writer, retries that nobody sees, and nothing half done."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import stamina
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import ArgumentError, OperationalError, StatementError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from bot.store import database
from bot.store.database import Store, open_engine
from bot.store.tables import CaseRow, OfficeRow, PersonRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine
    from sqlalchemy.engine import ExceptionContext

    from tests.store.conftest import Rows

NOON = datetime(2026, 2, 2, 5, 0, tzinfo=UTC)
only_sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("url", ["postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=6):
        yield


def add_person(session: Session, telegram_id: int = 7, at: datetime = NOON) -> PersonRow:
    person = PersonRow(telegram_id=telegram_id, name="Ani", created_at=at)
    session.add(person)
    session.flush()
    return person


def people(session: Session) -> list[int]:
    return list(session.scalars(select(PersonRow.telegram_id).order_by(PersonRow.telegram_id)))


# --- moments --------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Asia/Jayapura"), timezone(timedelta(hours=-3, minutes=-30))])
def test_a_moment_comes_back_in_utc_whatever_zone_it_was_given_in(store: Store, zone: timezone | ZoneInfo) -> None:
    moment = datetime(2026, 2, 2, 23, 59, 59, 123456, tzinfo=zone)
    store.run_now(add_person, 7, moment)
    found = store.run_now(lambda session: session.scalars(select(PersonRow)).one().created_at)
    assert (found, found.tzinfo) == (moment, UTC)


def test_moments_of_different_zones_are_compared_as_moments(store: Store) -> None:
    store.run_now(add_person, 7, NOON)
    a_minute_before = (NOON - timedelta(minutes=1)).astimezone(ZoneInfo("Asia/Jayapura"))
    query = select(PersonRow).where(PersonRow.created_at <= a_minute_before)
    assert store.run_now(lambda session: session.scalars(query).all()) == []


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="only aware datetimes"):
        store.run_now(add_person, 7, NOON.replace(tzinfo=None))


# --- opening --------------------------------------------------------------------------------


@only_sqlite
@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 2), ("busy_timeout", 10_000)]
)
def test_sqlite_is_opened_to_lose_nothing(engine: Engine, pragma: str, value: object) -> None:
    with engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_the_folder_of_a_new_sqlite_file_is_made(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'var' / 'data' / 'sop.db'}")
    with engine.connect():
        assert (tmp_path / "var" / "data" / "sop.db").exists()
    engine.dispose()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_any_postgresql_address_is_opened_with_the_driver_we_ship(scheme: str) -> None:
    if scheme == "postgres":
        assert open_engine(f"{scheme}://localhost/sop").url.drivername == "postgresql+psycopg"
    else:
        assert open_engine(f"{scheme}://localhost/sop").dialect.driver == "psycopg"


def test_an_unreadable_address_is_refused() -> None:
    with pytest.raises(ArgumentError):
        open_engine("berkas.db")


# --- all or nothing -------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_any_error_takes_everything_back(store: Store, error: type[BaseException]) -> None:
    def fails_late(session: Session) -> None:
        add_person(session)
        raise error

    with pytest.raises(error):
        store.run_now(fails_late)
    assert store.run_now(people) == []


def test_what_a_use_case_returns_can_be_read_after_the_commit(store: Store) -> None:
    assert store.run_now(add_person).name == "Ani"


@only_sqlite
def test_a_transaction_that_only_reads_so_far_already_keeps_other_writers_out(engine: Engine) -> None:
    other = sqlite3.connect(str(engine.url.database), timeout=0, isolation_level=None)
    with closing(other), Session(engine) as session, session.begin():
        people(session)
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            other.execute("BEGIN IMMEDIATE")


# --- again, unseen --------------------------------------------------------------------------


@pytest.fixture
def impatient(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Return a store that does not wait for SQLite's lock."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    store = Store(open_engine(url))
    yield store
    store.close()


@pytest.fixture
def writer(impatient: Store) -> Iterator[sqlite3.Connection]:
    """Return somebody else who is writing to the same file."""
    with closing(sqlite3.connect(str(impatient.engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


@only_sqlite
def test_a_locked_database_is_tried_again(impatient: Store, writer: sqlite3.Connection) -> None:
    refused = []

    def give_way_after_the_second(context: ExceptionContext) -> None:
        refused.append(str(context.original_exception))
        if len(refused) == 2:
            writer.execute("COMMIT")

    event.listen(impatient.engine, "handle_error", give_way_after_the_second)
    impatient.run_now(add_person)
    assert refused == ["database is locked"] * 2
    assert impatient.run_now(people) == [7]


@only_sqlite
def test_a_database_that_stays_locked_is_an_error_in_the_end(impatient: Store, writer: sqlite3.Connection) -> None:
    assert writer.in_transaction
    with pytest.raises(OperationalError, match="database is locked"):
        impatient.run_now(people)


@only_postgresql
def test_a_serialisation_failure_is_tried_again(store: Store, rows: Rows) -> None:
    rows.office("dinas")
    read: list[str] = []

    def rename(session: Session) -> None:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        office = session.get_one(OfficeRow, "dinas")
        read.append(office.name)
        if len(read) == 1:
            _rename_in_another_session(store.engine, "Badan")
        office.name += " Daerah"

    store.run_now(rename)
    assert read == ["Dinas", "Badan"]
    assert store.run_now(lambda session: session.get_one(OfficeRow, "dinas").name) == "Badan Daerah"


def _rename_in_another_session(engine: Engine, name: str) -> None:
    with Session(engine) as session, session.begin():
        session.execute(update(OfficeRow).values(name=name))


def test_a_case_that_changed_meanwhile_is_read_and_done_again(store: Store, rows: Rows) -> None:
    case_id = rows.case(rows.office("dinas"), "dinas", rows.person("Ani"), "PK-2026-001")
    tries: list[int] = []

    def count_event(session: Session) -> None:
        case = session.get_one(CaseRow, case_id)
        if not tries:
            # As if another process had written: SQLite would not let it in, so it is our own statement.
            session.execute(text('UPDATE "case" SET version = version + 1'))
        tries.append(case.version)
        case.events += 1

    store.run_now(count_event)
    assert len(tries) == 2
    assert store.run_now(lambda session: session.get_one(CaseRow, case_id).events) == 1


def test_the_second_try_comes_before_anybody_notices(store: Store) -> None:
    waits: list[float] = []
    stamina.instrumentation.set_on_retry_hooks([lambda retry: waits.append(retry.wait_for)])

    def loses_a_race_four_times(_: Session) -> None:
        if len(waits) < 4:
            raise StaleDataError

    try:
        with stamina.set_testing(False):
            store.run_now(loses_a_race_four_times)
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)
    assert len(waits) == 4
    assert sum(waits) < 0.6


def test_another_error_is_not_tried_again(store: Store) -> None:
    tries: list[int] = []

    def fails(_: Session) -> None:
        tries.append(1)
        raise KeyError

    with pytest.raises(KeyError):
        store.run_now(fails)
    assert len(tries) == 1


# --- off the event loop ---------------------------------------------------------------------


async def test_a_use_case_runs_on_the_stores_thread_while_the_loop_goes_on(store: Store) -> None:
    loop_went_on = threading.Event()
    asyncio.get_running_loop().call_soon(loop_went_on.set)

    def waits_for_the_loop(_: Session) -> tuple[bool, str]:
        return loop_went_on.wait(timeout=10), threading.current_thread().name

    went_on, thread = await store.run(waits_for_the_loop)
    assert went_on
    assert thread.startswith("store")


async def test_after_a_commit_the_loop_is_told_and_everybody_can_see_it(engine: Engine) -> None:
    seen = []

    def look() -> None:
        assert threading.current_thread() is threading.main_thread()
        with Session(engine) as session:
            seen.append(people(session))

    store = Store(engine, after_commit=look)
    await store.run(add_person, 7)
    await store.run(add_person, 8)
    assert seen == [[7], [7, 8]]
    store.close()


async def test_without_a_commit_nobody_is_told(engine: Engine) -> None:
    told = []

    def fails(session: Session) -> None:
        add_person(session)
        raise KeyError

    store = Store(engine, after_commit=lambda: told.append(1))
    with pytest.raises(KeyError):
        await store.run(fails)
    assert told == []
    store.close()


async def test_many_at_once_all_get_their_turn(store: Store) -> None:
    await asyncio.gather(*(store.run(add_person, number) for number in range(30)))
    assert store.run_now(people) == list(range(30))
