"""How far a case is, step by step: from the store to the swimlane table of its SOP."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain import events as ev
from bot.drawing.flow import State, StepProgress
from bot.messages.case_view import reason_of
from bot.messages.cases import budget_time, worked_on
from bot.messages.dates import waktu, worked
from bot.messages.labels import join, label
from bot.messages.limits import TITLE_LIMIT, shorten
from bot.messages.papers.flow import case_flow
from bot.services.ledger import WITHDRAWN
from bot.store import queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.drawing.flow import Flow
    from bot.messages.case_view import CaseView
    from bot.store.tables import TaskRow

_REASON = 160


def flow_of(case: CaseView) -> Flow:
    """Return a case's flow as it stands now; of a secret one posts, numbers and times alone."""
    title = "" if case.row.secret else shorten(case.title, TITLE_LIMIT)
    flow = case_flow(case.sop, progress(case), code=case.row.code, title=title, summary=standing(case))
    if case.row.secret:
        # The document's number would tell which SOP it is.
        return replace(flow, heading=replace(flow.heading, number="", made="", revised="", effective=""))
    return flow


def progress(case: CaseView) -> dict[int, StepProgress]:
    """Return how far each step is that has been reached, by its number; in its newest round, others in the note."""
    rounds: dict[int, list[TaskRow]] = {}
    for task in queries.tasks_of_case(case.view.session, case.row.id):
        if task.outcome != WITHDRAWN:
            rounds.setdefault(task.step, []).append(task)
    return {number: _step(case, tasks) for number, tasks in rounds.items()}


def standing(case: CaseView) -> str:
    """Return in one line how a case stands, and as of when."""
    where = case.where()
    values = {"moment": where.moment, "rejections": len(case.story.rejections)}
    if where.task is None:
        return label(f"picture.{where.kind}", **values)
    late = case.open is not None and where.task.late
    values |= {"step": where.task.step, "left": where.task.left, "late": late, "moment": case.moment(case.view.at)}
    return label("picture.running", **values)


def _step(case: CaseView, tasks: Sequence[TaskRow]) -> StepProgress:
    *earlier, task = tasks
    state = _state(case, task)
    if state is State.AHEAD:
        # To be done again: what the rounds before have used is no part of the one to come.
        return StepProgress(state, note=_note(_past(case, past) for past in tasks))
    used, budget = worked_on(case, task, case.view.at), budget_time(case, task)
    return StepProgress(
        state,
        used=worked(used),
        share=round(used / budget, 3) if budget else None,
        who=_who(case, task),
        round=task.round,
        note=_note([_course(case, task), _granted(case, task), *(_past(case, past) for past in earlier)]),
    )


def _state(case: CaseView, task: TaskRow) -> State:
    if task.ended_at is None:
        if task.held_at is not None:
            return State.HELD
        return State.LATE if case.clock.late(task.due_at) else State.NOW
    done = case.story.done.get(task.step)
    return State.DONE if done is not None and done.task == task.number else State.AHEAD


def _who(case: CaseView, task: TaskRow) -> str:
    """Return who did it, or has it."""
    return case.waited_for(task) if task.ended_at is None else case.reporters(task.number)


def _note(lines: Iterable[str]) -> str:
    return label("picture.note", lines=[line for line in lines if line])


def _granted(case: CaseView, task: TaskRow) -> str:
    granted = case.story.granted(task.number)
    return label("picture.granted", extra=join([waktu(extra) for extra in granted])) if granted else ""


def _past(case: CaseView, task: TaskRow) -> str:
    """Return what a round took that does not count any more, and how it ended."""
    took = label("picture.round", round=task.round, used=worked(worked_on(case, task)))
    return label("picture.past", took=took, course=_course(case, task))


def _course(case: CaseView, task: TaskRow) -> str:
    """Return until when a task runs, or how it ended."""
    hold = case.hold(task)
    if hold is not None:
        return label("picture.held", since=hold.since, reason=shorten(hold.reason, _REASON))
    if task.ended_at is None:
        return label("picture.due", due=case.clock.brief(task.due_at), late=case.clock.late(task.due_at))
    end, moment = case.story.ending(task.number), task.real_ended_at or task.ended_at
    at = case.clock.brief(moment)
    match end:
        case ev.StepRejected():
            return _sent_back("rejected", end, case.acted(end), at)
        case ev.CaseReturned():
            return _sent_back("returned", end, case.who(end.by, [end.capacity]), at)
        case ev.CaseCancelled():
            return label("picture.stopped", at=at)
        case _:
            return label("picture.ended", at=at, late=moment > task.due_at)


def _sent_back(kind: str, end: ev.StepRejected | ev.CaseReturned, who: str, at: str) -> str:
    return label(f"picture.{kind}", at=at, who=who, to_step=end.to_step, reason=shorten(reason_of(end), _REASON))
