"""Use cases of delivery: what goes out next, and what Telegram answered.

A row is rendered when it is taken, so an outage delivers today's truth. Rows of one chat leave in
order, answers to the person's own words first; a row that waits for its hour (``not_before``) does
not hold up the others.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import CursorResult, delete, func, or_, select
from sqlalchemy.exc import DBAPIError

from bot.domain.notices import Reminders, from_data
from bot.domain.reminders import sendable
from bot.messages.render import Recipient, render
from bot.services.outbox import Delivery, Priority
from bot.services.people import mark_unreachable
from bot.store.tables import (
    CardRow,
    CaseRow,
    ChatRow,
    OutboxRow,
    PersonRow,
    QuestionRow,
    ReminderRow,
    TaskRow,
    UpdateRow,
)

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.notices import Notice
    from bot.domain.worktime import Calendar
    from bot.messages.message import Message
    from bot.services.work import Work

log = logging.getLogger(__name__)

KEEP_UPDATES = timedelta(days=7)
KEEP_SENT = timedelta(days=30)
_SECRETS = {"InvitationLink": "code"}


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way: ``edits`` is the id of the message to edit, None for a new one."""

    outbox_id: int
    chat_id: int
    message: Message
    edits: int | None
    silent: bool
    attempts: int


def requeue_interrupted(work: Work) -> int:
    """Put rows that a dead process was sending back into the queue; return how many."""
    rows = work.session.scalars(select(OutboxRow).where(OutboxRow.state == Delivery.SENDING)).all()
    for row in rows:
        row.state = Delivery.PENDING
    return len(rows)


def take(work: Work, *, busy: Collection[int], limit: int) -> list[Parcel]:
    """Take the next row of up to ``limit`` chats that are neither ``busy`` nor blocked."""
    while rows := _next_rows(work, busy, limit):
        parcels = [parcel for row in rows if (parcel := _try_to_pack(work, row)) is not None]
        if parcels:
            return parcels
        # Nothing true was left in any of these rows; what waits behind them must not wait longer.
    return []


def _next_rows(work: Work, busy: Collection[int], limit: int) -> Sequence[OutboxRow]:
    order = (OutboxRow.priority, OutboxRow.id)
    place = func.row_number().over(partition_by=OutboxRow.chat_id, order_by=order).label("place")
    ready = (
        select(OutboxRow.id, place)
        .outerjoin(ChatRow, ChatRow.id == OutboxRow.chat_id)
        .where(
            OutboxRow.state == Delivery.PENDING,
            OutboxRow.not_before <= work.at,
            OutboxRow.chat_id.not_in(busy),
            or_(ChatRow.blocked_until.is_(None), ChatRow.blocked_until <= work.at),
        )
        .subquery()
    )
    firsts = select(ready.c.id).where(ready.c.place == 1)
    # A row that a use case relies on just now (see outbox.edit) is taken after that one's commit.
    query = select(OutboxRow).where(OutboxRow.id.in_(firsts)).order_by(*order).limit(limit)
    return work.session.scalars(query.with_for_update(skip_locked=True)).all()


def _try_to_pack(work: Work, row: OutboxRow) -> Parcel | None:
    try:
        return _pack(work, row)
    except DBAPIError:
        raise
    except Exception as error:
        # One row that cannot be rendered must not hold up everybody else's.
        log.exception("message not rendered", extra={"action": "delivery.unrendered", "outbox_id": row.id})
        row.state, row.finished_at, row.error = Delivery.DEAD, work.at, repr(error)
        return None


def _pack(work: Work, row: OutboxRow) -> Parcel | None:
    notice = from_data(row.notice, row.data)
    if _outside_hours(work, row, notice):
        return None
    message = render(work, notice, _recipient(work, row))
    target = _message_id(work, row) if row.edit else None
    if message is None or (row.edit and target is None):
        row.state, row.finished_at = Delivery.DROPPED, work.at
        return None
    row.state = Delivery.SENDING
    row.attempts += 1
    return Parcel(row.id, row.chat_id, message, target, _silent(work, row, notice), row.attempts)


def _silent(work: Work, row: OutboxRow, notice: Notice) -> bool:
    """Whether no bell rings: what somebody else's act on a case brought, delivered outside working time.

    Decided here alone, not when it is queued: an outage may lie in between.
    """
    case = _case_of(work, notice)
    if row.edit or row.priority == Priority.ANSWER or case is None or row.person_id == row.cause_id:
        return row.silent
    return not work.calendar_of(case).is_working(work.at)


def _case_of(work: Work, notice: Notice) -> CaseRow | None:
    """Return the case a notice is about, if it is about one."""
    case_id = getattr(notice, "case_id", None)
    task = work.session.get(TaskRow, getattr(notice, "task_id", 0))
    return work.session.get(CaseRow, case_id or (task.case_id if task else 0))


def _outside_hours(work: Work, row: OutboxRow, notice: Notice) -> bool:
    """Hold a reminder back that an outage carried past the end of work; True when held."""
    if not isinstance(notice, Reminders):
        return False
    due = [_calendar_and_moment(work, reminder_id) for reminder_id in notice.reminder_ids]
    if any(sendable(calendar, moment, work.at) for calendar, moment in due):
        return False
    row.not_before = min(calendar.next_opening(work.at) for calendar, _ in due)
    return True


def _calendar_and_moment(work: Work, reminder_id: int) -> tuple[Calendar, datetime]:
    reminder = work.session.get_one(ReminderRow, reminder_id)
    case = work.session.get_one(CaseRow, work.session.get_one(TaskRow, reminder.task_id).case_id)
    return work.calendar_of(case), reminder.due_at


def _recipient(work: Work, row: OutboxRow) -> Recipient:
    person = work.session.get(PersonRow, row.person_id) if row.person_id else None
    admin = person is not None and person.telegram_id in work.library.admin_ids
    return Recipient(row.chat_id, row.person_id, admin)


def _anchor_row(work: Work, row: OutboxRow) -> CardRow | QuestionRow | None:
    if row.anchor is None:
        return None
    kind, _, key = row.anchor.partition(":")
    if kind == "card":
        return work.session.get(CardRow, int(key))
    return work.session.get(QuestionRow, int(key))


def _message_id(work: Work, row: OutboxRow) -> int | None:
    anchor = _anchor_row(work, row)
    return anchor.message_id if anchor is not None else row.message_id


def sent(work: Work, outbox_id: int, message_id: int | None) -> None:
    """Note Telegram's answer: the message went out (``message_id``) or was edited (None)."""
    row = work.session.get_one(OutboxRow, outbox_id)
    row.state, row.finished_at, row.error = Delivery.SENT, work.at, None
    if row.notice in _SECRETS:
        row.data = {**row.data, _SECRETS[row.notice]: ""}
    if message_id is None:
        return
    row.message_id = message_id
    anchor = _anchor_row(work, row)
    if anchor is not None:
        anchor.message_id = message_id


def postpone(work: Work, outbox_id: int, delay: timedelta, error: str) -> None:
    """Put a row back that Telegram did not take now; its chat rests for ``delay``."""
    row = work.session.get_one(OutboxRow, outbox_id)
    row.state, row.error = Delivery.PENDING, error
    chat = work.session.get(ChatRow, row.chat_id) or ChatRow(id=row.chat_id)
    chat.blocked_until = work.at + delay
    work.session.add(chat)


def give_up(work: Work, outbox_id: int, error: str, *, unreachable: bool) -> None:
    """Note a refusal for good; an unreachable person is reported to the sekretariat once."""
    row = work.session.get_one(OutboxRow, outbox_id)
    row.state, row.finished_at, row.error = Delivery.DEAD, work.at, error
    if unreachable and row.person_id is not None:
        mark_unreachable(work, row.person_id, cause_id=row.cause_id)


def purge(work: Work) -> int:
    """Forget updates after 7 days, delivered rows and closed questions after 30; return how many rows went."""
    old_updates = delete(UpdateRow).where(UpdateRow.received_at < work.at - KEEP_UPDATES)
    finished = [Delivery.SENT, Delivery.DROPPED]
    old_rows = delete(OutboxRow).where(OutboxRow.state.in_(finished), OutboxRow.finished_at < work.at - KEEP_SENT)
    answered = or_(QuestionRow.answered_at.is_not(None), QuestionRow.lapses_at < work.at)
    old_questions = delete(QuestionRow).where(answered, QuestionRow.asked_at < work.at - KEEP_SENT)
    gone = [work.session.execute(statement) for statement in (old_updates, old_rows, old_questions)]
    return sum(result.rowcount for result in gone if isinstance(result, CursorResult))
