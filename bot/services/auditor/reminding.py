"""Reminders and escalations: the ladder computed a second time, and who must have heard of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.budget import Budget, Unit
from bot.domain.posts import SECRETARIAT
from bot.domain.reminders import DEFAULT_LADDER, Audience, ReminderKind
from bot.services.auditor.found import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

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
    rows = {(r.kind, r.sequence): r for r in inquiry.evidence.reminders[row.id] if r.plan == row.plan}
    planned = _planned(inquiry, task, rows) if row.plan == task.plan else dict.fromkeys(rows)
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
    for reminder in inquiry.evidence.reminders[row.id]:
        if reminder.plan != row.plan and reminder.settled_at is None:
            inquiry.note(Kind.REMINDER_OPEN, f"reminder:{reminder.id}", step=task.step.number)


def _planned(inquiry: Inquiry, task: TaskRead, rows: Mapping[Rung, ReminderRow]) -> dict[Rung, datetime | None]:
    """Return every rung there must be, with its moment; None where the calendar has changed since."""
    since = task.replanned[-1] if task.replanned else task.recorded_at
    known = inquiry.reckonable(since)
    planned: dict[Rung, datetime | None] = {
        rung: moment if known else None for rung, moment in _rungs(inquiry, task, since).items()
    }
    if not known:
        # By which ladder it was planned then is not known either: its early rungs are what they are.
        planned = dict.fromkeys([rung for rung in planned if rung[0] != "early"])
        planned |= dict.fromkeys([rung for rung in rows if rung[0] == "early"])
    for kind in ("late", "hold"):
        for sequence, settled_at in _repeated(task, rows, kind):
            known = inquiry.reckonable(settled_at)
            planned[kind, sequence + 1] = _again(inquiry, kind, settled_at) if known else None
    return planned


def _rungs(inquiry: Inquiry, task: TaskRead, since: datetime) -> Ladder:
    """Return the rungs of the plan made at ``since``: of a hold, of what was left to say, or of the whole ladder."""
    calendar = inquiry.calendar
    if task.held_at is not None:
        return {("hold", 1): _again(inquiry, "hold", task.held_at)}
    ladder = ladder_of(inquiry, task)
    if task.replanned or task.given_at < task.recorded_at:
        ladder = {rung: moment for rung, moment in ladder.items() if moment >= since}
        if ("late", 1) not in ladder:
            ladder["late", 1] = _next_morning(calendar, since)
    return ladder


def _again(inquiry: Inquiry, kind: str, after: datetime) -> datetime:
    if kind == "late":
        return _next_morning(inquiry.calendar, after)
    days = Budget(inquiry.rules.hold_reminder_days, Unit.DAY)
    return inquiry.calendar.next_opening(inquiry.calendar.due(after, days))


def ladder_of(inquiry: Inquiry, task: TaskRead) -> Ladder:
    """Return the moments of the ladder's rungs, as the specification's table has them; raises NoWorkingTime."""
    sop, calendar, rules = inquiry.sop, inquiry.calendar, inquiry.rules.ladders
    held = sum((calendar.between(*pause) for pause in task.pauses), timedelta())
    # A share of the budget is one of the time that ran.
    given_at = calendar.add(task.given_at, held) if held else task.given_at
    due_at, budget = task.due_at, task.step.budget
    own = rules.steps.get((sop.id, task.step.number)) or rules.sops.get(sop.id)
    ladder = own or sop.ladder or rules.default or DEFAULT_LADDER
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


def _repeated(task: TaskRead, rows: Mapping[Rung, ReminderRow], kind: str) -> Iterator[tuple[int, datetime]]:
    """Yield the reminders that come again and again, as far as they went out, and when: each brings the next one."""
    sequence = 1
    while (row := rows.get((kind, sequence))) is not None and row.settled_at is not None:
        about_the_end = task.ended_at is not None and row.settled_at >= task.ended_at - SKEW
        # There either order is right; a next row that is there was written before the end.
        if about_the_end and (kind, sequence + 1) not in rows:
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
    hours = inquiry.rules.quiet
    if not (put_off and (hours is not None or _is_opening(inquiry.calendar, reminder.due_at))):
        detail = {"expected": planned.isoformat(), "found": reminder.due_at.isoformat()}
        inquiry.note(Kind.REMINDER_MOVED, f"reminder:{reminder.id}", step=task.step.number, **detail)


def _is_opening(calendar: Calendar, moment: datetime) -> bool:
    return any(moment == opening for opening, _ in calendar.periods_on(calendar.local(moment).date()))


def _judge_waiting(inquiry: Inquiry, task: TaskRead, reminder: ReminderRow) -> None:
    if task.ended_at is not None:
        inquiry.note(Kind.REMINDER_OPEN, f"reminder:{reminder.id}", step=task.step.number)
    elif inquiry.calendar.between(reminder.due_at, inquiry.at) > OVERDUE and not _put_off(inquiry, reminder):
        inquiry.note(Kind.REMINDER_OVERDUE, f"reminder:{reminder.id}", step=task.step.number)


def _put_off(inquiry: Inquiry, reminder: ReminderRow) -> bool:
    """Whether a reminder rightly waits: somebody asked not to be reminded now, or the office has quiet hours."""
    silenced = reminder.kind in _POSTPONABLE and inquiry.evidence.silenced(
        reminder.task_id, reminder.due_at, inquiry.at
    )
    return silenced or inquiry.rules.quiet is not None


def _judge_receipts(inquiry: Inquiry, task: TaskRead, reminder: ReminderRow, settled_at: datetime) -> None:
    evidence, office_id, step = inquiry.evidence, inquiry.case.office_id, task.step.number
    receipts = {row.person_id: row.given_at for row in evidence.receipts[reminder.id]}
    window = settled_at - SKEW, settled_at + SKEW
    waiting = set(task.waiting(settled_at + SKEW))
    holders = evidence.held(office_id, waiting, window, strategic=task.step.strategic)
    if reminder.kind in _POSTPONABLE and task.claimed and holders & receipts.keys():
        holders = set()  # whoever is at it was told, and the others need not be
    concerned = evidence.held(office_id, _above(inquiry, reminder.kind, waiting), window)
    if _hears(inquiry, reminder.kind, Audience.HOLDERS):
        concerned |= holders
    for person_id in concerned - receipts.keys():
        subject = f"reminder:{reminder.id}/person:{person_id}"
        inquiry.note(Kind.RECEIPT_MISSING, subject, step=step, person=person_id)
    posts = {*task.posts, *task.step.posts}
    entitled = _above(inquiry, reminder.kind, posts) | (
        posts if _hears(inquiry, reminder.kind, Audience.HOLDERS) else set()
    )
    for person_id, given_at in receipts.items():
        about = given_at - SKEW, given_at + SKEW
        forgotten = evidence.people[person_id].forgotten_at is not None
        if not forgotten and person_id not in evidence.ever_held(office_id, entitled, about):
            subject = f"reminder:{reminder.id}/person:{person_id}"
            inquiry.note(Kind.RECEIPT_EXTRA, subject, step=step, person=person_id)


def _hears(inquiry: Inquiry, kind: str, audience: Audience) -> bool:
    chosen = inquiry.rules.audiences.get(ReminderKind(kind), _AUDIENCES[kind])
    return audience in chosen or (kind == "due" and audience is Audience.HOLDERS)


def _above(inquiry: Inquiry, kind: str, waiting: set[str]) -> set[str]:
    """Return the posts besides the task's own that hear of a rung, through whom the office says."""
    found: set[str] = set()
    if _hears(inquiry, kind, Audience.SECRETARIAT):
        found.add(SECRETARIAT)
    head = {post.id for post in inquiry.sop.posts if post.superior is None}
    if _hears(inquiry, kind, Audience.HEAD):
        found |= head
    if _hears(inquiry, kind, Audience.SUPERIOR):
        superiors = {post.superior for post in inquiry.sop.posts if post.id in waiting and post.superior}
        via = inquiry.rules.via_secretary
        if via is not None and via not in waiting | head and superiors and _is_held(inquiry, via):
            superiors = (superiors - head) | {via}
        found |= superiors
    return found


def _is_held(inquiry: Inquiry, post: str) -> bool:
    return bool(inquiry.evidence.ever_held(inquiry.case.office_id, {post}, (inquiry.at, inquiry.at)))


_POSTPONABLE = {"early", "late"}
"""What may be put off, and what only whoever is at it hears of."""

_AUDIENCES: Mapping[str, frozenset[Audience]] = {
    "early": frozenset({Audience.HOLDERS}),
    "due": frozenset({Audience.HOLDERS, Audience.SECRETARIAT}),
    "late": frozenset({Audience.HOLDERS}),
    "superior": frozenset({Audience.SUPERIOR, Audience.SECRETARIAT}),
    "head": frozenset({Audience.HEAD}),
    "hold": frozenset({Audience.SECRETARIAT}),
}
"""Who hears of each rung, as the specification's table has it."""
