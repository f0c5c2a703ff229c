"""One case on the live board: its steps done, now and ahead, and everything that happened to it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.errors import NoWorkingTime
from bot.messages.case_view import CaseView
from bot.messages.cases import worked_on
from bot.messages.dates import waktu, worked
from bot.messages.history import entries_of
from bot.messages.labels import join, label
from bot.messages.limits import ACTIVITY_LIMIT, TITLE_LIMIT, shorten
from bot.messages.live_board import NOBODY, BoardView
from bot.store import queries

if TYPE_CHECKING:
    from bot.domain.sop import Step
    from bot.messages.history import Entry
    from bot.services.work import Work
    from bot.store.tables import CaseRow, TaskRow

_MOST_ENTRIES = 300


@dataclass(frozen=True, slots=True)
class Turn:
    """One activation of a step.

    ``state`` is ``open``, or how it ended: ``done``, ``rejected``, ``returned``, ``withdrawn`` or ``cancelled``.
    ``used`` is working time without holds; ``over`` tells that it is more than was given.
    """

    state: str
    outcome: str
    round: str
    who: str
    given: str
    ended: str
    due: str
    left: str
    used: str
    over: bool
    reason: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step of the case; ``state`` is ``done``, ``now`` or ``ahead``, ``turns`` are its activations, oldest first."""

    number: int
    activity: str
    posts: str
    budget: str
    state: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class CaseShown:
    """One case in full; ``left_out`` counts the oldest entries of a very long history."""

    id: int
    code: str
    title: str
    secret: bool
    sop: str
    state: str
    where: str
    started: str
    starter: str
    steps: tuple[StepShown, ...]
    history: tuple[Entry, ...]
    left_out: int


def case_shown(work: Work, row: CaseRow) -> CaseShown:
    """Return a case as the board shows it to every member of its office."""
    case = CaseView(BoardView(work, NOBODY), row)
    turns: dict[int, list[Turn]] = defaultdict(list)
    for task in queries.tasks_of_case(work.session, row.id):
        turns[task.step].append(_turn(case, task))
    start, where, entries = case.story.start, case.where(), entries_of(case)
    return CaseShown(
        id=row.id,
        code=row.code,
        title=case.line.title,
        secret=row.secret,
        sop=shorten(case.sop.name, TITLE_LIMIT),
        state=where.kind,
        where=label(f"live.where.{where.kind}", moment=where.moment),
        started=case.moment(row.started_at),
        starter=case.who(start.by, [start.capacity]),
        steps=tuple(_step(case, step, turns[step.number]) for step in case.sop.steps),
        history=tuple(entries[-_MOST_ENTRIES:]),
        left_out=max(len(entries) - _MOST_ENTRIES, 0),
    )


def _step(case: CaseView, step: Step, turns: list[Turn]) -> StepShown:
    posts = [case.view.post(case.row.office_id, post) for post in step.posts]
    return StepShown(
        number=step.number,
        activity=shorten(step.activity, ACTIVITY_LIMIT),
        posts=join(posts),
        budget=waktu(step.budget),
        state=_state(case, step, turns),
        turns=tuple(turns),
    )


def _state(case: CaseView, step: Step, turns: list[Turn]) -> str:
    """Return whether a step is behind the case: one that was done and sent back over lies ahead again."""
    if case.open is not None and case.open.step == step.number:
        return "now"
    reached = case.open is None or case.sop.position(step.number) < case.sop.position(case.open.step)
    return "done" if reached and turns and turns[-1].state == "done" else "ahead"


def _turn(case: CaseView, task: TaskRow) -> Turn:
    end = case.ending(task)
    state = end.kind if end else "open"
    running = end is None and task.ended_at is None
    line = case.task_line(task) if running else None
    return Turn(
        state=state,
        outcome=label(f"live.outcome.{state}", to_step=end.to_step if end else ""),
        round=label("live.round", number=task.round) if task.round > 1 else "",
        who=case.waited_for(task) if running else (end.who if end else ""),
        given=case.clock.brief(task.given_at),
        ended=case.clock.brief(task.real_ended_at or task.ended_at) if task.ended_at else "",
        due=case.clock.brief(task.due_at),
        left=line.left if line else "",
        used=_used(case, task),
        over=(task.real_ended_at or task.ended_at or case.view.at) > task.due_at and task.held_at is None,
        reason=(end.reason or "") if end else (line.hold.reason if line and line.hold else ""),
        notes=tuple(f"{note.who}: {note.text}" for note in case.notes(task.number)),
    )


def _used(case: CaseView, task: TaskRow) -> str:
    """Return the working time used, against what was given: "3 jam 10 menit dari 4 Jam + 1 Jam tambahan"."""
    budget = waktu(case.step(task).budget)
    extra = [waktu(granted) for granted in case.story.granted(task.number)]
    if extra:
        budget = label("live.extra", budget=budget, extra=join(extra))
    try:
        spent = worked(worked_on(case, task, case.view.at))
    except NoWorkingTime:  # the calendar has changed since
        return budget
    return label("live.used", use=spent, budget=budget)
