"""The case engine: which command is allowed when, and what follows from it.

Pure decide/evolve: ``handle`` turns a command into events without changing anything, ``evolve``
folds events into a state. The event log alone is therefore enough to rebuild any case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import reduce
from typing import TYPE_CHECKING, cast

from bot.domain import events as ev
from bot.domain.errors import (
    AlreadyReported,
    CaseEnded,
    FirstStepNotRejectable,
    NotHolder,
    ReasonMissing,
    TaskEnded,
)
from bot.domain.sop import Completion, PostId, Sop, Step

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.worktime import Calendar


class Status(StrEnum):
    """Where a case is in its life."""

    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Report:
    """One person's word that the part of one post is done."""

    post: PostId
    person: ev.PersonId
    task: int
    step: int


@dataclass(frozen=True, slots=True)
class Task:
    """One activation of a step, with a fresh budget. ``reports`` are those on this activation."""

    number: int
    step: int
    round: int
    given_at: datetime
    due_at: datetime
    reports: tuple[Report, ...] = ()

    @property
    def reported(self) -> frozenset[PostId]:
        """The posts that have reported done."""
        return frozenset(report.post for report in self.reports)


@dataclass(frozen=True, slots=True)
class Case:
    """The state of one run of a SOP. A running case has exactly one open task.

    ``standing`` are the reports on earlier steps that no rejection has undone.
    """

    status: Status
    started_by: ev.PersonId
    task: Task | None = None
    tasks_given: int = 0
    rounds: Mapping[int, int] = field(default_factory=dict)
    standing: tuple[Report, ...] = ()


# --- commands -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Complete:
    """Report done. ``posts`` are all posts the actor holds now; ``task`` the activation meant."""

    by: ev.PersonId
    posts: frozenset[PostId]
    task: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """Send the case back, with a reason."""

    by: ev.PersonId
    posts: frozenset[PostId]
    task: int
    reason: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """End a case that should not run, with a reason."""

    by: ev.PersonId
    capacity: PostId
    reason: str


Command = Complete | Reject | Cancel
Events = tuple[ev.Event, ...]


def start(sop: Sop, calendar: Calendar, *, by: ev.PersonId, capacity: PostId, at: datetime) -> Events:
    """Return the events that begin a case: its start and the first task."""
    opening = ev.CaseStarted(at, by, capacity)
    return opening, _give(sop.first, calendar, at, task=1, round_=1)


def handle(case: Case, command: Command, sop: Sop, calendar: Calendar, at: datetime) -> Events:
    """Return what ``command`` leads to at ``at`` (UTC).

    Raises CaseEnded, TaskEnded, NotHolder, AlreadyReported, FirstStepNotRejectable or
    ReasonMissing; a refused command leads to nothing.
    """
    rule = _TRANSITIONS.get((case.status, type(command)))
    if rule is None or case.task is None:
        raise CaseEnded
    return rule(_Turn(case, case.task, sop, calendar, at), command)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A running case with its open task, at the moment a command meets it."""

    case: Case
    task: Task
    sop: Sop
    calendar: Calendar
    at: datetime

    @property
    def step(self) -> Step:
        return self.sop.step(self.task.step)

    def acting_posts(self, command: Complete | Reject) -> tuple[PostId, ...]:
        """Return the posts of the open step that the actor still has to report for."""
        if command.task != self.task.number:
            raise TaskEnded(command.task)
        held = [post for post in self.step.posts if post in command.posts]
        if not held:
            raise NotHolder(self.step.number, self.step.posts)
        unreported = tuple(post for post in held if post not in self.task.reported)
        if not unreported:
            raise AlreadyReported(self.step.number, waiting_posts(self.step, self.task))
        return unreported

    def give(self, step: Step) -> ev.TaskGiven:
        round_ = self.case.rounds.get(step.number, 0) + 1
        return _give(step, self.calendar, self.at, task=self.case.tasks_given + 1, round_=round_)


def waiting_posts(step: Step, task: Task) -> tuple[PostId, ...]:
    """Return the posts of ``step`` that have not reported on ``task`` yet, in document order."""
    return tuple(post for post in step.posts if post not in task.reported)


def _complete(turn: _Turn, command: Command) -> Events:
    done = cast("Complete", command)
    step, task = turn.step, turn.task
    posts = turn.acting_posts(done)
    part = ev.PartDone(turn.at, done.by, posts, task.number, step.number, done.note)
    left = set(waiting_posts(step, task)) - set(posts)
    if left and step.completion is Completion.ALL:
        return (part,)
    following = turn.sop.next_after(step.number)
    ended = ev.StepDone(turn.at, task.number, step.number)
    onward = ev.CaseFinished(turn.at) if following is None else turn.give(following)
    return part, ended, onward


def _reject(turn: _Turn, command: Command) -> Events:
    rejection = cast("Reject", command)
    step = turn.step
    posts = turn.acting_posts(rejection)
    target = turn.sop.reject_target(step.number)
    if target is None:
        raise FirstStepNotRejectable(step.number)
    if not rejection.reason.strip():
        raise ReasonMissing
    back = ev.StepRejected(
        turn.at, rejection.by, posts, turn.task.number, step.number, target.number, rejection.reason.strip()
    )
    return back, turn.give(target)


def _cancel(turn: _Turn, command: Command) -> Events:
    cancellation = cast("Cancel", command)
    if not cancellation.reason.strip():
        raise ReasonMissing
    reason = cancellation.reason.strip()
    return (ev.CaseCancelled(turn.at, cancellation.by, cancellation.capacity, reason),)


_TRANSITIONS: Mapping[tuple[Status, type[Command]], Callable[[_Turn, Command], Events]] = {
    (Status.RUNNING, Complete): _complete,
    (Status.RUNNING, Reject): _reject,
    (Status.RUNNING, Cancel): _cancel,
}
"""Every allowed (status, command); any other pair is refused with CaseEnded."""


def _give(step: Step, calendar: Calendar, at: datetime, *, task: int, round_: int) -> ev.TaskGiven:
    return ev.TaskGiven(at, task, step.number, round_, calendar.due(at, step.budget))


# --- state ----------------------------------------------------------------------------------


def replay(log: Iterable[ev.Event]) -> Case:
    """Rebuild a case from its whole event log; raises ValueError on an empty log."""
    case = reduce(evolve, log, cast("Case | None", None))
    if case is None:
        message = "a case has at least its start in the log"
        raise ValueError(message)
    return case


def evolve(case: Case | None, event: ev.Event) -> Case:
    """Return the state after one event; raises ValueError where the log does not fit together."""
    if isinstance(event, ev.CaseStarted) and case is None:
        return Case(Status.RUNNING, started_by=event.by)
    rule = _EVOLUTIONS.get(type(event))
    if case is None or rule is None or case.status is not Status.RUNNING:
        raise _misfit(event)
    return rule(case, event)


def _misfit(event: ev.Event) -> ValueError:
    return ValueError(f"{type(event).__name__} does not follow here")


def _after_given(case: Case, event: ev.Event) -> Case:
    given = cast("ev.TaskGiven", event)
    if case.task is not None:
        raise _misfit(event)
    task = Task(given.task, given.step, given.round, given.at, given.due_at)
    rounds = {**case.rounds, given.step: given.round}
    return replace(case, task=task, tasks_given=given.task, rounds=rounds)


def _after_part(case: Case, event: ev.Event) -> Case:
    part = cast("ev.PartDone", event)
    task = _open_task(case, part.task)
    reports = tuple(Report(post, part.by, part.task, part.step) for post in part.posts)
    return replace(case, task=replace(task, reports=task.reports + reports))


def _after_step(case: Case, event: ev.Event) -> Case:
    task = _open_task(case, cast("ev.StepDone", event).task)
    return replace(case, task=None, standing=case.standing + task.reports)


def _after_rejection(case: Case, event: ev.Event) -> Case:
    rejection = cast("ev.StepRejected", event)
    _open_task(case, rejection.task)
    undone = undone_by(case, rejection.to_step)
    kept = tuple(report for report in case.standing if report not in undone)
    return replace(case, task=None, standing=kept)


def _after_finish(case: Case, event: ev.Event) -> Case:
    if case.task is not None:
        raise _misfit(event)
    return replace(case, status=Status.FINISHED, task=None)


def _after_cancel(case: Case, _: ev.Event) -> Case:
    return replace(case, status=Status.CANCELLED, task=None)


_EVOLUTIONS: Mapping[type[ev.Event], Callable[[Case, ev.Event], Case]] = {
    ev.TaskGiven: _after_given,
    ev.PartDone: _after_part,
    ev.StepDone: _after_step,
    ev.StepRejected: _after_rejection,
    ev.CaseFinished: _after_finish,
    ev.CaseCancelled: _after_cancel,
}


def _open_task(case: Case, number: int) -> Task:
    if case.task is None or case.task.number != number:
        message = f"task {number} is not open"
        raise ValueError(message)
    return case.task


def undone_by(case: Case, to_step: int) -> tuple[Report, ...]:
    """Return the reports that sending ``case`` back to ``to_step`` undoes, oldest first.

    Steps ascend, so everything from the target on is done again; parts already reported on the
    open step count too.
    """
    current = case.task.reports if case.task else ()
    return tuple(report for report in case.standing if report.step >= to_step) + current
