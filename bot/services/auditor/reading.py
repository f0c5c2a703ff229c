"""What a case's log says happened: read row by row against the definition, without the case engine.

Whatever does not follow from what came before raises Misfit: then the log is the finding, and
nothing can be derived from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from bot.domain import chain
from bot.domain.sop import Completion
from bot.store.chains import passed

if TYPE_CHECKING:
    from bot.domain.sop import Sop, Step


class Misfit(Exception):  # noqa: N818 - it is a finding, not an error of the program
    """The ``number``-th event does not follow; ``why`` is a stable word for it."""

    def __init__(self, number: int, why: str) -> None:
        """Carry the place and the reason."""
        super().__init__(number, why)
        self.number = number
        self.why = why


@dataclass
class TaskRead:
    """One activation of a step, as the log tells it. ``reports`` are (when, by whom) by post."""

    number: int
    step: Step
    round: int
    given_at: datetime
    due_at: datetime
    reports: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    ended_at: datetime | None = None
    outcome: str | None = None

    def waiting(self, at: datetime) -> list[str]:
        """Return the posts that had not reported at ``at``."""
        return [post for post in self.step.posts if post not in self.reports or self.reports[post][0] > at]


@dataclass
class CaseRead:
    """The whole case, as the log tells it. ``following`` is the only kind of event that may come next, if known."""

    sop: Sop
    status: str = "running"
    started_by: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    tasks: list[TaskRead] = field(default_factory=list)
    following: str = "CaseStarted"
    to_step: int | None = None

    def open(self, data: Mapping[str, object]) -> TaskRead:
        """Return the open task, which must be the one the event names."""
        task = self.tasks[-1]
        _must(task.ended_at is None and task.number == data["task"] and task.step.number == data["step"])
        return task


@dataclass(frozen=True)
class Said:
    """One event of a log whose hash fits: of the types that an event has."""

    number: int
    at: datetime
    kind: str
    by: int | None
    data: Mapping[str, Any]


def read_log(entries: Sequence[chain.Entry], sop: Sop, genesis: str) -> CaseRead:
    """Return what the log says; raises Misfit. ``genesis`` is the hash the first event stands on."""
    case, walk = CaseRead(sop), chain.Walk(genesis)
    for number, entry in enumerate(entries, 1):
        broken = passed(walk, entry)
        if broken is not None:
            raise Misfit(broken.number, broken.fault.value)
        try:
            event = _said(entry)
            _must(case.status == "running" and case.following in {"", event.kind})
            case.following = ""
            _READERS[event.kind](case, event)
        except (LookupError, StopIteration, TypeError, ValueError) as error:
            raise Misfit(number, "order") from error
    if case.following:
        raise Misfit(len(entries) + 1, "cut")
    return case


def _said(entry: chain.Entry) -> Said:
    """Return a typed event; raises ValueError: whoever forges can compute a hash of anything."""
    number, at, kind, by, data = entry.number, entry.at, entry.kind, entry.by, entry.data
    whole = isinstance(number, int) and isinstance(kind, str) and isinstance(data, Mapping)
    if not (whole and at is not None and isinstance(by, int | None)):
        raise ValueError(number)
    return Said(cast("int", number), at, cast("str", kind), by, cast("Mapping[str, Any]", data))


def _must(fits: bool) -> None:  # noqa: FBT001 - it is the condition itself
    if not fits:
        raise ValueError


def _started(case: CaseRead, row: Said) -> None:
    _must(row.number == 1 and row.by is not None)
    case.started_by, case.started_at = row.by or 0, row.at
    case.following, case.to_step = "TaskGiven", case.sop.steps[0].number


def _given(case: CaseRead, row: Said) -> None:
    step = next(step for step in case.sop.steps if step.number == case.to_step)
    round_ = 1 + sum(task.step.number == step.number for task in case.tasks)
    number = len(case.tasks) + 1
    _must((row.data["task"], row.data["step"], row.data["round"]) == (number, step.number, round_))
    due_at = datetime.fromisoformat(row.data["due_at"])
    _must(due_at.tzinfo is not None)
    case.tasks.append(TaskRead(number, step, round_, row.at, due_at))
    case.to_step = None


def _part(case: CaseRead, row: Said) -> None:
    task = case.open(row.data)
    posts = set(row.data["posts"])
    _must(bool(posts) and row.by is not None and posts <= set(task.step.posts) - set(task.reports))
    task.reports |= dict.fromkeys(posts, (row.at, row.by or 0))
    if task.step.completion is Completion.ANY or set(task.reports) == set(task.step.posts):
        case.following = "StepDone"


def _done(case: CaseRead, row: Said) -> None:
    task = case.open(row.data)
    _must(bool(task.reports))
    _must(task.step.completion is Completion.ANY or set(task.reports) == set(task.step.posts))
    task.ended_at, task.outcome = row.at, "done"
    later = [step.number for step in case.sop.steps[case.sop.steps.index(task.step) + 1 :]]
    case.following, case.to_step = ("TaskGiven", later[0]) if later else ("CaseFinished", None)


def _rejected(case: CaseRead, row: Said) -> None:
    task = case.open(row.data)
    place = case.sop.steps.index(task.step)
    _must(place > 0 and bool(set(row.data["posts"]) & set(task.step.posts)) and bool(row.data["reason"]))
    target = task.step.reject_to if task.step.reject_to is not None else case.sop.steps[place - 1].number
    _must(row.data["to_step"] == target)
    task.ended_at, task.outcome = row.at, "rejected"
    case.following, case.to_step = "TaskGiven", target


def _finished(case: CaseRead, row: Said) -> None:
    _must(case.tasks[-1].outcome == "done" and case.tasks[-1].step == case.sop.steps[-1])
    case.status, case.ended_at = "finished", row.at


def _cancelled(case: CaseRead, row: Said) -> None:
    task = case.tasks[-1]
    _must(task.ended_at is None)
    task.ended_at, task.outcome = row.at, "cancelled"
    case.status, case.ended_at = "cancelled", row.at


_READERS: Mapping[str, Callable[[CaseRead, Said], None]] = {
    "CaseStarted": _started,
    "TaskGiven": _given,
    "PartDone": _part,
    "StepDone": _done,
    "StepRejected": _rejected,
    "CaseFinished": _finished,
    "CaseCancelled": _cancelled,
}
