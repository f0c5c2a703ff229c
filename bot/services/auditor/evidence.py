"""What the database holds of some cases, read in a dozen queries whatever their number.

Whoever moves a case or gives out its reminders locks its row; so does this, and what it reads fits
together. What changes without that lock (cards, their messages, who is reachable) is one statement.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import String, cast, literal, select

from bot.domain.posts import HoldingKind
from bot.services.outbox import Delivery
from bot.store.chains import EVENT_COLUMNS, entry_of
from bot.store.tables import (
    CardRow,
    CaseRow,
    EventRow,
    HoldingRow,
    OutboxRow,
    PersonRow,
    QuietRow,
    ReminderReceiptRow,
    ReminderRow,
    SopVersionRow,
    TaskPostRow,
    TaskRow,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import datetime

    from bot.domain import chain
    from bot.services.work import Work

T = TypeVar("T")
Key = TypeVar("Key")

Window = tuple["datetime", "datetime"]
"""From when to when, both ends included."""

SLACK = timedelta(minutes=10)
"""How long after somebody's silence a reminder may take."""

UNDER_WAY = (Delivery.PENDING, Delivery.SENDING, Delivery.HELD, Delivery.FOLDED)


@dataclass(frozen=True)
class Card:
    """A card, what the outbox remembers of its messages, and whether its holder can be reached."""

    id: int
    task_id: int
    person_id: int
    sent: bool
    folded: bool  # kept back for a chief's next brief
    reachable: bool
    messages: list[OutboxRow] = field(default_factory=list)


@dataclass(frozen=True)
class Evidence:
    """Rows by what they belong to; ``holdings`` are those of all time, by office."""

    cases: Sequence[CaseRow]
    versions: dict[int, str]
    events: dict[int, list[chain.Entry]]
    tasks: dict[int, list[TaskRow]]
    posts: dict[int, list[TaskPostRow]]
    reminders: dict[int, list[ReminderRow]]
    receipts: dict[int, list[ReminderReceiptRow]]
    cards: dict[int, list[Card]]
    holdings: dict[str, list[HoldingRow]]
    people: dict[int, PersonRow]
    quiet: Sequence[QuietRow] = ()

    def held(self, office_id: str, posts: Collection[str], window: Window, *, strategic: bool = False) -> set[int]:
        """Return who had authority for any of the posts during all of the window (person ids), the forgotten left out.

        A Plh rests that of whoever is absent; of a ``strategic`` task the definitive holder keeps it.
        """
        return {
            row.person_id
            for row in self.holdings[office_id]
            if row.post_id in posts
            and row.since <= window[0]
            and (row.until is None or row.until > window[1])
            and self.people[row.person_id].forgotten_at is None
            and (row.kind == HoldingKind.DEFINITIVE if strategic else not self._rested(row, window))
        }

    def ever_held(self, office_id: str, posts: Collection[str], window: Window) -> set[int]:
        """Return who held any of the posts, absent or not, at some moment of the window (person ids)."""
        return {
            row.person_id
            for row in self.holdings[office_id]
            if row.post_id in posts and row.since <= window[1] and (row.until is None or row.until > window[0])
        }

    def moving(self, office_id: str, at: datetime) -> set[int]:
        """Return whose desk is about to change since a Plh began or ended: cards move when the office opens."""
        rows = {row.id: row for row in self.holdings[office_id]}
        found: set[int] = set()
        for row in rows.values():
            if row.moves_at is not None and row.moved_at is None and row.since <= at:
                found.add(row.person_id)
            if row.stands_for is not None and row.until is not None and row.until <= at and row.returned_at is None:
                found.add(rows[row.stands_for].person_id)
        return found

    def silenced(self, task_id: int, due_at: datetime, at: datetime) -> bool:
        """Whether somebody put off what was due then (Ingatkan nanti, Sedang rapat) until about now or later."""
        meant = (row for row in self.quiet if row.task_id in {None, task_id})
        return any(row.until >= due_at and row.until >= at - SLACK for row in meant)

    def _rested(self, row: HoldingRow, window: Window) -> bool:
        return any(
            other.stands_for == row.id and other.since <= window[1] and (other.until is None or other.until > window[0])
            for other in self.holdings[row.office_id]
        )


def gather(work: Work, case_ids: Collection[int]) -> Evidence:
    """Read all there is about some cases; those that somebody works on just now are left out."""
    session = work.session
    locked = select(CaseRow).where(CaseRow.id.in_(case_ids)).order_by(CaseRow.id)
    cases = session.scalars(locked.with_for_update(read=True, skip_locked=True)).all()
    ids = [case.id for case in cases]
    tasks = session.scalars(select(TaskRow).where(TaskRow.case_id.in_(ids)).order_by(TaskRow.number)).all()
    of_tasks = [task.id for task in tasks]
    reminders = session.scalars(select(ReminderRow).where(ReminderRow.task_id.in_(of_tasks))).all()
    given = select(ReminderReceiptRow).where(ReminderReceiptRow.reminder_id.in_([row.id for row in reminders]))
    receipts = session.scalars(given).all()
    # Before the cards: who has a holding by then has the card that came with it.
    holdings = session.scalars(select(HoldingRow).where(HoldingRow.office_id.in_({c.office_id for c in cases}))).all()
    cards = _cards(work, of_tasks)
    versions = select(SopVersionRow.id, SopVersionRow.content_hash)
    versions = versions.where(SopVersionRow.id.in_({case.sop_version_id for case in cases}))
    posts = session.scalars(select(TaskPostRow).where(TaskPostRow.task_id.in_(of_tasks)))
    concerned = {row.person_id for row in holdings} | {row.person_id for row in receipts}
    people = session.scalars(select(PersonRow).where(PersonRow.id.in_(concerned)))
    return Evidence(
        cases=cases,
        versions={row.id: row.content_hash for row in session.execute(versions)},
        events=_events(work, ids),
        tasks=_by(tasks, lambda row: row.case_id),
        posts=_by(posts, lambda row: row.task_id),
        reminders=_by(reminders, lambda row: row.task_id),
        receipts=_by(receipts, lambda row: row.reminder_id),
        cards=_by(cards, lambda card: card.task_id),
        holdings=_by(holdings, lambda row: row.office_id),
        people={row.id: row for row in people},
        quiet=session.scalars(select(QuietRow).where(QuietRow.until > work.at - timedelta(days=1))).all(),
    )


def _events(work: Work, case_ids: Collection[int]) -> dict[int, list[chain.Entry]]:
    # As they are found: what is no event any more is for `read_log` to say, and no reason to stop.
    query = select(EventRow.case_id, *EVENT_COLUMNS).where(EventRow.case_id.in_(case_ids))
    found: dict[int, list[chain.Entry]] = defaultdict(list)
    for row in work.session.execute(query.order_by(EventRow.number, EventRow.id)):
        found[row.case_id].append(entry_of(row))
    return found


def _cards(work: Work, task_ids: Collection[int]) -> list[Card]:
    anchored = OutboxRow.anchor == literal("card:") + cast(CardRow.id, String)
    query = (
        select(CardRow, OutboxRow, PersonRow)
        .join(PersonRow, PersonRow.id == CardRow.person_id)
        .outerjoin(OutboxRow, anchored)
        .where(CardRow.task_id.in_(task_ids))
        .order_by(CardRow.id)
    )
    found: dict[int, Card] = {}
    for row, message, person in work.session.execute(query):
        sent, folded = row.message_id is not None, row.folded_at is not None
        card = Card(row.id, row.task_id, person.id, sent, folded, person.unreachable_since is None)
        card = found.setdefault(row.id, card)
        if message is not None:
            card.messages.append(message)
    return list(found.values())


def _by(rows: Iterable[T], key: Callable[[T], Key]) -> dict[Key, list[T]]:
    found: dict[Key, list[T]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found
