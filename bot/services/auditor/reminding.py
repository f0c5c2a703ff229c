"""Reminders and escalations: the ladder computed a second time, and who must have heard of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.posts import SECRETARIAT
from bot.domain.reminders import DEFAULT_LADDER
from bot.services.auditor.found import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.domain.budget import Budget
    from bot.domain.sop import Sop
    from bot.domain.worktime import Calendar
    from bot.services.auditor.judging import Inquiry
    from bot.services.auditor.reading import TaskRead
    from bot.store.tables import ReminderRow, TaskRow

Rung = tuple[str, int]
Ladder = dict[Rung, "datetime"]

OVERDUE = timedelta(minutes=10)
"""How much working time a reminder may wait for: for its companions, for a case in use, for the next sweep."""

SKEW = timedelta(minutes=1)
"""How far the clocks of replicas, and a transaction's moment and its commit, may lie apart."""


def judge_reminders(inquiry: Inquiry, task: TaskRead, row: TaskRow) -> None:
    """Compare the reminders of one task, and their receipts, with what should be."""
    rows = {(reminder.kind, reminder.sequence): reminder for reminder in inquiry.evidence.reminders[row.id]}
    planned = _planned(inquiry, task, rows)
    for rung in planned.keys() - rows.keys():
        inquiry.note(Kind.REMINDER_MISSING, f"task:{row.id}/{rung[0]}:{rung[1]}", step=task.step.number)
    for rung, reminder in rows.items():
        if rung not in planned:
            inquiry.note(Kind.REMINDER_EXTRA, f"reminder:{reminder.id}", step=task.step.number)
            continue
        _judge_moment(inquiry, task, reminder, planned[rung])
        if reminder.settled_at is None:
            _judge_waiting(inquiry, task, reminder)
        elif task.ended_at is None or reminder.settled_at < task.ended_at - SKEW:
            _judge_receipts(inquiry, task, reminder, reminder.settled_at)


def _planned(inquiry: Inquiry, task: TaskRead, rows: Mapping[Rung, ReminderRow]) -> Mapping[Rung, datetime | None]:
    """Return every rung there must be, with its moment; None where the calendar has changed since."""
    given = inquiry.reckonable(task.given_at)
    ladder = ladder_of(inquiry.sop, inquiry.calendar, task.step.budget, task.given_at, task.due_at)
    planned: dict[Rung, datetime | None] = {rung: moment if given else None for rung, moment in ladder.items()}
    for sequence, settled_at in _repeated(task, rows):
        known = inquiry.reckonable(settled_at)
        planned["late", sequence + 1] = _next_morning(inquiry.calendar, settled_at) if known else None
    return planned


def ladder_of(sop: Sop, calendar: Calendar, budget: Budget, given_at: datetime, due_at: datetime) -> Ladder:
    """Return the moments of the ladder's rungs, as the specification's table has them; raises NoWorkingTime."""
    ladder = sop.ladder or DEFAULT_LADDER
    whole = calendar.between(given_at, due_at)
    moments: Ladder = {
        ("early", rung.percent): calendar.add(given_at, whole * rung.percent // 100)
        for rung in ladder.early
        if budget.nominal_minutes >= rung.minimum.nominal_minutes
    }
    superior = max(calendar.due(due_at, budget), calendar.due(due_at, ladder.superior_minimum))
    moments["due", 0] = calendar.next_opening(due_at)
    moments["late", 1] = calendar.due(due_at, ladder.late_after)
    moments["superior", 0] = superior
    moments["head", 0] = calendar.due(superior, ladder.head_after)
    return moments


def _repeated(task: TaskRead, rows: Mapping[Rung, ReminderRow]) -> Iterator[tuple[int, datetime]]:
    """Yield the late reminders that went out, and when: each brings the next one."""
    sequence = 1
    while (row := rows.get(("late", sequence))) is not None and row.settled_at is not None:
        about_the_end = task.ended_at is not None and row.settled_at >= task.ended_at - SKEW
        # There either order is right; a next row that is there was written before the end.
        if about_the_end and ("late", sequence + 1) not in rows:
            return
        yield sequence, row.settled_at
        sequence += 1


def _next_morning(calendar: Calendar, after: datetime) -> datetime:
    day = calendar.local(after).date()
    while not (periods := calendar.periods_on(day)) or periods[0][0] <= after:
        day += timedelta(days=1)
    return periods[0][0]


def _judge_moment(inquiry: Inquiry, task: TaskRead, reminder: ReminderRow, planned: datetime | None) -> None:
    if planned is None or reminder.due_at == planned:
        return
    # What came up outside working time was put off to an opening, and never beyond the next one.
    put_off = planned < reminder.due_at <= inquiry.calendar.next_opening(inquiry.at)
    if not (put_off and _is_opening(inquiry.calendar, reminder.due_at)):
        detail = {"expected": planned.isoformat(), "found": reminder.due_at.isoformat()}
        inquiry.note(Kind.REMINDER_MOVED, f"reminder:{reminder.id}", step=task.step.number, **detail)


def _is_opening(calendar: Calendar, moment: datetime) -> bool:
    return any(moment == opening for opening, _ in calendar.periods_on(calendar.local(moment).date()))


def _judge_waiting(inquiry: Inquiry, task: TaskRead, reminder: ReminderRow) -> None:
    if task.ended_at is not None:
        inquiry.note(Kind.REMINDER_OPEN, f"reminder:{reminder.id}", step=task.step.number)
    elif inquiry.calendar.between(reminder.due_at, inquiry.at) > OVERDUE:
        inquiry.note(Kind.REMINDER_OVERDUE, f"reminder:{reminder.id}", step=task.step.number)


def _judge_receipts(inquiry: Inquiry, task: TaskRead, reminder: ReminderRow, settled_at: datetime) -> None:
    evidence, office_id, step = inquiry.evidence, inquiry.case.office_id, task.step.number
    receipts = {row.person_id: row.given_at for row in evidence.receipts[reminder.id]}
    waiting = task.waiting(settled_at + SKEW)
    concerned = _AUDIENCES[reminder.kind](inquiry.sop, waiting)
    for person_id in evidence.held(office_id, concerned, settled_at - SKEW, settled_at + SKEW) - receipts.keys():
        subject = f"reminder:{reminder.id}/person:{person_id}"
        inquiry.note(Kind.RECEIPT_MISSING, subject, step=step, person=person_id)
    entitled = _AUDIENCES[reminder.kind](inquiry.sop, list(task.step.posts))
    for person_id, given_at in receipts.items():
        forgotten = evidence.people[person_id].forgotten_at is not None
        if not forgotten and person_id not in evidence.ever_held(office_id, entitled, given_at - SKEW, given_at + SKEW):
            subject = f"reminder:{reminder.id}/person:{person_id}"
            inquiry.note(Kind.RECEIPT_EXTRA, subject, step=step, person=person_id)


def _superiors(sop: Sop, waiting: list[str]) -> set[str]:
    return {post.superior for post in sop.posts if post.id in waiting and post.superior}


_AUDIENCES: Mapping[str, Callable[[Sop, list[str]], set[str]]] = {
    "early": lambda _, waiting: set(waiting),
    "due": lambda _, waiting: {*waiting, SECRETARIAT},
    "late": lambda _, waiting: set(waiting),
    "superior": lambda sop, waiting: {*_superiors(sop, waiting), SECRETARIAT},
    "head": lambda sop, _: {post.id for post in sop.posts if post.superior is None},
}
"""Whose holders hear of each rung."""
