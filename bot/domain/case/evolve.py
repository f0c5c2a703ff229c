"""From facts to the state: the event log alone rebuilds any case."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, cast

from bot.domain import events as ev
from bot.domain.budget import Budget, Unit
from bot.domain.case.state import Act, Case, Pause, Recorded, Report, Request, Status, Task, undone_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


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
    if case is None or rule is None or case.status not in _LATE.get(type(event), _RUNNING):
        raise _misfit(event)
    return rule(case, event)


def _misfit(event: ev.Event) -> ValueError:
    return ValueError(f"{type(event).__name__} does not follow here")


def _open(case: Case, number: int) -> Task:
    if case.task is None or case.task.number != number:
        message = f"task {number} is not open"
        raise ValueError(message)
    return case.task


def _spoken(case: Case, event: ev.PartDone | ev.StepRejected) -> Case:
    """Return the case in which ``event`` is the last word, and can be taken back."""
    last = Act(event.at, event.by, event.task, replace(case, last=None))
    recorded = case.recorded
    if event.on_behalf_of is not None:
        back = event.to_step if isinstance(event, ev.StepRejected) else None
        about = event.posts, event.task, event.step, case.rounds[event.step], back
        recorded += (Recorded(event.at, event.on_behalf_of, *about),)
    return replace(case, last=last, recorded=recorded)


def _after_given(case: Case, event: ev.Event) -> Case:
    given = cast("ev.TaskGiven", event)
    if case.task is not None:
        raise _misfit(event)
    task = Task(given.task, given.step, given.round, given.since or given.at, given.due_at)
    rounds = {**case.rounds, given.step: given.round}
    return replace(case, task=task, tasks_given=given.task, rounds=rounds)


def _after_part(case: Case, event: ev.Event) -> Case:
    part = cast("ev.PartDone", event)
    task = _open(case, part.task)
    person = part.on_behalf_of or part.by
    moment = part.real_at or part.at
    reports = tuple(Report(post, person, part.task, part.step, moment) for post in part.posts)
    return replace(_spoken(case, part), task=replace(task, reports=task.reports + reports, begun=True))


def _after_step(case: Case, event: ev.Event) -> Case:
    task = _open(case, cast("ev.StepDone", event).task)
    return replace(case, task=None, standing=case.standing + task.reports)


def _back(case: Case, to_step: int) -> Case:
    undone = undone_by(case, to_step)
    return replace(case, task=None, standing=tuple(report for report in case.standing if report not in undone))


def _after_rejection(case: Case, event: ev.Event) -> Case:
    rejection = cast("ev.StepRejected", event)
    _open(case, rejection.task)
    return _back(_spoken(case, rejection), rejection.to_step)


def _after_return(case: Case, event: ev.Event) -> Case:
    returned = cast("ev.CaseReturned", event)
    _open(case, returned.task)
    return replace(_back(case, returned.to_step), last=None)


def _after_undo(case: Case, event: ev.Event) -> Case:
    undone = cast("ev.Undone", event)
    if case.last is None or case.last.task != undone.task:
        raise _misfit(event)
    return replace(case.last.before, tasks_given=case.tasks_given)


def _changed(case: Case, number: int, **values: object) -> Case:
    """Return the case with its open task changed by a holder; what came before can no longer be undone."""
    task = replace(_open(case, number), begun=True, **values)  # type: ignore[arg-type]  # fields of Task, by name
    return replace(case, task=task, last=None)


def _after_accepted(case: Case, event: ev.Event) -> Case:
    accepted = cast("ev.TaskAccepted", event)
    task = _open(case, accepted.task)
    return _changed(case, accepted.task, accepted=(*task.accepted, accepted.by))


def _after_claimed(case: Case, event: ev.Event) -> Case:
    claimed = cast("ev.TaskClaimed", event)
    return _changed(case, claimed.task, claims={**_open(case, claimed.task).claims, claimed.post: claimed.by})


def _after_released(case: Case, event: ev.Event) -> Case:
    released = cast("ev.TaskReleased", event)
    claims = _open(case, released.task).claims
    return _changed(case, released.task, claims={p: who for p, who in claims.items() if p != released.post})


def _after_word(case: Case, event: ev.Event) -> Case:
    return _changed(case, cast("ev.NoteAdded | ev.FileAttached", event).task)


def _after_request(case: Case, event: ev.Event) -> Case:
    asked = cast("ev.TimeRequested", event)
    request = Request(asked.at, asked.by, Budget(asked.amount, Unit(asked.unit)), asked.reason)
    return _changed(case, asked.task, request=request)


def _steered(case: Case, number: int, **values: object) -> Case:
    """Return the case with its open task changed by somebody else than its holders."""
    task = replace(_open(case, number), **values)  # type: ignore[arg-type]  # fields of Task, by name
    return replace(case, task=task, last=None)


def _after_granted(case: Case, event: ev.Event) -> Case:
    granted = cast("ev.TimeGranted", event)
    return _steered(case, granted.task, due_at=granted.due_at, request=None, adjusted=True)


def _after_refused(case: Case, event: ev.Event) -> Case:
    return _steered(case, cast("ev.TimeRefused", event).task, request=None)


def _after_deadline(case: Case, event: ev.Event) -> Case:
    moved = cast("ev.DeadlineMoved", event)
    return _steered(case, moved.task, due_at=moved.due_at)


def _after_held(case: Case, event: ev.Event) -> Case:
    held = cast("ev.CaseHeld", event)
    if _open(case, held.task).pause is not None:
        raise _misfit(event)
    return _steered(case, held.task, pause=Pause(held.at, held.by, held.reason, held.outside))


def _after_resumed(case: Case, event: ev.Event) -> Case:
    resumed = cast("ev.CaseResumed", event)
    task = _open(case, resumed.task)
    if task.pause is None:
        raise _misfit(event)
    pauses = (*task.pauses, (task.pause.at, resumed.at))
    return _steered(case, resumed.task, pause=None, due_at=resumed.due_at, adjusted=True, pauses=pauses)


def _after_moved(case: Case, event: ev.Event) -> Case:
    moved = cast("ev.TaskMoved", event)
    task = _open(case, moved.task)
    claims = {post: who for post, who in task.claims.items() if post != moved.from_post}
    return _steered(case, moved.task, moved=moved.posts, claims=claims, accepted=(), begun=bool(task.reports))


def _after_objection(case: Case, event: ev.Event) -> Case:
    objected = cast("ev.DecisionObjected", event)
    left = tuple(r for r in case.recorded if (r.task, r.person) != (objected.task, objected.by))
    return replace(case, recorded=left, last=None)


def _after_finish(case: Case, event: ev.Event) -> Case:
    if case.task is not None:
        raise _misfit(event)
    return replace(case, status=Status.FINISHED, task=None)


def _after_cancel(case: Case, _: ev.Event) -> Case:
    return replace(case, status=Status.CANCELLED, task=None, last=None)


_RUNNING = frozenset({Status.RUNNING})
_LATE: Mapping[type[ev.Event], frozenset[Status]] = {
    ev.Undone: frozenset({Status.RUNNING, Status.FINISHED}),
    ev.DecisionObjected: frozenset(Status),
    ev.CaseSealed: frozenset(Status),
}
"""What may still happen to a case that has ended; everything else happens to a running one."""

_EVOLUTIONS: Mapping[type[ev.Event], Callable[[Case, ev.Event], Case]] = {
    ev.TaskGiven: _after_given,
    ev.PartDone: _after_part,
    ev.StepDone: _after_step,
    ev.StepRejected: _after_rejection,
    ev.TaskAccepted: _after_accepted,
    ev.TaskClaimed: _after_claimed,
    ev.TaskReleased: _after_released,
    ev.NoteAdded: _after_word,
    ev.FileAttached: _after_word,
    ev.TimeRequested: _after_request,
    ev.Undone: _after_undo,
    ev.TimeGranted: _after_granted,
    ev.TimeRefused: _after_refused,
    ev.DeadlineMoved: _after_deadline,
    ev.CaseHeld: _after_held,
    ev.CaseResumed: _after_resumed,
    ev.TaskMoved: _after_moved,
    ev.CaseReturned: _after_return,
    ev.DecisionObjected: _after_objection,
    ev.CaseSealed: lambda case, _: replace(case, last=None),
    ev.CaseFinished: _after_finish,
    ev.CaseCancelled: _after_cancel,
}
