"""Writing what happened: the event log, and the rows that are projected from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import select, update

from bot.domain import chain
from bot.domain import events as ev
from bot.domain.case import Status
from bot.domain.reminders import DEFAULT_LADDER, PlannedReminder, plan
from bot.metrics import TRANSITIONS
from bot.services.office_rules import read_anew
from bot.store import queries
from bot.store.database import after_commit
from bot.store.mapping import event_row
from bot.store.tables import CaseRow, OfficeRow, ReminderRow, SopVersionRow, TaskPostRow, TaskRow

if TYPE_CHECKING:
    from datetime import datetime

    from bot.services.work import Work

DONE, REJECTED, CANCELLED = "done", "rejected", "cancelled"
"""The outcomes of a task."""


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
    task = TaskRow(
        case_id=case.id,
        number=given.task,
        step=given.step,
        round=given.round,
        given_at=given.at,
        due_at=given.due_at,
    )
    work.session.add(task)
    work.session.flush()
    sop = work.sop_of(case)
    step = sop.step(given.step)
    work.session.add_all(TaskPostRow(task_id=task.id, post_id=post) for post in step.posts)
    ladder = sop.ladder or DEFAULT_LADDER
    for planned in plan(ladder, work.calendar_of(case), step.budget, given.at, given.due_at):
        work.session.add(reminder_row(task.id, planned))


def reminder_row(task_id: int, planned: PlannedReminder) -> ReminderRow:
    """Return the row of a planned reminder."""
    return ReminderRow(**reminder_values(task_id, planned))


def reminder_values(task_id: int, planned: PlannedReminder) -> dict[str, Any]:
    """Return what stands in the row of a planned reminder."""
    return {"task_id": task_id, "kind": planned.kind.value, "sequence": planned.sequence, "due_at": planned.at}


def _part(work: Work, case: CaseRow, event: ev.Event) -> None:
    part = cast("ev.PartDone", event)
    task = _open(work, case)
    for row in queries.task_posts(work.session, task.id):
        if row.post_id in part.posts:
            row.reported_at, row.reported_by = part.at, part.by


def _end(work: Work, case: CaseRow, at: datetime, outcome: str) -> None:
    task = _open(work, case)
    task.ended_at, task.outcome = at, outcome
    pending = ReminderRow.task_id == task.id, ReminderRow.settled_at.is_(None)
    work.session.execute(update(ReminderRow).where(*pending).values(settled_at=at))


def _cancelled(work: Work, case: CaseRow, event: ev.Event) -> None:
    _end(work, case, event.at, CANCELLED)
    case.status, case.ended_at = Status.CANCELLED, event.at


def _finished(_: Work, case: CaseRow, event: ev.Event) -> None:
    case.status, case.ended_at = Status.FINISHED, event.at


def _open(work: Work, case: CaseRow) -> TaskRow:
    task = queries.open_task(work.session, case.id)
    if task is None:
        message = f"case {case.id} has no open task"
        raise ValueError(message)
    return task


_PROJECTIONS: Mapping[type[ev.Event], Callable[[Work, CaseRow, ev.Event], None]] = {
    ev.TaskGiven: _given,
    ev.PartDone: _part,
    ev.StepDone: lambda work, case, event: _end(work, case, event.at, DONE),
    ev.StepRejected: lambda work, case, event: _end(work, case, event.at, REJECTED),
    ev.CaseFinished: _finished,
    ev.CaseCancelled: _cancelled,
}
