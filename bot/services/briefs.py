"""Use cases: a chief's start-of-day message, and in one message what was kept from their phone.

What a chief was not to be disturbed with waits as FOLDED rows. Here they end: in the start-of-day message, in one
message after a meeting or a break, or by themselves where there is only one, or where its person leads no office
any more.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain import placement
from bot.domain.errors import NoWorkingTime
from bot.domain.notices import AttachedFile, ChiefBrief, KeptBack, Reminders, TaskCard, from_data
from bot.domain.office_rules import next_speaking
from bot.services.chief import meeting_of, phones, used_today
from bot.services.outbox import Delivery, Priority, put
from bot.services.placement import FOLDABLE, mark_folded
from bot.store import queries
from bot.store.tables import CardRow, CaseRow, DigestRow, HoldingRow, OutboxRow, ReminderRow, TaskPostRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from bot.services.chief import Phone
    from bot.services.work import Work

log = logging.getLogger(__name__)

_OF_TASKS = {TaskCard.__name__, AttachedFile.__name__}


def kind_of(person_id: int) -> str:
    """Return what a chief's start-of-day messages are called among the digests."""
    return f"chief:{person_id}"


def fire_briefs(work: Work) -> int:
    """Make what is due for chiefs; returns how many messages were queued.

    A start-of-day message is due from the first opening of the office's day on and on that day alone. Any number
    of replicas may try; one of them makes it.
    """
    chiefs = phones(work)
    made, waited_for = _made(work, chiefs), _waited_for(work)
    messages = 0
    for phone in chiefs:
        begun = _key(work, phone) in made
        if begun and phone.person.id not in waited_for:
            continue
        try:
            messages += _tell(work, phone, begun=begun)
        except NoWorkingTime:
            # A calendar without working time must not keep the other offices' chiefs waiting.
            log.exception("brief not placed", extra={"action": "brief.unplaced", "office_id": phone.office.id})
    others = waited_for - {phone.person.id for phone in chiefs}
    return messages + (_release(work, others) if others else 0)


def next_brief(work: Work, after: datetime) -> datetime | None:
    """Return the earliest moment after ``after`` at which a chief is to be told something."""
    kept = select(OutboxRow.not_before).where(OutboxRow.state == Delivery.FOLDED)
    moments = [moment for moment in work.session.scalars(kept) if moment > after]
    busy = _with_open_tasks(work)
    for phone in phones(work):
        if phone.person.id in busy:
            moments += _opening(phone, after)
    return min(moments, default=None)


def _opening(phone: Phone, after: datetime) -> list[datetime]:
    try:
        return [next_speaking(phone.rules, phone.calendar, phone.calendar.next_day_opening(after))]
    except NoWorkingTime:
        return []


def _waited_for(work: Work) -> set[int]:
    """Return the people that something is kept back for."""
    kept = select(OutboxRow.person_id).where(OutboxRow.state == Delivery.FOLDED).distinct()
    return {person_id for person_id in work.session.scalars(kept) if person_id is not None}


def _with_open_tasks(work: Work) -> set[int]:
    """Return the people with an open task on a post of theirs, absent or not."""
    waiting = (
        select(HoldingRow.person_id)
        .join(CaseRow, CaseRow.office_id == HoldingRow.office_id)
        .join(TaskRow, TaskRow.case_id == CaseRow.id)
        .join(TaskPostRow, (TaskPostRow.task_id == TaskRow.id) & (TaskPostRow.post_id == HoldingRow.post_id))
        .where(TaskRow.ended_at.is_(None), TaskPostRow.reported_at.is_(None), queries.covers(work.at))
    )
    return set(work.session.scalars(waiting.distinct()))


def _key(work: Work, phone: Phone) -> tuple[str, str, date]:
    return phone.office.id, kind_of(phone.person.id), _today(work, phone)


def _made(work: Work, chiefs: Sequence[Phone]) -> set[tuple[str, str, date]]:
    """Return which start-of-day messages of today there are, by office, kind and day."""
    if not chiefs:
        return set()
    kinds = [kind_of(phone.person.id) for phone in chiefs]
    since = min(_today(work, phone) for phone in chiefs)
    rows = select(DigestRow.office_id, DigestRow.kind, DigestRow.day)
    found = work.session.execute(rows.where(DigestRow.kind.in_(kinds), DigestRow.day >= since))
    return {(office, kind, day) for office, kind, day in found}


def _today(work: Work, phone: Phone) -> date:
    return phone.calendar.local(work.at).date()


def _tell(work: Work, phone: Phone, *, begun: bool) -> int:
    if next_speaking(phone.rules, phone.calendar, work.at) > work.at or meeting_of(work, phone.person.id):
        return 0
    return tell_kept(work, phone) if begun else _begin_day(work, phone)


# --- the start of the day ---------------------------------------------------------------------


def _begin_day(work: Work, phone: Phone) -> int:
    row = dict(zip(("office_id", "kind", "day"), _key(work, phone), strict=True))
    insert = (sqlite if work.session.get_bind().dialect.name == "sqlite" else postgresql).insert
    statement = insert(DigestRow).values(**row, data={"tasks": [], "kept": []}, created_at=work.at)
    # One statement, so that of several replicas exactly one goes on.
    statement = statement.on_conflict_do_nothing(index_elements=list(row))
    digest_id = work.session.scalar(statement.returning(DigestRow.id))
    if digest_id is None or used_today(work, phone, queued=True) >= phone.rules.chief_cap:
        return 0
    tasks = [task for _, task in queries.open_tasks_of(work.session, phone.person.id, work.at)]
    opened = phone.calendar.periods_on(_today(work, phone))[0][0]
    kept = _kept(work, phone, also_queued=True)
    # What was given today has come by itself, or is among what was kept back.
    if not kept and all(task.given_at >= opened for task in tasks):
        return 0
    digest = work.session.get_one(DigestRow, digest_id)
    digest.data = {"tasks": [task.id for task in tasks], "kept": _close(work, kept)}
    return _put(work, phone, ChiefBrief(digest_id))


# --- what was kept back -----------------------------------------------------------------------


def tell_kept(work: Work, phone: Phone, *, at_once: bool = False) -> int:
    """Queue in one message what was kept back until now, or with ``at_once`` until whenever; returns how many."""
    kept = _kept(work, phone)
    if not any(at_once or row.not_before <= work.at for row in kept):
        return 0
    kept = _kept(work, phone, also_queued=True)
    used = used_today(work, phone, queued=True)
    placed = placement.place(phone.rules, phone.calendar, work.at, used=used)
    if placed.folded:
        for row in kept:
            row.not_before = placed.not_before
        return 0
    if len(kept) == 1:
        _let_go(work, kept)
        return 1
    return _put(work, phone, KeptBack(tuple(_close(work, kept))))


def count_kept(work: Work, phone: Phone) -> int:
    """Return how many messages are kept back for a chief."""
    return len(_kept(work, phone))


def _kept(work: Work, phone: Phone, *, also_queued: bool = False) -> list[OutboxRow]:
    """Return what is kept back for a chief, locked; ``also_queued``: with what may still be told the same way."""
    person = phone.person
    states = [OutboxRow.state == Delivery.FOLDED]
    if also_queued:
        ordinary = OutboxRow.priority > Priority.ANSWER
        foreign = or_(OutboxRow.cause_id.is_(None), OutboxRow.cause_id != person.id)
        states.append((OutboxRow.state == Delivery.PENDING) & OutboxRow.edit.is_(False) & ordinary & foreign)
    rows = select(OutboxRow).where(
        OutboxRow.chat_id == person.telegram_id, OutboxRow.notice.in_(FOLDABLE), or_(*states)
    )
    locked = rows.order_by(OutboxRow.id).with_for_update(skip_locked=True)
    return list(work.session.scalars(locked.execution_options(populate_existing=True)))


def _close(work: Work, kept: Iterable[OutboxRow]) -> list[int]:
    """End rows that another message tells of; return their ids."""
    ids = []
    for row in kept:
        row.state, row.finished_at = Delivery.DROPPED, work.at
        mark_folded(work, row)
        ids.append(row.id)
    return ids


def _let_go(work: Work, rows: Iterable[OutboxRow]) -> None:
    for row in rows:
        row.state, row.not_before = Delivery.PENDING, work.at


def _put(work: Work, phone: Phone, notice: ChiefBrief | KeptBack) -> int:
    put(work, phone.person.account, notice, person_id=phone.person.id)
    return 1


def _release(work: Work, people: set[int]) -> int:
    """Send by themselves the messages of whoever leads no office any more: they would wait for ever."""
    kept = select(OutboxRow).where(OutboxRow.state == Delivery.FOLDED, OutboxRow.person_id.in_(people))
    rows = work.session.scalars(kept.with_for_update(skip_locked=True)).all()
    _let_go(work, rows)
    return len(rows)


# --- looking at one that was sent -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """What a brief tells of: tasks (their ids, as they stood then), and notices in the order they came."""

    tasks: tuple[int, ...]
    news: tuple[OutboxRow, ...]


def contents(work: Work, notice: ChiefBrief | KeptBack) -> Kept:
    """Return what a brief tells of; rows that the outbox has forgotten since (see deliver.purge) are left out."""
    if isinstance(notice, ChiefBrief):
        data = work.session.get_one(DigestRow, notice.digest_id).data
        return Kept(tuple(data["tasks"]), _rows(work, data["kept"]))
    rows = _rows(work, notice.outbox_ids)
    # A file comes with its task: it is shown beside it.
    tasks = [row.data.get("task_id") or row.data.get("to_task") for row in rows if row.notice in _OF_TASKS]
    tasks += [task for row in rows if row.notice == Reminders.__name__ for task in _own_tasks(work, row)]
    return Kept(tuple(dict.fromkeys(task for task in tasks if task)), rows)


def _own_tasks(work: Work, row: OutboxRow) -> Iterable[int]:
    """Return which of the tasks in a kept reminder are the chief's own: their cards may have come long before."""
    reminded = select(ReminderRow.task_id).where(ReminderRow.id.in_(row.data["reminder_ids"]))
    own = select(CardRow.task_id).where(CardRow.person_id == row.person_id, CardRow.task_id.in_(reminded))
    return work.session.scalars(own.order_by(CardRow.task_id))


def _rows(work: Work, ids: Iterable[int]) -> tuple[OutboxRow, ...]:
    found = select(OutboxRow).where(OutboxRow.id.in_(list(ids))).order_by(OutboxRow.id)
    return tuple(work.session.scalars(found))


def shown_in(work: Work, chat_id: int, message_id: int | None) -> ChiefBrief | KeptBack | None:
    """Return the brief that a message in a chat shows, to be shown again; None for any other message."""
    names = [ChiefBrief.__name__, KeptBack.__name__]
    sent = select(OutboxRow).where(
        OutboxRow.chat_id == chat_id, OutboxRow.message_id == message_id, OutboxRow.edit.is_(False)
    )
    row = work.session.scalars(sent.where(OutboxRow.notice.in_(names)).limit(1)).first()
    if row is None:
        return None
    notice = from_data(row.notice, {**row.data, "again": True})
    return notice if isinstance(notice, ChiefBrief | KeptBack) else None
