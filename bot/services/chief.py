"""Who is the chief of an office: whoever holds the post without a superior, also as Plh or Plt, also while absent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from bot.domain.placement import day_began
from bot.domain.posts import HoldingKind
from bot.services.states import Delivery, Priority
from bot.store import queries
from bot.store.tables import HoldingRow, OutboxRow, PersonRow, QuietRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.domain.office_rules import OfficeRules
    from bot.domain.sop import Office
    from bot.domain.worktime import Calendar
    from bot.services.work import Work


def head_posts(work: Work, office_id: str) -> frozenset[str]:
    """Return the posts without a superior in an office's served definitions; mostly one."""
    return frozenset(sop.head.id for sop in work.library.of_office(office_id))


def chiefs_of(work: Work, office_id: str) -> Sequence[PersonRow]:
    """Return the present chiefs of an office, each once."""
    held = (HoldingRow.office_id == office_id, HoldingRow.post_id.in_(head_posts(work, office_id)))
    people = select(HoldingRow.person_id).where(*held, queries.covers(work.at))
    return work.session.scalars(select(PersonRow).where(PersonRow.id.in_(people)).order_by(PersonRow.id)).all()


@dataclass(frozen=True)
class Phone:
    """A chief's phone: by the hours, the day and the cap of the office they lead (the first, of several)."""

    person: PersonRow
    office: Office
    rules: OfficeRules
    calendar: Calendar


def phone_of(work: Work, person: PersonRow) -> Phone | None:
    """Return a chief's phone; None for whoever leads no office."""
    mine = select(HoldingRow).where(HoldingRow.person_id == person.id, queries.covers(work.at))
    office_id = _led(work, work.session.scalars(mine.order_by(HoldingRow.id)))
    return _phone(work, person, office_id) if office_id else None


def phones(work: Work) -> list[Phone]:
    """Return the phone of every chief that can be written to, by person."""
    heads = {post for office_id in work.library.offices for post in head_posts(work, office_id)}
    query = select(HoldingRow, PersonRow).join(PersonRow, PersonRow.id == HoldingRow.person_id)
    rows = work.session.execute(query.where(HoldingRow.post_id.in_(heads), queries.covers(work.at)))
    held: dict[PersonRow, list[HoldingRow]] = {}
    for row, person in rows:
        held.setdefault(person, []).append(row)
    found = []
    for person in sorted(held, key=lambda person: person.id):
        office_id = _led(work, sorted(held[person], key=lambda row: row.id))
        if office_id and person.telegram_id is not None:
            found.append(_phone(work, person, office_id))
    return found


def _led(work: Work, holdings: Iterable[HoldingRow]) -> str | None:
    """Return the office that somebody leads: as its definitive head rather than for somebody else."""
    led = [row for row in holdings if row.post_id in head_posts(work, row.office_id)]
    led.sort(key=lambda row: row.kind != HoldingKind.DEFINITIVE)
    return led[0].office_id if led else None


def _phone(work: Work, person: PersonRow, office_id: str) -> Phone:
    office = work.library.offices[office_id]
    return Phone(person, office, work.rules_of(office_id), work.calendar_for(office))


def meeting_of(work: Work, person_id: int) -> QuietRow | None:
    """Return the meeting that somebody is in, with when it ends (``until``)."""
    current = select(QuietRow).where(
        QuietRow.person_id == person_id, QuietRow.task_id.is_(None), QuietRow.until > work.at
    )
    return work.session.scalars(current.order_by(QuietRow.until.desc()).limit(1)).first()


def used_today(work: Work, phone: Phone, *, queued: bool, but: int | None = None) -> int:
    """Return how many messages of the local day count against the cap: new ones that answer no act of their own.

    ``queued`` counts what is about to go out, too; ``but`` is a row (its id) that does not count.
    """
    person = phone.person
    today = OutboxRow.finished_at >= day_began(phone.calendar, work.at)
    counted = [(OutboxRow.state == Delivery.SENT) & today, OutboxRow.state == Delivery.SENDING]
    if queued:
        counted.append((OutboxRow.state == Delivery.PENDING) & (OutboxRow.not_before <= work.at))
    query = select(func.count()).where(
        OutboxRow.chat_id == person.telegram_id,
        OutboxRow.edit.is_(False),
        OutboxRow.priority > Priority.ANSWER,
        or_(OutboxRow.cause_id.is_(None), OutboxRow.cause_id != person.id),
        OutboxRow.id != (but or 0),
        or_(*counted),
    )
    return work.session.scalar(query) or 0
