"""Typed refusals of the domain. Each carries the data a message needs; none carries prose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class DomainError(Exception):
    """Base of every refusal: the command was understood and changes nothing."""


@dataclass(eq=False)
class UnknownStep(DomainError):
    """A step number that the SOP does not print."""

    sop: str
    number: int


@dataclass(eq=False)
class NoWorkingTime(DomainError):
    """The calendar has no work period within a year after ``at``."""

    at: datetime


@dataclass(eq=False)
class CaseEnded(DomainError):
    """The case has finished or was cancelled."""


@dataclass(eq=False)
class TaskEnded(DomainError):
    """The task the actor means is not the open one any more."""

    task: int


@dataclass(eq=False)
class NotHolder(DomainError):
    """The actor holds none of the posts of the open step."""

    step: int
    posts: tuple[str, ...]


@dataclass(eq=False)
class AlreadyReported(DomainError):
    """The actor's posts have all reported; the step still waits for ``waiting``."""

    step: int
    waiting: tuple[str, ...]


@dataclass(eq=False)
class FirstStepNotRejectable(DomainError):
    """The first step has nowhere to be sent back to."""

    step: int


@dataclass(eq=False)
class ReasonMissing(DomainError):
    """A rejection or a cancellation needs a reason."""


@dataclass(eq=False)
class StrategicStep(DomainError):
    """The step is strategic, and the actor holds its post as Plh or Plt only."""

    step: int


@dataclass(eq=False)
class CaseOnHold(DomainError):
    """The clock of the open task stands still; somebody has to let it go on first."""

    reason: str


@dataclass(eq=False)
class NotOnHold(DomainError):
    """There is no hold that could end."""


@dataclass(eq=False)
class NothingToUndo(DomainError):
    """The actor's last word on the task is not the latest thing that happened to the case."""


@dataclass(eq=False)
class UndoTooLate(DomainError):
    """More than the allowed time has passed since."""


@dataclass(eq=False)
class NextHolderActed(DomainError):
    """Whoever has the case now has begun with it."""

    task: int


@dataclass(eq=False)
class NoTimeRequested(DomainError):
    """There is no open request for more time (any more)."""


@dataclass(eq=False)
class TimeAlreadyRequested(DomainError):
    """A request for more time waits for the sekretariat's decision already."""


@dataclass(eq=False)
class NotClaimed(DomainError):
    """The actor has not claimed the task."""


@dataclass(eq=False)
class ImpossibleMove(DomainError):
    """The post does not have the task, or the other one has it already, or is unknown to the SOP."""


@dataclass(eq=False)
class ImpossibleReturn(DomainError):
    """The step is not an earlier one of the SOP."""

    step: int


@dataclass(eq=False)
class ImplausibleMoment(DomainError):
    """A late entry must lie between the moment the task was given and now."""

    earliest: datetime
    latest: datetime


@dataclass(eq=False)
class NothingToObject(DomainError):
    """Nothing was recorded on behalf of the actor for that task, or they have objected already."""


@dataclass(eq=False)
class ObjectionTooLate(DomainError):
    """The stated time for an objection is over."""

    until: datetime
