"""What a case is at one moment, as its log tells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.domain.budget import Budget
    from bot.domain.events import PersonId
    from bot.domain.sop import PostId, Step
    from bot.domain.worktime import Calendar


class Status(StrEnum):
    """Where a case is in its life."""

    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Report:
    """One person's word that the part of one post is done; ``at`` is when it really was."""

    post: PostId
    person: PersonId
    task: int
    step: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Pause:
    """A hold on the open task since ``at``; ``outside``: it waits for somebody outside the office."""

    at: datetime
    by: PersonId
    reason: str
    outside: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A request for more time that waits for its decision."""

    at: datetime
    by: PersonId
    budget: Budget
    reason: str


@dataclass(frozen=True, slots=True)
class Task:
    """One activation of a step, with a fresh budget. ``reports`` are those on this activation.

    ``moved`` are the posts it waits for where the sekretariat handed it on, else None. ``begun`` tells that a
    holder has done something with it, ``adjusted`` that its deadline is no longer that of its plain budget.
    ``pauses`` are the holds that have ended, since and until when.
    """

    number: int
    step: int
    round: int
    given_at: datetime
    due_at: datetime
    reports: tuple[Report, ...] = ()
    moved: tuple[PostId, ...] | None = None
    accepted: tuple[PersonId, ...] = ()
    claims: Mapping[PostId, PersonId] = field(default_factory=dict)
    pause: Pause | None = None
    request: Request | None = None
    begun: bool = False
    adjusted: bool = False
    pauses: tuple[tuple[datetime, datetime], ...] = ()

    def counted_from(self, calendar: Calendar) -> datetime:
        """Return from when its time would have run without a stop: given, and later by the working time held."""
        held = sum((calendar.between(since, until) for since, until in self.pauses), timedelta())
        return calendar.add(self.given_at, held) if held else self.given_at

    @property
    def reported(self) -> frozenset[PostId]:
        """The posts that have reported done."""
        return frozenset(report.post for report in self.reports)

    def posts(self, step: Step) -> tuple[PostId, ...]:
        """Return the posts the task was given to; ``step`` is the definition it activates."""
        return step.posts if self.moved is None else self.moved

    def waiting(self, step: Step) -> tuple[PostId, ...]:
        """Return those of them that have not reported yet, in order."""
        return tuple(post for post in self.posts(step) if post not in self.reported)


@dataclass(frozen=True, slots=True)
class Act:
    """The last word that moved the case, and what the case was before it."""

    at: datetime
    by: PersonId
    task: int
    before: Case


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision that somebody recorded on behalf of ``person``, who has not objected.

    ``round`` is that of the step then; ``to_step`` is where a rejection led, None for what was done.
    """

    at: datetime
    person: PersonId
    posts: tuple[PostId, ...]
    task: int
    step: int
    round: int
    to_step: int | None = None

    def counts_in(self, case: Case) -> bool:
        """Whether the running ``case`` is still where the decision has brought it."""
        task = case.task
        if task is None:
            return False
        if self.to_step is None:
            standing = undone_by(case, self.step)
            return any(report.task == self.task and report.post in self.posts for report in standing)
        return self.to_step <= task.step < self.step and case.rounds[self.step] == self.round


@dataclass(frozen=True, slots=True)
class Case:
    """The state of one run of a SOP. A running case has exactly one open task.

    ``standing`` are the reports on earlier steps that no rejection has undone. ``last`` is there while it can be
    undone: nothing but its own consequences has happened since.
    """

    status: Status
    started_by: PersonId
    task: Task | None = None
    tasks_given: int = 0
    rounds: Mapping[int, int] = field(default_factory=dict)
    standing: tuple[Report, ...] = ()
    last: Act | None = None
    recorded: tuple[Recorded, ...] = ()


def waiting_posts(step: Step, task: Task) -> tuple[PostId, ...]:
    """Return the posts that ``task``, an activation of ``step``, still waits for, in order."""
    return task.waiting(step)


def undone_by(case: Case, to_step: int) -> tuple[Report, ...]:
    """Return the reports that sending ``case`` back to ``to_step`` undoes, oldest first.

    Steps ascend, so everything from the target on is done again; parts already reported on the
    open step count too.
    """
    current = case.task.reports if case.task else ()
    return tuple(report for report in case.standing if report.step >= to_step) + current
