"""Writing what happened: the event log, and the rows that are projected from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import delete, exists, select, update

from bot.domain import chain, reminders
from bot.domain import events as ev
from bot.domain.case import Status, replay
from bot.domain.office_rules import ladder_for
from bot.domain.reminders import Ladder, PlannedReminder, next_hold, plan
from bot.metrics import TRANSITIONS
from bot.services.office_rules import read_anew
from bot.store import queries
from bot.store.database import after_commit
from bot.store.mapping import event_row
from bot.store.tables import (
    CaseRow,
    OfficeRow,
    ReminderReceiptRow,
    ReminderRow,
    SopVersionRow,
    TaskPostRow,
    TaskRow,
    TaskSeenRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.services.work import Work

DONE, REJECTED, CANCELLED = "done", "rejected", "cancelled"
RETURNED, WITHDRAWN = "returned", "withdrawn"
"""The outcomes of a task: RETURNED by the sekretariat or an objection, WITHDRAWN as what led to it was undone."""

_GIVEN = exists().where(ReminderReceiptRow.reminder_id == ReminderRow.id)


def lock(work: Work, case_id: int) -> CaseRow:
    """Return the case's row as it stands now, locked until the transaction ends."""
    query = select(CaseRow).where(CaseRow.id == case_id).with_for_update()
    case = work.session.scalars(query.execution_options(populate_existing=True)).one()
    hold_posts(work, case.office_id)
    return case


def hold_posts(work: Work, office_id: str) -> None:
    """Let nobody take or lose a post of the office before this transaction ends.

    Otherwise somebody appointed while a task is being given would see no task, be no holder yet, and get no card.
    """
    work.session.get(OfficeRow, office_id, with_for_update={"read": True})
    read_anew(work)  # whoever changed the office's rules has been waited for


def record(work: Work, case: CaseRow, events: tuple[ev.Event, ...]) -> None:
    """Append events to the log and bring tasks, reports, reminders and the case row up to date."""
    head = case.head or _genesis(work, case)
    for number, event in enumerate(events, case.events + 1):
        row = event_row(case.id, number, event, head)
        head = row.hash
        work.session.add(row)
        after_commit(work.session, TRANSITIONS.labels(row.kind).inc)
        projection = _PROJECTIONS.get(type(event))
        if projection:
            projection(work, case, event)
        # One open task per case is a unique index: the old one must be closed before the new one opens.
        work.session.flush()
    case.head = head
    case.events += len(events)
    work.session.flush()


def _genesis(work: Work, case: CaseRow) -> str:
    version = work.session.get_one(SopVersionRow, case.sop_version_id)
    return chain.genesis(office_id=case.office_id, code=case.code, title=case.title, sop_hash=version.content_hash)


def _given(work: Work, case: CaseRow, event: ev.Event) -> None:
    given = cast("ev.TaskGiven", event)
    step = work.sop_of(case).step(given.step)
    task = TaskRow(
        case_id=case.id,
        number=given.task,
        step=given.step,
        round=given.round,
        given_at=given.since or given.at,
        due_at=given.due_at,
        plan=1,
        strategic=step.strategic,
    )
    work.session.add(task)
    work.session.flush()
    work.session.add_all(TaskPostRow(task_id=task.id, post_id=post) for post in step.posts)
    ladder, calendar = ladder_of(work, case, given.step), work.calendar_of(case)
    if given.since is None:
        rungs = plan(ladder, calendar, step.budget, task.given_at, given.due_at)
    else:
        # Entered late: what came due before anybody here knew of the task is not said.
        rungs = reminders.replan(ladder, calendar, step.budget, task.given_at, given.due_at, at=given.at)
    work.session.add_all(reminder_row(task, planned) for planned in rungs)


def ladder_of(work: Work, case: CaseRow, step: int) -> Ladder:
    """Return the ladder that the reminders of a step go by."""
    return ladder_for(work.rules_of(case.office_id), work.sop_of(case), step)


def reminder_row(task: TaskRow, planned: PlannedReminder) -> ReminderRow:
    """Return the row of a planned reminder."""
    return ReminderRow(**reminder_values(task.id, planned, task.plan))


def reminder_values(task_id: int, planned: PlannedReminder, number: int) -> dict[str, Any]:
    """Return what stands in the row of a planned reminder of the task's ``number``-th plan."""
    kind = planned.kind.value
    return {"task_id": task_id, "plan": number, "kind": kind, "sequence": planned.sequence, "due_at": planned.at}


def replan(work: Work, case: CaseRow, task: TaskRow) -> None:
    """Plan what is still to be said of an open task whose deadline, ladder or hold has changed; its clock runs."""
    _plan_anew(work, task, planned_anew(work, case, task))


def planned_anew(work: Work, case: CaseRow, task: TaskRow) -> tuple[PlannedReminder, ...]:
    """Return what ``replan`` would plan now."""
    budget = work.sop_of(case).step(task.step).budget
    ladder, calendar = ladder_of(work, case, task.step), work.calendar_of(case)
    since = task.given_at
    # A share of the budget is one of the time that ran: what it stood still does not count.
    if task.adjusted and (state := queries.state_of(work.session, case.id).task):
        since = state.counted_from(calendar)
    return reminders.replan(ladder, calendar, budget, since, task.due_at, at=work.at)


def _plan_anew(work: Work, task: TaskRow, planned: Iterable[PlannedReminder]) -> None:
    _settle(work, task, work.at)
    task.plan += 1
    work.session.add_all(reminder_row(task, rung) for rung in planned)


def _settle(work: Work, task: TaskRow, at: datetime) -> None:
    pending = ReminderRow.task_id == task.id, ReminderRow.settled_at.is_(None)
    work.session.execute(update(ReminderRow).where(*pending).values(settled_at=at))


def _part(work: Work, case: CaseRow, event: ev.Event) -> None:
    part = cast("ev.PartDone", event)
    task = _open(work, case)
    for row in queries.task_posts(work.session, task.id):
        if row.post_id in part.posts:
            row.reported_at, row.reported_by = part.real_at or part.at, part.on_behalf_of or part.by


def _end(work: Work, case: CaseRow, at: datetime, outcome: str, real_at: datetime | None = None) -> None:
    task = _open(work, case)
    task.ended_at, task.outcome, task.real_ended_at = at, outcome, real_at
    task.held_at, task.held_outside = None, False
    _settle(work, task, at)


def _done(work: Work, case: CaseRow, event: ev.Event) -> None:
    done = cast("ev.StepDone", event)
    _end(work, case, done.at, DONE, done.real_at)


def _rejected(work: Work, case: CaseRow, event: ev.Event) -> None:
    rejection = cast("ev.StepRejected", event)
    _end(work, case, rejection.at, REJECTED, rejection.real_at)


def _seen(work: Work, case: CaseRow, event: ev.Event) -> None:
    seen = cast("ev.TaskAccepted", event)
    work.session.add(TaskSeenRow(task_id=_open(work, case).id, person_id=seen.by, at=seen.at))


def _claimed(work: Work, case: CaseRow, event: ev.Event) -> None:
    claimed = cast("ev.TaskClaimed", event)
    row = work.session.get_one(TaskPostRow, (_open(work, case).id, claimed.post))
    row.claimed_at, row.claimed_by = claimed.at, claimed.by


def _released(work: Work, case: CaseRow, event: ev.Event) -> None:
    row = work.session.get_one(TaskPostRow, (_open(work, case).id, cast("ev.TaskReleased", event).post))
    row.claimed_at = row.claimed_by = None


def _rescheduled(work: Work, case: CaseRow, event: ev.Event) -> None:
    moved = cast("ev.TimeGranted | ev.DeadlineMoved | ev.CaseResumed", event)
    task = _open(work, case)
    task.due_at = moved.due_at
    task.held_at, task.held_outside = None, False
    task.adjusted = task.adjusted or not isinstance(event, ev.DeadlineMoved)
    replan(work, case, task)


def _held(work: Work, case: CaseRow, event: ev.Event) -> None:
    held = cast("ev.CaseHeld", event)
    task = _open(work, case)
    task.held_at, task.held_outside = held.at, held.outside
    _plan_anew(work, task, [next_hold(work.calendar_of(case), held.at, hold_days(work, case), 1)])


def hold_days(work: Work, case: CaseRow) -> int:
    """Return after how many working days the sekretariat hears of a hold again."""
    return work.rules_of(case.office_id).hold_reminder_days


def _moved(work: Work, case: CaseRow, event: ev.Event) -> None:
    moved = cast("ev.TaskMoved", event)
    task = _open(work, case)
    work.session.delete(work.session.get_one(TaskPostRow, (task.id, moved.from_post)))
    work.session.add(TaskPostRow(task_id=task.id, post_id=moved.to_post))
    work.session.execute(delete(TaskSeenRow).where(TaskSeenRow.task_id == task.id))


def _undone(work: Work, case: CaseRow, event: ev.Event) -> None:
    undone = cast("ev.Undone", event)
    if undone.withdrawn is not None:
        _end(work, case, undone.at, WITHDRAWN)
        work.session.flush()
    state = replay([*queries.log_of(work.session, case.id)])
    task = next(task for task in queries.tasks_of_case(work.session, case.id) if task.number == undone.task)
    if task.ended_at is not None:
        # What had been settled by the end is to be said again; in five minutes little has come due.
        ended = ReminderRow.task_id == task.id, ReminderRow.plan == task.plan, ReminderRow.settled_at == task.ended_at
        work.session.execute(update(ReminderRow).where(*ended, ~_GIVEN).values(settled_at=None))
    task.ended_at = task.outcome = task.real_ended_at = None
    case.status, case.ended_at = Status.RUNNING, None
    reported = state.task.reported if state.task else frozenset()
    for row in queries.task_posts(work.session, task.id):
        if row.post_id not in reported:
            row.reported_at = row.reported_by = None


def _sealed(_: Work, case: CaseRow, __: ev.Event) -> None:
    case.secret = True


def _cancelled(work: Work, case: CaseRow, event: ev.Event) -> None:
    _end(work, case, event.at, CANCELLED)
    case.status, case.ended_at = Status.CANCELLED, event.at


def _finished(_: Work, case: CaseRow, event: ev.Event) -> None:
    case.status, case.ended_at = Status.FINISHED, cast("ev.CaseFinished", event).real_at or event.at


def _open(work: Work, case: CaseRow) -> TaskRow:
    task = queries.open_task(work.session, case.id)
    if task is None:
        message = f"case {case.id} has no open task"
        raise ValueError(message)
    return task


_PROJECTIONS: Mapping[type[ev.Event], Callable[[Work, CaseRow, ev.Event], None]] = {
    ev.TaskGiven: _given,
    ev.PartDone: _part,
    ev.StepDone: _done,
    ev.StepRejected: _rejected,
    ev.TaskAccepted: _seen,
    ev.TaskClaimed: _claimed,
    ev.TaskReleased: _released,
    ev.Undone: _undone,
    ev.TimeGranted: _rescheduled,
    ev.DeadlineMoved: _rescheduled,
    ev.CaseHeld: _held,
    ev.CaseResumed: _rescheduled,
    ev.TaskMoved: _moved,
    ev.CaseReturned: lambda work, case, event: _end(work, case, event.at, RETURNED),
    ev.CaseFinished: _finished,
    ev.CaseSealed: _sealed,
    ev.CaseCancelled: _cancelled,
}
