"""The plot of a SOP's story: who acts next, which step is rejected once, which one is left until it is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.console import console
from bot.domain.budget import Unit
from bot.domain.reminders import ReminderKind
from bot.store import queries
from bot.store.tables import CaseRow, ReminderRow, SopVersionRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.domain.sop import Sop, SopId, Step
    from bot.services.work import Work

PART_OF_BUDGET = 30
"""Per cent of a step's budget that its holders take for it."""


class UnknownSopError(Exception):
    """The SOP to play does not exist; the text names those that do."""


def choose(sops: Mapping[SopId, Sop], sop_id: str | None) -> Sop:
    """Return the SOP to play, the first one where none is named; raises UnknownSopError."""
    chosen = sop_id or min(sops, default="")
    if chosen not in sops:
        raise UnknownSopError(console("demo.no_sop", value=chosen, known=", ".join(sorted(sops))))
    return sops[chosen]


def rejected_step(sop: Sop) -> Step | None:
    """Return the step that is rejected once, None where the SOP has no decision."""
    return next((step for step in sop.steps if step.decision), None)


def late_step(sop: Sop) -> Step:
    """Return the step that nobody does until its superior hears of it."""
    rejected = rejected_step(sop)
    late = (step for step in sop.steps if step.budget.unit is Unit.DAY and step is not rejected)
    return next(late, None) or sop.steps[-1]


def route(sop: Sop, rejected: Step | None) -> list[int]:
    """Return the numbers of the steps that a case visits when ``rejected`` is rejected once."""
    numbers = [step.number for step in sop.steps]
    if rejected is None:
        return numbers
    target = sop.reject_target(rejected.number)
    place = sop.position(rejected.number) + 1
    back = numbers[: sop.position(target.number)] if target else []
    return numbers[:place] + numbers[len(back) :]


def still_to_visit(sop: Sop, step: int, *, rejection_ahead: bool) -> int:
    """Return how many tasks a case at ``step`` has from now on, this one counted."""
    rejected = rejected_step(sop)
    place = sop.position(step)
    if rejected is None or not rejection_ahead or sop.position(rejected.number) < place:
        return len(sop.steps) - place
    return len(route(sop, rejected)) - place


def reason(step: Step) -> str:
    """Return why a step is rejected."""
    return console("demo.reason", output=(step.requirements or step.outputs or (step.activity,))[0])


@dataclass(frozen=True, slots=True)
class Now:
    """Where a case stands."""

    case_id: int
    code: str
    task_id: int
    number: int
    step: int
    given_at: datetime
    due_at: datetime
    waiting: tuple[str, ...]


def where(work: Work, sop: Sop) -> Now | None:
    """Return where the SOP's youngest running case stands, None where none is running."""
    of_the_sop = select(SopVersionRow.id).where(SopVersionRow.sop_id == sop.id)
    versions = set(work.session.scalars(of_the_sop))
    running = queries.running_cases(work.session, [sop.office.id])
    case, task = max(
        ((case, task) for case, task in running if case.sop_version_id in versions),
        key=lambda found: found[0].id,
        default=(None, None),
    )
    if case is None or task is None:
        return None
    waiting = {row.post_id for row in queries.task_posts(work.session, task.id) if row.reported_at is None}
    posts = tuple(post for post in sop.step(task.step).posts if post in waiting)
    return Now(case.id, case.code, task.id, task.number, task.step, task.given_at, task.due_at, posts)


def rungs(work: Work, task_id: int) -> Sequence[tuple[ReminderKind, datetime]]:
    """Return the reminders of a task as they are planned now, in order, each with its moment."""
    planned = select(TaskRow.plan).where(TaskRow.id == task_id).scalar_subquery()
    query = select(ReminderRow.kind, ReminderRow.due_at).where(
        ReminderRow.task_id == task_id, ReminderRow.plan == planned
    )
    rows = work.session.execute(query.order_by(ReminderRow.due_at, ReminderRow.id))
    return [(ReminderKind(kind), due_at) for kind, due_at in rows]


def escalation(work: Work, task_id: int) -> datetime | None:
    """Return when the superior hears that a task is overdue, None where that is not planned."""
    moments = (due_at for kind, due_at in rungs(work, task_id) if kind is ReminderKind.SUPERIOR)
    return next(moments, None)


def was_late(work: Work, case_id: int) -> bool:
    """Whether one of a case's tasks has been left until its superior heard of it."""
    query = (
        select(ReminderRow.id)
        .join(TaskRow, TaskRow.id == ReminderRow.task_id)
        .where(TaskRow.case_id == case_id, ReminderRow.kind == ReminderKind.SUPERIOR.value)
        .where(ReminderRow.due_at <= work.at, TaskRow.ended_at.is_(None) | (TaskRow.ended_at >= ReminderRow.due_at))
    )
    return work.session.scalar(query.limit(1)) is not None


def was_rejected(work: Work, case_id: int) -> bool:
    """Whether a case has been sent back before."""
    return any(task.outcome == "rejected" for task in queries.tasks_of_case(work.session, case_id))


def how_it_ended(work: Work, case_id: int) -> tuple[int, bool]:
    """Return how many tasks a case has had, and whether it has come to its end as its SOP says."""
    finished = work.session.scalar(select(CaseRow.status).where(CaseRow.id == case_id)) == "finished"
    return len(queries.tasks_of_case(work.session, case_id)), finished
