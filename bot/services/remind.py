"""Use case: give out the reminders that are due, one message per person."""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import TYPE_CHECKING, cast

from sqlalchemy import func, select

from bot.domain.errors import DomainError
from bot.domain.notices import Reminders
from bot.domain.reminders import WINDOW, Audience, ReminderKind, audiences_of, group_by, next_late, sendable
from bot.services.ledger import reminder_row
from bot.services.outbox import Delivery, tell, withdraw
from bot.store import queries
from bot.store.tables import (
    CaseRow,
    ChatRow,
    OutboxRow,
    PersonRow,
    ReminderReceiptRow,
    ReminderRow,
    TaskRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.services.work import Work

log = logging.getLogger(__name__)


def fire_reminders(work: Work) -> int:
    """Queue what is due now and settle it; return the number of messages queued.

    Reminders of one person within two minutes become one message at the latest of their moments.
    What came due outside working time (a machine that slept) moves to the next opening.
    """
    _hold_cases(work)
    soon = queries.pending_reminders(work.session, work.at + WINDOW)
    ready = [row for row in soon if _is_ready(work, row)]
    waiting: set[int] = set()
    messages = 0
    for person_id, rows in _by_person(work, ready).items():
        groups = group_by(rows, lambda row: row.due_at)
        now = [row for rows in groups if rows[-1].due_at <= work.at for row in rows]
        waiting |= {row.id for rows in groups if rows[-1].due_at > work.at for row in rows}
        if now:
            _give(work, person_id, now)
            messages += 1
    for row in ready:
        if row.due_at <= work.at and row.id not in waiting:
            _settle(work, row)
    return messages


def _hold_cases(work: Work) -> None:
    """Lock the cases with something due: no task ends, and nobody else reminds, before this transaction does."""
    due = select(TaskRow.case_id).join(ReminderRow, ReminderRow.task_id == TaskRow.id)
    due = due.where(ReminderRow.settled_at.is_(None), ReminderRow.due_at <= work.at + WINDOW)
    locked = select(CaseRow.id).where(CaseRow.id.in_(due)).order_by(CaseRow.id).with_for_update()
    work.session.scalars(locked).all()


def _is_ready(work: Work, row: ReminderRow) -> bool:
    try:
        return row.due_at > work.at or not _put_off(work, row)
    except DomainError:
        # A calendar without working time must not keep the other offices from being reminded.
        log.exception("reminder not placed", extra={"action": "reminder.unplaced", "reminder_id": row.id})
        return False


def _put_off(work: Work, row: ReminderRow) -> bool:
    calendar = work.calendar_of(_case(work, row))
    if sendable(calendar, row.due_at, work.at):
        return False
    row.due_at = calendar.next_opening(work.at)
    return row.due_at > work.at + WINDOW


def _by_person(work: Work, rows: Iterable[ReminderRow]) -> dict[int, list[ReminderRow]]:
    found: dict[int, list[ReminderRow]] = defaultdict(list)
    for row in rows:
        given = select(ReminderReceiptRow.person_id).where(ReminderReceiptRow.reminder_id == row.id)
        have = set(work.session.scalars(given))
        for person_id in _recipients(work, row) - have:
            found[person_id].append(row)
    return found


def _recipients(work: Work, row: ReminderRow) -> set[int]:
    case = _case(work, row)
    sop = work.sop_of(case)
    waiting = {post.post_id for post in queries.task_posts(work.session, row.task_id) if post.reported_at is None}
    audiences = audiences_of(ReminderKind(row.kind))
    posts: set[str] = set()
    if Audience.HOLDERS in audiences:
        posts |= waiting
    if Audience.SUPERIOR in audiences:
        posts |= {superior for post in waiting if (superior := sop.post(post).superior)}
    if Audience.HEAD in audiences:
        posts.add(sop.head.id)
    people = list(queries.holders_of(work.session, case.office_id, posts, work.at))
    if Audience.SECRETARIAT in audiences:
        people += queries.secretariat_of(work.session, case.office_id, work.at)
    return {person.id for person in people}


def _give(work: Work, person_id: int, rows: Sequence[ReminderRow]) -> None:
    latest = {row.task_id: row.id for row in rows}  # in ascending order, so the last word on each task stays
    work.session.add_all(ReminderReceiptRow(reminder_id=row.id, person_id=person_id, given_at=work.at) for row in rows)
    person = work.session.get_one(PersonRow, person_id)
    # What an outage has kept from them is said in the same message, not in one of its own.
    unsent = [held for notice in withdraw(work, person, Reminders) for held in cast("Reminders", notice).reminder_ids]
    tell(work, person, Reminders((*unsent, *latest.values())))


def _settle(work: Work, row: ReminderRow) -> None:
    row.settled_at = work.at
    if row.kind == ReminderKind.LATE:
        following = next_late(work.calendar_of(_case(work, row)), work.at, row.sequence)
        work.session.add(reminder_row(row.task_id, following))


def _case(work: Work, row: ReminderRow) -> CaseRow:
    return work.session.get_one(CaseRow, work.session.get_one(TaskRow, row.task_id).case_id)


def next_wake(work: Work) -> datetime | None:
    """Return the earliest later moment at which something in the database becomes due."""
    moments = [
        work.session.scalar(
            select(func.min(ReminderRow.due_at)).where(ReminderRow.settled_at.is_(None), ReminderRow.due_at > work.at)
        ),
        work.session.scalar(
            select(func.min(OutboxRow.not_before)).where(
                OutboxRow.state == Delivery.PENDING, OutboxRow.not_before > work.at
            )
        ),
        work.session.scalar(select(func.min(ChatRow.blocked_until)).where(ChatRow.blocked_until > work.at)),
    ]
    return min((moment for moment in moments if moment is not None), default=None)
