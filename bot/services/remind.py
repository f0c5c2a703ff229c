"""Use case: give out the reminders that are due, one message per person."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from sqlalchemy import exists, func, insert, select

from bot.domain.errors import DomainError
from bot.domain.notices import Reminders
from bot.domain.office_rules import may_remind, next_speaking
from bot.domain.reminders import WINDOW, PlannedReminder, ReminderKind, group_by, next_hold, next_late
from bot.services.briefs import next_brief
from bot.services.changeovers import next_changeover
from bot.services.due import Due, Soon, pending
from bot.services.group_reminders import awaited_in_groups, tell_groups
from bot.services.ledger import hold_days, reminder_values
from bot.services.outbox import Delivery, tell, withdraw
from bot.services.quieten import Silences
from bot.store.races import Turn, try_turn
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

_GAP = timedelta(seconds=4)
_WAITED_FOR = exists().where(OutboxRow.chat_id == ChatRow.id, OutboxRow.state == Delivery.PENDING)


@dataclass(frozen=True, slots=True)
class Fired:
    """What became of the reminders due at ``at``: ``messages`` were queued.

    ``passed_over`` tells that something due is in use by another transaction: look again in a second.
    """

    at: datetime
    messages: int = 0
    passed_over: bool = False


def fire_reminders(work: Work) -> Fired:
    """Queue what is due now and settle it; replicas may try at the same time.

    Reminders of one person within two minutes become one message at the latest of their moments.
    What came due outside working time (a machine that slept) moves to the next opening.
    """
    until = work.at + WINDOW
    if work.session.scalar(select(ReminderRow.id).where(pending(until)).limit(1)) is None:
        return Fired(work.at)
    # What is one message to a person may come from several cases: no two replicas may share it out.
    if not try_turn(work.session, Turn.REMIND):
        return Fired(work.at, passed_over=True)
    soon = Soon(work, until, _hold_cases(work))
    ready = [due for due in soon.dues if _is_ready(work, due)]
    # All that is written goes to the database together, in the end.
    with work.session.no_autoflush:
        messages, waiting = _give_out(work, soon, ready)
        waiting |= awaited_in_groups(work, soon, ready)
        done = [due for due in ready if _is_done(work, due) and due.row.id not in waiting]
        messages += tell_groups(work, soon, done)
        _settle(work, done)
    passed_over = any(not due.held and due.row.due_at <= work.at for due in soon.dues)
    return Fired(work.at, messages, passed_over)


def _hold_cases(work: Work) -> set[int]:
    """Lock the cases with something due, except those that somebody works on just now; return their ids.

    No task of theirs ends, and nobody else reminds of it, before this transaction does.
    """
    work.session.expire_all()  # what was read before the locks may have changed since
    due = select(TaskRow.case_id).join(ReminderRow, ReminderRow.task_id == TaskRow.id).where(pending(work.at + WINDOW))
    locked = select(CaseRow.id).where(CaseRow.id.in_(due)).order_by(CaseRow.id).with_for_update(skip_locked=True)
    return set(work.session.scalars(locked))


def _is_ready(work: Work, due: Due) -> bool:
    row = due.row
    try:
        return row.due_at > work.at or not _put_off(work, due)
    except DomainError:
        # A calendar without working time must not keep the other offices from being reminded.
        log.exception("reminder not placed", extra={"action": "reminder.unplaced", "reminder_id": row.id})
        return False


def _put_off(work: Work, due: Due) -> bool:
    calendar, rules = work.calendar_of(due.case), work.rules_of(due.case.office_id)
    if may_remind(rules, calendar, due.row.due_at, work.at):
        return False
    opening = next_speaking(rules, calendar, work.at)
    if due.held:
        due.row.due_at = opening
    return opening > work.at + WINDOW


def _give_out(work: Work, soon: Soon, ready: Sequence[Due]) -> tuple[int, set[int]]:
    """Give everybody what is due for them; return how many messages, and which reminders have to wait."""
    messages = 0
    waiting: set[int] = set()
    by_person = _by_person(soon, ready)
    silences = Silences(work, by_person.keys())
    for person_id, dues in by_person.items():
        now: list[Due] = []
        for group in group_by(dues, lambda due: due.row.due_at):
            rows = [due.row for due in group]
            # A message waits for all of it: for its latest moment, and for a case that is in use.
            if rows[-1].due_at <= work.at and all(due.held for due in group):
                now += group
            else:
                waiting |= {row.id for row in rows}
        for until, said in _by_hour(silences, person_id, now).items():
            _give(work, person_id, said, until)
            messages += 1
    return messages, waiting


def _by_hour(silences: Silences, person_id: int, dues: Iterable[Due]) -> dict[datetime | None, list[ReminderRow]]:
    """Return what is said to a person now (None), and what they have put off, by when it is said."""
    found: dict[datetime | None, list[ReminderRow]] = defaultdict(list)
    for due in dues:
        found[silences.until(person_id, due.row, due.task)].append(due.row)
    return found


def _by_person(soon: Soon, ready: Iterable[Due]) -> dict[int, list[Due]]:
    found: dict[int, list[Due]] = defaultdict(list)
    for due in ready:
        for person_id in soon.recipients(due):
            found[person_id].append(due)
    return found


def _give(work: Work, person_id: int, rows: Sequence[ReminderRow], until: datetime | None) -> None:
    latest = {row.task_id: row.id for row in rows}  # in ascending order, so the last word on each task stays
    work.session.add_all(ReminderReceiptRow(reminder_id=row.id, person_id=person_id, given_at=work.at) for row in rows)
    person = work.session.get_one(PersonRow, person_id)
    # What an outage has kept from them is said in the same message, not in one of its own.
    waiting = withdraw(work, person.telegram_id, Reminders, until=until) if person.telegram_id is not None else []
    unsent = [held for notice in waiting for held in cast("Reminders", notice).reminder_ids]
    tell(work, person, Reminders((*unsent, *latest.values())), not_before=until)


def _is_done(work: Work, due: Due) -> bool:
    return due.held and due.row.due_at <= work.at


def _settle(work: Work, dues: Iterable[Due]) -> None:
    following = []
    for due in dues:
        due.row.settled_at = work.at
        planned = _next(work, due)
        if planned is not None:
            following.append(reminder_values(due.row.task_id, planned, due.row.plan))
    if following:
        # Not row by row, as objects whose new ids would be wanted.
        work.session.execute(insert(ReminderRow), following)


def _next(work: Work, due: Due) -> PlannedReminder | None:
    """Return what follows a reminder that was settled now: late and held tasks are spoken of again and again."""
    calendar, sequence = work.calendar_of(due.case), due.row.sequence
    if due.row.kind == ReminderKind.LATE:
        return next_late(calendar, work.at, sequence)
    if due.row.kind == ReminderKind.HOLD:
        return next_hold(calendar, work.at, hold_days(work, due.case), sequence + 1)
    return None


def next_wake(work: Work, since: datetime | None = None) -> datetime | None:
    """Return the earliest moment after ``since`` (default: now) at which something in the database becomes due.

    With the moment of the last firing for ``since``, what came due between it and now is not missed.
    """
    after = since or work.at
    held = (OutboxRow.state == Delivery.PENDING) & (OutboxRow.not_before > OutboxRow.created_at)
    resting = select(func.min(ChatRow.blocked_until)).where(ChatRow.blocked_until > work.at + _GAP)
    moments = [
        work.session.scalar(
            select(func.min(ReminderRow.due_at)).where(ReminderRow.settled_at.is_(None), ReminderRow.due_at > after)
        ),
        # What may leave at once is the courier's, as every commit tells it: nothing becomes due.
        work.session.scalar(select(func.min(OutboxRow.not_before)).where(held, OutboxRow.not_before > after)),
        # Nor does anything after the gap that follows each message, or in a chat for which nothing waits.
        work.session.scalar(resting.where(_WAITED_FOR)),
        next_changeover(work, after),
        next_brief(work, after),
    ]
    return min((moment for moment in moments if moment is not None), default=None)
