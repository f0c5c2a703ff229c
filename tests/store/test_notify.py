"""News between processes: who commits wakes the others, once for a burst, and again after a lost line."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from bot.store import notify
from bot.store.database import Store, is_trouble, open_engine
from bot.store.notify import CHANNEL, Listener
from bot.store.tables import PersonRow
from tests.wire import Wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sqlalchemy.orm import Session

NOON = datetime(2026, 2, 2, 5, 0, tzinfo=UTC)
only_postgresql = pytest.mark.parametrize("url", ["postgresql"], indirect=True)
only_sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


def add_person(session: Session, telegram_id: int = 7) -> None:
    session.add(PersonRow(telegram_id=telegram_id, name="Ani", created_at=NOON))


def fails_late(session: Session) -> float:
    add_person(session, 3)
    session.flush()
    return 1 / 0


def count_people(session: Session) -> int:
    return len(session.scalars(select(PersonRow.id)).all())


class Ear:
    """Counts what was heard, and waits for it."""

    def __init__(self) -> None:
        self.heard = 0
        self._news = asyncio.Event()

    def __call__(self) -> None:
        self.heard += 1
        self._news.set()

    async def hears(self) -> None:
        """Wait for the next news; fails where none come."""
        async with asyncio.timeout(10):
            await self._news.wait()
        self._news.clear()


@asynccontextmanager
async def listening(store: Store) -> AsyncIterator[tuple[Listener, Ear]]:
    ear = Ear()
    listener = Listener(store.engine, store.name, ear)
    running = asyncio.create_task(listener.run())
    await ear.hears()  # whatever was said before it listened
    ear.heard = 0
    yield listener, ear
    listener.stop()
    await running


@pytest.fixture
def other(url: str) -> Iterator[Store]:
    """Return another process on the same database."""
    other = Store(open_engine(url))
    yield other
    other.close()


@only_postgresql
async def test_a_commit_of_another_process_is_heard(store: Store, other: Store) -> None:
    async with listening(store) as (_, ear):
        await other.run(add_person, 1)
        await ear.hears()
        other.run_now(add_person, 2)  # the command line
        await ear.hears()
        assert ear.heard == 2
    assert store.run_now(count_people) == 2


@only_postgresql
async def test_only_what_changes_something_for_the_others_is_said(store: Store, other: Store) -> None:
    _, parameters = store.engine.dialect.create_connect_args(store.engine.url)
    parameters.pop("context")
    async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as line:
        await line.execute(f"LISTEN {CHANNEL}")
        await other.look(add_person, 1)
        await other.run(count_people)
        with pytest.raises(ZeroDivisionError):
            await other.run(fails_late)
        await other.run(add_person, 2)
        await line.execute(f"NOTIFY {CHANNEL}, 'end'")
        said: list[str] = []
        async for notice in line.notifies(timeout=10):
            said.append(notice.payload)
            if notice.payload == "end":
                break
    assert said == [other.name, "end"]


class Line:
    """A line that brings news in portions; ``asked`` is what was said over it."""

    def __init__(self, *portions: list[str]) -> None:
        self._portions = list(portions)
        self.asked: list[str] = []

    async def notifies(self, **_: float) -> AsyncIterator[psycopg.Notify]:
        """Bring one portion."""
        for payload in self._portions.pop(0):
            yield psycopg.Notify(CHANNEL, payload, 1)

    async def execute(self, statement: str) -> None:
        """Note what is asked."""
        self.asked.append(statement)


@only_sqlite
async def test_the_echo_of_our_own_commits_is_passed_over_and_a_silent_line_is_tried(store: Store) -> None:
    ear = Ear()
    listener = Listener(store.engine, store.name, ear)
    line: Any = Line([store.name], [store.name, store.name], [], [store.name, "another"])
    heard = []
    for _ in range(4):
        await listener._hear(line)  # noqa: SLF001 - on a real line nobody knows when an echo has passed
        heard.append(ear.heard)
    assert heard == [0, 0, 0, 1]
    assert line.asked == ["SELECT 1"]


@only_postgresql
async def test_a_burst_is_heard_as_little_more_than_one(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "GAP_SECONDS", 0.5)
    async with listening(store) as (_, ear):
        for number in range(30):
            await other.run(add_person, number)
        await ear.hears()
        assert ear.heard <= 1 + 30 // 10


@only_postgresql
async def test_a_lost_line_is_laid_again_and_what_was_said_meanwhile_is_made_up_for(
    store: Store, other: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening(store) as (_, ear):
        end = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        await other.look(lambda session: session.execute(end).all())
        await ear.hears()
        await other.run(add_person, 1)
        await ear.hears()
    assert "notify.lost" in {getattr(record, "action", "") for record in caplog.records}


@only_sqlite
async def test_with_one_process_there_is_nothing_to_hear(store: Store) -> None:
    listener = Listener(store.engine, store.name, lambda: None)
    async with asyncio.timeout(5):
        await listener.run()


# --- a line that is cut ---------------------------------------------------------------------


@pytest.fixture
def wire(url: str) -> Iterator[Wire]:
    """Return the line to the database's server."""
    with tempfile.TemporaryDirectory(prefix="sop-wire-") as folder, Wire(url, Path(folder)) as wire:
        yield wire


@only_postgresql
async def test_a_line_cut_in_the_middle_of_a_transaction_is_trouble_and_nothing_is_half_done(
    wire: Wire, store: Store
) -> None:
    far = Store(open_engine(wire.url))

    def cut_before_the_commit(session: Session) -> None:
        add_person(session, 1)
        session.flush()
        wire.cut()
        session.execute(text("SELECT 1"))

    with pytest.raises(OperationalError) as caught:
        await far.run(cut_before_the_commit)
    assert is_trouble(caught.value)
    with pytest.raises(OperationalError) as caught:
        await far.run(add_person, 2)
    assert is_trouble(caught.value), "no connection at all"
    wire.mend()
    await far.run(add_person, 3)
    far.close()
    assert store.run_now(lambda session: list(session.scalars(select(PersonRow.telegram_id)))) == [3]


@only_postgresql
async def test_a_server_that_ends_all_connections_is_back_with_the_next_transaction(store: Store, other: Store) -> None:
    await store.run(add_person, 1)

    def ended_meanwhile(session: Session) -> None:
        add_person(session, 2)
        session.flush()
        mine = session.connection().scalar(text("SELECT pg_backend_pid()"))
        other.run_now(lambda others: others.execute(text("SELECT pg_terminate_backend(:mine)"), {"mine": mine}).all())
        add_person(session, 3)

    with pytest.raises(OperationalError) as caught:
        await store.run(ended_meanwhile)
    assert is_trouble(caught.value)
    await store.run(add_person, 4)
    assert other.run_now(count_people) == 2
