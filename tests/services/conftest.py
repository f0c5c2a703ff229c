"""A town of two small offices in a real database, and a hand on its clock."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

import pytest
import stamina
from sqlalchemy import Table, delete, event, insert, inspect, select
from sqlalchemy.exc import DBAPIError

from bot.domain.budget import Budget, Unit
from bot.domain.posts import SECRETARIAT
from bot.domain.sop import Completion, Office, Post, Sop, Step, Zone
from bot.domain.worktime import Calendar
from bot.services.complete_task import complete_task
from bot.services.deliver import sent, take
from bot.services.holdings import appoint, current, remove_holding
from bot.services.library import Library
from bot.services.outbox import Delivery
from bot.services.pacing import Sender
from bot.services.people import ensure_person, identify
from bot.services.publish import publish
from bot.services.remind import fire_reminders
from bot.services.start_case import start_case
from bot.services.updates import register_bot
from bot.services.work import Refusal, Work
from bot.store import queries
from bot.store.database import Store, open_engine
from bot.store.tables import Base, CardRow, CaseRow, OutboxRow, PersonRow, QuestionRow, ReminderRow, TaskRow
from handlers.conversation import Incoming, Kind
from handlers.dispatch import Spoken, dispatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from bot.domain.notices import Notice
    from bot.services.deliver import Parcel
    from bot.services.work import Actor
    from bot.sop_files.calendars import Calendars

P = ParamSpec("P")
T = TypeVar("T")

BOT_ID = 987654321
SENDER = Sender("here", BOT_ID)
WIB = timezone(timedelta(hours=7))
MINUTE, HALF_HOUR, TWO_HOURS, FOUR_DAYS = (
    Budget(1, Unit.MINUTE),
    Budget(30, Unit.MINUTE),
    Budget(2, Unit.HOUR),
    Budget(4, Unit.DAY),
)

DINAS = Office("dinas", "Dinas Pariwisata", Zone.WIB)
BADAN = Office("badan", "Badan Kesbangpol", Zone.WIT)
POSTS = (
    Post("kepala", "Kepala Dinas"),
    Post("sekretaris", "Sekretaris", "kepala"),
    Post("kasubag", "Kepala Subbagian", "sekretaris"),
    Post("bendahara", "Bendahara", "sekretaris"),
    Post("staf", "Staf", "kasubag"),
)
PK = Sop(
    id="dinas-pk",
    name="Perjanjian Kinerja",
    abbreviation="PK",
    office=DINAS,
    posts=POSTS,
    steps=(
        Step(1, "Menyusun konsep", ("staf",), TWO_HOURS),
        Step(2, "Meneliti konsep", ("kasubag", "bendahara"), HALF_HOUR, decision=True),
        Step(4, "Mengoreksi konsep", ("sekretaris", "kasubag"), FOUR_DAYS, Completion.ANY, decision=True, reject_to=1),
        Step(5, "Menandatangani", ("kepala",), TWO_HOURS, decision=True),
    ),
)
SK = Sop(
    id="dinas-sk",
    name="Surat Keputusan",
    abbreviation="SK",
    office=DINAS,
    posts=POSTS,
    steps=(Step(1, "Menulis", ("kasubag",), HALF_HOUR), Step(2, "Menandatangani", ("kepala",), TWO_HOURS)),
)
BADAN_PK = Sop(
    id="badan-pk",
    name="Perjanjian Kinerja Badan",
    abbreviation="PK",
    office=BADAN,
    posts=(Post("kepala", "Kepala Badan"), Post("staf", "Staf", "kepala")),
    steps=(Step(1, "Menyusun konsep", ("staf",), TWO_HOURS), Step(2, "Menandatangani", ("kepala",), HALF_HOUR)),
)


STAFF = {
    "Sari": ("dinas", SECRETARIAT),
    "Kemal": ("dinas", "kepala"),
    "Rini": ("dinas", "sekretaris"),
    "Bagus": ("dinas", "kasubag"),
    "Endah": ("dinas", "bendahara"),
    "Sinta": ("dinas", "staf"),
    "Yosef": ("badan", SECRETARIAT),
    "Maria": ("badan", "kepala"),
    "Paulus": ("badan", "staf"),
}


def wib(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return a moment of November 2026 on the wall clock of the first office; the 9th is a Monday."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=WIB).astimezone(UTC)


@cache
def _plain_weeks(zone: Zone) -> Calendar:
    return Calendar(zone)


class PlainWeeks:
    """The calendars of both offices: ordinary weeks without a holiday."""

    def for_office(self, office: Office) -> Calendar:
        """Return the calendar of an office."""
        return _plain_weeks(office.zone)


def library(*sops: Sop, admins: frozenset[int] = frozenset()) -> Library:
    """Return what the files say."""
    return Library({sop.id: sop for sop in sops}, cast("Calendars", PlainWeeks()), admins)


@dataclass(frozen=True, slots=True)
class Queued:
    """A row of the outbox: to whom, which notice, and how."""

    to: str
    notice: str
    edit: bool
    silent: bool
    not_before: datetime


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that reached a chat; ``edits`` is the message it replaced."""

    to: str
    text: str
    edits: int | None
    silent: bool
    buttons: tuple[str, ...]
    message_id: int


@dataclass
class Town:
    """What tests do; every call is one transaction at the moment ``at``."""

    store: Store
    library: Library
    at: datetime = field(default_factory=lambda: wib(9, 8))
    ids: dict[str, int] = field(default_factory=dict)
    mail: list[Mail] = field(default_factory=list)
    _updates: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _messages: itertools.count[int] = field(default_factory=lambda: itertools.count(500))

    # --- running ------------------------------------------------------------------------------

    def run(self, use_case: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case in a transaction."""
        return self.store.run_now(lambda session: use_case(Work(session, self.at, self.library), *args, **kwargs))

    def run_at_once(self, *use_cases: Callable[[Work], T]) -> list[T | BaseException]:
        """Run use cases side by side, as the program does; returns their results or errors."""

        async def one(use_case: Callable[[Work], T]) -> T:
            return await self.store.run(lambda session: use_case(Work(session, self.at, self.library)))

        async def together() -> list[T | BaseException]:
            return await asyncio.gather(*map(one, use_cases), return_exceptions=True)

        return asyncio.run(together())

    def meanwhile(
        self, slow: Callable[[Work], object], quick: Callable[[Work], T], *, patience: float = 0.3
    ) -> list[T | BaseException]:
        """Run ``quick`` while ``slow`` has done its work and not committed yet; returns what became of ``quick``.

        What does not wait for the other transaction has ended when that one commits: it gets ``patience`` for that,
        which is to be long where not waiting is the promise, since it costs nothing there.
        """
        done, go = threading.Event(), threading.Event()
        results: list[T | BaseException] = []

        def slowly(work: Work) -> None:
            slow(work)
            done.set()
            go.wait(patience + 10)

        def beside() -> None:
            try:
                results.append(self.run(quick))
            except (Refusal, DBAPIError) as error:
                results.append(error)

        first, second = threading.Thread(target=self.run, args=(slowly,)), threading.Thread(target=beside)
        first.start()
        assert done.wait(10)
        second.start()
        second.join(patience)
        go.set()
        for thread in (first, second):
            thread.join()
        return results

    def do(self, who: str, use_case: Callable[Concatenate[Work, Actor, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Let somebody use a use case; raises Refusal."""
        return self.run(self.as_(who, use_case, *args, **kwargs))

    def as_(
        self, who: str, use_case: Callable[Concatenate[Work, Actor, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Callable[[Work], T]:
        """Return a use case in somebody's name, to be run later."""
        telegram_id = self.ids[who]
        return lambda work: use_case(work, identify(work, telegram_id, who), *args, **kwargs)

    def refused(
        self, who: str, use_case: Callable[Concatenate[Work, Actor, P], object], *args: P.args, **kwargs: P.kwargs
    ) -> Notice:
        """Return the answer of a use case that refuses; fails where it does not, or where it changes anything."""
        before = self.dump()
        with pytest.raises(Refusal) as caught:
            self.do(who, use_case, *args, **kwargs)
        assert self.dump() == before
        return caught.value.notice

    # --- Telegram -----------------------------------------------------------------------------

    def says(self, who: str, text: str, *, update_id: int | None = None) -> Spoken:
        """Let somebody write; a leading slash makes it a command."""
        command, _, rest = text[1:].partition(" ") if text.startswith("/") else ("", "", text)
        kind = Kind.COMMAND if command else Kind.TEXT
        return self.hears(who, kind, rest, command=command, update_id=update_id)

    def presses(self, who: str, data: str, *, message_id: int | None = 1) -> Spoken:
        """Let somebody press a button, real or forged."""
        return self.hears(who, Kind.BUTTON, data, message_id=message_id)

    def hears(
        self,
        who: str,
        kind: Kind,
        text: str = "",
        *,
        command: str = "",
        message_id: int | None = None,
        update_id: int | None = None,
        chat_id: int | None = None,
    ) -> Spoken:
        """Let the bot hear something from somebody, in private or in a group (``chat_id``)."""
        incoming = Incoming(
            update_id=next(self._updates) if update_id is None else update_id,
            kind=kind,
            chat_id=self.ids[who] if chat_id is None else chat_id,
            user_id=self.ids[who],
            name=who,
            private=chat_id is None,
            command=command,
            text=text,
            message_id=message_id,
        )
        return self.run(dispatch, BOT_ID, incoming)

    def deliver(self) -> list[Mail]:
        """Send everything that may go out now; returns what arrived, in order."""
        arrived: list[Mail] = []
        while parcels := self.run(take, SENDER, limit=100).parcels:
            arrived += [self._arrive(parcel) for parcel in parcels]
        broken = [row.error for row in self.rows(OutboxRow) if row.state == Delivery.DEAD]
        assert not broken, broken
        self.mail += arrived
        return arrived

    def _arrive(self, parcel: Parcel) -> Mail:
        message_id = None if parcel.edits is not None else next(self._messages)
        self.run(sent, parcel, message_id)
        buttons = tuple(button.action or button.url or "" for row in parcel.message.buttons for button in row)
        shown = parcel.edits if message_id is None else message_id
        assert shown is not None
        return Mail(
            self.name(parcel.chat_id), parcel.message.html, parcel.edits, parcel.silent, buttons, message_id=shown
        )

    # --- people -------------------------------------------------------------------------------

    def joins(self, who: str, *posts: str, office: str = "dinas") -> int:
        """Make somebody known and put them on posts; returns the person's id."""
        telegram_id = self.stranger(who)

        def use_case(work: Work) -> int:
            person = ensure_person(work, telegram_id, who)
            for post in posts:
                appoint(work, person, office, post)
            return person.id

        return self.run(use_case)

    def stranger(self, who: str) -> int:
        """Give somebody an account; returns its id."""
        return self.ids.setdefault(who, 7000 + len(self.ids))

    def staff(self) -> Town:
        """Fill every post of both offices."""
        for who, (office, post) in STAFF.items():
            self.joins(who, post, office=office)
        return self

    def name(self, telegram_id: int) -> str:
        """Return whose account it is."""
        return next((who for who, known in self.ids.items() if known == telegram_id), str(telegram_id))

    def person_id(self, who: str) -> int:
        """Return the id of a known person."""
        person = self.store.run_now(queries.person_by_telegram_id, self.ids[who])
        assert person
        return person.id

    def holding(self, who: str, post: str, office: str = "dinas") -> int:
        """Return the id of somebody's present holding."""

        def use_case(work: Work) -> int:
            held = current(work, ensure_person(work, self.ids[who], who), office, post)
            assert held
            return held.id

        return self.run(use_case)

    def leaves(self, who: str, post: str, *, by: str = "Sari", office: str = "dinas") -> Notice:
        """Let the sekretariat take somebody off a post."""
        return self.do(by, remove_holding, self.holding(who, post, office))

    # --- cases --------------------------------------------------------------------------------

    def starts(self, who: str = "Sari", sop: str = "dinas-pk", title: str | None = None) -> int:
        """Start a case; returns its id."""
        self.do(who, start_case, self.library.sops[sop], title)
        return self.rows(CaseRow)[-1].id

    def case(self, case_id: int) -> CaseRow:
        """Return a case as it stands."""
        return self.store.run_now(lambda session: session.get_one(CaseRow, case_id))

    def task(self, case_id: int) -> TaskRow:
        """Return the open task of a case, or the last one of an ended case."""
        return self.store.run_now(queries.tasks_of_case, case_id)[-1]

    def holds(self, case_id: int, step: int) -> TaskRow:
        """Return the open task after checking which step it is."""
        task = self.task(case_id)
        assert (task.step, task.ended_at) == (step, None)
        return task

    # --- looking ------------------------------------------------------------------------------

    def rows(self, table: type[T]) -> list[T]:
        """Return all rows of a table in order of their keys."""
        keys = inspect(table).primary_key
        return list(self.store.run_now(lambda session: session.scalars(select(table).order_by(*keys)).all()))

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Return the whole database, to be compared."""

        def use_case(work: Work) -> dict[str, list[tuple[object, ...]]]:
            tables = Base.metadata.sorted_tables
            return {t.name: sorted(map(tuple, work.session.execute(select(t))), key=repr) for t in tables}

        return self.run(use_case)

    def counts(self) -> Counter[str]:
        """Return how many rows each table has; empty ones are left out."""
        return Counter({name: len(rows) for name, rows in self.dump().items() if rows})

    def finish(self, case_id: int) -> None:
        """Let everybody report until the first office's main SOP has come to its end."""
        for who in ("Sinta", "Bagus", "Endah", "Rini", "Kemal"):
            self.do(who, complete_task, self.task(case_id).id)

    def to_step(self, case_id: int, step: int) -> TaskRow:
        """Let everybody report until the step is open; returns its task."""
        hands = {1: ["Sinta"], 2: ["Bagus", "Endah"], 4: ["Rini"]}
        while (task := self.task(case_id)).step != step:
            for who in hands[task.step]:
                self.do(who, complete_task, task.id)
        return self.holds(case_id, step)

    def queued(self, since: int = 0) -> list[Queued]:
        """Return the rows of the outbox younger than ``since`` (an outbox id), as they were put there."""
        rows = [row for row in self.rows(OutboxRow) if row.id > since]
        return [Queued(self.name(r.chat_id), r.notice, r.edit, r.silent, r.not_before) for r in rows]

    def mark(self) -> int:
        """Return the youngest id of the outbox."""
        return max((row.id for row in self.rows(OutboxRow)), default=0)

    def told(self, since: int = 0) -> Counter[tuple[str, str]]:
        """Return how often whom was told what by new messages since then."""
        return Counter((row.to, row.notice) for row in self.queued(since) if not row.edit)

    def cards(self, case_id: int) -> dict[str, CardRow]:
        """Return the cards of the case's latest task by holder."""
        task = self.task(case_id)
        names = {row.id: row.name for row in self.rows(PersonRow)}
        return {names[card.person_id]: card for card in self.rows(CardRow) if card.task_id == task.id}

    def pending(self, case_id: int) -> list[tuple[str, int, datetime]]:
        """Return the unsettled reminders of a case's latest task in order of time."""
        task = self.task(case_id)
        rows = [r for r in self.rows(ReminderRow) if r.task_id == task.id and r.settled_at is None]
        return sorted(((r.kind, r.sequence, r.due_at) for r in rows), key=lambda item: item[2])

    def question(self) -> QuestionRow:
        """Return the newest question."""
        return self.rows(QuestionRow)[-1]

    # --- time ---------------------------------------------------------------------------------

    def fire(self, at: datetime) -> list[Mail]:
        """Put the clock forward, give out what is due and deliver it; returns the reminders that arrived."""
        self.at = at
        self.run(fire_reminders)
        return [mail for mail in self.deliver() if mail.edits is None]


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=20):
        yield


_names = (f"town_{number}" for number in itertools.count())


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def lasting_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Return the store of the whole session on each kind of database; making one takes longer than most tests."""
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("services") / "sop.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
        engine = open_engine(f"sqlite:///{file}")
        # Nothing here has to outlive a power cut.
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    else:
        server = request.getfixturevalue("postgres")
        name = next(_names)
        server.run(f"CREATE DATABASE {name} TEMPLATE migrated")
        engine = open_engine(server.url(name))
    store = Store(engine)
    yield store
    store.close()


Rows = list[tuple[Table, list[dict[str, Any]]]]


def _rows_of_everything(session: Session) -> Rows:
    return [(t, [dict(row) for row in session.execute(select(t)).mappings()]) for t in Base.metadata.sorted_tables]


def _put_back(session: Session, rows: Rows) -> None:
    for table, _ in reversed(rows):
        session.execute(delete(table))
    for table, values in rows:
        if values:
            session.execute(insert(table), values)


def _published(store: Store) -> Town:
    town = Town(store, library(PK, SK, BADAN_PK))
    town.run(publish)
    town.run(register_bot, BOT_ID, "sop_bot")
    return town


@pytest.fixture(scope="session")
def beginnings(lasting_store: Store) -> dict[str, Rows]:
    """Return the content of the database before anybody joined, and with everybody at their desk."""
    town = _published(lasting_store)
    empty = lasting_store.run_now(_rows_of_everything)
    town.staff()
    return {"town": empty, "staffed": lasting_store.run_now(_rows_of_everything)}


@pytest.fixture
def town(lasting_store: Store, beginnings: dict[str, Rows]) -> Town:
    """Two offices with their SOPs, and nobody in them yet."""
    lasting_store.run_now(_put_back, beginnings["town"])
    return Town(lasting_store, library(PK, SK, BADAN_PK))


@pytest.fixture
def staffed(lasting_store: Store, beginnings: dict[str, Rows]) -> Town:
    """Two offices with everybody at their desk and nothing on it; Monday 08.00 WIB."""
    lasting_store.run_now(_put_back, beginnings["staffed"])
    return Town(lasting_store, library(PK, SK, BADAN_PK), ids={who: 7000 + n for n, who in enumerate(STAFF)})
