"""What a case's log says happened, as far as it was read."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.domain.sop import Sop, Step

WITHDRAWN = "withdrawn"


class Misfit(Exception):  # noqa: N818 - it is a finding, not an error of the program
    """The ``number``-th event does not follow; ``why`` is a stable word for it."""

    def __init__(self, number: int, why: str) -> None:
        """Carry the place and the reason."""
        super().__init__(number, why)
        self.number = number
        self.why = why


@dataclass
class TaskRead:
    """One activation of a step, as the log tells it. ``reports`` are (when, by whom) by post.

    ``given_at`` and the reports are when it really was; ``recorded_at`` and ``ended_at`` are when giving and end
    were recorded; ``planned_due`` is the deadline it was given with. ``replanned`` are the moments at which its
    reminders were planned anew, ``held_at`` is since when its clock stands still, ``pauses`` are the holds that are
    over, ``reopened`` the ends that were taken back.
    """

    number: int
    step: Step
    round: int
    given_at: datetime
    due_at: datetime
    posts: tuple[str, ...]
    planned_due: datetime
    recorded_at: datetime
    reports: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    ended_at: datetime | None = None
    outcome: str | None = None
    real_ended_at: datetime | None = None
    held_at: datetime | None = None
    asked: tuple[int, str] | None = None
    seen: set[int] = field(default_factory=set)
    claims: dict[str, int] = field(default_factory=dict)
    replanned: list[datetime] = field(default_factory=list)
    reopened: list[datetime] = field(default_factory=list)
    claimed: bool = False
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)

    def waiting(self, at: datetime) -> list[str]:
        """Return the posts that had not reported at ``at``."""
        return [post for post in self.posts if post not in self.reports or self.reports[post][0] > at]

    @property
    def plan(self) -> int:
        """How often its reminders were planned."""
        return 1 + len(self.replanned)


@dataclass
class CaseRead:
    """The whole case, as the log tells it. ``following`` is the only kind of event that may come next, if known.

    ``memory`` is what it was before the last word that can still be taken back; ``recorded`` whose decisions were
    recorded for which task and step, and not objected to.
    """

    sop: Sop
    status: str = "running"
    started_by: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    tasks: list[TaskRead] = field(default_factory=list)
    following: str = "CaseStarted"
    to_step: int | None = None
    memory: Memory | None = None
    recorded: dict[tuple[int, int], int] = field(default_factory=dict)

    def open(self, data: Mapping[str, object]) -> TaskRead:
        """Return the open task, which must be the one the event names."""
        task = self.tasks[-1] if self.tasks[-1].outcome != WITHDRAWN else self._reopened()
        must(task.ended_at is None and task.number == data["task"])
        must("step" not in data or task.step.number == data["step"])
        return task

    def _reopened(self) -> TaskRead:
        return next(task for task in reversed(self.tasks) if task.outcome != WITHDRAWN)

    def remember(self, event: Said) -> None:
        """Keep what the case is now: ``event`` can be taken back."""
        self.memory = Memory(event.at, event.by or 0, event.data["task"], deepcopy(self.tasks), dict(self.recorded))


@dataclass(frozen=True)
class Memory:
    """The case before a word, and who said it when about which task."""

    at: datetime
    by: int
    task: int
    tasks: list[TaskRead]
    recorded: dict[tuple[int, int], int]


@dataclass(frozen=True)
class Said:
    """One event of a log whose hash fits: of the types that an event has."""

    number: int
    at: datetime
    kind: str
    by: int | None
    data: Mapping[str, Any]


def must(fits: bool) -> None:  # noqa: FBT001 - it is the condition itself
    """Raise ValueError unless it fits."""
    if not fits:
        raise ValueError
