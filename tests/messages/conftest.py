"""A small office in a real database, moved along by the domain's own rules, and messages shown as prose."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html import unescape
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pytest
from sqlalchemy.orm import Session

from bot.domain import events as ev
from bot.domain.case import Cancel, Command, Complete, Reject, Status, evolve, handle, start
from bot.domain.posts import SECRETARIAT, HoldingKind
from bot.domain.sop import Office, Post, Sop
from bot.domain.worktime import Calendar
from bot.messages.actions import parse
from bot.messages.limits import MESSAGE_LIMIT, units
from bot.messages.render import Recipient, render
from bot.services.keyring import Keyring, fingerprint
from bot.services.library import Library
from bot.services.work import Work
from bot.store import queries
from bot.store.database import open_engine
from bot.store.mapping import event_row
from bot.store.tables import (
    Base,
    BotRow,
    CardRow,
    CaseRow,
    HoldingRow,
    InvitationRow,
    OfficeRow,
    PersonRow,
    PostRow,
    QuestionRow,
    ReminderRow,
    SopVersionRow,
    TaskPostRow,
    TaskRow,
)
from tests.messages.sample import CERTAIN, DISBUDPAR, HOLIDAY, IKU, KESBANGPOL, PK, WIB

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.domain.notices import Notice
    from bot.domain.reminders import ReminderKind
    from bot.messages.message import Message
    from bot.sop_files.calendars import Calendars

T = TypeVar("T")


class OneCalendar:
    """The calendars of both offices: ordinary weeks with one local holiday."""

    def for_office(self, office: Office) -> Calendar:
        """Return the calendar of an office."""
        return Calendar(office.zone, exceptions={date(2026, 11, 30): HOLIDAY})


def wib(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """Return a moment of 2026 on the wall clock; 24 November is a Tuesday."""
    return datetime(2026, month, day, hour, minute, tzinfo=WIB).astimezone(UTC)


@dataclass
class World:
    """What tests say happened; ``at`` is the moment of everything that follows."""

    session: Session
    library: Library
    at: datetime = field(default_factory=lambda: wib(24, 9))
    people: dict[str, PersonRow] = field(default_factory=dict)

    @property
    def work(self) -> Work:
        """The transaction at this moment."""
        return Work(self.session, self.at, self.library)

    def render(self, notice: Notice, name: str | None = None, *, admin: bool = False) -> Message | None:
        """Return what the notice says to a person (None: to somebody unknown)."""
        person = self.people[name] if name else None
        recipient = Recipient(person.account if person else 999, person.id if person else None, admin)
        return render(self.work, notice, recipient)

    def add(self, row: T) -> T:
        """Store a row and return it with its id."""
        self.session.add(row)
        self.session.flush()
        return row

    def person(self, name: str, *posts: str, office: str = "kesbangpol") -> PersonRow:
        """Make a person known, on these posts."""
        if name not in self.people:
            row = PersonRow(telegram_id=1000 + len(self.people), name=name, created_at=wib(2, 8))
            self.people[name] = self.add(row)
        for post in posts:
            self.hold(name, post, office)
        return self.people[name]

    def hold(self, name: str, post: str, office: str = "kesbangpol") -> HoldingRow:
        """Put a person on a post."""
        row = HoldingRow(
            office_id=office,
            post_id=post,
            person_id=self.people[name].id,
            kind=HoldingKind.DEFINITIVE,
            since=min(self.at, wib(2, 8)),
        )
        return self.add(row)

    def leave(self, name: str, post: str) -> HoldingRow:
        """Take a person off a post."""
        held = queries.holdings_of(self.session, self.people[name].id, self.at)
        row = next(row for row in held if row.post_id == post)
        row.until = self.at
        self.session.flush()
        return row

    def staff(self) -> World:
        """Fill every post of the first office."""
        self.person("Siti Rahmawati", SECRETARIAT)
        self.person("Bambang Wijaya", "kepala")
        self.person("Dewi Lestari", "sekretaris")
        self.person("Agus Salim", "kasubag")
        self.person("Rina Marlina", "staf")
        return self

    def case(self, code: str = "PK-2026-001", title: str = "Perjanjian Kinerja 2026", sop: Sop = PK) -> CaseRow:
        """Start a case."""
        version = self.session.query(SopVersionRow).filter_by(sop_id=sop.id).one()
        starter = self.people.get("Siti Rahmawati") or next(iter(self.people.values()))
        case = self.add(
            CaseRow(
                office_id=sop.office.id,
                code=code,
                sop_version_id=version.id,
                title=title,
                status=Status.RUNNING,
                started_by=starter.id,
                started_at=self.at,
                events=0,
            )
        )
        calendar = self.library.calendar(sop.office)
        self._record(case, start(sop, calendar, by=starter.id, capacity=SECRETARIAT, at=self.at))
        return case

    def task(self, case: CaseRow) -> TaskRow:
        """Return the open task, or the last one of an ended case."""
        return queries.tasks_of_case(self.session, case.id)[-1]

    def done(self, case: CaseRow, name: str, note: str | None = None) -> TaskRow:
        """Report done and return the task that was meant."""
        task = self.task(case)
        self._act(case, Complete(self.people[name].id, self._posts(case, name), task.number, note))
        return task

    def rejected(self, case: CaseRow, name: str, reason: str) -> TaskRow:
        """Reject and return the task that was meant."""
        task = self.task(case)
        self._act(case, Reject(self.people[name].id, self._posts(case, name), task.number, reason))
        return task

    def cancelled(self, case: CaseRow, name: str, reason: str) -> TaskRow:
        """End the case and return the task that was open."""
        task = self.task(case)
        self._act(case, Cancel(self.people[name].id, SECRETARIAT, reason))
        return task

    def to_step(self, case: CaseRow, number: int) -> TaskRow:
        """Let the holders report until the step is open."""
        holders = {1: ["Bambang Wijaya"], 2: ["Agus Salim"], 3: ["Dewi Lestari"], 4: ["Agus Salim", "Rina Marlina"]}
        holders[5] = ["Dewi Lestari"]
        while self.task(case).step != number:
            for name in holders[self.task(case).step]:
                self.done(case, name)
        return self.task(case)

    def card(self, task: TaskRow, name: str, message_id: int | None = 77) -> None:
        """Give a person the card of a task; with ``message_id`` it was sent."""
        person = self.people[name]
        row = CardRow(task_id=task.id, person_id=person.id, chat_id=person.telegram_id, message_id=message_id)
        self.add(row)

    def question(self, name: str, kind: str, about: dict[str, Any], **fields: Any) -> int:
        """Ask a person; the message was sent."""
        person = self.people[name]
        row = QuestionRow(
            person_id=person.id,
            chat_id=person.telegram_id,
            kind=kind,
            about=about,
            awaits_text=kind.endswith("_reason"),
            asked_at=self.at,
            lapses_at=wib(25, 9, month=12),
            message_id=55,
        )
        for key, value in fields.items():
            setattr(row, key, value)
        self.add(row)
        return row.id

    def answered(self, question_id: int, answer: dict[str, Any] | None) -> None:
        """Answer a question."""
        row = self.session.get_one(QuestionRow, question_id)
        row.answered_at, row.answer = self.at, answer
        self.session.flush()

    def reminder(self, task: TaskRow, kind: ReminderKind, sequence: int = 0) -> int:
        """Plan a reminder for now."""
        row = ReminderRow(task_id=task.id, kind=kind, sequence=sequence, due_at=self.at)
        self.add(row)
        return row.id

    def invitation(self, post: str = "sekretaris", **fields: Any) -> int:
        """Invite to a post, for a week."""
        nonce = f"nonce-{post}"
        row = InvitationRow(
            code_hash=fingerprint(self.work.library.keyring.code(nonce)),
            nonce=nonce,
            office_id="kesbangpol",
            post_id=post,
            created_at=self.at,
            expires_at=wib(1, 9, month=12),
        )
        for key, value in fields.items():
            setattr(row, key, value)
        self.add(row)
        return row.id

    def _posts(self, case: CaseRow, name: str) -> frozenset[str]:
        return queries.posts_of(self.session, self.people[name].id, case.office_id, self.at)

    def _act(self, case: CaseRow, command: Command) -> None:
        sop, calendar = self.work.sop_of(case), self.work.calendar_of(case)
        state = queries.state_of(self.session, case.id)
        self._record(case, handle(state, command, sop, calendar, self.at))

    def _record(self, case: CaseRow, events: tuple[ev.Event, ...]) -> None:
        state = queries.state_of(self.session, case.id) if case.events else None
        for event in events:
            state = evolve(state, event)
            case.status = state.status
            case.events += 1
            row = event_row(case.id, case.events, event, case.head)
            case.head = row.hash
            self.session.add(row)
            self._project(case, event)
        case.ended_at = None if case.status == Status.RUNNING else self.at
        self.session.flush()

    def _project(self, case: CaseRow, event: ev.Event) -> None:
        match event:
            case ev.TaskGiven():
                self._give(case, event)
            case ev.PartDone():
                for row in queries.task_posts(self.session, self.task(case).id):
                    if row.post_id in event.posts:
                        row.reported_at, row.reported_by = event.at, event.by
            case ev.StepDone() | ev.StepRejected() | ev.CaseReturned() | ev.CaseCancelled():
                self.task(case).ended_at = event.at
                self.session.flush()

    def _give(self, case: CaseRow, event: ev.TaskGiven) -> None:
        task = self.add(
            TaskRow(
                case_id=case.id,
                number=event.task,
                step=event.step,
                round=event.round,
                given_at=event.at,
                due_at=event.due_at,
            )
        )
        for post in self.work.sop_of(case).step(event.step).posts:
            self.add(TaskPostRow(task_id=task.id, post_id=post))


@pytest.fixture
def world() -> Iterator[World]:
    """Two offices with their SOPs, and nobody in them yet."""
    sops = {sop.id: sop for sop in (PK, IKU, CERTAIN)}
    library = Library(sops, cast("Calendars", OneCalendar()), keyring=Keyring(b"snapshot"))
    engine = open_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine, expire_on_commit=False) as session:
        session.add(BotRow(id=1, username="sop_jateng_bot"))
        for office in (KESBANGPOL, DISBUDPAR):
            session.add(OfficeRow(id=office.id, name=office.name, zone=office.zone.value))
        session.flush()
        for number, sop in enumerate(sops.values(), start=1):
            for post in (*sop.posts, Post(SECRETARIAT, "Sekretariat")):
                session.merge(PostRow(office_id=sop.office.id, id=post.id, name=post.name, superior=post.superior))
            session.add(
                SopVersionRow(
                    id=number,
                    sop_id=sop.id,
                    office_id=sop.office.id,
                    content_hash=sop.id,
                    definition={},
                    created_at=wib(1, 8),
                )
            )
            library._pinned[number] = sop  # noqa: SLF001 - spares the detour over the stored form
        session.flush()
        yield World(session, library)
    engine.dispose()


_STRICT = re.compile(r"<(?P<close>/?)(?P<tag>b|i|code|blockquote)>|&(?:lt|gt|amp|#34|#39);|(?P<text>[^<>&])", re.DOTALL)


def read_html(html: str) -> str:
    """Return the text of a message, read as strictly as Telegram does; ValueError for what it refuses."""
    text: list[str] = []
    opened: list[str] = []
    position = 0
    while position < len(html):
        token = _STRICT.match(html, position)
        if token is None:
            message = f"not HTML at {position}: {html[position : position + 20]!r}"
            raise ValueError(message)
        position = token.end()
        if token["tag"] and not token["close"]:
            opened.append(token["tag"])
        elif token["tag"] and (not opened or opened.pop() != token["tag"]):
            message = f"{token[0]} closes nothing"
            raise ValueError(message)
        elif not token["tag"]:
            text.append(unescape(token[0]))
    if opened:
        message = f"never closed: {opened}"
        raise ValueError(message)
    return "".join(text)


def check(message: Message) -> None:
    """Fail unless Telegram would take the message."""
    assert read_html(message.html).strip()
    assert units(message.html) <= MESSAGE_LIMIT
    assert not (message.buttons and message.force_reply)
    assert message.force_reply is None or 1 <= units(message.force_reply) <= 64
    buttons = [button for row in message.buttons for button in row]
    assert len(buttons) <= 100
    for button in buttons:
        assert 0 < units(button.label) <= 64
        assert button.action
        assert parse(button.action)
        assert len(button.action.encode()) <= 64


def _shown(message: Message | None) -> str:
    if message is None:
        return "(nothing is sent)"
    check(message)
    rows = [" ".join(f"[{b.label}]({b.style or 'default'} {b.action})" for b in row) for row in message.buttons]
    lines = [message.html, *rows]
    if message.force_reply:
        lines.append(f"(wants a text: {message.force_reply})")
    if message.reply_to:
        lines.append(f"(replies to message {message.reply_to})")
    return "\n".join(lines)


@pytest.fixture
def shown() -> Callable[[Message | None], str]:
    """Show a message as prose with its buttons, after it passed Telegram's rules."""
    return _shown


@pytest.fixture(scope="session")
def strictly_read() -> Callable[[str], str]:
    """Strict HTML reader."""
    return read_html


@pytest.fixture
def at() -> Callable[..., datetime]:
    """Moments of 2026 on the wall clock: ``at(27, 14, 30)`` is in November."""
    return wib


@pytest.fixture
def sops() -> dict[str, Sop]:
    """Return the definitions by id."""
    return {sop.id: sop for sop in (PK, IKU, CERTAIN)}
