"""What happened to a case. Facts in the past tense; the log is append-only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.sop import PostId

PersonId = int


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all facts. ``at`` is UTC."""

    at: datetime


@dataclass(frozen=True, slots=True)
class CaseStarted(Event):
    """A case began. ``capacity`` is the post the starter acted for (``sekretariat`` included)."""

    by: PersonId
    capacity: PostId


@dataclass(frozen=True, slots=True)
class TaskGiven(Event):
    """A step was activated: task ``task`` (1-based within the case), its ``round`` of the step."""

    task: int
    step: int
    round: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class PartDone(Event):
    """A person reported done for ``posts`` of the open step."""

    by: PersonId
    posts: tuple[PostId, ...]
    task: int
    step: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class StepDone(Event):
    """The open step was completed."""

    task: int
    step: int


@dataclass(frozen=True, slots=True)
class StepRejected(Event):
    """The open step was rejected and the case goes back to ``to_step``."""

    by: PersonId
    posts: tuple[PostId, ...]
    task: int
    step: int
    to_step: int
    reason: str


@dataclass(frozen=True, slots=True)
class CaseFinished(Event):
    """The last step was done."""


@dataclass(frozen=True, slots=True)
class CaseCancelled(Event):
    """A case that should not run was ended by the sekretariat."""

    by: PersonId
    capacity: PostId
    reason: str
